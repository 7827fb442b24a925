// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/cli/stock_set_command.h"

#include "console/cli/stock_view.h"

#include <CLI/CLI.hpp>

namespace gantry::console {

CLI::App* StockSetCommand::declare(CLI::App& parent)
{
    CLI::App* command = parent.add_subcommand("set", "Set how many pieces of a SKU are on hand");
    command->add_option("SKU", m_sku)->required();
    command->add_option("PIECES", m_onHand)->required()->check(CLI::NonNegativeNumber);
    return command;
}

ExitCode StockSetCommand::run(CommandContext& context)
{
    ApiSession session = context.session();
    const auto answer = putStock(session, m_sku, m_onHand);
    if (!answer)
        return context.output.failure(answer.error());
    context.output.json(answer->body);
    JsonParser parser;
    if (const auto level = parser.parse(answer->body)) {
        TextTable table = stockTable();
        addStockLevel(table, *level);
        context.output.line(table.take());
    }
    return ExitCode::Ok;
}

} // namespace gantry::console
