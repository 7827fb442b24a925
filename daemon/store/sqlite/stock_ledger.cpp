// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/store/sqlite/stock_ledger.h"

#include <algorithm>

namespace gantry::store {

namespace {

struct Change {
    std::int64_t onHand = 0;
    std::int64_t reserved = 0;
};

} // namespace

StockLedger::StockLedger(Connection& connection)
    : m_connection(connection)
    , m_find(connection, "SELECT on_hand, reserved FROM stock WHERE sku = ?1")
    , m_put(connection,
          "INSERT INTO stock (sku, on_hand, reserved) VALUES (?1, ?2, 0) "
          "ON CONFLICT (sku) DO UPDATE SET on_hand = excluded.on_hand")
    , m_add(connection, "UPDATE stock SET on_hand = on_hand + ?2, reserved = reserved + ?3 WHERE sku = ?1")
    , m_findReservation(connection, "SELECT 1 FROM reservation WHERE order_id = ?1 LIMIT 1")
    , m_insertReservation(connection, "INSERT INTO reservation (order_id, sku, quantity) VALUES (?1, ?2, ?3)")
    , m_reservationsOf(connection, "SELECT sku, quantity FROM reservation WHERE order_id = ?1")
    , m_deleteReservations(connection, "DELETE FROM reservation WHERE order_id = ?1")
{
}

std::optional<StockLevel> StockLedger::find(std::string_view sku)
{
    Rows rows(m_find.with(sku));
    if (!rows.next())
        return std::nullopt;
    return StockLevel{std::string(sku), rows->integer(0), rows->integer(1)};
}

bool StockLedger::holdsReservation(const OrderId& order)
{
    return Rows(m_findReservation.with(Blob{order.bytes()})).next();
}

Result<std::vector<ReservationAnswer>> StockLedger::reserve(const std::vector<ReservationRequest>& requests)
{
    // The map keeps the SKUs in order; a SKU without a stock record stays empty and is never short.
    std::map<std::string_view, std::optional<StockLevel>> levels;
    for (const ReservationRequest& request : requests)
        for (const auto& [sku, quantity] : request.quantities) {
            if (quantity <= 0)
                return failure(ErrorCode::InvalidValue,
                    "Order " + request.order.text() + " wants " + std::to_string(quantity) + " of " + sku
                        + ". Ask for one at least.");
            levels.try_emplace(sku);
        }
    for (auto& [sku, level] : levels)
        level = find(sku);

    std::vector<ReservationAnswer> answers(requests.size());
    std::map<std::string_view, std::int64_t> reserved;
    for (std::size_t i = 0; i < requests.size(); ++i) {
        const ReservationRequest& request = requests[i];
        const bool isTracked = std::any_of(request.quantities.begin(), request.quantities.end(),
            [&levels](const auto& wanted) { return levels[wanted.first].has_value(); });
        if (!isTracked || holdsReservation(request.order))
            continue; // nothing to reserve, or reserved already
        for (const auto& [sku, quantity] : request.quantities)
            if (const auto& level = levels[sku]; level && level->available() < quantity)
                answers[i].shortages.push_back({sku, quantity, level->available()});
        if (!answers[i].shortages.empty())
            continue;
        for (const auto& [sku, quantity] : request.quantities)
            if (auto& level = levels[sku]) {
                level->reserved += quantity;
                reserved[sku] += quantity;
                m_insertReservation.with(Blob{request.order.bytes()}, sku, quantity).run();
            }
    }
    for (const auto& [sku, quantity] : reserved)
        m_add.with(sku, 0, quantity).run();
    if (auto done = m_connection.check("reserving stock"); !done)
        return tl::unexpected(std::move(done.error()));
    return answers;
}

Result<void> StockLedger::settle(const std::vector<StockOutcome>& outcomes)
{
    std::map<std::string, Change, std::less<>> changes;
    for (const StockOutcome& outcome : outcomes) {
        bool holds = false;
        Rows rows(m_reservationsOf.with(Blob{outcome.order.bytes()}));
        while (rows.next()) {
            holds = true;
            Change& change = changes[std::string(rows->text(0))];
            change.reserved -= rows->integer(1);
            if (outcome.consumed)
                change.onHand -= rows->integer(1);
        }
        if (holds)
            m_deleteReservations.with(Blob{outcome.order.bytes()}).run();
    }
    for (const auto& [sku, change] : changes) {
        m_add.with(sku, change.onHand, change.reserved).run();
        if (m_connection.isSound() && m_connection.changes() != 1)
            return failure(ErrorCode::Corrupt,
                "The stock books don't balance: " + sku
                    + " is reserved but has no stock record. Stop the daemon and restore the last backup.");
    }
    return m_connection.check("settling stock");
}

Result<StockLevel> StockLedger::setOnHand(const std::string& sku, std::int64_t onHand)
{
    const std::int64_t reserved = find(sku).value_or(StockLevel{}).reserved;
    if (auto read = m_connection.check("reading stock"); !read)
        return tl::unexpected(std::move(read.error()));
    if (onHand < reserved)
        return failure(ErrorCode::InvalidValue,
            "The stock of " + sku + " can't be set to " + std::to_string(onHand) + ": "
                + std::to_string(reserved)
                + " are reserved. Cancel orders that hold them first, or set a higher quantity.");
    m_put.with(sku, onHand).run();
    if (auto done = m_connection.check("setting stock"); !done)
        return tl::unexpected(std::move(done.error()));
    return StockLevel{sku, onHand, reserved};
}

} // namespace gantry::store
