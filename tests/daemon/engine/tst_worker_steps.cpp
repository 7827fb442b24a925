// SPDX-License-Identifier: GPL-3.0-or-later
// Steps that workers lease, through a whole partition on a real store.
#include "tests/daemon/engine/worker_world.h"

#include <QTest>
#include <set>

using namespace gantry;
using namespace gantry::test;

class WorkerStepsTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void carriesAnOrderThrough();
    void onlyWhatIsCommittedIsHandedOut();
    void manyOutcomesAreOneCommit();
    void handsTheNextStepOutInTheSameRound();
    void aFailureIsTriedAgainUnderTheSameKey();
    void anExtensionKeepsTheLease();
    void cancelRevokesAndUndoesAfterTheWorker();
    void cancelUndoesWhenTheWorkerIsGone();
    void aCancelThatWinsTheRaceIsNotUndone();
    void aHoldStopsNoReport();
    void anOverrideUnderHoldRevokes();
    void whatIsGivenBackIsDueAtOnce();
    void oneIdempotencyKeyForAllAttempts();
    void nobodyIsKeptWaitingWhenItStops();
};

void WorkerStepsTest::carriesAnOrderThrough()
{
    WorkerWorld world;
    const OrderId id = world.take();
    for (const std::string task : {"payment.authorize", "pack", "ship"}) {
        const LeasedTask leased = world.claimOne();
        QCOMPARE(*leased.task, task);
        QVERIFY(leased.order->id == id);
        QCOMPARE(*leased.document, encodeDocument(sampleOrder("1")));
        QCOMPARE(leased.token.attempt, 1U);
        const auto receipt = world.complete(leased.token, R"({"by":"w1"})");
        QVERIFY(receipt.has_value());
        QCOMPARE(receipt->state, task == "ship" ? OrderState::Completed : OrderState::Running);
    }
    QVERIFY(world.claim().empty());
    QVERIFY((world.types(id)
        == std::vector<std::string>{
            "order_received", "step_completed", "step_completed", "step_completed", "order_completed"}));
    const auto events = world.reader->readEventsOfOrder(id, 1, 1);
    QCOMPARE(events->front().logged.event.actor, std::string("worker-key"));
}

void WorkerStepsTest::onlyWhatIsCommittedIsHandedOut()
{
    WorkerWorld world;
    bool answered = false;
    engine::ClaimRequest request;
    request.tasks = allTasks;
    request.wait = seconds(20);
    request.reply = [&](auto tasks) {
        answered = true;
        // Seen by a reader of its own: it is on disk.
        return world.reader->readOrder(tasks->front().order->id).has_value();
    };
    world.send(std::move(request));
    QVERIFY(!answered);
    world.take();
    QVERIFY(answered);
    QVERIFY(world.claim().empty());
}

void WorkerStepsTest::manyOutcomesAreOneCommit()
{
    WorkerWorld world;
    std::vector<OrderDocument> documents;
    for (int i = 0; i < 50; ++i)
        documents.push_back(sampleOrder(std::to_string(i)));
    QCOMPARE(world.submit(documents).size(), documents.size());
    std::vector<TaskOutcome> outcomes;
    for (const LeasedTask& task : world.claim())
        outcomes.push_back({.token = task.token, .succeeded = true});
    QCOMPARE(outcomes.size(), documents.size());
    outcomes.push_back(outcomes.front()); // one of them twice
    world.published.clear();
    const auto verdicts = world.report(outcomes);
    QCOMPARE(world.published.size(), std::size_t{1});
    QCOMPARE(world.published.front()->events.size(), documents.size());
    QCOMPARE(verdicts.size(), outcomes.size());
    for (std::size_t i = 0; i < documents.size(); ++i)
        QVERIFY(verdicts[i].has_value());
    QCOMPARE(verdicts.back().error().code, ErrorCode::StaleToken);
    QCOMPARE(world.claim(1000, {"pack"}).size(), documents.size());
}

void WorkerStepsTest::handsTheNextStepOutInTheSameRound()
{
    WorkerWorld world;
    world.take();
    const LeasedTask first = world.claimOne();
    std::vector<LeasedTask> next;
    engine::ClaimRequest request;
    request.tasks = allTasks;
    request.isStanding = true;
    request.max = 2;
    request.reply = [&next](auto tasks) {
        next.insert(next.end(), tasks->begin(), tasks->end());
        return true;
    };
    world.send(std::move(request));
    engine::Intake intake;
    intake.messages.emplace_back(engine::WorkerReport{"w", {{.token = first.token, .succeeded = true}}, {}});
    QVERIFY(world.partition->run(std::move(intake)).has_value()); // exactly one round
    QCOMPARE(next.size(), std::size_t{1});
    QCOMPARE(*next.front().task, std::string("pack"));
}

void WorkerStepsTest::aFailureIsTriedAgainUnderTheSameKey()
{
    WorkerWorld world;
    const OrderId id = world.take();
    const LeasedTask first = world.claimOne();
    const auto verdict = world.report({{.token = first.token,
        .code = "no_answer",
        .message = "the bank is silent",
        .retryAfter = seconds(60)}});
    QVERIFY(verdict.front().has_value());
    QCOMPARE(verdict.front()->state, OrderState::Waiting);
    world.pass(seconds(59));
    QVERIFY(world.claim().empty());
    world.pass(seconds(2));
    const LeasedTask second = world.claimOne();
    QCOMPARE(second.token.attempt, 2U);
    QCOMPARE(engine::idempotencyKeyOf(*second.order), engine::idempotencyKeyOf(*first.order));
    QCOMPARE(world.complete(first.token).error().code, ErrorCode::StaleToken); // a late result
    QVERIFY(world.complete(second.token).has_value());
    QCOMPARE(world.open(id)->step.name, std::string("pack"));
}

void WorkerStepsTest::anExtensionKeepsTheLease()
{
    WorkerWorld world;
    const OrderId id = world.take();
    const LeasedTask task = world.claimOne();
    for (int i = 0; i < 4; ++i) {
        world.pass(seconds(25));
        const auto extended = world.extend(task.token);
        QVERIFY(extended.has_value());
        QVERIFY(extended->leaseUntil == world.clock.now() + seconds(30));
    }
    QVERIFY(world.complete(task.token).has_value());
    QCOMPARE(world.types(id).size(), std::size_t{2}); // an extension is no event
}

void WorkerStepsTest::cancelRevokesAndUndoesAfterTheWorker()
{
    WorkerWorld world;
    const OrderId id = world.take();
    const LeasedTask task = world.claimOne();
    QVERIFY(world.act(id, Action::Cancel).has_value());
    QCOMPARE(world.extend(task.token).error().code, ErrorCode::StaleToken); // so it knows that it can stop
    QVERIFY(world.claim().empty()); // it may still be at it
    QCOMPARE(world.complete(task.token).error().code, ErrorCode::StaleToken);
    const LeasedTask undo = world.claimOne();
    QCOMPARE(*undo.task, std::string("payment.void"));
    QVERIFY(engine::idempotencyKeyOf(*undo.order) != engine::idempotencyKeyOf(*task.order));
    QCOMPARE(world.complete(task.token).error().code, ErrorCode::StaleToken);
    const auto receipt = world.complete(undo.token);
    QVERIFY(receipt.has_value());
    QCOMPARE(receipt->state, OrderState::Canceled);
    QVERIFY(world.open(id) == nullptr);
}

void WorkerStepsTest::cancelUndoesWhenTheWorkerIsGone()
{
    WorkerWorld world;
    const OrderId id = world.take();
    world.claimOne();
    QVERIFY(world.act(id, Action::Cancel).has_value());
    world.pass(seconds(29));
    QVERIFY(world.claim().empty());
    world.pass(seconds(1));
    const LeasedTask undo = world.claimOne();
    QCOMPARE(*undo.task, std::string("payment.void"));
    // Undoing fails, is tried again like anything else, and may need a person.
    QVERIFY(world.failTask(undo.token, "no_answer").has_value());
    world.pass(seconds(2));
    const LeasedTask again = world.claimOne();
    QVERIFY(again.token.attempt > undo.token.attempt);
    world.pass(seconds(33));
    QVERIFY(world.complete(world.claimOne().token).has_value());
    QCOMPARE(stateOf(world.stored(id)), OrderState::Canceled);
}

void WorkerStepsTest::aCancelThatWinsTheRaceIsNotUndone()
{
    WorkerWorld world;
    const OrderId id = world.take();
    const LeasedTask task = world.claimOne();
    engine::OrderCommand cancel{id, {}};
    cancel.command.actor = "tester";
    cancel.command.role = Role::Admin;
    cancel.command.body = TakeAction{Action::Cancel, "because"};
    std::vector<engine::Message> messages;
    messages.emplace_back(std::move(cancel));
    std::vector<Result<TaskReceipt>> verdicts;
    messages.emplace_back(engine::WorkerReport{"w", {{.token = task.token, .succeeded = true}},
        [&verdicts](auto answer) { verdicts = std::move(answer); }});
    QVERIFY(world.run(std::move(messages)).has_value()); // both in one batch
    QCOMPARE(verdicts.front().error().code, ErrorCode::StaleToken);
    QCOMPARE(*world.claimOne().task, std::string("payment.void")); // and nobody waits for the lease's end
}

void WorkerStepsTest::aHoldStopsNoReport()
{
    WorkerWorld world;
    const OrderId id = world.take();
    const LeasedTask task = world.claimOne();
    QVERIFY(world.act(id, Action::Hold).has_value());
    QVERIFY(world.extend(task.token).has_value());
    const auto receipt = world.complete(task.token); // what is done is done
    QVERIFY(receipt.has_value());
    QCOMPARE(receipt->state, OrderState::Waiting);
    QVERIFY(world.claim().empty()); // but nothing new is begun
    QVERIFY(world.act(id, Action::Release).has_value());
    QCOMPARE(*world.claimOne().task, std::string("pack"));
}

void WorkerStepsTest::anOverrideUnderHoldRevokes()
{
    WorkerWorld world;
    const OrderId id = world.take();
    const LeasedTask task = world.claimOne();
    QVERIFY(world.act(id, Action::Hold).has_value());
    QVERIFY(world.act(id, Action::Override).has_value());
    QVERIFY(world.act(id, Action::Release).has_value());
    QCOMPARE(world.open(id)->step.name, std::string("pack"));
    QVERIFY(world.claim().empty()); // two at once never
    QCOMPARE(world.complete(task.token).error().code, ErrorCode::StaleToken);
    QCOMPARE(*world.claimOne().task, std::string("pack"));
}

void WorkerStepsTest::whatIsGivenBackIsDueAtOnce()
{
    WorkerWorld world;
    const OrderId id = world.take();
    const LeasedTask task = world.claimOne();
    world.send(engine::ReleaseLeases{{task.token}});
    QCOMPARE(world.complete(task.token).error().code, ErrorCode::StaleToken);
    const LeasedTask again = world.claimOne();
    QCOMPARE(again.token.attempt, 1U); // no attempt is spent
    world.send(engine::ReleaseLeases{{task.token}}); // stale: passed over
    QVERIFY(world.complete(again.token).has_value());
    QCOMPARE(world.types(id).size(), std::size_t{2});

    const LeasedTask held = world.claimOne();
    QVERIFY(world.act(id, Action::Hold).has_value());
    world.send(engine::ReleaseLeases{{held.token}});
    QVERIFY(world.claim().empty()); // under hold
}

void WorkerStepsTest::oneIdempotencyKeyForAllAttempts()
{
    WorkerWorld world;
    const OrderId id = world.take();
    std::set<std::string> keys;
    for (int i = 0; i < 2; ++i) {
        const LeasedTask task = world.claimOne();
        keys.insert(engine::idempotencyKeyOf(*task.order));
        QVERIFY(world.failTask(task.token, "no_answer").has_value());
        world.pass(seconds(5));
    }
    QVERIFY((keys == std::set<std::string>{id.text() + "/authorize"}));
    QVERIFY(world.act(id, Action::Cancel).has_value());
    QCOMPARE(engine::idempotencyKeyOf(*world.claimOne().order), id.text() + "/authorize/undo");
}

void WorkerStepsTest::nobodyIsKeptWaitingWhenItStops()
{
    WorkerWorld world;
    std::vector<LeasedTask> got(1);
    engine::ClaimRequest request;
    request.tasks = allTasks;
    request.wait = seconds(30);
    request.reply = [&got](auto tasks) {
        got = std::move(*tasks);
        return true;
    };
    world.send(std::move(request));
    QCOMPARE(got.size(), std::size_t{1});
    world.drain();
    QVERIFY(world.run().has_value());
    QVERIFY(got.empty());
}

QTEST_GUILESS_MAIN(WorkerStepsTest)
#include "tst_worker_steps.moc"
