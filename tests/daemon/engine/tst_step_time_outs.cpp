// SPDX-License-Identifier: GPL-3.0-or-later
// How long an attempt may wait for a worker, and how long workers may be at it, through a whole partition on a real store.
#include "tests/daemon/engine/worker_world.h"

#include <QTest>

using namespace gantry;
using namespace gantry::test;

namespace {

/// Each attempt must be taken within 60 s; a worker has 30 s between two signs of life and 100 s in all.
Workflow timedWorkflow()
{
    Workflow workflow = workerWorkflow();
    for (StepDefinition& step : workflow.steps) {
        step.startTimeout = seconds(60);
        step.runTimeout = seconds(100);
    }
    return workflow;
}

struct TimedWorld : WorkerWorld {
    TimedWorld()
        : WorkerWorld(timedWorkflow())
    {
    }

    /// The codes of the attempts that failed so far.
    std::vector<std::string> failures(const OrderId& id)
    {
        std::vector<std::string> codes;
        const auto events = reader->readEventsOfOrder(id, 0, 1000);
        for (const auto& record : *events)
            if (const auto* failed = std::get_if<StepFailed>(&record.logged.event.body))
                codes.push_back(failed->code);
        return codes;
    }

    /// Keeps a lease for as long, extending it in good time.
    void keep(const LeaseToken& token, milliseconds time)
    {
        for (; time.count() > 0; time -= seconds(10)) {
            pass(seconds(10));
            static_cast<void>(extend(token));
        }
    }
};

using Codes = std::vector<std::string>;

} // namespace

class StepTimeOutsTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    // How long an attempt may wait

    void whatNobodyTakesBecomesAnIncident()
    {
        TimedWorld world;
        const OrderId id = world.take();
        world.pass(milliseconds(59'500));
        QVERIFY(world.failures(id).empty());
        world.pass(milliseconds(500));
        QCOMPARE(world.failures(id), Codes{"not_started"});
        QVERIFY(world.open(id)->retryAt.has_value()); // as for any failure
        world.pass(seconds(140)); // each attempt waits anew
        QCOMPARE(world.failures(id), (Codes{"not_started", "not_started", "not_started"}));
        const auto order = world.open(id);
        QVERIFY(order->incident.has_value());
        QCOMPARE(order->incident->code, std::string("not_started"));
        QVERIFY(order->incident->message.find("payment.authorize within 60000 ms") != std::string::npos);
        QVERIFY(world.replayed(id) == world.stored(id));
        QVERIFY(world.claim().empty());
    }

    void whatIsTakenInTimeIsNotMissed()
    {
        TimedWorld world;
        const OrderId id = world.take();
        world.pass(milliseconds(59'500));
        const LeaseToken token = world.claimOne().token;
        world.keep(token, seconds(60)); // beyond when it had to be taken
        QVERIFY(world.complete(token).has_value());
        QVERIFY(world.failures(id).empty());
        world.pass(seconds(59)); // the next step has a time of its own
        QVERIFY(world.failures(id).empty());
        world.pass(seconds(2));
        QCOMPARE(world.failures(id), Codes{"not_started"});
    }

    void whatIsGivenBackWaitsAnew()
    {
        TimedWorld world;
        const OrderId id = world.take();
        world.pass(seconds(50));
        const LeaseToken token = world.claimOne().token;
        world.pass(seconds(20));
        world.send(engine::ReleaseLeases{{token}});
        world.pass(seconds(59));
        QVERIFY(world.failures(id).empty());
        world.pass(seconds(2));
        QCOMPARE(world.failures(id), Codes{"not_started"});
    }

    void whatAWorkerNeverReceivedWaitsAnew()
    {
        TimedWorld world;
        const OrderId id = world.take();
        world.pass(seconds(50));
        QCOMPARE(world.claim(1, allTasks, false).size(), std::size_t{1});
        world.pass(seconds(59));
        QVERIFY(world.failures(id).empty());
        world.pass(seconds(2));
        QCOMPARE(world.failures(id), Codes{"not_started"});
    }

    void pausesStopTheWait_data()
    {
        QTest::addColumn<int>("scope");
        QTest::addColumn<QByteArray>("name");
        QTest::newRow("step") << int(PauseScope::Step) << QByteArray("authorize");
        QTest::newRow("task") << int(PauseScope::Task) << QByteArray("payment.authorize");
        QTest::newRow("channel") << int(PauseScope::Channel) << QByteArray("test");
    }
    void pausesStopTheWait()
    {
        QFETCH(int, scope);
        QFETCH(QByteArray, name);
        const auto what = static_cast<PauseScope>(scope);
        TimedWorld world;
        const OrderId id = world.take();
        world.pass(seconds(30));
        QVERIFY(world.changePause(what, name.toStdString(), false).has_value());
        world.pass(seconds(300));
        QVERIFY(world.failures(id).empty());
        QVERIFY(world.changePause(what, name.toStdString(), true).has_value());
        world.pass(seconds(59));
        QVERIFY(world.failures(id).empty());
        world.pass(seconds(3));
        QCOMPARE(world.failures(id), Codes{"not_started"});
    }

    void aHoldStopsTheWait()
    {
        TimedWorld world;
        const OrderId id = world.take();
        world.pass(seconds(30));
        QVERIFY(world.act(id, Action::Hold).has_value());
        world.pass(seconds(300));
        QVERIFY(world.act(id, Action::Release).has_value());
        world.pass(seconds(59));
        QVERIFY(world.failures(id).empty());
        world.pass(seconds(2));
        QCOMPARE(world.failures(id), Codes{"not_started"});
    }

    void waitingForALimitIsWaiting()
    {
        Workflow workflow = timedWorkflow();
        workflow.steps.front().limit = StepLimit{.concurrency = 1};
        WorkerWorld world(workflow);
        world.take("1");
        const LeaseToken token = world.claimOne().token;
        const OrderId second = world.take("2");
        for (int i = 0; i < 7; ++i) {
            world.pass(seconds(10));
            QVERIFY(world.extend(token).has_value());
        }
        const auto events = world.reader->readEventsOfOrder(second, 1, 1);
        const auto* failed = std::get_if<StepFailed>(&events->front().logged.event.body);
        QVERIFY(failed && failed->code == "not_started");
        QVERIFY(failed->message.find("limit has no room") != std::string::npos);
    }

    void undoingThatNobodyTakesIsAnIncidentToo()
    {
        TimedWorld world;
        const OrderId id = world.take();
        QVERIFY(world.complete(world.claimOne().token).has_value());
        QVERIFY(world.act(id, Action::Cancel).has_value());
        world.pass(seconds(200));
        QCOMPARE(stateOf(*world.open(id)), OrderState::CompensationFailed);
        QVERIFY(world.act(id, Action::Retry).has_value());
        QVERIFY(world.complete(world.claimOne().token).has_value());
        QCOMPARE(stateOf(world.stored(id)), OrderState::Canceled);
    }

    void aRestartGivesTheWholeWaitAnew()
    {
        TimedWorld world;
        const OrderId id = world.take();
        world.pass(seconds(50));
        world.restart();
        world.pass(seconds(59));
        QVERIFY(world.failures(id).empty());
        world.pass(seconds(2));
        QCOMPARE(world.failures(id), Codes{"not_started"});
    }

    void jumpsAndHaltsFailNothing()
    {
        TimedWorld world;
        const OrderId id = world.take();
        world.clock.jump(std::chrono::hours(24));
        QVERIFY(world.run().has_value());
        world.clock.jump(std::chrono::hours(-48));
        QVERIFY(world.run().has_value());
        world.clock.advance(std::chrono::hours(2)); // the process stood still
        QVERIFY(world.run().has_value());
        QVERIFY(world.failures(id).empty());
    }

    void aFullDiskDelaysTheFailure()
    {
        TimedWorld world;
        const OrderId id = world.take();
        world.pass(seconds(59));
        world.faults.nextCommit = Error{ErrorCode::StorageFull, "full"};
        world.pass(seconds(1));
        QVERIFY(world.failures(id).empty());
        world.pass(seconds(2));
        QCOMPARE(world.failures(id), Codes{"not_started"});
    }

    void aHerdFailsInParts()
    {
        TimedWorld world;
        std::vector<OrderDocument> many;
        for (int i = 0; i < 2'500; ++i)
            many.push_back(sampleOrder(std::to_string(i)));
        world.submit(many);
        world.clock.advance(seconds(0));
        world.pass(seconds(60));
        std::size_t rounds = 0;
        const auto waiting = [&world] {
            std::size_t count = 0;
            world.partition->book().forEach(
                [&count](const auto& entry) { count += entry.order->retryAt ? 0 : 1; });
            return count;
        };
        for (; waiting() > 0 && rounds < 10; ++rounds)
            QVERIFY(world.run().has_value());
        QVERIFY2(rounds >= 1 && rounds <= 3, std::to_string(rounds).c_str());
    }

    void thePartitionWakesForIt()
    {
        TimedWorld world;
        world.take();
        QVERIFY(world.partition->nextTimer() == world.clock.now() + seconds(60));
    }

    // How long workers may be at it

    void extendingGoesNoFurtherThanTheRun()
    {
        TimedWorld world;
        const OrderId id = world.take();
        const LeaseToken token = world.claimOne().token;
        world.keep(token, seconds(80));
        const auto last = world.extend(token);
        QVERIFY(last.has_value());
        QVERIFY(last->lease == seconds(20)); // what is left, not the whole lease
        QVERIFY(last->leaseUntil == world.clock.now() + seconds(20));
        world.pass(seconds(10));
        QVERIFY(world.extend(token)->lease == seconds(10));
        world.pass(seconds(10));
        QCOMPARE(world.failures(id), Codes{"run_timeout"});
        QCOMPARE(world.extend(token).error().code, ErrorCode::StaleToken);
        QCOMPARE(world.complete(token).error().code, ErrorCode::StaleToken);
        world.pass(seconds(3));
        const LeasedTask again = world.claimOne(); // the next attempt has the whole of it again
        QCOMPARE(again.token.attempt, 2U);
        world.keep(again.token, seconds(90));
        QVERIFY(world.complete(again.token).has_value());
        QCOMPARE(world.failures(id), Codes{"run_timeout"});
    }

    void aHandlerThatHangsBecomesAnIncident()
    {
        // It is alive and extends, but never comes to an end: a lease alone would be kept for ever.
        TimedWorld world;
        const OrderId id = world.take();
        for (int i = 0; i < 3; ++i) {
            const LeaseToken token = world.claimOne().token;
            world.keep(token, seconds(110));
        }
        QCOMPARE(world.failures(id), (Codes{"run_timeout", "run_timeout", "run_timeout"}));
        QCOMPARE(world.open(id)->incident->code, std::string("run_timeout"));
        QVERIFY(world.open(id)->incident->message.find("100000 ms") != std::string::npos);
    }

    void silenceIsStillALeaseThatEnds()
    {
        TimedWorld world;
        const OrderId id = world.take();
        world.claimOne();
        world.pass(seconds(30));
        QCOMPARE(world.failures(id), Codes{"lease_expired"});
    }

    void aReportInTheMomentOfTheEndCounts()
    {
        TimedWorld world;
        const OrderId id = world.take();
        const LeaseToken token = world.claimOne().token;
        world.keep(token, seconds(90));
        world.pass(milliseconds(9'500));
        world.clock.advance(seconds(1)); // over, but no round has seen it
        QVERIFY(world.complete(token).has_value());
        QVERIFY(world.failures(id).empty());
    }

    void anExtensionInTheMomentOfTheEndDoesNot()
    {
        TimedWorld world;
        const OrderId id = world.take();
        const LeaseToken token = world.claimOne().token;
        world.keep(token, seconds(90));
        world.pass(milliseconds(9'500));
        world.clock.advance(seconds(1));
        QCOMPARE(world.extend(token).error().code, ErrorCode::StaleToken);
        QCOMPARE(world.failures(id), Codes{"run_timeout"});
    }

    void aRestartGivesTheWholeRunAnew()
    {
        TimedWorld world;
        const OrderId id = world.take();
        const LeaseToken token = world.claimOne().token;
        world.keep(token, seconds(80));
        world.restart();
        QVERIFY(world.extend(token)->lease == seconds(30)); // when it began is forgotten, as leases are
        world.keep(token, seconds(90));
        QVERIFY(world.complete(token).has_value());
        QVERIFY(world.failures(id).empty());
    }

    void withoutThemAnAttemptWaitsAndRunsForAnyTime()
    {
        WorkerWorld world;
        const OrderId id = world.take();
        world.pass(seconds(1'000));
        const LeaseToken token = world.claimOne().token;
        for (int i = 0; i < 100; ++i) {
            world.pass(seconds(20));
            QVERIFY(world.extend(token).has_value());
        }
        QVERIFY(world.complete(token).has_value());
        QCOMPARE(world.types(id), (Codes{"order_received", "step_completed"}));
    }
};

QTEST_GUILESS_MAIN(StepTimeOutsTest)
#include "tst_step_time_outs.moc"
