// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/store/sqlite/stock_rows.h"

#include "daemon/store/sqlite/order_rows.h"

#include <limits>

namespace gantry::store {

WarehouseLevel readLevel(const Statement& row, int first)
{
    return {std::string(row.text(first)), row.integer(first + 1), row.integer(first + 2)};
}

void addLevel(StockLevel& level, WarehouseLevel part)
{
    level.onHand += part.onHand;
    level.reserved += part.reserved;
    level.warehouses.push_back(std::move(part));
}

Result<std::optional<StockLevel>> selectStock(Connection& connection, std::string_view sku)
{
    std::optional<StockLevel> level;
    Statement select(connection, std::string(levelsOfSku));
    for (select.with(sku); select.next();) {
        if (!level)
            level = StockLevel{.sku = std::string(sku)};
        addLevel(*level, readLevel(select, 0));
    }
    if (auto done = connection.check("reading stock"); !done)
        return tl::unexpected(std::move(done.error()));
    return level;
}

Result<std::vector<StockLevel>> selectStock(
    Connection& connection, std::string_view afterSku, std::size_t limit)
{
    std::vector<StockLevel> levels;
    Statement select(connection,
        "SELECT s.sku, s.warehouse, s.on_hand, s.reserved FROM stock s JOIN warehouse w ON w.name = "
        "s.warehouse WHERE s.sku IN (SELECT DISTINCT sku FROM stock WHERE sku > ?1 ORDER BY sku LIMIT ?2) "
        "ORDER BY s.sku, w.rank, w.name");
    for (select.with(afterSku, limit); select.next();) {
        if (levels.empty() || levels.back().sku != select.text(0))
            levels.push_back({.sku = std::string(select.text(0))});
        addLevel(levels.back(), readLevel(select, 1));
    }
    if (auto done = connection.check("listing stock"); !done)
        return tl::unexpected(std::move(done.error()));
    return levels;
}

Result<std::vector<StockMovement>> selectMovements(
    Connection& connection, std::string_view sku, std::optional<std::uint64_t> before, std::size_t limit)
{
    std::vector<StockMovement> movements;
    Statement select(connection,
        "SELECT number, at, kind, warehouse, on_hand_change, reserved_change, order_id, actor, reason "
        "FROM stock_movement WHERE sku = ?1 AND number < ?2 ORDER BY number DESC LIMIT ?3");
    constexpr std::uint64_t most = std::numeric_limits<std::int64_t>::max();
    for (select.with(sku, std::min(before.value_or(most), most), limit); select.next();) {
        const std::int64_t kind = select.integer(2);
        const auto order = select.isNull(6) ? std::nullopt : OrderId::fromBytes(select.text(6));
        if (kind < 0 || kind >= static_cast<std::int64_t>(movementKindCount)
            || order.has_value() == select.isNull(6))
            return damaged("a movement of stock");
        movements.push_back({.number = select.natural(0),
            .at = select.time(1),
            .kind = static_cast<MovementKind>(kind),
            .sku = std::string(sku),
            .warehouse = std::string(select.text(3)),
            .onHandChange = select.integer(4),
            .reservedChange = select.integer(5),
            .order = order,
            .actor = std::string(select.text(7)),
            .reason = select.isNull(8) ? std::string() : std::string(select.text(8))});
    }
    if (auto done = connection.check("listing movements of stock"); !done)
        return tl::unexpected(std::move(done.error()));
    return movements;
}

Result<std::vector<Warehouse>> selectWarehouses(Connection& connection)
{
    std::vector<Warehouse> warehouses;
    Statement select(connection, "SELECT name, rank FROM warehouse ORDER BY rank, name");
    while (select.next())
        warehouses.push_back({std::string(select.text(0)), select.integer(1)});
    if (auto done = connection.check("listing warehouses"); !done)
        return tl::unexpected(std::move(done.error()));
    return warehouses;
}

Result<bool> insertWarehouse(Connection& connection, const Warehouse& warehouse)
{
    Statement put(connection,
        "INSERT INTO warehouse (name, rank) VALUES (?1, ?2) "
        "ON CONFLICT (name) DO UPDATE SET rank = excluded.rank WHERE rank <> excluded.rank");
    put.with(warehouse.name, warehouse.rank).run();
    if (auto done = connection.check("writing a warehouse"); !done)
        return tl::unexpected(std::move(done.error()));
    return connection.changes() > 0;
}

} // namespace gantry::store
