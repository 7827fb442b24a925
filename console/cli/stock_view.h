// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "console/cli/api_session.h"
#include "console/cli/command.h"
#include "console/cli/text_table.h"

#include <simdjson.h>
#include <string>

namespace gantry::console {

/// Sets the on-hand quantity of a SKU in a warehouse, the daemon's main one if empty. Safe to repeat. No reason if empty.
Result<ApiAnswer> putStock(ApiSession& session, const std::string& sku, std::int64_t onHand,
    const std::string& warehouse = {}, const std::string& reason = {});

/// Declares `--warehouse`; empty unless given, which is the daemon's main one.
void addWarehouseOption(CLI::App& command, std::string& warehouse);

/// A table for stock levels.
TextTable stockTable();

/// Adds a level as the API gives it: `{"sku","on_hand","reserved","available","warehouses"}`; a row a warehouse, and one for all of them where there are
/// several.
void addStockLevel(TextTable& table, simdjson::dom::element level);

/// Shows the level that the daemon answered with, or why it did not.
ExitCode showStockLevel(CommandContext& context, const Result<ApiAnswer>& answer);

} // namespace gantry::console
