// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/store/sqlite/connection.h"
#include "daemon/store/sqlite/statement.h"
#include "daemon/store/stock_records.h"

namespace gantry::store {

// How stock stands in rows, for whoever only looks, and warehouses.

/// Selects what readLevel() takes, of SKU ?1: a row a warehouse, in the sequence in which they serve.
constexpr std::string_view levelsOfSku =
    "SELECT s.warehouse, s.on_hand, s.reserved FROM stock s JOIN warehouse w ON w.name = s.warehouse "
    "WHERE s.sku = ?1 ORDER BY w.rank, w.name";

/// A warehouse's level out of three columns from `first` on.
WarehouseLevel readLevel(const Statement& row, int first);

/// Adds a warehouse's level to that of the SKU.
void addLevel(StockLevel& level, WarehouseLevel part);

/// See StoreReader::readStock(), listStock(), listMovements() and listWarehouses(). Errors: those of the connection, Corrupt.
Result<std::optional<StockLevel>> selectStock(Connection& connection, std::string_view sku);
Result<std::vector<StockLevel>> selectStock(
    Connection& connection, std::string_view afterSku, std::size_t limit);
Result<std::vector<StockMovement>> selectMovements(
    Connection& connection, std::string_view sku, std::optional<std::uint64_t> before, std::size_t limit);
Result<std::vector<Warehouse>> selectWarehouses(Connection& connection);

/// Adds a warehouse or gives it another rank; false: it was as it is to be. Errors: those of the connection.
Result<bool> insertWarehouse(Connection& connection, const Warehouse& warehouse);

} // namespace gantry::store
