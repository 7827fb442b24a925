// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/store/records.h"
#include "daemon/store/sqlite/connection.h"
#include "daemon/store/sqlite/statement.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace gantry::store {

/// The stock tables as seen inside the writer's open transaction. Every change keeps on hand, reserved and the reservations in balance; rows are
/// always touched in SKU order.
class StockLedger {
public:
    explicit StockLedger(Connection& connection);

    /// See Batch::reserve(). Errors: InvalidValue (a quantity that is not positive), and those of the connection.
    Result<std::vector<ReservationAnswer>> reserve(const std::vector<ReservationRequest>& requests);

    /// Ends reservations. An order that holds none is nothing to do. Errors: Corrupt (the books don't balance), and those of the connection.
    Result<void> settle(const std::vector<StockOutcome>& outcomes);

    /// Sets the quantity on hand. Errors: InvalidValue.
    Result<StockLevel> setOnHand(const std::string& sku, std::int64_t onHand);

private:
    std::optional<StockLevel> find(std::string_view sku);
    bool holdsReservation(const OrderId& order);

    Connection& m_connection;
    Statement m_find;
    Statement m_put;
    Statement m_add;
    Statement m_findReservation;
    Statement m_insertReservation;
    Statement m_reservationsOf;
    Statement m_deleteReservations;
};

} // namespace gantry::store
