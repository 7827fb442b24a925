// SPDX-License-Identifier: GPL-3.0-or-later
// Pauses as a partition keeps them: nothing of the slice goes out, what is in hand counts, and going on makes no herd.
#include "tests/daemon/engine/worker_world.h"

#include <QTest>

using namespace gantry;
using namespace gantry::test;

namespace {

using engine::PauseOutcome;

struct PauseWorld : WorkerWorld {
    using WorkerWorld::WorkerWorld;

    Result<PauseOutcome> pause(PauseScope scope, const std::string& name)
    {
        return changePause(scope, name, false);
    }
    Result<PauseOutcome> resume(PauseScope scope, const std::string& name)
    {
        return changePause(scope, name, true);
    }

    std::vector<engine::PauseState> pauses()
    {
        std::vector<engine::PauseState> all;
        send(engine::PausesRequest{[&all](const auto& answer) { all = answer; }});
        return all;
    }
};

} // namespace

class PausesTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void aPausedStepHandsNothingOutUntilItIsResumed_data()
    {
        QTest::addColumn<int>("scope");
        QTest::addColumn<QByteArray>("name");
        QTest::newRow("step") << int(PauseScope::Step) << QByteArray("authorize");
        QTest::newRow("task") << int(PauseScope::Task) << QByteArray("payment.authorize");
        QTest::newRow("channel") << int(PauseScope::Channel) << QByteArray("test");
    }
    void aPausedStepHandsNothingOutUntilItIsResumed()
    {
        QFETCH(int, scope);
        QFETCH(QByteArray, name);
        const auto what = static_cast<PauseScope>(scope);
        PauseWorld world;
        world.take("before"); // waits on the desk already
        const auto paused = world.pause(what, name.toStdString());
        QVERIFY(paused && paused->isNew);
        QCOMPARE(paused->waiting, std::size_t{1});
        world.take("after");
        QVERIFY(world.claim().empty());
        const auto all = world.pauses();
        QCOMPARE(all.size(), std::size_t{1});
        QCOMPARE(all[0].waiting, std::size_t{2});
        QCOMPARE(all[0].pause.by, std::string("ann"));
        QVERIFY(all[0].pause.since == world.clock.now());
        QVERIFY(!world.pause(what, name.toStdString())->isNew);
        QCOMPARE(world.resume(what, name.toStdString())->waiting, std::size_t{2});
        world.pass(seconds(1));
        QCOMPARE(world.claim().size(), std::size_t{2});
        QVERIFY(world.pauses().empty());
        QVERIFY(world.resume(what, name.toStdString()).error().code == ErrorCode::NotFound);
    }

    void otherThingsGoOn()
    {
        PauseWorld world;
        const OrderId id = world.take();
        QVERIFY(world.pause(PauseScope::Step, "ship").has_value());
        QVERIFY(world.pause(PauseScope::Channel, "pos").has_value());
        QVERIFY(world.complete(world.claimOne().token).has_value());
        QVERIFY(world.complete(world.claimOne().token).has_value());
        QCOMPARE(world.open(id)->step.name, std::string("ship"));
        QVERIFY(world.claim().empty());
    }

    void whatIsInHandIsRecorded()
    {
        PauseWorld world;
        const OrderId id = world.take();
        const LeasedTask task = world.claimOne();
        QVERIFY(world.pause(PauseScope::Channel, "test").has_value());
        QCOMPARE(world.pauses()[0].waiting, std::size_t{0}); // it is in hand
        QVERIFY(world.extend(task.token).has_value());
        QVERIFY(world.complete(task.token).has_value());
        QCOMPARE(world.open(id)->step.name, std::string("pack"));
        QVERIFY(world.claim().empty());
        QCOMPARE(world.pauses()[0].waiting, std::size_t{1});
    }

    void aRetryThatComesDueWaitsForTheResume()
    {
        PauseWorld world;
        const OrderId id = world.take();
        QVERIFY(world.failTask(world.claimOne().token, "no").has_value());
        QVERIFY(world.pause(PauseScope::Step, "authorize").has_value());
        world.pass(seconds(60));
        QVERIFY(world.claim().empty());
        QVERIFY(world.resume(PauseScope::Step, "authorize").has_value());
        world.pass(seconds(1));
        QCOMPARE(world.claimOne().token.attempt, 2U);
        QVERIFY(!world.open(id)->incident);
    }

    void builtInStepsAndServicesWaitToo()
    {
        PauseWorld world(standardWorkflow());
        QVERIFY(world.pause(PauseScope::Task, "validate").has_value());
        QVERIFY(world.pause(PauseScope::Task, "payment.capture").has_value());
        const OrderId id = world.take();
        QCOMPARE(world.open(id)->step.name, std::string("validate"));
        QCOMPARE(world.service->waiting(), std::size_t{0});
        QVERIFY(world.resume(PauseScope::Task, "validate").has_value());
        world.pass(seconds(1));
        QCOMPARE(world.open(id)->step.name, std::string("pay"));
        QCOMPARE(world.service->waiting(), std::size_t{0});
        QVERIFY(world.resume(PauseScope::Task, "payment.capture").has_value());
        world.pass(seconds(1));
        QCOMPARE(world.service->waiting(), std::size_t{1});
        QVERIFY(world.pause(PauseScope::Step, "pay").has_value());
        world.succeed(); // in hand: it is recorded, and what follows is not paused
        QCOMPARE(world.open(id)->step.name, std::string("pick"));
    }

    void aTimerThatIsOverWaitsToo()
    {
        Workflow workflow = workerWorkflow();
        workflow.steps[0] = {.name = "cool-off", .kind = StepKind::Timer, .delay = seconds(10)};
        PauseWorld world(workflow);
        const OrderId id = world.take();
        QVERIFY(world.pause(PauseScope::Step, "cool-off").has_value());
        world.pass(seconds(20));
        QCOMPARE(world.open(id)->step.name, std::string("cool-off"));
        QCOMPARE(world.pauses()[0].waiting, std::size_t{1});
        QVERIFY(world.resume(PauseScope::Step, "cool-off").has_value());
        world.pass(seconds(1));
        QCOMPARE(world.open(id)->step.name, std::string("pack"));
    }

    /// A timer that a resume lets go on comes to the next step, and what pauses that holds.
    void whatComesAfterATimerMayBePausedStill()
    {
        Workflow workflow = standardWorkflow();
        workflow.steps.insert(workflow.steps.begin(),
            StepDefinition{.name = "cool-off", .kind = StepKind::Timer, .delay = seconds(10)});
        PauseWorld world(workflow);
        const OrderId id = world.take();
        QVERIFY(world.pause(PauseScope::Channel, "test").has_value());
        QVERIFY(world.pause(PauseScope::Task, "validate").has_value());
        world.pass(seconds(20));
        QVERIFY(world.resume(PauseScope::Channel, "test").has_value());
        world.pass(seconds(5));
        QCOMPARE(world.open(id)->step.name, std::string("validate"));
        QCOMPARE(world.pauses()[0].waiting, std::size_t{1});
        QVERIFY(world.resume(PauseScope::Task, "validate").has_value());
        world.pass(seconds(1));
        QCOMPARE(world.open(id)->step.name, std::string("pay"));
    }

    /// The end of an old lease does not let an order out of a pause without a way on.
    void aLateResultDoesNotLoseATimerBehindAPause()
    {
        Workflow workflow = workerWorkflow();
        workflow.steps[0].compensation.clear();
        workflow.steps[1] = {.name = "cool-off", .kind = StepKind::Timer, .delay = seconds(10)};
        PauseWorld world(workflow);
        const OrderId id = world.take();
        const LeasedTask old = world.claimOne();
        QVERIFY(world.act(id, Action::Hold).has_value());
        QVERIFY(world.act(id, Action::Override).has_value());
        QVERIFY(world.act(id, Action::Release).has_value());
        QCOMPARE(world.open(id)->step.name, std::string("cool-off"));
        QVERIFY(world.pause(PauseScope::Channel, "test").has_value());
        world.pass(seconds(20));
        QCOMPARE(world.pauses()[0].waiting, std::size_t{1});
        QVERIFY(!world.complete(old.token).has_value());
        QCOMPARE(world.pauses()[0].waiting, std::size_t{1});
        world.pass(seconds(60)); // its lease is over, too
        QVERIFY(world.resume(PauseScope::Channel, "test").has_value());
        world.pass(seconds(1));
        QCOMPARE(world.open(id)->step.name, std::string("ship"));
    }

    void aClockSetBackDuringAPauseLosesNoTimer()
    {
        Workflow workflow = workerWorkflow();
        workflow.steps[0] = {.name = "cool-off", .kind = StepKind::Timer, .delay = seconds(10)};
        PauseWorld world(workflow);
        const OrderId id = world.take();
        QVERIFY(world.pause(PauseScope::Step, "cool-off").has_value());
        world.pass(seconds(20));
        world.clock.jump(-seconds(60));
        QVERIFY(world.resume(PauseScope::Step, "cool-off").has_value());
        world.pass(seconds(5));
        QCOMPARE(world.open(id)->step.name, std::string("cool-off"));
        world.pass(seconds(60));
        QCOMPARE(world.open(id)->step.name, std::string("pack"));
    }

    void norDoesOneSetBackWhileTheDiskIsFullAfterIt()
    {
        Workflow workflow = workerWorkflow();
        workflow.steps[0] = {.name = "cool-off", .kind = StepKind::Timer, .delay = seconds(10)};
        PauseWorld world(workflow);
        const OrderId id = world.take();
        QVERIFY(world.pause(PauseScope::Step, "cool-off").has_value());
        world.pass(seconds(20));
        world.faults.nextCommit = Error{ErrorCode::StorageFull, "full"};
        QVERIFY(world.resume(PauseScope::Step, "cool-off")
                    .has_value()); // its time is over, which can't be written
        QCOMPARE(world.open(id)->step.name, std::string("cool-off"));
        world.clock.jump(-seconds(60));
        world.pass(seconds(2));
        QCOMPARE(world.open(id)->step.name, std::string("cool-off")); // nor is it over now
        const auto next = world.partition->nextTimer();
        QVERIFY(next && *next <= world.clock.now() + seconds(60));
        world.pass(seconds(60));
        QCOMPARE(world.open(id)->step.name, std::string("pack"));
    }

    /// A retry that nobody could take is not told as not picked up.
    void aRetryBehindAPauseIsStillPending()
    {
        PauseWorld world;
        const OrderId id = world.take();
        QVERIFY(world.failTask(world.claimOne().token, "refused").has_value());
        QVERIFY(world.pause(PauseScope::Step, "authorize").has_value());
        QVERIFY(world.act(id, Action::Retry).has_value());
        world.pass(seconds(600));
        QCOMPARE(world.open(id)->retry->verdict, RetryVerdict::Pending);
        QVERIFY(world.resume(PauseScope::Step, "authorize").has_value());
        world.pass(seconds(200));
        QCOMPARE(world.open(id)->retry->verdict, RetryVerdict::NotPickedUp);
        QVERIFY(world.complete(world.claimOne().token).has_value());
        QCOMPARE(world.open(id)->retry->verdict, RetryVerdict::Fixed);
    }

    void aPausedWorkerGetsNothingNew()
    {
        PauseWorld world;
        world.take("1");
        world.take("2");
        const LeasedTask task = world.claimOne();
        QVERIFY(world.pause(PauseScope::Worker, "w1").has_value());
        QVERIFY(world.claim().empty());
        QVERIFY(world.complete(task.token).has_value());
        world.worker = "w2";
        QCOMPARE(world.claim(1).size(), std::size_t{1});
        world.worker = "w1";
        QVERIFY(world.claim().empty());
        QVERIFY(world.resume(PauseScope::Worker, "w1").has_value());
        QCOMPARE(world.claim(1).size(), std::size_t{1});
    }

    void aStandingClaimOfAPausedWorkerIsServedWhenItGoesOn()
    {
        PauseWorld world;
        QVERIFY(world.pause(PauseScope::Worker, "w1").has_value());
        std::size_t got = 0;
        engine::ClaimRequest standing;
        standing.worker = std::make_shared<const std::string>("w1");
        standing.tasks = allTasks;
        standing.max = 5;
        standing.isStanding = true;
        standing.reply = [&got](auto answer) {
            got += answer->size();
            return true;
        };
        world.send(std::move(standing));
        world.take();
        QCOMPARE(got, std::size_t{0});
        QVERIFY(world.resume(PauseScope::Worker, "w1").has_value());
        QCOMPARE(got, std::size_t{1});
    }

    void resumingMakesNoHerd()
    {
        PauseWorld world;
        QVERIFY(world.pause(PauseScope::Channel, "test").has_value());
        std::vector<OrderDocument> documents;
        for (int i = 0; i < 100; ++i)
            documents.push_back(sampleOrder(std::to_string(i)));
        world.submit(documents);
        QVERIFY(world.resume(PauseScope::Channel, "test").has_value());
        QCOMPARE(world.claim(1000).size(), std::size_t{1});
        world.pass(seconds(1));
        QCOMPARE(world.claim(1000).size(), std::size_t{10});
        const OrderId newest = world.take("newest");
        world.pass(seconds(1));
        for (const LeasedTask& task : world.claim(1000))
            QVERIFY(task.order->id != newest);
        QVERIFY(world.partition->nextTimer().has_value());
        world.pass(seconds(3));
        QCOMPARE(world.claim(1000).size(), std::size_t{70});
        QVERIFY(world.pauses().empty());
    }

    void survivesARestart()
    {
        PauseWorld world;
        const OrderId id = world.take();
        QVERIFY(world.pause(PauseScope::Channel, "test").has_value());
        QVERIFY(world.pause(PauseScope::Worker, "w1").has_value());
        world.restart();
        QCOMPARE(world.pauses().size(), std::size_t{2});
        QCOMPARE(world.pauses()[0].waiting, std::size_t{1});
        QVERIFY(world.claim().empty());
        QVERIFY(world.resume(PauseScope::Worker, "w1").has_value());
        QVERIFY(world.claim().empty());
        QVERIFY(world.resume(PauseScope::Channel, "test").has_value());
        world.pass(seconds(1));
        QVERIFY(world.claimOne().token.order == id);
        world.restart();
        QVERIFY(world.pauses().empty());
        QCOMPARE(world.reader->listEndedPauses(10)->size(), std::size_t{2});
    }

    void aPausedBuiltInStepWaitsOverARestart()
    {
        PauseWorld world(standardWorkflow());
        QVERIFY(world.pause(PauseScope::Step, "validate").has_value());
        const OrderId id = world.take();
        world.restart();
        world.pass(seconds(1));
        QCOMPARE(world.open(id)->step.name, std::string("validate"));
        QVERIFY(world.resume(PauseScope::Step, "validate").has_value());
        world.pass(seconds(1));
        QCOMPARE(world.open(id)->step.name, std::string("pay"));
    }

    void whoLeavesThePauseIsNotCounted()
    {
        PauseWorld world;
        const OrderId id = world.take();
        QVERIFY(world.pause(PauseScope::Channel, "test").has_value());
        QVERIFY(world.act(id, Action::Hold).has_value());
        QCOMPARE(world.pauses()[0].waiting, std::size_t{0}); // it waits for the hold now
        QVERIFY(world.act(id, Action::Release).has_value());
        QCOMPARE(world.pauses()[0].waiting, std::size_t{1});
        QVERIFY(world.act(id, Action::Cancel).has_value());
        QVERIFY(world.claim().empty()); // undoing waits too
        QVERIFY(world.resume(PauseScope::Channel, "test").has_value());
        world.pass(seconds(1));
        QCOMPARE(*world.claimOne().task, std::string("payment.void"));
    }

    void aFullDiskRefusesThePauseAndChangesNothing()
    {
        PauseWorld world;
        world.take();
        world.faults.nextBegin = Error{ErrorCode::StorageFull, "full"};
        QVERIFY(world.pause(PauseScope::Channel, "test").error().code == ErrorCode::StorageFull);
        QVERIFY(world.pauses().empty());
        QCOMPARE(world.claim().size(), std::size_t{1});
    }

    void whatNoWorkflowHasIsNotPaused()
    {
        PauseWorld world;
        const auto step = world.pause(PauseScope::Step, "shipp");
        QCOMPARE(step.error().code, ErrorCode::NotFound);
        QVERIFY(step.error().message.find("authorize, pack, ship;") != std::string::npos);
        const auto task = world.pause(PauseScope::Task, "authorize"); // a step's name is no task's
        QCOMPARE(task.error().code, ErrorCode::NotFound);
        QVERIFY(
            task.error().message.find("pack, payment.authorize, payment.void, ship;") != std::string::npos);
        QVERIFY(world.pauses().empty());
        QVERIFY(world.pause(PauseScope::Task, "payment.void").has_value()); // what undoes is a task, too
        QVERIFY(world.pause(PauseScope::Channel, "of nobody yet").has_value());
        QVERIFY(world.pause(PauseScope::Worker, "not here yet").has_value());

        // Once a workflow that has it is stored it may be paused, before any order comes to it.
        Workflow later{.name = "later"};
        later.steps = {{.name = "wrap", .kind = StepKind::Worker, .handler = "gift.wrap"}};
        QVERIFY(!world.pause(PauseScope::Step, "wrap"));
        world.workflows.add(later);
        QVERIFY(world.pause(PauseScope::Step, "wrap").has_value());
        QVERIFY(world.pause(PauseScope::Task, "gift.wrap").has_value());
        world.restart(); // what is paused stays so, and can be resumed
        QVERIFY(world.resume(PauseScope::Step, "wrap").has_value());
    }

    void theNumberOfPausesIsBounded()
    {
        PauseWorld world;
        for (std::size_t i = 0; i < engine::PauseCommand::most; ++i)
            QVERIFY(world.pause(PauseScope::Worker, "w" + std::to_string(i)).has_value());
        QVERIFY(world.pause(PauseScope::Worker, "one more").error().code == ErrorCode::Busy);
    }
};

QTEST_GUILESS_MAIN(PausesTest)
#include "tst_pauses.moc"
