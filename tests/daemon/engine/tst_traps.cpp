// SPDX-License-Identifier: GPL-3.0-or-later
// Traps that other engines fell into, each by name. Those that a test elsewhere proves are listed with it in docs/testing.md.
#include "tests/daemon/engine/shop_world.h"
#include "tests/shared/support/printing.h"

#include <QTest>

using namespace gantry;
using namespace gantry::test;

namespace {

/// The prepaid part of the shop: pay (service, undone), allocate, pick (by hand).
Workflow paidWorkflow()
{
    Workflow workflow = ShopWorld::shopWorkflow();
    std::erase_if(workflow.steps, [](const StepDefinition& step) {
        return step.name != "pay" && step.name != "allocate" && step.name != "pick";
    });
    return workflow;
}

/// All calls of a service since it was first asked for.
struct CallLog {
    explicit CallLog(ShopWorld& world)
    {
        world.service->onStart = [this](const engine::Task& task) { keys.push_back(task.idempotencyKey); };
    }
    std::vector<std::string> keys;
};

} // namespace

class TrapsTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    /// medusajs/medusa PR 15527: the compensation of a duplicate run refunded the capture of the run that had succeeded.
    void aRepeatWhileItIsUndoneStartsNoOtherRun()
    {
        ShopWorld world(paidWorkflow());
        const OrderId id = world.take("1");
        QVERIFY(world.goTo(id, "pick"));
        CallLog calls(world);
        QVERIFY(world.act(id, Action::Cancel).has_value());
        QCOMPARE(stateOf(*world.open(id)), OrderState::Compensating);
        for (int i = 0; i < 3; ++i) {
            const auto repeat = world.submit(sampleOrder("1"));
            QVERIFY(repeat.has_value() && repeat->replayed);
            QVERIFY(repeat->order->id == id);
            world.restart();
        }
        QVERIFY(world.finish(id));
        QCOMPARE(stateOf(world.stored(id)), OrderState::Canceled);
        const auto repeat = world.submit(sampleOrder("1")); // nor once it has ended
        QVERIFY(repeat->replayed && repeat->order->id == id);
        for (const std::string& key : calls.keys)
            QCOMPARE(key, id.text() + "/pay/undo");
    }

    /// The same: one order's compensation never touches what another run did, however alike they are.
    void oneOrdersCompensationLeavesOthersAlone()
    {
        ShopWorld world(paidWorkflow());
        std::vector<OrderId> orders;
        for (const char* externalId : {"1", "2", "3"}) // same customer, same goods, same amount
            orders.push_back(world.take(externalId));
        for (const OrderId& id : orders)
            QVERIFY(world.goTo(id, "pick"));
        QVERIFY(world.act(orders[1], Action::Cancel).has_value());
        QVERIFY(world.finish(orders[1]));
        QVERIFY(world.outside.wasUndone(orders[1], "pay"));
        for (const OrderId& id : {orders[0], orders[2]}) {
            QVERIFY(!world.outside.wasUndone(id, "pay"));
            QVERIFY(world.finish(id));
            QCOMPARE(stateOf(world.stored(id)), OrderState::Completed);
            QVERIFY(world.outside.undone(id).empty());
        }
    }

    /// medusajs/medusa PR 16434: a step that waited to be retried (payment capture) was invoked after the flow had turned to compensating.
    void noStepIsInvokedOnceCompensationBegan()
    {
        for (const bool isKilled : {false, true}) {
            ShopWorld world(paidWorkflow());
            const OrderId id = world.take();
            world.fail("no_answer");
            const Timestamp due = *world.open(id)->retryAt;
            CallLog calls(world);
            QVERIFY(world.act(id, Action::Cancel).has_value());
            if (isKilled)
                world.restart();
            while (world.clock.now() < due + seconds(60)) // the time of the retry comes and goes
                world.pass(seconds(1));
            QVERIFY(world.finish(id));
            QVERIFY(!calls.keys.empty());
            for (const std::string& key : calls.keys)
                QCOMPARE(key, id.text() + "/pay/undo");
            QVERIFY(!world.outside.wasDone(id, "pay"));
        }
    }

    /// Saga engines that end a failed rollback as "failed" or "canceled" like any other: effects are left outside, and nobody sees it.
    void incompleteRollbackIsAStateOfItsOwn()
    {
        ShopWorld world(paidWorkflow());
        const OrderId id = world.take();
        QVERIFY(world.goTo(id, "pick"));
        QVERIFY(world.act(id, Action::Cancel).has_value());
        world.fail("account_closed", true);
        QCOMPARE(stateOf(*world.open(id)), OrderState::CompensationFailed);
        world.restart(); // it is on disk
        world.pass(seconds(600));
        QCOMPARE(stateOf(*world.open(id)), OrderState::CompensationFailed); // and does not pass by itself
        QCOMPARE(world.open(id)->incident->code, std::string("account_closed"));
        QCOMPARE(codeOf(world.act(id, Action::Cancel)), std::string("action_not_allowed"));
        QVERIFY(!world.outside.wasUndone(id, "pay"));
        QVERIFY(world.finish(id)); // somebody retries
        QCOMPARE(stateOf(world.stored(id)), OrderState::Canceled);
        QVERIFY(world.outside.wasUndone(id, "pay"));
    }

    /// medusajs/medusa #16825: the last unit was sold twice, and the order that lost was left without payment or reservation.
    void whoLosesTheLastUnitIsNotOrphaned()
    {
        ShopWorld world(paidWorkflow());
        world.setStock("rare", 1);
        std::vector<OrderId> orders;
        for (const char* externalId : {"1", "2", "3"})
            orders.push_back(world.submit(sampleOrder(externalId, "rare"))->order->id);
        while (world.service->waiting() > 0) { // all are paid for before anything is reserved
            auto call = world.service->take();
            world.outside.perform(call.task.idempotencyKey);
            call.done({.succeeded = true});
        }
        QVERIFY(world.run().has_value());
        std::size_t winners = 0;
        for (const OrderId& id : orders) {
            const auto order = world.open(id);
            winners += order->step.name == "pick" ? 1 : 0;
            if (order->step.name == "pick")
                continue;
            QVERIFY(order->incident.has_value()); // somebody is told
            QVERIFY(world.act(id, Action::Cancel).has_value());
            QVERIFY(world.finish(id));
            QVERIFY(world.outside.wasUndone(id, "pay")); // and the money goes back
        }
        QCOMPARE(winners, std::size_t{1});
        QCOMPARE((*world.reader->readStock("rare"))->reserved, std::int64_t{1});
    }

    /// spree/spree #8228: a line of 30,000 pieces became 30,000 rows, and the shop stood still.
    void aLineOf30000PiecesIsOneRow()
    {
        ShopWorld world(paidWorkflow());
        world.setStock("rare", 30'000);
        const OrderId id = world.submit(sampleOrder("1", "rare", 30'000))->order->id;
        QVERIFY(world.goTo(id, "pick"));
        QCOMPARE((*world.reader->readStock("rare"))->reserved, std::int64_t{30'000});
        QVERIFY(world.types(id).size() <= 4); // nor is its history longer than that of one piece
        QVERIFY(world.finish(id));
        QCOMPARE((*world.reader->readStock("rare"))->onHand, std::int64_t{0});
    }

    /// timgit/pg-boss: touch() does not move the end of the claim, so that work in progress is handed to a second worker.
    void anExtensionReallyMovesTheEnd()
    {
        ShopWorld world;
        const OrderId id = world.take();
        const auto task = world.claimFor(id);
        for (int i = 0; i < 20; ++i) {
            world.pass(seconds(29));
            QVERIFY(world.extend(task->token).has_value());
            QVERIFY(!world.claimFor(id));
        }
        QVERIFY(world.complete(task->token).has_value());
    }
};

QTEST_GUILESS_MAIN(TrapsTest)
#include "tst_traps.moc"
