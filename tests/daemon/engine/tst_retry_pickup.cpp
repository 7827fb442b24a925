// SPDX-License-Identifier: GPL-3.0-or-later
// Whether somebody took what a person retried, through a whole partition on a real store.
#include "tests/daemon/engine/worker_world.h"

#include <QTest>

using namespace gantry;
using namespace gantry::test;

class RetryPickupTest : public QObject {
    Q_OBJECT

    /// An order that failed at its first step and was retried.
    static OrderId retried(WorkerWorld& world)
    {
        const OrderId id = world.take();
        if (!world.failTask(world.claimOne().token, "refused") || !world.act(id, Action::Retry))
            qFatal("the order could not be retried");
        return id;
    }

    static RetryVerdict verdictOf(WorkerWorld& world, const OrderId& id)
    {
        const Order stored = world.stored(id);
        if (!(world.replayed(id) == stored))
            qFatal("the store's order is not the fold of its events");
        return stored.retry->verdict;
    }

private Q_SLOTS:
    void nobodyTakesIt()
    {
        WorkerWorld world;
        const OrderId id = retried(world);
        world.pass(seconds(59));
        QCOMPARE(verdictOf(world, id), RetryVerdict::Pending);
        world.pass(seconds(2));
        QCOMPARE(verdictOf(world, id), RetryVerdict::NotPickedUp);
        world.pass(seconds(300));
        const auto types = world.types(id);
        QCOMPARE(std::count(types.begin(), types.end(), "retry_not_picked_up"), 1);
        // A worker comes back: it is due still, and what it did is what counts.
        QVERIFY(world.complete(world.claimOne().token));
        QCOMPARE(verdictOf(world, id), RetryVerdict::Fixed);
    }

    void somebodyHasItForLong()
    {
        WorkerWorld world;
        const OrderId id = retried(world);
        const LeaseToken token = world.claimOne().token;
        for (int i = 0; i < 10; ++i) {
            world.pass(seconds(20));
            QVERIFY(world.extend(token));
        }
        QCOMPARE(verdictOf(world, id), RetryVerdict::Pending);
        QVERIFY(world.failTask(token, "refused"));
        QCOMPARE(verdictOf(world, id), RetryVerdict::FailedAgain);
    }

    void itIsGivenBackAndThenNobodyTakesIt()
    {
        WorkerWorld world;
        const OrderId id = retried(world);
        const LeaseToken token = world.claimOne().token;
        world.pass(seconds(20));
        world.send(engine::ReleaseLeases{{token}});
        QCOMPARE(verdictOf(world, id), RetryVerdict::Pending);
        world.pass(seconds(60));
        QCOMPARE(verdictOf(world, id), RetryVerdict::NotPickedUp);
    }

    void aHoldStopsTheTime()
    {
        WorkerWorld world;
        const OrderId id = retried(world);
        world.pass(seconds(50));
        QVERIFY(world.act(id, Action::Hold));
        world.pass(seconds(300));
        QCOMPARE(verdictOf(world, id), RetryVerdict::Pending);
        QVERIFY(world.act(id, Action::Release));
        world.pass(seconds(59));
        QCOMPARE(verdictOf(world, id), RetryVerdict::Pending);
        world.pass(seconds(2));
        QCOMPARE(verdictOf(world, id), RetryVerdict::NotPickedUp);
    }

    void aRestartGivesWorkersTheTimeAnew()
    {
        WorkerWorld world;
        const OrderId id = retried(world);
        world.pass(seconds(30));
        world.clock.advance(std::chrono::hours(2)); // while it was away
        world.restart();
        world.pass(seconds(59));
        QCOMPARE(verdictOf(world, id), RetryVerdict::Pending);
        world.pass(seconds(2));
        QCOMPARE(verdictOf(world, id), RetryVerdict::NotPickedUp);
    }

    void aHaltOfTheProcessIsNotHeldAgainstWorkers()
    {
        WorkerWorld world;
        const OrderId id = retried(world);
        world.clock.advance(std::chrono::hours(2));
        QVERIFY(world.run());
        QCOMPARE(verdictOf(world, id), RetryVerdict::Pending);
    }

    void aFullDiskDelaysTheVerdict()
    {
        WorkerWorld world;
        const OrderId id = retried(world);
        world.pass(seconds(59));
        world.faults.nextCommit = Error{ErrorCode::StorageFull, "full"};
        world.pass(seconds(2));
        QCOMPARE(verdictOf(world, id), RetryVerdict::Pending);
        world.pass(seconds(61));
        QCOMPARE(verdictOf(world, id), RetryVerdict::NotPickedUp);
    }

    void aServiceThatIsAtItHasTakenIt()
    {
        EngineWorld world;
        const OrderId id = world.submit(sampleOrder("1"))->order->id;
        world.fail("declined", true);
        QVERIFY(world.act(id, Action::Retry));
        for (int i = 0; i < 200; ++i) {
            world.clock.advance(seconds(1));
            QVERIFY(world.run());
        }
        QCOMPARE(world.stored(id).retry->verdict, RetryVerdict::Pending);
        world.succeed();
        QCOMPARE(world.stored(id).retry->verdict, RetryVerdict::Fixed);
    }
};

QTEST_GUILESS_MAIN(RetryPickupTest)
#include "tst_retry_pickup.moc"
