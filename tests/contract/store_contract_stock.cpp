// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/contract/store_world.h"

#include <map>
#include <set>

namespace gantry::test {

using namespace store;

namespace {

Result<std::vector<ReservationAnswer>> reserveAndCommit(
    PartitionStore& partition, const std::vector<ReservationRequest>& requests)
{
    auto batch = partition.begin();
    if (!batch)
        return tl::unexpected(batch.error());
    auto answers = (*batch)->reserve(requests);
    if (!answers)
        return answers;
    if (auto done = (*batch)->commit({}); !done)
        return tl::unexpected(done.error());
    return answers;
}

Result<void> settleAndCommit(PartitionStore& partition, std::vector<StockOutcome> outcomes)
{
    auto batch = partition.begin();
    if (!batch)
        return tl::unexpected(batch.error());
    BatchChanges changes;
    changes.stock = std::move(outcomes);
    return (*batch)->commit(changes);
}

std::pair<std::int64_t, std::int64_t> levelOf(StoreReader& reader, const std::string& sku)
{
    const auto level = reader.readStock(sku);
    if (!level || !*level)
        return {-1, -1};
    return {(*level)->onHand, (*level)->reserved};
}

using Level = std::pair<std::int64_t, std::int64_t>;

} // namespace

void StoreContract::reservesAllOrNothing()
{
    World& w = *m_world;
    const OrderId id = w.submit(1).front();
    VERIFY_OK(setStock(*w.partition, "A", 10));
    VERIFY_OK(setStock(*w.partition, "B", 1));
    const auto answers = reserveAndCommit(*w.partition, {{id, {{"A", 3}, {"B", 2}}}});
    VERIFY_OK(answers);
    QCOMPARE(answers->size(), std::size_t{1});
    QCOMPARE(answers->front().shortages.size(), std::size_t{1});
    const Shortage& shortage = answers->front().shortages.front();
    QVERIFY(shortage.sku == "B" && shortage.wanted == 2 && shortage.available == 1);
    QVERIFY(levelOf(*w.reader, "A") == Level(10, 0) && levelOf(*w.reader, "B") == Level(1, 0));
    // With the missing one there, the same order gets everything.
    VERIFY_OK(setStock(*w.partition, "B", 2));
    const auto again = reserveAndCommit(*w.partition, {{id, {{"A", 3}, {"B", 2}}}});
    VERIFY_OK(again);
    QVERIFY(again->front().shortages.empty());
    QVERIFY(levelOf(*w.reader, "A") == Level(10, 3) && levelOf(*w.reader, "B") == Level(2, 2));
    VERIFY_FAILS(reserveAndCommit(*w.partition, {{OrderId(), {{"A", 0}}}}), ErrorCode::InvalidValue);
    VERIFY_FAILS(reserveAndCommit(*w.partition, {{OrderId(), {{"A", -1}}}}), ErrorCode::InvalidValue);
}

void StoreContract::servesTheFirstRequestFirst()
{
    World& w = *m_world;
    const auto ids = w.submit(3);
    VERIFY_OK(setStock(*w.partition, "LAST", 1));
    const auto answers = reserveAndCommit(
        *w.partition, {{ids[1], {{"LAST", 1}}}, {ids[0], {{"LAST", 1}}}, {ids[2], {{"OTHER", 5}}}});
    VERIFY_OK(answers);
    QVERIFY((*answers)[0].shortages.empty());
    QCOMPARE((*answers)[1].shortages.size(), std::size_t{1});
    QCOMPARE((*answers)[1].shortages.front().available, std::int64_t{0});
    QVERIFY((*answers)[2].shortages.empty());
    QVERIFY(levelOf(*w.reader, "LAST") == Level(1, 1));
}

void StoreContract::reservesOncePerOrder()
{
    World& w = *m_world;
    const OrderId id = w.submit(1).front();
    VERIFY_OK(setStock(*w.partition, "A", 5));
    for (int i = 0; i < 3; ++i) {
        const auto answers = reserveAndCommit(*w.partition, {{id, {{"A", 5}}}, {id, {{"A", 5}}}});
        VERIFY_OK(answers);
        QVERIFY((*answers)[0].shortages.empty() && (*answers)[1].shortages.empty());
        QVERIFY(levelOf(*w.reader, "A") == Level(5, 5));
    }
}

void StoreContract::neverShortWithoutAStockRecord()
{
    World& w = *m_world;
    const OrderId id = w.submit(1).front();
    const auto answers = reserveAndCommit(*w.partition, {{id, {{"UNTRACKED", 1'000'000}}}});
    VERIFY_OK(answers);
    QVERIFY(answers->front().shortages.empty());
    const auto level = w.reader->readStock("UNTRACKED");
    VERIFY_OK(level);
    QVERIFY(!level->has_value());
    // A record that comes later owes nothing to what was given before.
    VERIFY_OK(setStock(*w.partition, "UNTRACKED", 3));
    VERIFY_OK(settleAndCommit(*w.partition, {{id, StockEnd::Consumed}}));
    QVERIFY(levelOf(*w.reader, "UNTRACKED") == Level(3, 0));
}

void StoreContract::settlesReservations()
{
    World& w = *m_world;
    const auto ids = w.submit(3);
    VERIFY_OK(setStock(*w.partition, "A", 10));
    VERIFY_OK(setStock(*w.partition, "B", 10));
    VERIFY_OK(reserveAndCommit(*w.partition, {{ids[0], {{"A", 2}, {"B", 1}}}, {ids[1], {{"A", 3}}}}));
    QVERIFY(levelOf(*w.reader, "A") == Level(10, 5) && levelOf(*w.reader, "B") == Level(10, 1));
    VERIFY_OK(settleAndCommit(*w.partition,
        {{ids[0], StockEnd::Consumed}, {ids[1], StockEnd::Released}, {ids[2], StockEnd::Consumed}}));
    QVERIFY(levelOf(*w.reader, "A") == Level(8, 0) && levelOf(*w.reader, "B") == Level(9, 0));
    VERIFY_OK(settleAndCommit(*w.partition,
        {{ids[0], StockEnd::Consumed}, {ids[1], StockEnd::Released}})); // nothing is held any more
    QVERIFY(levelOf(*w.reader, "A") == Level(8, 0));
    // Reserved and consumed within one batch.
    auto batch = w.partition->begin();
    VERIFY_OK(batch);
    VERIFY_OK((*batch)->reserve({{ids[2], {{"A", 8}}}}));
    BatchChanges changes;
    changes.stock = {{ids[2], StockEnd::Consumed}};
    VERIFY_OK((*batch)->commit(changes));
    QVERIFY(levelOf(*w.reader, "A") == Level(0, 0));
}

void StoreContract::refusesLessStockThanIsReserved()
{
    World& w = *m_world;
    const OrderId id = w.submit(1).front();
    VERIFY_OK(setStock(*w.partition, "A", 5));
    VERIFY_OK(reserveAndCommit(*w.partition, {{id, {{"A", 4}}}}));
    VERIFY_FAILS(setStock(*w.partition, "A", 3), ErrorCode::InvalidValue);
    VERIFY_FAILS(setStock(*w.partition, "B", -1), ErrorCode::InvalidValue);
    const auto level = setStock(*w.partition, "A", 4);
    VERIFY_OK(level);
    QVERIFY(level->sku == "A" && level->onHand == 4 && level->reserved == 4 && level->available() == 0);
    VERIFY_OK(setStock(*w.partition, "Z", 0));
    const auto all = w.reader->listStock("", 10);
    VERIFY_OK(all);
    QCOMPARE(all->size(), std::size_t{2});
    const auto rest = w.reader->listStock("A", 10);
    VERIFY_OK(rest);
    QVERIFY(rest->size() == 1 && rest->front().sku == "Z");
}

void StoreContract::conservesStock()
{
    World& w = *m_world;
    const std::uint64_t seed = seedOfRun();
    SeededRandom random(seed);
    const auto ids = w.submit(40);
    std::map<std::string, Level> model;
    std::map<OrderId, std::map<std::string, std::int64_t>> held;
    std::int64_t shortages = 0;
    for (int i = 0; i < 6; ++i) {
        const std::string sku = "SKU-" + std::to_string(i);
        model[sku] = {20, 0};
        VERIFY_OK(setStock(*w.partition, sku, 20));
    }
    for (int round = 0; round < 150; ++round) {
        std::vector<ReservationRequest> requests;
        std::vector<StockOutcome> outcomes;
        std::set<OrderId> used;
        for (int i = 0; i < 4; ++i) {
            const OrderId& id = ids[random.next() % ids.size()];
            if (!used.insert(id).second)
                continue;
            if (random.unit() < 0.5) {
                outcomes.push_back({id, random.unit() < 0.4 ? StockEnd::Consumed : StockEnd::Released});
                continue;
            }
            ReservationRequest request{id, {}, w.now};
            for (std::uint64_t line = random.next() % 3 + 1; line > 0; --line) // one SKU may come twice
                request.quantities["SKU-" + std::to_string(random.next() % 7)] +=
                    static_cast<std::int64_t>(random.next() % 5 + 1);
            requests.push_back(std::move(request));
        }
        auto batch = w.partition->begin();
        VERIFY_OK(batch);
        const auto answers = (*batch)->reserve(requests);
        VERIFY_OK(answers);
        BatchChanges changes;
        changes.stock = outcomes;
        const bool isCommitted = random.unit() < 0.8;
        auto modelNow = model;
        auto heldNow = held;
        for (std::size_t i = 0; i < requests.size(); ++i) {
            if (heldNow.contains(requests[i].order)) {
                QVERIFY((*answers)[i].shortages.empty());
                continue;
            }
            bool isShort = false;
            for (const auto& [sku, quantity] : requests[i].quantities)
                isShort |= modelNow.contains(sku) && modelNow[sku].first - modelNow[sku].second < quantity;
            QVERIFY2((*answers)[i].shortages.empty() == !isShort,
                qPrintable(QStringLiteral("GANTRY_SEED=%1").arg(seed)));
            shortages += isShort;
            if (isShort)
                continue;
            for (const auto& [sku, quantity] : requests[i].quantities)
                if (modelNow.contains(sku)) {
                    modelNow[sku].second += quantity;
                    heldNow[requests[i].order][sku] = quantity;
                }
        }
        for (const StockOutcome& outcome : outcomes) {
            for (const auto& [sku, quantity] : heldNow[outcome.order]) {
                modelNow[sku].second -= quantity;
                modelNow[sku].first -= outcome.end == StockEnd::Consumed ? quantity : 0;
            }
            heldNow.erase(outcome.order);
        }
        if (isCommitted) {
            VERIFY_OK((*batch)->commit(changes));
            model = modelNow;
            held = heldNow;
        }
        batch->reset();
        for (auto& [sku, level] : model) {
            QVERIFY2(
                levelOf(*w.reader, sku) == level, qPrintable(QStringLiteral("GANTRY_SEED=%1").arg(seed)));
            if (level.first < 10 && random.unit() < 0.2) {
                level.first += 15;
                VERIFY_OK(setStock(*w.partition, sku, level.first));
            }
        }
    }
    QVERIFY(shortages > 0);
}

} // namespace gantry::test
