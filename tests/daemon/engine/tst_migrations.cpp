// SPDX-License-Identifier: GPL-3.0-or-later
// Open orders that are moved to another version of their workflow while things are in hand, parked, limited or waiting.
#include "tests/daemon/engine/worker_world.h"

#include <QTest>
#include <algorithm>

using namespace gantry;
using namespace gantry::test;

namespace {

StepDefinition& stepIn(Workflow& workflow, const std::string& name)
{
    return workflow.steps[*workflow.indexOf(name)];
}

Workflow nextOf(Workflow workflow)
{
    ++workflow.version;
    return workflow;
}

/// workerWorkflow()'s next version, in which another task packs.
Workflow packedByAnother()
{
    Workflow next = nextOf(workerWorkflow());
    stepIn(next, "pack").handler = "pack-2";
    return next;
}

const std::vector<std::string> moreTasks{"payment.authorize", "payment.void", "pack", "pack-2", "ship"};

struct MigrationWorld : WorkerWorld {
    using WorkerWorld::WorkerWorld;

    engine::OrderCommand commandFor(const Order& order, const Workflow& to)
    {
        engine::OrderCommand command{order.id, {}};
        command.command.actor = "ann";
        command.command.role = Role::Admin;
        command.command.expectedVersion = order.version;
        command.command.body = MigrateWorkflow{std::make_shared<const Workflow>(to), {}, {}, "better"};
        return command;
    }

    /// Moves an order that is as `planned`.
    Result<engine::CommandOutcome> move(const Order& planned, const Workflow& to)
    {
        workflows.add(to);
        Result<engine::CommandOutcome> outcome = failure(ErrorCode::Internal, "no answer came");
        engine::OrderCommand command = commandFor(planned, to);
        command.reply = [&outcome](const auto& answer) { outcome = answer; };
        send(std::move(command));
        return outcome;
    }
    Result<engine::CommandOutcome> move(const OrderId& id, const Workflow& to)
    {
        return move(stored(id), to);
    }

    /// An order that a worker could pack.
    OrderId takeToPack(const std::string& externalId)
    {
        const OrderId id = take(externalId);
        for (const LeasedTask& task : claim(100, {"payment.authorize"}))
            if (!complete(task.token))
                qFatal("not authorized");
        return id;
    }

    void pause(PauseScope scope, const std::string& name, bool ends = false)
    {
        if (!changePause(scope, name, ends))
            qFatal("nothing was paused or resumed");
    }

    std::size_t waitingBehindPauses()
    {
        std::size_t waiting = 0;
        send(engine::PausesRequest{[&waiting](const auto& pauses) {
            for (const auto& each : pauses)
                waiting += each.waiting;
        }});
        return waiting;
    }
};

} // namespace

class MigrationsTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void aLeaseOfTheSameIsKeptAndReported()
    {
        MigrationWorld world;
        const OrderId id = world.take();
        const LeasedTask task = world.claimOne();
        Workflow next = packedByAnother();
        next.steps.insert(
            next.steps.begin(), {.name = "greet", .kind = StepKind::Worker, .handler = "greet"});
        const auto moved = world.move(id, next);
        QVERIFY(moved.has_value());
        QCOMPARE(moved->order->summary->workflowVersion, 2);
        QVERIFY(world.claim(10, {"payment.authorize", "greet"}).empty()); // in hand already; and past it
        QVERIFY(world.extend(task.token).has_value());
        QVERIFY(world.complete(task.token).has_value());
        QCOMPARE(world.open(id)->step.name, std::string("pack"));
        QCOMPARE(*world.claim(1, moreTasks).front().task, std::string("pack-2")); // by the new version
        QVERIFY(world.replayed(id) == world.stored(id));
    }

    void aLeaseOfAnotherIsRevokedAndItsLateReportStale()
    {
        for (const bool reports : {true, false}) {
            MigrationWorld world;
            const OrderId id = world.takeToPack("1");
            const LeasedTask old = world.claimOne();
            QCOMPARE(*old.task, std::string("pack"));
            QVERIFY(world.move(id, packedByAnother()).has_value());
            QVERIFY(world.claim(1, moreTasks).empty()); // never two attempts of one order at a time
            QCOMPARE(world.extend(old.token).error().code, ErrorCode::StaleToken);
            if (reports)
                QCOMPARE(world.complete(old.token).error().code, ErrorCode::StaleToken);
            else
                world.pass(seconds(31)); // its time is over, which is nobody's failure
            QCOMPARE(world.open(id)->step.name, std::string("pack"));
            QCOMPARE(world.open(id)->attemptsSpent, 0U);
            const auto tasks = world.claim(1, moreTasks);
            QCOMPARE(tasks.size(), std::size_t{1});
            QCOMPARE(*tasks[0].task, std::string("pack-2"));
            QVERIFY(tasks[0].token.attempt > old.token.attempt);
            QCOMPARE(world.complete(old.token).error().code, ErrorCode::StaleToken);
            QVERIFY(world.complete(tasks[0].token).has_value());
            QCOMPARE(world.open(id)->step.name, std::string("ship"));
        }
    }

    void aRevokedLeaseIsNoneAfterARestart()
    {
        MigrationWorld world;
        const OrderId id = world.takeToPack("1");
        const LeasedTask old = world.claimOne();
        QVERIFY(world.move(id, packedByAnother()).has_value());
        world.restart();
        QCOMPARE(world.extend(old.token).error().code, ErrorCode::StaleToken);
        QCOMPARE(world.complete(old.token).error().code, ErrorCode::StaleToken);
        QCOMPARE(*world.claim(1, moreTasks).front().task, std::string("pack-2"));
    }

    void whatMayHaveHadAnEffectStays()
    {
        MigrationWorld world;
        const OrderId id = world.take();
        const LeasedTask task = world.claimOne();
        Workflow next = nextOf(workerWorkflow());
        stepIn(next, "authorize").handler = "payment.other";
        QCOMPARE(world.move(id, next).error().code, ErrorCode::ActionNotAllowed);
        QVERIFY(world.failTask(task.token, "no_answer").has_value());
        QCOMPARE(world.move(id, next).error().code, ErrorCode::ActionNotAllowed);
        QCOMPARE(world.open(id)->summary->workflowVersion, 1);
        world.pass(seconds(2));
        QVERIFY(world.complete(world.claimOne().token).has_value());
        QVERIFY(world.move(id, next).has_value()); // done: now it is safe
    }

    void whatAServiceHasInHandCounts()
    {
        MigrationWorld world(standardWorkflow());
        const OrderId id = world.take();
        QCOMPARE(world.service->waiting(), std::size_t{1});
        Workflow next = nextOf(standardWorkflow());
        next.steps.insert(next.steps.begin() + 2, {.name = "weigh", .kind = StepKind::Manual});
        QVERIFY(world.move(id, next).has_value());
        QCOMPARE(world.service->waiting(), std::size_t{1}); // it is not asked twice
        world.succeed();
        QCOMPARE(world.open(id)->step.name, std::string("weigh"));
    }

    void whatAServiceHasInHandForAnotherIsDropped()
    {
        Workflow first = standardWorkflow();
        stepIn(first, "pay").compensation.clear();
        MigrationWorld world(first);
        const OrderId id = world.take();
        Workflow next = nextOf(first);
        stepIn(next, "pay").kind = StepKind::Worker;
        stepIn(next, "pay").handler = "pay-2";
        QVERIFY(world.move(id, next).has_value());
        QVERIFY(world.claim(1, {"pay-2"}).empty()); // the service has it still
        world.succeed();
        QCOMPARE(world.open(id)->step.name, std::string("pay"));
        const auto tasks = world.claim(1, {"pay-2"});
        QCOMPARE(tasks.size(), std::size_t{1});
        QVERIFY(world.complete(tasks[0].token).has_value());
        QCOMPARE(world.open(id)->step.name, std::string("pick"));
    }

    void aPauseHoldsWhatItNamesByTheNewVersion()
    {
        MigrationWorld world;
        world.pause(PauseScope::Task, "pack");
        const OrderId id = world.takeToPack("1");
        QCOMPARE(world.waitingBehindPauses(), std::size_t{1});
        QVERIFY(world.move(id, packedByAnother()).has_value());
        QCOMPARE(world.waitingBehindPauses(), std::size_t{0});
        QCOMPARE(world.claim(1, moreTasks).size(), std::size_t{1});

        MigrationWorld other;
        other.workflows.add(packedByAnother());
        other.pause(PauseScope::Task, "pack-2");
        other.pause(PauseScope::Step, "ship");
        const OrderId waits = other.takeToPack("1");
        QVERIFY(other.move(waits, packedByAnother()).has_value());
        QVERIFY(other.claim(1, moreTasks).empty());
        QCOMPARE(other.waitingBehindPauses(), std::size_t{1});
        other.pause(PauseScope::Task, "pack-2", true);
        other.pass(seconds(1));
        QCOMPARE(other.claim(1, moreTasks).size(), std::size_t{1});
    }

    void theLimitOfTheNewVersionHolds()
    {
        MigrationWorld world;
        const OrderId first = world.takeToPack("1");
        const OrderId second = world.takeToPack("2");
        Workflow next = nextOf(workerWorkflow());
        stepIn(next, "pack").limit = StepLimit{{}, 1};
        QVERIFY(world.move(first, next).has_value());
        QVERIFY(world.move(second, next).has_value());
        const auto tasks = world.claim(10, moreTasks);
        QCOMPARE(tasks.size(), std::size_t{1});
        QVERIFY(world.complete(tasks[0].token).has_value());
        QCOMPARE(world.claim(10, {"pack"}).size(), std::size_t{1});
    }

    void aLimitThatIsGoneHoldsNoMore()
    {
        Workflow limited = workerWorkflow();
        stepIn(limited, "pack").limit = StepLimit{{}, 1};
        MigrationWorld world(limited);
        const OrderId first = world.takeToPack("1");
        const OrderId second = world.takeToPack("2");
        const auto held = world.claim(10, {"pack"});
        QCOMPARE(held.size(), std::size_t{1});
        const bool isFirst = held[0].order->id == first;
        const Workflow next = nextOf(workerWorkflow());
        QVERIFY(world.move(isFirst ? second : first, next).has_value());
        QCOMPARE(world.claim(10, {"pack"}).size(), std::size_t{1});
        // Also where the one in hand moves: its slot comes back when it ends, and the books are right after it.
        QVERIFY(world.move(held[0].order->id, next).has_value());
        QVERIFY(world.complete(held[0].token).has_value());
        const OrderId third = world.takeToPack("3");
        const OrderId fourth = world.takeToPack("4");
        QVERIFY(world.open(third) && world.open(fourth));
        QCOMPARE(world.claim(10, {"pack"}).size(), std::size_t{1});
    }

    void aTimerThatWouldBeOverByNowIsOver()
    {
        Workflow first = workerWorkflow();
        first.steps[0] = {.name = "cool-off", .kind = StepKind::Timer, .delay = std::chrono::hours(2)};
        for (const bool isPaused : {false, true}) {
            MigrationWorld world(first);
            const OrderId id = world.take();
            world.clock.advance(std::chrono::hours(1));
            QVERIFY(world.run().has_value());
            if (isPaused)
                world.pause(PauseScope::Step, "cool-off");
            Workflow next = nextOf(first);
            next.steps[0].delay = std::chrono::minutes(30);
            QVERIFY(world.move(id, next).has_value());
            QVERIFY(world.partition->nextTimer() && *world.partition->nextTimer() <= world.clock.now());
            QVERIFY(world.run().has_value());
            QCOMPARE(world.open(id)->step.name, std::string(isPaused ? "cool-off" : "pack"));
            if (isPaused)
                world.pause(PauseScope::Step, "cool-off", true);
            world.pass(seconds(1));
            QCOMPARE(world.open(id)->step.name, std::string("pack"));
        }
    }

    void aTimerThatIsLongerNowWaitsOn()
    {
        Workflow first = workerWorkflow();
        first.steps[0] = {.name = "cool-off", .kind = StepKind::Timer, .delay = std::chrono::hours(1)};
        MigrationWorld world(first);
        const OrderId id = world.take();
        Workflow next = nextOf(first);
        next.steps[0].delay = std::chrono::hours(2);
        QVERIFY(world.move(id, next).has_value());
        world.clock.advance(std::chrono::minutes(90)); // the old time is over
        QVERIFY(world.run().has_value());
        QCOMPARE(world.open(id)->step.name, std::string("cool-off"));
        world.clock.advance(std::chrono::minutes(30));
        QVERIFY(world.run().has_value());
        QCOMPARE(world.open(id)->step.name, std::string("pack"));
    }

    void aBuiltInStepOfTheNewVersionRunsAtOnce()
    {
        Workflow first = workerWorkflow();
        first.steps[0] = {.name = "look", .kind = StepKind::Manual, .role = Role::Support};
        MigrationWorld world(first);
        const OrderId id = world.take();
        Workflow next = nextOf(first);
        next.steps[0] = {.name = "look", .kind = StepKind::Builtin, .handler = "validate"};
        QVERIFY(world.move(id, next).has_value());
        QCOMPARE(world.open(id)->step.name, std::string("pack"));
    }

    void aRestartBetweenTwoPartsLosesAndDoublesNothing()
    {
        MigrationWorld world;
        std::vector<Order> planned;
        for (int i = 0; i < 4; ++i)
            planned.push_back(world.stored(world.take(std::to_string(i))));
        const Workflow next = packedByAnother();
        QVERIFY(world.move(planned[0], next).has_value());
        QVERIFY(world.move(planned[1], next).has_value());
        world.restart();
        for (std::size_t i = 0; i < planned.size(); ++i) { // the whole list again
            const auto moved = world.move(planned[i], next);
            QCOMPARE(moved.has_value(), i >= 2);
            if (!moved)
                QCOMPARE(moved.error().code, ErrorCode::VersionMismatch);
        }
        world.restart();
        for (const Order& order : planned) {
            const auto types = world.types(order.id);
            QCOMPARE(std::count(types.begin(), types.end(), "workflow_migrated"), std::ptrdiff_t{1});
            QCOMPARE(world.open(order.id)->summary->workflowVersion, 2);
            QVERIFY(*world.open(order.id) == world.replayed(order.id));
        }
        QCOMPARE(world.claim(10, moreTasks).size(), std::size_t{4});
    }

    void oneBatchMovesMany()
    {
        MigrationWorld world;
        const Workflow next = packedByAnother();
        world.workflows.add(next);
        std::vector<engine::Message> commands;
        int moved = 0;
        for (int i = 0; i < 20; ++i) {
            auto command = world.commandFor(world.stored(world.take(std::to_string(i))), next);
            command.reply = [&moved](const auto& outcome) { moved += outcome ? 1 : 0; };
            commands.emplace_back(std::move(command));
        }
        world.published.clear();
        QVERIFY(world.run(std::move(commands)).has_value());
        QCOMPARE(moved, 20);
        QCOMPARE(world.published.size(), std::size_t{1});
        QCOMPARE(world.published[0]->events.size(), std::size_t{20});
    }

    void aRepeatUnderTheSameKeyIsReplayed()
    {
        MigrationWorld world;
        const Order planned = world.stored(world.take());
        const Workflow next = packedByAnother();
        world.workflows.add(next);
        for (const bool isRepeat : {false, true}) {
            auto command = world.commandFor(planned, next);
            command.idempotency = engine::IdempotencyKey{"ann", "key#0", {}};
            std::optional<bool> replayed;
            command.reply = [&replayed](const auto& outcome) {
                if (outcome)
                    replayed = outcome->replayed;
            };
            world.send(std::move(command));
            QVERIFY(replayed.has_value());
            QCOMPARE(*replayed, isRepeat);
        }
        QCOMPARE(world.stored(planned.id).version, planned.version + 1);
    }

    void whatCannotBeDoneChangesNothing()
    {
        MigrationWorld world;
        const Order planned = world.stored(world.take());
        const Workflow next = packedByAnother();
        std::optional<ErrorCode> code;
        auto command = world.commandFor(planned, next); // not in the catalog
        command.reply = [&code](const auto& outcome) { code = outcome.error().code; };
        world.send(std::move(command));
        QVERIFY(code == ErrorCode::Unavailable);
        world.faults.nextCommit = Error{ErrorCode::StorageFull, "The disk is full."};
        QCOMPARE(world.move(planned, next).error().code, ErrorCode::StorageFull);
        QVERIFY(world.stored(planned.id) == planned);
        QVERIFY(*world.open(planned.id) == planned);
        world.pass(seconds(2));
        QVERIFY(world.move(planned, next).has_value());
    }
};

QTEST_GUILESS_MAIN(MigrationsTest)
#include "tst_migrations.moc"
