// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/store/sqlite/stock_ledger.h"

#include "daemon/store/sqlite/order_rows.h"
#include "daemon/store/sqlite/stock_rows.h"

#include <algorithm>

namespace gantry::store {

namespace {

// The numbers in the file are the numbers of the enum: a change there would read old rows wrongly.
static_assert(static_cast<int>(MovementKind::Opening) == 0 && static_cast<int>(MovementKind::Counted) == 1
    && static_cast<int>(MovementKind::Received) == 2 && static_cast<int>(MovementKind::Adjusted) == 3
    && static_cast<int>(MovementKind::Moved) == 4 && static_cast<int>(MovementKind::Reserved) == 5
    && static_cast<int>(MovementKind::Released) == 6 && static_cast<int>(MovementKind::Consumed) == 7
    && static_cast<int>(MovementKind::Expired) == 8);

constexpr std::string_view allocator = "system"; ///< who reserves

MovementKind kindOf(StockEnd end)
{
    switch (end) {
    case StockEnd::Released: return MovementKind::Released;
    case StockEnd::Consumed: return MovementKind::Consumed;
    case StockEnd::Expired: return MovementKind::Expired;
    }
    return MovementKind::Released;
}

/// What an order wants of a SKU, and where there is some.
struct Want {
    std::string_view sku;
    std::int64_t quantity;
    std::vector<WarehouseLevel>* places;
};

/// What an order gets of a SKU out of a warehouse.
struct Share {
    std::string_view sku;
    std::int64_t quantity;
    WarehouseLevel* place;
};

WarehouseLevel* placeIn(std::vector<WarehouseLevel>& places, std::string_view warehouse)
{
    const auto found = std::find_if(places.begin(), places.end(),
        [warehouse](const WarehouseLevel& place) { return place.warehouse == warehouse; });
    return found == places.end() ? nullptr : &*found;
}

std::int64_t availableIn(const std::vector<WarehouseLevel>& places)
{
    std::int64_t sum = 0;
    for (const WarehouseLevel& place : places)
        sum += place.available();
    return sum;
}

/// The first warehouse that has all of it; null if none has.
const std::string* firstWithAll(const std::vector<Want>& wants)
{
    for (const WarehouseLevel& candidate : *wants.front().places) {
        const bool hasAll = std::all_of(wants.begin(), wants.end(), [&candidate](const Want& want) {
            const WarehouseLevel* place = placeIn(*want.places, candidate.warehouse);
            return place && place->available() >= want.quantity;
        });
        if (hasAll)
            return &candidate.warehouse;
    }
    return nullptr;
}

/// Where each piece comes from: from as few warehouses as can be seen at once. All together there is enough.
std::vector<Share> shareOut(const std::vector<Want>& wants)
{
    std::vector<Share> shares;
    if (const std::string* warehouse = firstWithAll(wants)) {
        for (const Want& want : wants)
            shares.push_back({want.sku, want.quantity, placeIn(*want.places, *warehouse)});
    } else if (wants.size() > 1) {
        for (const Want& want : wants) {
            const auto ofLine = shareOut({want});
            shares.insert(shares.end(), ofLine.begin(), ofLine.end());
        }
    } else {
        std::int64_t rest = wants.front().quantity;
        for (WarehouseLevel& place : *wants.front().places) {
            const std::int64_t taken = std::min(rest, place.available());
            if (taken > 0)
                shares.push_back({wants.front().sku, taken, &place});
            rest -= taken;
        }
    }
    return shares;
}

tl::unexpected<Error> refused(std::string message)
{
    return failure(ErrorCode::InvalidValue, std::move(message));
}

} // namespace

StockLedger::StockLedger(Connection& connection)
    : m_connection(connection)
    , m_find(connection, std::string(levelsOfSku))
    , m_put(connection,
          "INSERT INTO stock (sku, warehouse, on_hand, reserved) VALUES (?1, ?2, ?3, 0) "
          "ON CONFLICT (sku, warehouse) DO UPDATE SET on_hand = excluded.on_hand")
    , m_add(connection,
          "UPDATE stock SET on_hand = on_hand + ?3, reserved = reserved + ?4 WHERE sku = ?1 AND warehouse = "
          "?2")
    , m_findReservation(connection, "SELECT 1 FROM reservation WHERE order_id = ?1 LIMIT 1")
    , m_insertReservation(
          connection, "INSERT INTO reservation (order_id, sku, warehouse, quantity) VALUES (?1, ?2, ?3, ?4)")
    , m_reservationsOf(connection, "SELECT sku, warehouse, quantity FROM reservation WHERE order_id = ?1")
    , m_deleteReservations(connection, "DELETE FROM reservation WHERE order_id = ?1")
    , m_insertMovement(connection,
          "INSERT INTO stock_movement (at, kind, sku, warehouse, on_hand_change, reserved_change, order_id, "
          "actor, reason) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)")
    , m_findWarehouse(connection, "SELECT 1 FROM warehouse WHERE name = ?1")
    , m_findKey(connection, "SELECT fingerprint FROM stock_key WHERE principal = ?1 AND key = ?2")
    , m_insertKey(
          connection, "INSERT INTO stock_key (principal, key, fingerprint, at) VALUES (?1, ?2, ?3, ?4)")
{
}

std::vector<WarehouseLevel> StockLedger::placesOf(std::string_view sku)
{
    std::vector<WarehouseLevel> places;
    Rows rows(m_find.with(sku));
    while (rows.next())
        places.push_back(readLevel(*rows, 0));
    return places;
}

Result<StockLedger::Places> StockLedger::placesOf(const std::vector<ReservationRequest>& requests)
{
    // The map keeps the SKUs in order; a SKU without a stock record stays empty and is never short.
    Places places;
    for (const ReservationRequest& request : requests)
        for (const auto& [sku, quantity] : request.quantities) {
            if (quantity <= 0)
                return refused("Order " + request.order.text() + " wants " + std::to_string(quantity) + " of "
                    + sku + ". Ask for one at least.");
            places.try_emplace(sku);
        }
    for (auto& [sku, found] : places)
        found = placesOf(sku);
    return places;
}

bool StockLedger::holdsReservation(const OrderId& order)
{
    return Rows(m_findReservation.with(Blob{order.bytes()})).next();
}

ReservationAnswer StockLedger::serve(const ReservationRequest& request, Places& places, Deltas& deltas)
{
    ReservationAnswer answer;
    std::vector<Want> wants;
    for (const auto& [sku, quantity] : request.quantities)
        if (auto& found = places[sku]; !found.empty())
            wants.push_back({sku, quantity, &found});
    if (wants.empty())
        return answer; // nothing to reserve
    answer.isHeld = holdsReservation(request.order);
    if (answer.isHeld)
        return answer;
    for (const Want& want : wants)
        if (const std::int64_t available = availableIn(*want.places); available < want.quantity)
            answer.shortages.push_back({std::string(want.sku), want.quantity, available});
    if (!answer.shortages.empty())
        return answer;
    for (const Share& share : shareOut(wants)) {
        const Place place{share.sku, share.place->warehouse};
        share.place->reserved += share.quantity;
        deltas[place].reserved += share.quantity;
        m_insertReservation.with(Blob{request.order.bytes()}, place.first, place.second, share.quantity)
            .run();
        note(MovementKind::Reserved, request.at, place, {0, share.quantity}, &request.order, allocator);
    }
    answer.isHeld = true;
    return answer;
}

Result<std::vector<ReservationAnswer>> StockLedger::reserve(const std::vector<ReservationRequest>& requests)
{
    auto places = placesOf(requests);
    if (!places)
        return tl::unexpected(std::move(places.error()));
    std::vector<ReservationAnswer> answers;
    answers.reserve(requests.size());
    Deltas deltas;
    for (const ReservationRequest& request : requests)
        answers.push_back(serve(request, *places, deltas));
    if (auto done = write(deltas); !done)
        return tl::unexpected(std::move(done.error()));
    return answers;
}

Result<void> StockLedger::settle(const std::vector<StockOutcome>& outcomes)
{
    Deltas deltas;
    for (const StockOutcome& outcome : outcomes) {
        Deltas ofOrder;
        Rows rows(m_reservationsOf.with(Blob{outcome.order.bytes()}));
        while (rows.next()) {
            const std::int64_t quantity = rows->integer(2);
            ofOrder.insert({{std::string(rows->text(0)), std::string(rows->text(1))},
                {outcome.end == StockEnd::Consumed ? -quantity : 0, -quantity}});
        }
        if (ofOrder.empty())
            continue;
        m_deleteReservations.with(Blob{outcome.order.bytes()}).run();
        for (const auto& [place, delta] : ofOrder) {
            Delta& sum = deltas[place];
            sum.onHand += delta.onHand;
            sum.reserved += delta.reserved;
            note(kindOf(outcome.end), outcome.at, place, delta, &outcome.order, outcome.actor);
        }
    }
    return write(deltas);
}

Result<void> StockLedger::write(const Deltas& deltas)
{
    for (const auto& [place, delta] : deltas) {
        m_add.with(place.first, place.second, delta.onHand, delta.reserved).run();
        if (m_connection.isSound() && m_connection.changes() != 1)
            return failure(ErrorCode::Corrupt,
                "The stock books don't balance: " + place.first + " is reserved in " + place.second
                    + " but has no stock record there. Stop the daemon and restore the last backup.");
    }
    return m_connection.check("writing stock");
}

void StockLedger::note(MovementKind kind, Timestamp at, const Place& place, const Delta& delta,
    const OrderId* order, std::string_view actor, std::string_view reason)
{
    m_insertMovement
        .with(at, static_cast<int>(kind), place.first, place.second, delta.onHand, delta.reserved,
            order ? std::optional(Blob{order->bytes()}) : std::nullopt, actor, orNull(reason))
        .run();
}

Result<bool> StockLedger::wasDone(const StockChange& change)
{
    if (!change.key)
        return false;
    Rows rows(m_findKey.with(change.actor, change.key->key));
    if (rows.next()) {
        if (rows->text(0) == bytesOf(change.key->fingerprint))
            return true;
        return failure(ErrorCode::IdempotencyKeyReused,
            "The idempotency key " + change.key->key
                + " was used for another request. Use a new key for a new request.");
    }
    if (auto done = m_connection.check("looking for an idempotency key"); !done)
        return tl::unexpected(std::move(done.error()));
    m_insertKey.with(change.actor, change.key->key, Blob{bytesOf(change.key->fingerprint)}, change.at).run();
    return false;
}

Result<void> StockLedger::checkPlace(const std::string& warehouse)
{
    const bool isThere = Rows(m_findWarehouse.with(warehouse)).next();
    if (auto done = m_connection.check("looking for a warehouse"); !done)
        return done;
    if (!isThere)
        return refused("There is no warehouse " + warehouse + ". Add it, or choose one that there is.");
    return {};
}

Result<void> StockLedger::changeOnHand(
    const StockChange& change, const std::string& warehouse, std::int64_t by)
{
    if (auto there = checkPlace(warehouse); !there)
        return there;
    auto places = placesOf(change.sku);
    if (auto read = m_connection.check("reading stock"); !read)
        return read;
    const WarehouseLevel* place = placeIn(places, warehouse);
    const WarehouseLevel was = place ? *place : WarehouseLevel{warehouse};
    if (change.kind == MovementKind::Counted)
        by -= was.onHand; // what is said is what there is
    const std::int64_t onHand = was.onHand + by;
    if (onHand < was.reserved)
        return refused("The stock of " + change.sku + " in " + warehouse + " can't become "
            + std::to_string(onHand) + ": " + std::to_string(was.reserved)
            + " are reserved. Cancel orders that hold them first, or choose another quantity.");
    if (onHand > mostOnHand)
        return refused("The stock of " + change.sku + " in " + warehouse + " can't become "
            + std::to_string(onHand) + ": the most is " + std::to_string(mostOnHand) + '.');
    m_put.with(change.sku, warehouse, onHand).run();
    note(change.kind, change.at, {change.sku, warehouse}, {by, 0}, nullptr, change.actor, change.reason);
    return {};
}

Result<StockChanged> StockLedger::change(const StockChange& change)
{
    const bool isMove = change.kind == MovementKind::Moved;
    const bool mayBeNegative = change.kind == MovementKind::Adjusted;
    if (change.quantity > mostOnHand || change.quantity < (mayBeNegative ? -mostOnHand : 0)
        || (change.quantity == 0 && change.kind != MovementKind::Counted))
        return refused("A quantity of " + std::to_string(change.quantity) + " can't be "
            + std::string(movementKindName(change.kind)) + ". Choose another.");
    if (isMove && change.warehouse == change.toWarehouse)
        return refused("Goods can't be moved from " + change.warehouse + " to where they are.");
    auto replayed = wasDone(change);
    if (!replayed)
        return tl::unexpected(std::move(replayed.error()));
    Result<void> done;
    if (!*replayed)
        done = changeOnHand(change, change.warehouse, isMove ? -change.quantity : change.quantity);
    if (done && isMove && !*replayed)
        done = changeOnHand(change, change.toWarehouse, change.quantity);
    if (!done)
        return tl::unexpected(std::move(done.error()));
    auto level = selectStock(m_connection, change.sku);
    if (!level)
        return tl::unexpected(std::move(level.error()));
    return StockChanged{std::move(*level).value_or(StockLevel{.sku = change.sku}), *replayed};
}

} // namespace gantry::store
