// SPDX-License-Identifier: GPL-3.0-or-later
// Reservations that are over before the step after is done: docs/workflows.md.
#include "tests/daemon/engine/worker_world.h"

#include <QTest>
#include <algorithm>

using namespace gantry;
using namespace gantry::test;
using std::chrono::minutes;

namespace {

using Types = std::vector<std::string>;

/// allocate (for ten minutes), pack (by a worker, undone by `unpack`), ship.
Workflow reservingWorkflow()
{
    Workflow made{.name = "reserving", .version = 1};
    made.steps = {{.name = "allocate",
                      .kind = StepKind::Builtin,
                      .handler = std::string(allocateHandler),
                      .retry = {.maxAttempts = 1},
                      .reserveFor = minutes(10)},
        {.name = "pack",
            .kind = StepKind::Worker,
            .handler = "pack",
            .compensation = "unpack",
            .timeout = seconds(30)},
        {.name = "ship", .kind = StepKind::Worker, .handler = "ship", .timeout = seconds(30)}};
    return made;
}

/// The same, but that the order waits five minutes before it is shipped, and nobody packs.
Workflow waitingWorkflow()
{
    Workflow made = reservingWorkflow();
    made.steps[1] = {.name = "wait", .kind = StepKind::Timer, .delay = minutes(5)};
    return made;
}

const std::vector<std::string> tasks{"pack", "unpack", "ship"};

struct ReservingWorld : WorkerWorld {
    explicit ReservingWorld(Workflow workflow = reservingWorkflow())
        : WorkerWorld(std::move(workflow))
    {
        setStock("rare", 5);
    }

    OrderId order(const std::string& externalId, std::int64_t quantity = 2)
    {
        return submit(sampleOrder(externalId, "rare", quantity))->order->id;
    }

    std::int64_t reserved() { return (*reader->readStock("rare"))->reserved; }

    std::vector<store::StockMovement> listed() { return *reader->listMovements("rare", {}, 500); }

    /// What was done to the stock, oldest first, but for what people did.
    Types movements()
    {
        Types kinds;
        for (const store::StockMovement& movement : listed())
            if (movement.order)
                kinds.insert(kinds.begin(), std::string(movementKindName(movement.kind)));
        return kinds;
    }

    /// Time goes by at once.
    void wait(milliseconds time)
    {
        clock.advance(time);
        if (!run())
            qFatal("the partition stopped");
    }

    /// The books balance, and the order is as its events tell.
    void check(const OrderId& id)
    {
        QVERIFY(stored(id) == replayed(id));
        std::int64_t onHand = 0;
        std::int64_t held = 0;
        for (const store::StockMovement& movement : listed()) {
            onHand += movement.onHandChange;
            held += movement.reservedChange;
        }
        const auto level = *reader->readStock("rare");
        QCOMPARE(onHand, level->onHand);
        QCOMPARE(held, level->reserved);
    }
};

} // namespace

class ReservationExpiryTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void reservesAnewWhenTheTimeIsOver()
    {
        ReservingWorld world;
        const OrderId id = world.order("1");
        const Timestamp until = world.clock.now() + minutes(10);
        QCOMPARE(world.open(id)->step.reservedUntil, std::optional(until));
        world.wait(minutes(10) - seconds(1));
        const auto early = world.claim(1, tasks);
        QCOMPARE(early.size(), std::size_t{1});
        QCOMPARE(world.types(id), (Types{"order_received", "step_completed"}));
        world.wait(seconds(1));
        QCOMPARE(world.types(id),
            (Types{"order_received", "step_completed", "reservation_expired", "step_completed"}));
        QCOMPARE(world.movements(), (Types{"reserved", "expired", "reserved"}));
        const auto order = world.open(id);
        QCOMPARE(order->step.name, std::string("pack"));
        QCOMPARE(order->step.reservedUntil, std::optional(until + minutes(10)));
        QCOMPARE(order->attempt, order->version); // above all before
        QCOMPARE(world.reserved(), std::int64_t{2});
        // The lease of then is good for nothing; the task of now is another attempt.
        const auto late = world.complete(early.front().token);
        QVERIFY(!late && late.error().code == ErrorCode::StaleToken);
        const auto again = world.claim(1, tasks);
        QCOMPARE(again.size(), std::size_t{1});
        QVERIFY(world.complete(again.front().token).has_value());
        QCOMPARE(world.open(id)->step.name, std::string("ship"));
        QVERIFY(!world.open(id)->step.reservedUntil);
        world.wait(minutes(60)); // the reservation stands until the order ends
        QCOMPARE(world.movements().size(), std::size_t{3});
        world.check(id);
    }

    void whatIsReportedInTheSameRoundCounts()
    {
        ReservingWorld world;
        const OrderId id = world.order("1");
        world.wait(minutes(10) - seconds(1));
        const auto task = world.claim(1, tasks);
        world.clock.advance(seconds(1));
        QVERIFY(world.complete(task.front().token).has_value());
        QCOMPARE(world.open(id)->step.name, std::string("ship"));
        QCOMPARE(world.movements(), Types{"reserved"});
    }

    void theClockRunsOnUnderAHold()
    {
        ReservingWorld world;
        const OrderId id = world.order("1", 3);
        QVERIFY(world.act(id, Action::Hold).has_value());
        world.wait(minutes(10));
        QCOMPARE(world.open(id)->step.name, std::string("allocate"));
        QCOMPARE(world.open(id)->holds.size(), std::size_t{1});
        QCOMPARE(world.reserved(), std::int64_t{0});
        const OrderId other = world.order("2", 4);
        QCOMPARE(world.open(other)->step.name, std::string("pack"));
        QVERIFY(world.act(id, Action::Release).has_value());
        QCOMPARE(world.open(id)->incident->code, std::string("out_of_stock"));
        world.check(id);
        world.check(other);
    }

    void newOrdersOfTheRoundGoFirst()
    {
        ReservingWorld world;
        const OrderId id = world.order("1", 4);
        world.clock.advance(minutes(10));
        const OrderId other = world.order("2", 4);
        QCOMPARE(world.open(other)->step.name, std::string("pack"));
        QCOMPARE(world.open(id)->incident->code, std::string("out_of_stock"));
        QCOMPARE(world.reserved(), std::int64_t{4});
        world.check(id);
    }

    void survivesARestart()
    {
        ReservingWorld world;
        const OrderId id = world.order("1");
        world.wait(minutes(5));
        world.restart();
        world.wait(minutes(5) - milliseconds(1));
        QCOMPARE(world.movements(), Types{"reserved"});
        world.wait(milliseconds(1));
        QCOMPARE(world.movements(), (Types{"reserved", "expired", "reserved"}));
        // Over while nobody was there.
        world.clock.advance(minutes(30));
        world.restart();
        QVERIFY(world.run().has_value());
        QCOMPARE(world.movements(), (Types{"reserved", "expired", "reserved", "expired", "reserved"}));
        QVERIFY(world.open(id)->hasReturned);
        world.check(id);
    }

    void nothingExpiresOfWhatIsCanceled()
    {
        ReservingWorld world;
        const OrderId id = world.order("1");
        QVERIFY(world.act(id, Action::Cancel).has_value());
        world.wait(minutes(20));
        QCOMPARE(stateOf(*world.open(id)), OrderState::Compensating);
        QCOMPARE(world.reserved(), std::int64_t{2}); // until it is undone
        const auto undo = world.claim(1, tasks);
        QVERIFY(world.complete(undo.front().token).has_value());
        QCOMPARE(stateOf(world.stored(id)), OrderState::Canceled);
        QCOMPARE(world.movements(), (Types{"reserved", "released"}));
        world.check(id);
    }

    void cancelingUndoesWhatMayHaveBeenDoneBeforeItCameBack()
    {
        ReservingWorld world;
        const OrderId id = world.order("1");
        QCOMPARE(world.claim(1, tasks).size(), std::size_t{1}); // may be packed, and never told
        QVERIFY(world.act(id, Action::Hold).has_value());
        world.wait(minutes(10));
        QCOMPARE(world.open(id)->step.name, std::string("allocate"));
        QVERIFY(world.act(id, Action::Cancel).has_value());
        QCOMPARE(stateOf(*world.open(id)), OrderState::Compensating);
        world.pass(seconds(31)); // never two at an order: first the lease of then has to end
        const auto undo = world.claim(1, tasks);
        QCOMPARE(undo.size(), std::size_t{1});
        QVERIFY(world.complete(undo.front().token).has_value());
        QCOMPARE(stateOf(world.stored(id)), OrderState::Canceled);
        QCOMPARE(world.movements(), (Types{"reserved", "expired"}));
        world.check(id);
    }

    void anIncidentIsGoneWithTheStepThatItWasAt()
    {
        ReservingWorld world;
        const OrderId id = world.order("1");
        QVERIFY(world.failTask(world.claim(1, tasks).front().token, "broken", true).has_value());
        QCOMPARE(stateOf(*world.open(id)), OrderState::Failed);
        world.wait(minutes(10));
        QCOMPARE(stateOf(*world.open(id)), OrderState::Running);
        QCOMPARE(world.open(id)->step.name, std::string("pack"));
        world.check(id);
    }

    void clocksThatJump()
    {
        ReservingWorld world;
        const OrderId id = world.order("1");
        world.clock.jump(-std::chrono::hours(2));
        world.wait(minutes(20)); // by the wall it is long before
        QCOMPARE(world.movements(), Types{"reserved"});
        world.clock.jump(std::chrono::hours(3));
        world.wait(milliseconds(0));
        QCOMPARE(world.movements(), (Types{"reserved", "expired", "reserved"}));
        world.check(id);
    }

    void whatIsNotStockedIsNotReserved()
    {
        ReservingWorld world;
        const OrderId id = world.submit(sampleOrder("1", "untracked", 2))->order->id;
        QCOMPARE(world.open(id)->step.name, std::string("pack"));
        QVERIFY(!world.open(id)->step.reservedUntil);
        world.wait(minutes(60));
        QCOMPARE(world.types(id).size(), std::size_t{2});
    }

    void aPauseKeepsNoStock()
    {
        ReservingWorld world(waitingWorkflow());
        const OrderId id = world.order("1");
        world.send(engine::PauseCommand{PauseScope::Step, "wait", false, "ann", "because", {}});
        world.wait(minutes(6)); // the timer is over, and waits behind the pause
        QCOMPARE(world.open(id)->step.name, std::string("wait"));
        world.wait(minutes(4));
        QCOMPARE(world.movements(), (Types{"reserved", "expired", "reserved"}));
        QCOMPARE(world.open(id)->step.name, std::string("wait"));
        QVERIFY(*world.open(id)->step.dueAt > world.clock.now()); // begun anew
        world.send(engine::PauseCommand{PauseScope::Step, "wait", true, "ann", "over", {}});
        world.wait(minutes(5));
        world.wait(minutes(1));
        QCOMPARE(world.open(id)->step.name, std::string("ship"));
        world.check(id);
    }

    void timersThatAreOverFirstGoFirst()
    {
        ReservingWorld world(waitingWorkflow());
        const OrderId id = world.order("1");
        world.clock.advance(minutes(60)); // nobody was there when either was over
        QVERIFY(world.run().has_value());
        QCOMPARE(world.open(id)->step.name, std::string("ship"));
        QCOMPARE(world.movements(), Types{"reserved"});
    }
};

QTEST_GUILESS_MAIN(ReservationExpiryTest)
#include "tst_reservation_expiry.moc"
