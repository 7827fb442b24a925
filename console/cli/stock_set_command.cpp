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
    addWarehouseOption(*command, m_warehouse);
    command->add_option("--reason", m_reason, "Why; goes on the record");
    return command;
}

ExitCode StockSetCommand::run(CommandContext& context)
{
    ApiSession session = context.session();
    return showStockLevel(context, putStock(session, m_sku, m_onHand, m_warehouse, m_reason));
}

} // namespace gantry::console
