// SPDX-License-Identifier: GPL-3.0-or-later
// Workers that die, repeat themselves or come late; restarts, full disks, and everything at once.
#include "tests/daemon/engine/worker_world.h"

#include <QTest>
#include <algorithm>
#include <map>
#include <random>
#include <set>

using namespace gantry;
using namespace gantry::test;

class WorkerFaultsTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void aPoisonOrderBecomesAnIncident();
    void deathBeforeTheEffect();
    void nothingIsTakenAfterTheLease();
    void deathOfTheLastAttemptIsOneIncident();
    void aRetryThatWaitsIsNotDoneOnceUndoingBegan();
    void deathAfterTheEffect();
    void aLostReportIsRecordedWhenItComesAgain();
    void aDoubledReportIsStale();
    void aReportInTimeBeatsItsExpiry();
    void aRestartLetsTheWorkerFinish();
    void afterARestartTheFirstToLeaseItHasIt();
    void aWorkerThatIsGoneGetsNothing();
    void aFullDiskLosesNoOutcome();
    void keepsItsBooksWhateverHappens();
};

void WorkerFaultsTest::aPoisonOrderBecomesAnIncident()
{
    WorkerWorld world;
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

    WorkerWorld fatal;
    const OrderId refused = fatal.take();
    QVERIFY(fatal.failTask(fatal.claimOne().token, "refused").has_value()); // fatal by the workflow
    QVERIFY(fatal.open(refused)->incident.has_value());
    QVERIFY(fatal.act(refused, Action::Retry).has_value());
    QVERIFY(fatal.failTask(fatal.claimOne().token, "odd", true).has_value()); // fatal by the worker's word
    QCOMPARE(fatal.open(refused)->incident->code, std::string("odd"));
}

void WorkerFaultsTest::deathBeforeTheEffect()
{
    WorkerWorld world;
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

void WorkerFaultsTest::nothingIsTakenAfterTheLease()
{
    for (const bool isLeasedAgain : {false, true}) {
        WorkerWorld world;
        const OrderId id = world.take();
        const LeaseToken late = world.claimOne().token;
        world.pass(seconds(33));
        std::optional<LeaseToken> present;
        if (isLeasedAgain)
            present = world.claimOne().token;
        const auto version = world.stored(id).version;
        QCOMPARE(world.complete(late).error().code, ErrorCode::StaleToken);
        QCOMPARE(world.failTask(late, "late").error().code, ErrorCode::StaleToken);
        QCOMPARE(world.extend(late).error().code, ErrorCode::StaleToken);
        world.send(engine::ReleaseLeases{{late}});
        QCOMPARE(world.stored(id).version, version);
        QVERIFY(world.complete(present ? *present : world.claimOne().token).has_value());
    }
}

void WorkerFaultsTest::deathOfTheLastAttemptIsOneIncident()
{
    WorkerWorld world;
    const OrderId id = world.take();
    for (int attempt = 1; attempt < 3; ++attempt) {
        QVERIFY(world.failTask(world.claimOne().token, "no_answer").has_value());
        world.pass(seconds(5));
    }
    const LeaseToken last = world.claimOne().token;
    QCOMPARE(last.attempt, 3U);
    world.restart(); // a crash of ours is no attempt of the worker's
    QCOMPARE(world.claimOne().token.attempt, 3U);
    world.pass(seconds(30));
    QVERIFY(world.open(id)->incident.has_value());
    const auto types = world.types(id);
    QCOMPARE(std::count(types.begin(), types.end(), "step_failed"), std::ptrdiff_t{3});
    world.pass(seconds(120));
    QVERIFY(world.claim().empty()); // no attempt beyond the last
    world.restart();
    QVERIFY(world.claim().empty());
    QCOMPARE(world.complete(last).error().code, ErrorCode::StaleToken);
    QVERIFY(world.types(id) == types);
}

void WorkerFaultsTest::aRetryThatWaitsIsNotDoneOnceUndoingBegan()
{
    WorkerWorld world;
    const OrderId id = world.take();
    QVERIFY(world.report({{.token = world.claimOne().token, .code = "no_answer", .retryAfter = seconds(10)}})
                .front()
                .has_value());
    QVERIFY(world.act(id, Action::Cancel).has_value());
    const LeasedTask undo = world.claimOne();
    QCOMPARE(*undo.task, std::string("payment.void"));
    world.pass(seconds(15)); // the time of the retry has come and gone
    QVERIFY(world.claim().empty());
    QVERIFY(world.complete(undo.token).has_value());
    QVERIFY(world.claim().empty());
    QCOMPARE(stateOf(world.stored(id)), OrderState::Canceled);
}

void WorkerFaultsTest::deathAfterTheEffect()
{
    // What a worker did without telling is done again under the same key: that is what makes it one effect.
    WorkerWorld world;
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

void WorkerFaultsTest::aLostReportIsRecordedWhenItComesAgain()
{
    WorkerWorld world;
    const OrderId id = world.take();
    const LeasedTask task = world.claimOne(); // its first report never came in
    world.pass(seconds(20));
    QVERIFY(world.complete(task.token).has_value());
    QCOMPARE(world.open(id)->step.name, std::string("pack"));
}

void WorkerFaultsTest::aDoubledReportIsStale()
{
    WorkerWorld world;
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

void WorkerFaultsTest::aReportInTimeBeatsItsExpiry()
{
    WorkerWorld world;
    const OrderId id = world.take();
    const LeasedTask task = world.claimOne();
    world.pass(milliseconds(29'500));
    world.clock.advance(seconds(1)); // over, but no round has seen it
    QVERIFY(world.complete(task.token).has_value());
    QCOMPARE(world.open(id)->step.name, std::string("pack"));
    QVERIFY(!world.open(id)->retryAt.has_value());
}

void WorkerFaultsTest::aRestartLetsTheWorkerFinish()
{
    WorkerWorld world;
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

void WorkerFaultsTest::afterARestartTheFirstToLeaseItHasIt()
{
    WorkerWorld world;
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

void WorkerFaultsTest::aWorkerThatIsGoneGetsNothing()
{
    WorkerWorld world;
    world.take();
    const auto lost = world.claim(10, allTasks, false);
    QCOMPARE(lost.size(), std::size_t{1});
    const LeasedTask task = world.claimOne();
    QCOMPARE(task.token.attempt, 1U);
    QCOMPARE(world.complete(lost.front().token).error().code, ErrorCode::StaleToken);
    QVERIFY(world.complete(task.token).has_value());
}

void WorkerFaultsTest::aFullDiskLosesNoOutcome()
{
    WorkerWorld world;
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

void WorkerFaultsTest::keepsItsBooksWhateverHappens()
{
    for (std::uint64_t seed = 1; seed <= 4; ++seed) {
        WorkerWorld world(seed);
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

QTEST_GUILESS_MAIN(WorkerFaultsTest)
#include "tst_worker_faults.moc"
