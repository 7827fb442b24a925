// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/store/records.h"
#include "daemon/store/sqlite/connection.h"
#include "daemon/store/sqlite/statement.h"

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gantry::store {

/// The stock tables as seen inside the writer's open transaction. Every change keeps on hand, reserved, the reservations and the movements in balance;
/// rows are always touched in SKU order, each once a call.
class StockLedger {
public:
    explicit StockLedger(Connection& connection);

    /// See Batch::reserve(). Errors: InvalidValue (a quantity that is not positive), and those of settle().
    Result<std::vector<ReservationAnswer>> reserve(const std::vector<ReservationRequest>& requests);

    /// See Batch::settle(). Errors: Corrupt (the books don't balance: nothing may be committed), and those of the connection.
    Result<void> settle(const std::vector<StockOutcome>& outcomes);

    /// See PartitionStore::changeStock().
    Result<StockChanged> change(const StockChange& change);

private:
    struct Delta {
        std::int64_t onHand = 0;
        std::int64_t reserved = 0;
    };
    using Place = std::pair<std::string, std::string>; ///< SKU and warehouse
    using Deltas = std::map<Place, Delta>;
    using Places = std::map<std::string_view, std::vector<WarehouseLevel>>; ///< by SKU, as they serve

    Result<Places> placesOf(const std::vector<ReservationRequest>& requests);
    std::vector<WarehouseLevel> placesOf(std::string_view sku);
    bool holdsReservation(const OrderId& order);
    /// Adds what one order gets.
    ReservationAnswer serve(const ReservationRequest& request, Places& places, Deltas& deltas);
    Result<void> write(const Deltas& deltas);
    void note(MovementKind kind, Timestamp at, const Place& place, const Delta& delta, const OrderId* order,
        std::string_view actor, std::string_view reason = {});
    Result<bool> wasDone(const StockChange& change);
    Result<void> checkPlace(const std::string& warehouse);
    Result<void> changeOnHand(const StockChange& change, const std::string& warehouse, std::int64_t by);

    Connection& m_connection;
    Statement m_find;
    Statement m_put;
    Statement m_add;
    Statement m_findReservation;
    Statement m_insertReservation;
    Statement m_reservationsOf;
    Statement m_deleteReservations;
    Statement m_insertMovement;
    Statement m_findWarehouse;
    Statement m_findKey;
    Statement m_insertKey;
};

} // namespace gantry::store
