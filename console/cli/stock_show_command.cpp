// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/cli/stock_show_command.h"

#include "console/cli/stock_view.h"

#include <CLI/CLI.hpp>

namespace gantry::console {

CLI::App* StockShowCommand::declare(CLI::App& parent)
{
    CLI::App* command = parent.add_subcommand("show", "Show what is on hand, reserved and available");
    command->add_option("SKU", m_sku, "Only this SKU");
    return command;
}

ExitCode StockShowCommand::run(CommandContext& context)
{
    ApiSession session = context.session();
    return m_sku.empty() ? showAll(context, session) : showOne(context, session);
}

ExitCode StockShowCommand::showOne(CommandContext& context, ApiSession& session) const
{
    return showStockLevel(context, session.get("/v1/stock/" + pathSegment(m_sku)));
}

ExitCode StockShowCommand::showAll(CommandContext& context, ApiSession& session)
{
    TextTable table = stockTable();
    std::string cursor;
    std::size_t count = 0;
    do {
        const auto answer = session.get(Query().add("limit", "500").add("cursor", cursor).on("/v1/stock"));
        JsonParser parser;
        const auto root = answer ? parser.parse(answer->body) : tl::unexpected(answer.error());
        simdjson::dom::array items;
        Error error =
            root ? Error{ErrorCode::Internal, "The daemon's stock list can't be read."} : root.error();
        if (!root || (*root)["items"].get(items) != simdjson::SUCCESS) {
            if (count == 0)
                return context.output.failure(error);
            context.output.jsonPart("]");
            return context.output.failureInside(error, exitCodeOf(error.code));
        }
        for (const auto item : items) {
            addStockLevel(table, item);
            context.output.jsonPart((count++ == 0 ? "{\"items\":[" : ",") + simdjson::to_string(item));
        }
        if (!table.isEmpty())
            context.output.line(table.take());
        std::string_view next;
        cursor = (*root)["next_cursor"].get(next) == simdjson::SUCCESS ? std::string(next) : std::string();
    } while (!cursor.empty() && !context.pace.isInterrupted());
    context.output.json(count == 0 ? "{\"items\":[]}" : "]}");
    if (count == 0)
        context.output.line("No SKU has a stock record: none is tracked, and none is ever short.");
    return ExitCode::Ok;
}

} // namespace gantry::console
