// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/cli/bulk_list_command.h"

#include "console/cli/bulk_view.h"
#include "console/cli/text_table.h"

#include <CLI/CLI.hpp>

namespace gantry::console {

CLI::App* BulkListCommand::declare(CLI::App& parent)
{
    CLI::App* command = parent.add_subcommand("list", "List bulk actions, newest first");
    command->add_option("--limit", m_limit, "How many, 1 to 500")
        ->check(CLI::Range(1, 500))
        ->capture_default_str();
    return command;
}

ExitCode BulkListCommand::run(CommandContext& context)
{
    ApiSession session = context.session();
    const auto answer = session.get(Query().add("limit", std::to_string(m_limit)).on("/v1/bulk-actions"));
    if (!answer)
        return context.output.failure(answer.error());
    JsonParser parser;
    const auto root = parser.parse(answer->body);
    simdjson::dom::array items;
    if (!root || (*root)["items"].get(items) != simdjson::SUCCESS)
        return context.output.failure(
            {ErrorCode::Internal, "The daemon's bulk actions can't be read: `items` is missing."});
    context.output.json(answer->body);
    TextTable table({{"ID"}, {"ACTION"}, {"STATE"}, {"ORDERS", Alignment::Right}, {"RESULTS"}, {"BY"},
        {"CREATED"}, {"REASON"}});
    for (const auto item : items) {
        const BulkView bulk = readBulkView(item);
        table.addRow({bulk.id, bulk.action, bulk.state, std::to_string(bulk.total), countsText(bulk),
            bulk.createdBy, bulk.createdAt, bulk.reason});
    }
    context.output.line(table.isEmpty() ? "There are no bulk actions." : table.take());
    return ExitCode::Ok;
}

} // namespace gantry::console
