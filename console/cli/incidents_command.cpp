// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/cli/incidents_command.h"

#include "console/cli/order_view.h"
#include "console/cli/text_table.h"
#include "shared/domain/money.h"

#include <CLI/CLI.hpp>

namespace gantry::console {

namespace {

using simdjson::dom::element;

std::string textOf(element item, std::string_view name)
{
    std::string_view text;
    return item[name].get(text) == simdjson::SUCCESS ? std::string(text) : std::string();
}

std::string agoOf(element item, std::string_view name, Timestamp now)
{
    const auto time = parseRfc3339(textOf(item, name));
    return time ? ageText(now - *time) : std::string();
}

/// `12.50 EUR + 3000 JPY`.
std::string moneyOf(element item)
{
    simdjson::dom::array sums;
    if (item["at_stake"].get(sums) != simdjson::SUCCESS)
        return {};
    std::string text;
    for (const element sum : sums) {
        const auto currency = Currency::fromCode(textOf(sum, "currency"));
        std::int64_t total = 0;
        if (!currency || sum["total"].get(total) != simdjson::SUCCESS)
            continue;
        text += (text.empty() ? "" : " + ") + formatAmount(total, *currency) + ' '
            + std::string(currency->code());
    }
    return text;
}

std::string stepOf(element item)
{
    bool compensating = false;
    return item["compensating"].get(compensating) == simdjson::SUCCESS && compensating
        ? "undoing " + textOf(item, "step")
        : textOf(item, "step");
}

} // namespace

CLI::App* IncidentsCommand::declare(CLI::App& parent)
{
    CLI::App* command = parent.add_subcommand("incidents", "What needs a person, by cause");
    command->add_option("--limit", m_limit, "Causes to show, 1 to 500")
        ->check(CLI::Range(1, 500))
        ->capture_default_str();
    return command;
}

ExitCode IncidentsCommand::run(CommandContext& context)
{
    ApiSession session = context.session();
    const auto answer = session.get(
        Query().add("group_by", "cause").add("limit", std::to_string(m_limit)).on("/v1/incidents"));
    if (!answer)
        return context.output.failure(answer.error());
    JsonParser parser;
    const auto root = parser.parse(answer->body);
    simdjson::dom::array causes;
    if (!root || (*root)["items"].get(causes) != simdjson::SUCCESS)
        return context.output.failure(
            {ErrorCode::Internal, "The daemon's incidents can't be read: `items` is missing."});
    context.output.json(answer->body);
    const Timestamp now = context.clock.now();
    TextTable table({{"COUNT", Alignment::Right}, {"STEP"}, {"CODE"}, {"FIRST", Alignment::Right},
        {"LAST", Alignment::Right}, {"AT STAKE", Alignment::Right}, {"EXAMPLE"}, {"MESSAGE"}});
    for (const element cause : causes)
        table.addRow({simdjson::to_string(cause["count"]), stepOf(cause), textOf(cause, "code"),
            agoOf(cause, "first_since", now), agoOf(cause, "last_since", now), moneyOf(cause),
            textOf(cause, "example"), textOf(cause, "message")});
    context.output.line(table.isEmpty() ? "No order needs a person." : table.take());
    std::int64_t omitted = 0;
    if ((*root)["omitted"].get(omitted) == simdjson::SUCCESS && omitted > 0)
        context.output.line(std::to_string(omitted) + " causes are left off: raise --limit to see them.");
    return ExitCode::Ok;
}

} // namespace gantry::console
