// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "console/cli/api_session.h"
#include "console/cli/text_table.h"

#include <simdjson.h>
#include <string>

namespace gantry::console {

/// Sets the on-hand quantity of a SKU. Safe to repeat.
Result<ApiAnswer> putStock(ApiSession& session, const std::string& sku, std::int64_t onHand);

/// A table for stock levels.
TextTable stockTable();

/// Adds a level as the API gives it: `{"sku","on_hand","reserved","available"}`.
void addStockLevel(TextTable& table, simdjson::dom::element level);

} // namespace gantry::console
