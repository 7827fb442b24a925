// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/cli/bulk_show_command.h"

#include "console/cli/bulk_view.h"
#include "console/cli/printable.h"
#include "console/cli/text_table.h"
#include "shared/protocol/json_writer.h"

#include <CLI/CLI.hpp>

namespace gantry::console {

namespace {

using simdjson::dom::element;

std::string textOf(element json, std::string_view name)
{
    std::string_view text;
    return json[name].get(text) == simdjson::SUCCESS ? std::string(text) : std::string();
}

void printLog(Output& output, element bulk)
{
    simdjson::dom::array log;
    if (bulk["log"].get(log) != simdjson::SUCCESS)
        return;
    for (const element entry : log) {
        const std::string reason = textOf(entry, "reason");
        output.line(printable(textOf(entry, "at") + "  " + textOf(entry, "what") + " by "
            + textOf(entry, "actor") + (reason.empty() ? "" : ": " + reason)));
    }
}

void printMembers(Output& output, const std::vector<std::string>& members)
{
    TextTable table({{"ORDER"}, {"RESULT"}, {"STEP"}, {"CODE"}, {"AT"}});
    JsonParser parser;
    for (const std::string& member : members)
        if (const auto json = parser.parse(member))
            table.addRow({textOf(*json, "order_id"), textOf(*json, "result"), textOf(*json, "step"),
                textOf(*json, "code"), textOf(*json, "at")});
    if (!table.isEmpty())
        output.line(table.take());
}

} // namespace

CLI::App* BulkShowCommand::declare(CLI::App& parent)
{
    CLI::App* command = parent.add_subcommand("show", "Show a bulk action and what came of each order");
    command->add_option("ID", m_id, "The bulk action (blk_…)")->required();
    command->add_option(
        "--result", m_result, "Only orders with this result, such as failed_again or changed");
    command->add_flag("--all", m_all, "All orders, not only the first 50");
    return command;
}

Result<std::vector<std::string>> BulkShowCommand::readMembers(ApiSession& session) const
{
    std::vector<std::string> members;
    std::string cursor;
    do {
        const auto answer = session.get(Query()
                                            .add("result", m_result)
                                            .add("limit", m_all ? "500" : "50")
                                            .add("cursor", cursor)
                                            .on("/v1/bulk-actions/" + pathSegment(m_id) + "/members"));
        if (!answer)
            return tl::unexpected(answer.error());
        JsonParser parser;
        const auto root = parser.parse(answer->body);
        simdjson::dom::array items;
        if (!root || (*root)["items"].get(items) != simdjson::SUCCESS)
            return failure(ErrorCode::Internal, "The daemon's list of orders can't be read.");
        for (const element item : items)
            members.push_back(simdjson::to_string(item));
        cursor = textOf(*root, "next_cursor");
    } while (m_all && !cursor.empty());
    return members;
}

ExitCode BulkShowCommand::run(CommandContext& context)
{
    ApiSession session = context.session();
    const auto answer = session.get("/v1/bulk-actions/" + pathSegment(m_id));
    if (!answer)
        return context.output.failure(answer.error());
    const auto members = readMembers(session);
    if (!members)
        return context.output.failure(members.error());
    JsonParser parser;
    const auto root = parser.parse(answer->body);
    const auto bulk = parseBulkView(answer->body);
    if (!root || !bulk)
        return context.output.failure(
            {ErrorCode::Internal, "The daemon's answer about the bulk action can't be read."});
    JsonWriter json;
    json.beginObject().key("bulk_action").raw(answer->body).key("members").beginArray();
    for (const std::string& member : *members)
        json.raw(member);
    json.endArray().endObject();
    context.output.json(json.text());
    context.output.line(
        printable(bulk->id + "  " + bulk->action + " by " + bulk->createdBy + ": " + bulk->reason));
    context.output.line(printable(situationText(*bulk)));
    context.output.line("");
    printLog(context.output, *root);
    context.output.line("");
    printMembers(context.output, *members);
    return ExitCode::Ok;
}

} // namespace gantry::console
