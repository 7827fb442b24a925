// SPDX-License-Identifier: GPL-3.0-or-later
// Warehouses and movements of stock: where orders are served from, and that the books balance.
#include "tests/contract/store_world.h"

#include <array>
#include <map>
#include <set>

namespace gantry::test {

using namespace store;

namespace {

/// By warehouse: on hand and reserved.
using Levels = std::map<std::string, std::pair<std::int64_t, std::int64_t>>;

Levels levelsOf(StoreReader& reader, const std::string& sku)
{
    Levels levels;
    const auto level = reader.readStock(sku);
    if (!level || !*level)
        return levels;
    std::int64_t onHand = 0;
    std::int64_t reserved = 0;
    for (const WarehouseLevel& part : (*level)->warehouses) {
        levels[part.warehouse] = {part.onHand, part.reserved};
        onHand += part.onHand;
        reserved += part.reserved;
    }
    if (onHand != (*level)->onHand || reserved != (*level)->reserved)
        qFatal("the level of %s is not the sum of its warehouses", sku.c_str());
    return levels;
}

/// Every movement of a SKU, newest first, read in pages of seven.
std::vector<StockMovement> movementsOf(StoreReader& reader, const std::string& sku)
{
    std::vector<StockMovement> all;
    std::optional<std::uint64_t> before;
    for (;;) {
        const auto page = reader.listMovements(sku, before, 7);
        if (!page)
            qFatal("%s", page.error().message.c_str());
        all.insert(all.end(), page->begin(), page->end());
        if (page->size() < 7)
            return all;
        before = page->back().number;
    }
}

/// What the movements of a SKU come to, by warehouse.
Levels sumsOf(const std::vector<StockMovement>& movements)
{
    Levels sums;
    for (const StockMovement& movement : movements) {
        sums[movement.warehouse].first += movement.onHandChange;
        sums[movement.warehouse].second += movement.reservedChange;
    }
    return sums;
}

Result<ReservationAnswer> reserveOne(PartitionStore& partition, const ReservationRequest& request)
{
    auto batch = partition.begin();
    if (!batch)
        return tl::unexpected(batch.error());
    auto answers = (*batch)->reserve({request});
    if (!answers)
        return tl::unexpected(answers.error());
    if (auto done = (*batch)->commit({}); !done)
        return tl::unexpected(done.error());
    return answers->front();
}

void addWarehouses(PartitionStore& partition)
{
    VERIFY_OK(partition.putWarehouse({"north", 2}));
    VERIFY_OK(partition.putWarehouse({"east", 1}));
}

} // namespace

void StoreContract::servesFromTheFirstWarehouseThatHasAll()
{
    World& w = *m_world;
    addWarehouses(*w.partition);
    const auto warehouses = w.reader->listWarehouses();
    VERIFY_OK(warehouses);
    QVERIFY((*warehouses == std::vector<Warehouse>{{"main", 0}, {"east", 1}, {"north", 2}}));
    for (const auto& [warehouse, a, b] :
        {std::tuple{"main", 5, 1}, std::tuple{"east", 5, 5}, std::tuple{"north", 9, 9}}) {
        VERIFY_OK(setStock(*w.partition, "A", a, warehouse));
        VERIFY_OK(setStock(*w.partition, "B", b, warehouse));
    }
    const auto ids = w.submit(3);
    // The first has too few of B; the second has all of it.
    const auto answer = reserveOne(*w.partition, {ids[0], {{"A", 2}, {"B", 2}, {"UNTRACKED", 7}}});
    VERIFY_OK(answer);
    QVERIFY(answer->shortages.empty() && answer->isHeld);
    QVERIFY((levelsOf(*w.reader, "A") == Levels{{"main", {5, 0}}, {"east", {5, 2}}, {"north", {9, 0}}}));
    QVERIFY((levelsOf(*w.reader, "B") == Levels{{"main", {1, 0}}, {"east", {5, 2}}, {"north", {9, 0}}}));
    // Another rank, another sequence.
    VERIFY_OK(w.partition->putWarehouse({"north", 0}));
    VERIFY_OK(w.partition->putWarehouse({"main", 7}));
    VERIFY_OK(reserveOne(*w.partition, {ids[1], {{"A", 1}}}));
    QCOMPARE(levelsOf(*w.reader, "A")["north"].second, std::int64_t{1});
    QVERIFY(!reserveOne(*w.partition, {ids[2], {{"UNTRACKED", 1}}})->isHeld);
}

void StoreContract::splitsWhatNoWarehouseHas()
{
    World& w = *m_world;
    addWarehouses(*w.partition);
    VERIFY_OK(setStock(*w.partition, "A", 2, "main"));
    VERIFY_OK(setStock(*w.partition, "A", 4, "east"));
    VERIFY_OK(setStock(*w.partition, "B", 3, "north"));
    VERIFY_OK(setStock(*w.partition, "C", 1, "main"));
    VERIFY_OK(setStock(*w.partition, "C", 1, "east"));
    VERIFY_OK(setStock(*w.partition, "C", 5, "north"));
    const auto ids = w.submit(2);
    // A has it whole in the second; B in the third; C goes to the first that has the line whole.
    VERIFY_OK(reserveOne(*w.partition, {ids[0], {{"A", 3}, {"B", 1}, {"C", 2}}}));
    QVERIFY((levelsOf(*w.reader, "A") == Levels{{"main", {2, 0}}, {"east", {4, 3}}}));
    QVERIFY((levelsOf(*w.reader, "B") == Levels{{"north", {3, 1}}}));
    QVERIFY((levelsOf(*w.reader, "C") == Levels{{"main", {1, 0}}, {"east", {1, 0}}, {"north", {5, 2}}}));
    // A line that nobody has whole is taken from each in turn; one piece too many is short of all together.
    const auto tooMany = reserveOne(*w.partition, {ids[1], {{"A", 4}}});
    VERIFY_OK(tooMany);
    QVERIFY(!tooMany->isHeld && tooMany->shortages.size() == 1);
    QCOMPARE(tooMany->shortages.front().available, std::int64_t{3});
    VERIFY_OK(reserveOne(*w.partition, {ids[1], {{"A", 3}}}));
    QVERIFY((levelsOf(*w.reader, "A") == Levels{{"main", {2, 2}}, {"east", {4, 4}}}));
}

void StoreContract::keepsMovementsAsFacts()
{
    World& w = *m_world;
    addWarehouses(*w.partition);
    const OrderId id = w.submit(1).front();
    const auto change = [&](StockChange asked) {
        asked.sku = "A";
        asked.actor = "ann";
        asked.at = w.tick();
        return w.partition->changeStock(asked);
    };
    VERIFY_OK(change({.quantity = 10, .reason = "stocktaking"}));
    VERIFY_OK(change({.kind = MovementKind::Received, .quantity = 5, .reason = "delivery 7"}));
    VERIFY_OK(change({.kind = MovementKind::Adjusted, .quantity = -2, .reason = "broken"}));
    const auto moved =
        change({.kind = MovementKind::Moved, .toWarehouse = "east", .quantity = 4, .reason = "nearer"});
    VERIFY_OK(moved);
    QVERIFY(!moved->replayed && moved->level.onHand == 13 && moved->level.warehouses.size() == 2);
    VERIFY_OK(reserveOne(*w.partition, {id, {{"A", 3}}, w.tick()}));
    auto batch = w.partition->begin();
    VERIFY_OK(batch);
    BatchChanges changes;
    changes.stock = {{id, StockEnd::Consumed, w.tick(), "ben"}};
    VERIFY_OK((*batch)->commit(changes));
    batch->reset();
    w.reopen();
    const auto movements = movementsOf(*w.reader, "A");
    QCOMPARE(movements.size(), std::size_t{7});
    const auto& consumed = movements.front();
    QVERIFY(consumed.kind == MovementKind::Consumed && consumed.order == id && consumed.actor == "ben");
    QVERIFY(consumed.onHandChange == -3 && consumed.reservedChange == -3 && consumed.reason.empty());
    QVERIFY(movements[1].kind == MovementKind::Reserved && movements[1].reservedChange == 3
        && movements[1].onHandChange == 0 && movements[1].order == id);
    QVERIFY(movements[2].kind == MovementKind::Moved && movements[2].warehouse == "east"
        && movements[2].onHandChange == 4);
    QVERIFY(movements[3].kind == MovementKind::Moved && movements[3].warehouse == "main"
        && movements[3].onHandChange == -4 && movements[3].reason == "nearer");
    QVERIFY(movements[4].kind == MovementKind::Adjusted && movements[4].onHandChange == -2);
    QVERIFY(movements[5].kind == MovementKind::Received && movements[5].onHandChange == 5);
    QVERIFY(movements[6].kind == MovementKind::Counted && movements[6].onHandChange == 10
        && movements[6].actor == "ann" && movements[6].reason == "stocktaking" && !movements[6].order);
    QVERIFY(levelsOf(*w.reader, "A") == sumsOf(movements));
    QVERIFY(movementsOf(*w.reader, "B").empty());
}

void StoreContract::changesStockOnceAKey()
{
    World& w = *m_world;
    StockChange received{.kind = MovementKind::Received,
        .sku = "A",
        .quantity = 5,
        .reason = "delivery",
        .actor = "ann",
        .key = StockKey{"k1", {1}},
        .at = w.tick()};
    for (int i = 0; i < 3; ++i) {
        const auto changed = w.partition->changeStock(received);
        VERIFY_OK(changed);
        QCOMPARE(changed->replayed, i > 0);
        QCOMPARE(changed->level.onHand, std::int64_t{5});
        w.reopen();
    }
    QCOMPARE(movementsOf(*w.reader, "A").size(), std::size_t{1});
    received.key->fingerprint = {2};
    VERIFY_FAILS(w.partition->changeStock(received), ErrorCode::IdempotencyKeyReused);
    received.actor = "ben"; // another's key of the same name
    VERIFY_OK(w.partition->changeStock(received));
    QCOMPARE(levelsOf(*w.reader, "A")["main"].first, std::int64_t{10});
    // A refused request has not used its key.
    received.key = StockKey{"k2", {3}};
    received.warehouse = "nowhere";
    VERIFY_FAILS(w.partition->changeStock(received), ErrorCode::InvalidValue);
    received.warehouse = "main";
    received.key->fingerprint = {4};
    VERIFY_OK(w.partition->changeStock(received));
}

void StoreContract::refusesImpossibleChangesOfStock()
{
    World& w = *m_world;
    addWarehouses(*w.partition);
    VERIFY_OK(setStock(*w.partition, "A", 5));
    VERIFY_OK(reserveOne(*w.partition, {w.submit(1).front(), {{"A", 4}}}));
    const auto change = [&](StockChange asked) {
        asked.sku = "A";
        asked.actor = "ann";
        return w.partition->changeStock(asked);
    };
    const std::array impossible{StockChange{.quantity = -1},
        StockChange{.kind = MovementKind::Adjusted, .quantity = -2},
        StockChange{.kind = MovementKind::Adjusted, .quantity = 0},
        StockChange{.kind = MovementKind::Received, .quantity = 0},
        StockChange{.kind = MovementKind::Received, .quantity = -1},
        StockChange{.kind = MovementKind::Received, .quantity = mostOnHand},
        StockChange{.kind = MovementKind::Received, .warehouse = "nowhere", .quantity = 1},
        StockChange{.kind = MovementKind::Moved, .toWarehouse = "east", .quantity = 2},
        StockChange{.kind = MovementKind::Moved, .toWarehouse = "main", .quantity = 1},
        StockChange{.kind = MovementKind::Moved, .toWarehouse = "nowhere", .quantity = 1},
        StockChange{.kind = MovementKind::Moved, .warehouse = "east", .toWarehouse = "main", .quantity = 1}};
    for (const StockChange& asked : impossible) {
        VERIFY_FAILS(change(asked), ErrorCode::InvalidValue);
        QVERIFY((levelsOf(*w.reader, "A") == Levels{{"main", {5, 4}}}));
        QCOMPARE(movementsOf(*w.reader, "A").size(), std::size_t{2});
    }
    VERIFY_OK(change({.kind = MovementKind::Moved, .toWarehouse = "east", .quantity = 1}));
}

void StoreContract::givesExpiredStockToOthersOfTheBatch()
{
    World& w = *m_world;
    const auto ids = w.submit(2);
    VERIFY_OK(setStock(*w.partition, "A", 3));
    VERIFY_OK(reserveOne(*w.partition, {ids[0], {{"A", 3}}}));
    {
        auto batch = w.partition->begin();
        VERIFY_OK(batch);
        VERIFY_OK((*batch)->settle({{ids[0], StockEnd::Expired, w.tick(), "system"}}));
        const auto answers = (*batch)->reserve({{ids[1], {{"A", 2}}}, {ids[0], {{"A", 3}}}});
        VERIFY_OK(answers);
        QVERIFY((*answers)[0].isHeld && !(*answers)[1].isHeld);
    } // not committed: nothing happened
    QVERIFY((levelsOf(*w.reader, "A") == Levels{{"main", {3, 3}}}));
    auto batch = w.partition->begin();
    VERIFY_OK(batch);
    VERIFY_OK((*batch)->settle({{ids[0], StockEnd::Expired, w.tick(), "system"}}));
    VERIFY_OK((*batch)->reserve({{ids[1], {{"A", 2}}}}));
    VERIFY_OK((*batch)->commit({}));
    QVERIFY((levelsOf(*w.reader, "A") == Levels{{"main", {3, 2}}}));
    const auto movements = movementsOf(*w.reader, "A");
    QVERIFY(movements[1].kind == MovementKind::Expired && movements[1].order == ids[0]
        && movements[1].reservedChange == -3 && movements[1].onHandChange == 0);
}

void StoreContract::booksBalanceWhateverHappens()
{
    World& w = *m_world;
    const std::uint64_t seed = seedOfRun();
    const auto why = qPrintable(QStringLiteral("GANTRY_SEED=%1").arg(seed));
    SeededRandom random(seed + 1);
    const auto pick = [&random](
                          std::size_t count) { return static_cast<std::size_t>(random.next() % count); };
    addWarehouses(*w.partition);
    const std::array<std::string, 3> warehouses{"main", "east", "north"};
    const std::array<std::string, 4> skus{"A", "B", "C", "D"};
    const auto ids = w.submit(25);
    std::map<OrderId, std::map<std::string, std::int64_t>> held;
    std::set<std::string> tracked;
    int refused = 0;
    int split = 0;
    for (int round = 0; round < 250; ++round) {
        if (pick(2) == 0) { // a person's change
            StockChange change{.kind = static_cast<MovementKind>(1 + pick(4)),
                .sku = skus[pick(skus.size())],
                .warehouse = warehouses[pick(3)],
                .quantity = static_cast<std::int64_t>(pick(12)),
                .actor = "ann",
                .at = w.tick()};
            if (change.kind == MovementKind::Adjusted)
                change.quantity -= 6;
            if (change.kind == MovementKind::Moved)
                change.toWarehouse = warehouses[pick(3)];
            const auto changed = w.partition->changeStock(change);
            if (changed)
                tracked.insert(change.sku);
            else
                QVERIFY2(++refused > 0 && changed.error().code == ErrorCode::InvalidValue, why);
        } else {
            auto batch = w.partition->begin();
            VERIFY_OK(batch);
            auto heldNow = held;
            BatchChanges changes;
            std::vector<StockOutcome> atOnce;
            for (std::size_t i = pick(3); i-- > 0;) {
                const OrderId& id = ids[pick(ids.size())];
                const auto end = static_cast<StockEnd>(pick(3));
                (end == StockEnd::Expired ? atOnce : changes.stock).push_back({id, end, w.tick(), "system"});
            }
            VERIFY_OK((*batch)->settle(atOnce));
            for (const StockOutcome& outcome : atOnce)
                heldNow.erase(outcome.order);
            std::vector<ReservationRequest> requests;
            for (std::size_t i = pick(4); i-- > 0;) {
                ReservationRequest request{ids[pick(ids.size())], {}, w.tick()};
                for (std::size_t line = 1 + pick(3); line-- > 0;)
                    request.quantities[skus[pick(skus.size())]] += static_cast<std::int64_t>(1 + pick(6));
                requests.push_back(std::move(request));
            }
            const auto answers = (*batch)->reserve(requests);
            VERIFY_OK(answers);
            for (std::size_t i = 0; i < requests.size(); ++i) {
                QVERIFY2((*answers)[i].shortages.empty() || !(*answers)[i].isHeld, why);
                if (!(*answers)[i].isHeld || heldNow.contains(requests[i].order))
                    continue;
                for (const auto& [sku, quantity] : requests[i].quantities)
                    if (tracked.contains(sku))
                        heldNow[requests[i].order][sku] = quantity;
            }
            for (const StockOutcome& outcome : changes.stock)
                heldNow.erase(outcome.order);
            if (pick(5) != 0) {
                VERIFY_OK((*batch)->commit(changes));
                held = heldNow;
            }
        }
        for (const std::string& sku : skus) {
            const auto levels = levelsOf(*w.reader, sku);
            const auto movements = movementsOf(*w.reader, sku);
            QVERIFY2(sumsOf(movements) == levels, why);
            std::map<OrderId, std::int64_t> byOrder;
            std::map<OrderId, std::set<std::string>> places;
            for (const StockMovement& movement : movements)
                if (movement.order) {
                    byOrder[*movement.order] += movement.reservedChange;
                    places[*movement.order].insert(movement.warehouse);
                }
            std::int64_t reserved = 0;
            for (const auto& [warehouse, level] : levels) {
                QVERIFY2(level.second >= 0 && level.second <= level.first, why);
                reserved += level.second;
            }
            for (const auto& [order, sum] : byOrder) {
                const auto found = held.find(order);
                QVERIFY2(sum == (found == held.end() ? 0 : found->second[sku]), why);
                reserved -= sum;
                split += places[order].size() > 1;
            }
            QVERIFY2(reserved == 0, why);
        }
    }
    QVERIFY(refused > 0 && split > 0 && !held.empty());
    // What is held can be let go to the last piece: the reservations are what the levels say.
    auto batch = w.partition->begin();
    VERIFY_OK(batch);
    BatchChanges changes;
    for (const auto& [order, quantities] : held)
        changes.stock.push_back({order, StockEnd::Released, w.tick(), "ann"});
    VERIFY_OK((*batch)->commit(changes));
    for (const std::string& sku : skus)
        for (const auto& [warehouse, level] : levelsOf(*w.reader, sku))
            QVERIFY2(level.second == 0, why);
}

} // namespace gantry::test
