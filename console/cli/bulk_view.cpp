// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/cli/bulk_view.h"

#include "shared/protocol/json_reader.h"

#include <algorithm>

namespace gantry::console {

namespace {

using simdjson::dom::element;

std::string textOf(element json, std::string_view name)
{
    std::string_view text;
    return json[name].get(text) == simdjson::SUCCESS ? std::string(text) : std::string();
}

std::int64_t numberOf(element json, std::string_view name)
{
    std::int64_t number = 0;
    return json[name].get(number) == simdjson::SUCCESS ? number : 0;
}

} // namespace

std::int64_t BulkView::count(std::string_view result) const
{
    const auto found = std::find_if(
        counts.begin(), counts.end(), [result](const auto& entry) { return entry.first == result; });
    return found == counts.end() ? 0 : found->second;
}

BulkView readBulkView(element json)
{
    BulkView bulk{.id = textOf(json, "id"),
        .action = textOf(json, "action"),
        .reason = textOf(json, "reason"),
        .state = textOf(json, "state"),
        .createdBy = textOf(json, "created_by"),
        .createdAt = textOf(json, "created_at"),
        .finishedAt = textOf(json, "finished_at"),
        .total = numberOf(json, "total"),
        .counts = {},
        .stopStep = {},
        .stopCode = {}};
    simdjson::dom::object counts;
    if (json["counts"].get(counts) == simdjson::SUCCESS)
        for (const auto [name, value] : counts) {
            std::int64_t count = 0;
            if (value.get(count) == simdjson::SUCCESS)
                bulk.counts.emplace_back(name, count);
        }
    element stop;
    if (json["stopped_because"].get(stop) == simdjson::SUCCESS) {
        bulk.stopStep = textOf(stop, "step");
        bulk.stopCode = textOf(stop, "code");
        bulk.stopCount = numberOf(stop, "count");
    }
    return bulk;
}

Result<BulkView> parseBulkView(std::string_view body)
{
    JsonParser parser;
    const auto root = parser.parse(body);
    if (!root || textOf(*root, "id").empty())
        return failure(ErrorCode::Internal, "The daemon's answer about the bulk action can't be read.");
    return readBulkView(*root);
}

std::string countsText(const BulkView& bulk)
{
    std::string text;
    for (const auto& [result, count] : bulk.counts)
        if (count > 0)
            text += (text.empty() ? "" : ", ") + std::to_string(count) + ' ' + result;
    return text;
}

std::string situationText(const BulkView& bulk)
{
    const std::string orders = std::to_string(bulk.total) + (bulk.total == 1 ? " order" : " orders");
    const std::string known = countsText(bulk);
    std::string text = "It is " + bulk.state + ": " + orders + (known.empty() ? "." : ", " + known + '.');
    if (bulk.state == "stopped")
        text += " It stopped after " + std::to_string(bulk.stopCount) + " times " + bulk.stopCode
            + (bulk.stopStep.empty() ? "" : " at " + bulk.stopStep)
            + ". Mend the cause, then: gantryctl bulk resume " + bulk.id + " --reason …";
    if (bulk.count("changed") > 0)
        text += " Those changed were left alone, because something happened to them since the list was made.";
    if (bulk.count("not_picked_up") > 0)
        text += " Nobody takes those not picked up: look whether their workers run.";
    if (bulk.count("waiting") > 0)
        text += " Those waiting are on hold, or at a step of a person's.";
    return text;
}

} // namespace gantry::console
