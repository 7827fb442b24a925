// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/cli/bulk_preview_text.h"

#include "console/cli/printable.h"
#include "shared/domain/money.h"
#include "shared/protocol/json_reader.h"

namespace gantry::console {

namespace {

using simdjson::dom::element;

std::string textOf(element json, std::string_view name)
{
    std::string_view text;
    return json[name].get(text) == simdjson::SUCCESS ? std::string(text) : std::string();
}

std::string countOf(element json, std::string_view name = "count")
{
    std::int64_t number = 0;
    return json[name].get(number) == simdjson::SUCCESS ? std::to_string(number) : std::string("?");
}

/// `label  part, part`; nothing where there are no items.
template <typename Part>
void addLine(
    std::vector<std::string>& lines, element json, std::string_view name, std::string label, Part part)
{
    simdjson::dom::array items;
    if (json[name].get(items) != simdjson::SUCCESS || items.size() == 0)
        return;
    label.resize(12, ' ');
    std::string text;
    for (const element item : items)
        text += (text.empty() ? "" : ", ") + part(item);
    lines.push_back(printable(label + text));
}

std::string moneyOf(element item)
{
    const auto currency = Currency::fromCode(textOf(item, "currency"));
    std::int64_t total = 0;
    if (!currency || item["total"].get(total) != simdjson::SUCCESS)
        return "?";
    return formatAmount(total, *currency) + ' ' + std::string(currency->code());
}

std::string workOf(element item)
{
    const std::string handler = textOf(item, "handler");
    return countOf(item) + " × " + textOf(item, "step") + (handler.empty() ? "" : " (" + handler + ")");
}

} // namespace

std::vector<std::string> previewLines(std::string_view body)
{
    std::vector<std::string> lines;
    JsonParser parser;
    const auto root = parser.parse(body);
    if (!root)
        return lines;
    lines.push_back(printable("Nothing was done. " + textOf(*root, "action") + " would act on "
        + countOf(*root, "would_act_on") + " of " + countOf(*root, "selected") + " orders."));
    addLine(lines, *root, "selected_by", "Selected",
        [](element e) { return countOf(e) + ' ' + textOf(e, "state") + " at " + textOf(e, "step"); });
    addLine(
        lines, *root, "refused", "Refused", [](element e) { return countOf(e) + ' ' + textOf(e, "code"); });
    addLine(lines, *root, "at_stake", "At stake", moneyOf);
    addLine(lines, *root, "runs", "Runs", workOf);
    addLine(lines, *root, "undoes", "Undoes", workOf);
    addLine(lines, *root, "ends", "Ends", [](element e) { return countOf(e) + ' ' + textOf(e, "state"); });
    return lines;
}

} // namespace gantry::console
