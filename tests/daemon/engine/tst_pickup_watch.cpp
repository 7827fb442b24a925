// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/engine/pickup_watch.h"

#include <QTest>

using namespace gantry;
using namespace gantry::engine;
using std::chrono::milliseconds;
using std::chrono::seconds;

class PickupWatchTest : public QObject {
    Q_OBJECT

    static Order awaited(std::uint64_t number)
    {
        Order order{.id = OrderId::make(fromMillis(1), 0, {0, number}), .version = 5};
        order.step.name = "pay";
        order.attempt = 2;
        order.retry = std::make_shared<const RetryCheck>(RetryCheck{.step = "pay"});
        return order;
    }

private Q_SLOTS:
    void timeGoesOnFromWhenItBecameDue()
    {
        PickupWatch watch(seconds(60));
        Order order = awaited(1);
        watch.update(order, seconds(10));
        order.version = 6; // something else happened to it
        watch.update(order, seconds(50));
        QVERIFY(watch.next() == milliseconds(seconds(70)));
        QVERIFY(watch.takeOverdue(seconds(70) - milliseconds(1), 10).empty());
        const auto overdue = watch.takeOverdue(seconds(70), 10);
        QCOMPARE(overdue.size(), std::size_t{1});
        QVERIFY(overdue.front().order == order.id && overdue.front().step == "pay"
            && overdue.front().attempt == 2);
        // Asked again only after as much time again.
        QVERIFY(watch.takeOverdue(seconds(129), 10).empty());
        QCOMPARE(watch.takeOverdue(seconds(130), 10).size(), std::size_t{1});
    }

    void theNextAttemptHasItsOwnTime()
    {
        PickupWatch watch(seconds(60));
        Order order = awaited(1);
        watch.update(order, seconds(0));
        order.retryAt = fromMillis(5);
        watch.update(order, seconds(1));
        QVERIFY(!watch.next());
        order.retryAt.reset();
        order.attempt = 3;
        watch.update(order, seconds(30));
        QVERIFY(watch.takeOverdue(seconds(60), 10).empty());
        QCOMPARE(watch.takeOverdue(seconds(90), 10).front().attempt, 3U);
    }

    void whatIsDecidedHeldOrOverIsNotWatched()
    {
        const std::function<void(Order&)> changes[] = {[](Order& o) { o.retry.reset(); },
            [](Order& o) { o.holds.resize(1); }, [](Order& o) { o.outcome = Outcome::Canceled; },
            [](Order& o) { o.incident.emplace(); },
            [](Order& o) { o.retry = judged(o.retry, "pay", RetryVerdict::NotPickedUp, {}); }};
        for (const auto& change : changes) {
            PickupWatch watch(seconds(60));
            Order order = awaited(1);
            watch.update(order, seconds(0));
            change(order);
            watch.update(order, seconds(1));
            QVERIFY(!watch.next());
            QVERIFY(watch.takeOverdue(seconds(600), 10).empty());
        }
    }

    void aHerdIsToldInParts()
    {
        PickupWatch watch(seconds(60));
        for (std::uint64_t i = 0; i < 25; ++i)
            watch.update(awaited(i), seconds(0));
        std::size_t told = 0;
        for (int round = 0; round < 3; ++round)
            told += watch.takeOverdue(seconds(60), 10).size();
        QCOMPARE(told, std::size_t{25});
        QVERIFY(watch.takeOverdue(seconds(60), 10).empty());
    }
};

QTEST_APPLESS_MAIN(PickupWatchTest)
#include "tst_pickup_watch.moc"
