// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/bulk/bulk_selection.h"
#include "tests/daemon/bulk/bulk_world.h"

#include <QTest>

using namespace gantry;
using namespace gantry::test;
using bulk::forEachSelected;
using bulk::Selection;

class BulkSelectionTest : public QObject {
    Q_OBJECT

    static Result<std::vector<OrderId>> select(
        BulkWorld& world, const Selection& selection, bulk::SelectionLimits limits = {})
    {
        std::vector<OrderId> ids;
        auto done = forEachSelected(*world.reader, selection, limits, world.clock,
            [&ids](const OrderId& id, const Order*) { ids.push_back(id); });
        if (!done)
            return tl::unexpected(done.error());
        return ids;
    }

private Q_SLOTS:
    void byFilterOldestFirst()
    {
        BulkWorld world;
        auto refused = world.failedOrders(700);
        static_cast<void>(world.failedOrders(5, "expired"));
        std::sort(refused.begin(), refused.end());
        Selection selection;
        selection.filter = store::OrderFilter{.incidentCode = "refused"};
        const auto ids = select(world, selection);
        QVERIFY(ids && *ids == refused);
        selection.compensating = true;
        QVERIFY(select(world, selection)->empty());
        selection.compensating = false;
        QCOMPARE(select(world, selection)->size(), refused.size());
    }

    void byIdsInTheirSequence()
    {
        BulkWorld world;
        const auto orders = world.failedOrders(2);
        const OrderId unknown = OrderId::make(fromMillis(1), 5, {6, 7});
        std::vector<bool> known;
        QVERIFY(forEachSelected(*world.reader, {.ids = {orders[1], unknown, orders[0]}}, {}, world.clock,
            [&known](const OrderId&, const Order* order) { known.push_back(order != nullptr); }));
        QVERIFY((known == std::vector<bool>{true, false, true}));
    }

    void hasLimits()
    {
        BulkWorld world;
        const auto orders = world.failedOrders(3);
        Selection all;
        all.filter.emplace();
        QVERIFY(select(world, all, {.orders = 3}));
        const auto tooMany = select(world, all, {.orders = 2});
        QVERIFY(!tooMany && tooMany.error().code == ErrorCode::InvalidValue);
        QVERIFY(!select(world, {.ids = orders}, {.orders = 2}));
        const auto tooLong = select(world, all, {.time = milliseconds(0)});
        QVERIFY(!tooLong && tooLong.error().code == ErrorCode::Busy);
    }
};

QTEST_GUILESS_MAIN(BulkSelectionTest)
#include "tst_bulk_selection.moc"
