// SPDX-License-Identifier: GPL-3.0-or-later
// Steps that workers lease, through a whole partition on a real store.
#include "tests/daemon/engine/engine_world.h"

#include <QTest>
#include <algorithm>
#include <map>
#include <random>
#include <set>

using namespace gantry;
using engine::LeasedTask;
using engine::LeaseExtension;
using engine::LeaseToken;
using engine::TaskOutcome;
using engine::TaskReceipt;
using std::chrono::milliseconds;
using std::chrono::seconds;
using test::EngineWorld;
using test::sampleOrder;

namespace {

/// authorize (undone by `payment.void`), pack, ship: all by workers.
Workflow workflow()
{
    const RetryPolicy retry{.maxAttempts = 3, .initial = milliseconds(1'000), .fatalCodes = {"refused"}};
    Workflow made{.name = "by-workers", .version = 1};
    made.steps = {{.name = "authorize",
                      .kind = StepKind::Worker,
                      .handler = "payment.authorize",
                      .compensation = "payment.void",
                      .retry = retry,
                      .timeout = seconds(30)},
        {.name = "pack", .kind = StepKind::Worker, .handler = "pack", .retry = retry, .timeout = seconds(30)},
        {.name = "ship",
            .kind = StepKind::Worker,
            .handler = "ship",
            .retry = retry,
            .timeout = seconds(30)}};
    return made;
}

const std::vector<std::string> allTasks{"payment.authorize", "payment.void", "pack", "ship"};

/// A world with workers in it.
struct Works : EngineWorld {
    explicit Works(std::uint64_t seed = 1)
        : EngineWorld(seed, workflow())
    {
    }

    OrderId take(const std::string& externalId = "1") { return submit(sampleOrder(externalId))->order->id; }

    std::vector<LeasedTask> claim(
        std::uint32_t max = 100, std::vector<std::string> tasks = allTasks, bool isReceived = true)
    {
        std::vector<LeasedTask> got;
        engine::ClaimRequest request;
        request.worker = std::make_shared<const std::string>("w1");
        request.tasks = std::move(tasks);
        request.max = max;
        request.reply = [&got, isReceived](auto answer) {
            got = std::move(*answer);
            return isReceived;
        };
        send(std::move(request));
        return got;
    }

    LeasedTask claimOne()
    {
        auto tasks = claim(1);
        if (tasks.size() != 1)
            qFatal("nothing is due");
        return tasks.front();
    }

    std::vector<Result<TaskReceipt>> report(std::vector<TaskOutcome> outcomes)
    {
        std::vector<Result<TaskReceipt>> verdicts;
        send(engine::WorkerReport{
            "worker-key", std::move(outcomes), [&verdicts](auto answer) { verdicts = std::move(answer); }});
        return verdicts;
    }
    Result<TaskReceipt> complete(const LeaseToken& token, const std::string& result = {})
    {
        return report({{.token = token, .succeeded = true, .result = result}}).front();
    }
    Result<TaskReceipt> failTask(const LeaseToken& token, const std::string& code, bool fatal = false)
    {
        return report({{.token = token, .code = code, .message = "no", .fatal = fatal}}).front();
    }
    Result<LeaseExtension> extend(const LeaseToken& token)
    {
        Result<LeaseExtension> extension = failure(ErrorCode::Internal, "no answer came");
        send(engine::ExtendLeases{{token}, [&extension](auto answers) { extension = answers.front(); }});
        return extension;
    }

    void send(engine::Message message)
    {
        std::vector<engine::Message> messages;
        messages.push_back(std::move(message));
        if (!run(std::move(messages)))
            qFatal("the partition stopped");
    }

    /// Time goes by as the partition's thread sees it: in short rounds.
    void pass(milliseconds time)
    {
        for (; time.count() > 0; time -= milliseconds(500)) {
            clock.advance(milliseconds(500));
            static_cast<void>(run());
        }
    }

    std::vector<std::string> types(const OrderId& id)
    {
        std::vector<std::string> names;
        const auto events = reader->readEventsOfOrder(id, 0, 1000);
        for (const auto& record : *events)
            names.emplace_back(typeName(record.logged.event.body));
        return names;
    }
};

} // namespace

class WorkerStepsTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void carriesAnOrderThrough();
    void onlyWhatIsCommittedIsHandedOut();
    void manyOutcomesAreOneCommit();
    void handsTheNextStepOutInTheSameRound();
    void aFailureIsTriedAgainUnderTheSameKey();
    void aPoisonOrderBecomesAnIncident();
    void deathBeforeTheEffect();
    void deathAfterTheEffect();
    void aLostReportIsRecordedWhenItComesAgain();
    void aDoubledReportIsStale();
    void aReportInTimeBeatsItsExpiry();
    void anExtensionKeepsTheLease();
    void aRestartLetsTheWorkerFinish();
    void afterARestartTheFirstToLeaseItHasIt();
    void cancelRevokesAndUndoesAfterTheWorker();
    void cancelUndoesWhenTheWorkerIsGone();
    void aCancelThatWinsTheRaceIsNotUndone();
    void aHoldStopsNoReport();
    void anOverrideUnderHoldRevokes();
    void whatIsGivenBackIsDueAtOnce();
    void aWorkerThatIsGoneGetsNothing();
    void aFullDiskLosesNoOutcome();
    void oneIdempotencyKeyForAllAttempts();
    void nobodyIsKeptWaitingWhenItStops();
    void keepsItsBooksWhateverHappens();
};

void WorkerStepsTest::carriesAnOrderThrough()
{
    Works world;
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
    Works world;
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
    Works world;
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
    Works world;
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
    Works world;
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

void WorkerStepsTest::aPoisonOrderBecomesAnIncident()
{
    Works world;
    const OrderId id = world.take();
    world.clock.advance(milliseconds(1));
    const OrderId other = world.take("2");
    std::set<std::uint32_t> attempts;
    for (int i = 0; i < 3; ++i) { // each time the worker dies of it
        for (const LeasedTask& task : world.claim(1))
            attempts.insert(task.token.attempt);
        world.pass(seconds(33));
    }
    const auto order = world.open(id);
    QCOMPARE(attempts.size(), std::size_t{3});
    QVERIFY(order->incident.has_value());
    QCOMPARE(order->incident->code, std::string("lease_expired"));
    QVERIFY(order->incident->message.find("w1") != std::string::npos);
    QCOMPARE(stateOf(*order), OrderState::Failed);
    QVERIFY(world.claimOne().order->id == other); // the rest goes on

    Works fatal;
    const OrderId refused = fatal.take();
    QVERIFY(fatal.failTask(fatal.claimOne().token, "refused").has_value()); // fatal by the workflow
    QVERIFY(fatal.open(refused)->incident.has_value());
    QVERIFY(fatal.act(refused, Action::Retry).has_value());
    QVERIFY(fatal.failTask(fatal.claimOne().token, "odd", true).has_value()); // fatal by the worker's word
    QCOMPARE(fatal.open(refused)->incident->code, std::string("odd"));
}

void WorkerStepsTest::deathBeforeTheEffect()
{
    Works world;
    const OrderId id = world.take();
    const LeasedTask dead = world.claimOne();
    world.pass(milliseconds(29'500));
    QVERIFY(!world.open(id)->retryAt.has_value());
    world.pass(milliseconds(500));
    QVERIFY(world.open(id)->retryAt.has_value()); // durable, by the retry policy
    world.pass(seconds(2));
    const LeasedTask again = world.claimOne();
    QCOMPARE(again.token.attempt, 2U);
    QVERIFY(world.complete(again.token).has_value());
    QCOMPARE(world.complete(dead.token).error().code, ErrorCode::StaleToken);
}

void WorkerStepsTest::deathAfterTheEffect()
{
    // What a worker did without telling is done again under the same key: that is what makes it one effect.
    Works world;
    world.take();
    std::map<std::string, int> effects;
    const auto perform = [&effects](const LeasedTask& task) {
        effects.try_emplace(engine::idempotencyKeyOf(*task.order), 1);
    };
    perform(world.claimOne());
    world.pass(seconds(33));
    const LeasedTask again = world.claimOne();
    perform(again);
    QVERIFY(world.complete(again.token).has_value());
    QCOMPARE(effects.size(), std::size_t{1});
}

void WorkerStepsTest::aLostReportIsRecordedWhenItComesAgain()
{
    Works world;
    const OrderId id = world.take();
    const LeasedTask task = world.claimOne(); // its first report never came in
    world.pass(seconds(20));
    QVERIFY(world.complete(task.token).has_value());
    QCOMPARE(world.open(id)->step.name, std::string("pack"));
}

void WorkerStepsTest::aDoubledReportIsStale()
{
    Works world;
    const OrderId id = world.take();
    const LeasedTask task = world.claimOne();
    QVERIFY(world.complete(task.token).has_value());
    const auto version = world.open(id)->version;
    for (int i = 0; i < 2; ++i) {
        QCOMPARE(world.complete(task.token).error().code, ErrorCode::StaleToken);
        QCOMPARE(world.failTask(task.token, "late").error().code, ErrorCode::StaleToken);
        QCOMPARE(world.extend(task.token).error().code, ErrorCode::StaleToken);
    }
    QCOMPARE(world.open(id)->version, version);
    QVERIFY(world.complete(world.claimOne().token).has_value());
    const LeasedTask last = world.claimOne();
    QVERIFY(world.complete(last.token).has_value());
    QCOMPARE(world.complete(last.token).error().code, ErrorCode::StaleToken); // the order is closed
    QCOMPARE(world.complete(task.token).error().code, ErrorCode::StaleToken);
}

void WorkerStepsTest::aReportInTimeBeatsItsExpiry()
{
    Works world;
    const OrderId id = world.take();
    const LeasedTask task = world.claimOne();
    world.pass(milliseconds(29'500));
    world.clock.advance(seconds(1)); // over, but no round has seen it
    QVERIFY(world.complete(task.token).has_value());
    QCOMPARE(world.open(id)->step.name, std::string("pack"));
    QVERIFY(!world.open(id)->retryAt.has_value());
}

void WorkerStepsTest::anExtensionKeepsTheLease()
{
    Works world;
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

void WorkerStepsTest::aRestartLetsTheWorkerFinish()
{
    Works world;
    const OrderId id = world.take();
    const LeasedTask task = world.claimOne();
    world.restart();
    QVERIFY(world.complete(task.token).has_value());
    QCOMPARE(world.open(id)->step.name, std::string("pack"));
    QCOMPARE(world.complete(task.token).error().code, ErrorCode::StaleToken);

    const LeasedTask longer = world.claimOne();
    world.restart();
    QVERIFY(world.extend(longer.token).has_value()); // it has it again
    QVERIFY(world.claim().empty());
    world.pass(seconds(29));
    QVERIFY(world.extend(longer.token).has_value());
    world.pass(seconds(29));
    QVERIFY(world.complete(longer.token).has_value());
    QCOMPARE(world.open(id)->step.name, std::string("ship"));
}

void WorkerStepsTest::afterARestartTheFirstToLeaseItHasIt()
{
    Works world;
    const OrderId id = world.take();
    const LeasedTask old = world.claimOne();
    world.restart();
    const LeasedTask taken = world.claimOne(); // due again at once, the same attempt
    QCOMPARE(taken.token.attempt, old.token.attempt);
    QVERIFY(taken.token != old.token);
    QCOMPARE(world.complete(old.token).error().code, ErrorCode::StaleToken);
    QCOMPARE(world.extend(old.token).error().code, ErrorCode::StaleToken);
    QCOMPARE(world.open(id)->step.name, std::string("authorize"));
    QVERIFY(world.complete(taken.token).has_value());
}

void WorkerStepsTest::cancelRevokesAndUndoesAfterTheWorker()
{
    Works world;
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
    Works world;
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
    Works world;
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
    Works world;
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
    Works world;
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
    Works world;
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

void WorkerStepsTest::aWorkerThatIsGoneGetsNothing()
{
    Works world;
    world.take();
    const auto lost = world.claim(10, allTasks, false);
    QCOMPARE(lost.size(), std::size_t{1});
    const LeasedTask task = world.claimOne();
    QCOMPARE(task.token.attempt, 1U);
    QCOMPARE(world.complete(lost.front().token).error().code, ErrorCode::StaleToken);
    QVERIFY(world.complete(task.token).has_value());
}

void WorkerStepsTest::aFullDiskLosesNoOutcome()
{
    Works world;
    const OrderId id = world.take();
    const LeasedTask task = world.claimOne();
    world.faults.nextCommit = Error{ErrorCode::StorageFull, "The disk is full."};
    QCOMPARE(world.complete(task.token).error().code, ErrorCode::StorageFull);
    QCOMPARE(world.open(id)->step.name, std::string("authorize"));
    QVERIFY(world.complete(task.token).has_value()); // the same token again
    QVERIFY(world.claim().empty()); // nothing is begun until there is room
    world.pass(seconds(2));
    const LeasedTask next = world.claimOne();
    world.pass(milliseconds(29'500));
    world.faults.nextCommit = Error{ErrorCode::StorageFull, "The disk is full."};
    world.pass(milliseconds(500)); // its time is over, and that can't be written
    QVERIFY(!world.open(id)->retryAt.has_value());
    world.pass(seconds(2));
    QVERIFY(world.open(id)->retryAt.has_value() || world.open(id)->attempt == 2);
    QCOMPARE(world.complete(next.token).error().code, ErrorCode::StaleToken);
}

void WorkerStepsTest::oneIdempotencyKeyForAllAttempts()
{
    Works world;
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
    Works world;
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

void WorkerStepsTest::keepsItsBooksWhateverHappens()
{
    for (std::uint64_t seed = 1; seed <= 4; ++seed) {
        Works world(seed);
        std::mt19937_64 dice(seed);
        const auto roll = [&dice](std::uint64_t sides) { return dice() % sides; };
        std::vector<OrderId> orders;
        std::vector<LeasedTask> known; // every task ever handed out
        std::map<std::string, int> effects; // by idempotency key, as a service that heeds it counts them
        for (int step = 0; step < 120; ++step) {
            switch (roll(9)) {
            case 0: orders.push_back(world.take(std::to_string(orders.size()))); break;
            case 1:
            case 2:
                for (LeasedTask& task : world.claim(1 + static_cast<std::uint32_t>(roll(3))))
                    known.push_back(std::move(task));
                break;
            case 3:
            case 4:
                if (!known.empty()) { // late, doubled and stale ones among them
                    const LeasedTask& task = known[roll(known.size())];
                    const auto before = world.stored(task.order->id);
                    const auto verdict = world.complete(task.token);
                    const auto after = world.stored(task.order->id);
                    QCOMPARE(verdict.has_value(), after.version > before.version);
                    if (verdict)
                        QCOMPARE(++effects[engine::idempotencyKeyOf(*task.order)], 1);
                }
                break;
            case 5:
                if (!known.empty())
                    static_cast<void>(world.failTask(known[roll(known.size())].token, "odd", roll(5) == 0));
                break;
            case 6:
                if (!orders.empty())
                    static_cast<void>(
                        world.act(orders[roll(orders.size())], allActions[roll(allActions.size())]));
                break;
            case 7: world.pass(seconds(1 + roll(12))); break;
            default:
                if (roll(3) == 0)
                    world.restart();
                else if (!known.empty())
                    static_cast<void>(world.extend(known[roll(known.size())].token));
            }
        }
        // From here on all goes well: everything ends.
        const auto isOpen = [&world](const OrderId& id) { return world.open(id) != nullptr; };
        for (int round = 0; round < 60 && std::any_of(orders.begin(), orders.end(), isOpen); ++round) {
            for (const OrderId& id : orders) {
                const auto open = world.open(id);
                if (open && open->incident)
                    QVERIFY(world.act(id, Action::Retry).has_value());
                if (open && !open->holds.empty())
                    QVERIFY(world.act(id, Action::Release).has_value());
            }
            for (const LeasedTask& task : world.claim(1000))
                QVERIFY(world.complete(task.token).has_value());
            world.pass(seconds(5));
        }
        for (const OrderId& id : orders) {
            QVERIFY2(world.open(id) == nullptr, ("seed " + std::to_string(seed)).c_str());
            QVERIFY(world.replayed(id) == world.stored(id));
        }
    }
}

QTEST_GUILESS_MAIN(WorkerStepsTest)
#include "tst_worker_steps.moc"
