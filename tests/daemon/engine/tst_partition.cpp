// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/daemon/engine/engine_world.h"

#include <QTest>
#include <random>
#include <set>

using namespace gantry;
using test::EngineWorld;
using test::sampleOrder;

namespace {

engine::IdempotencyKey keyOf(const std::string& key, std::uint8_t print)
{
    engine::IdempotencyKey idempotency{"tester", key};
    idempotency.fingerprint[0] = print;
    return idempotency;
}

std::int64_t reserved(EngineWorld& world, const std::string& sku)
{
    return (*world.reader->readStock(sku))->reserved;
}
std::int64_t onHand(EngineWorld& world, const std::string& sku)
{
    return (*world.reader->readStock(sku))->onHand;
}

/// Everything that must hold of a quiet world, whatever was done to it.
void checkInvariants(EngineWorld& world, const std::vector<OrderId>& orders)
{
    std::uint64_t digest = 0;
    store::Counters counted;
    for (const OrderId& id : orders) {
        const Order fromEvents = world.replayed(id);
        QVERIFY(fromEvents == world.stored(id));
        counted.byState[static_cast<std::size_t>(stateOf(fromEvents))] += 1;
        const auto open = world.open(id);
        QCOMPARE(open != nullptr, fromEvents.outcome == Outcome::Open);
        if (!open)
            continue;
        QVERIFY(*open == fromEvents);
        digest += digestOf(*open);
        counted.openByStep[open->step.name] += 1;
    }
    QCOMPARE(world.partition->book().digest(), digest);
    const auto counters = world.reader->readCounters();
    QVERIFY(counters.has_value());
    QVERIFY(counters->byState == counted.byState);
    for (const auto& [step, count] : counters->openByStep)
        QCOMPARE(count, counted.openByStep[step]);
}

/// Published sequences must be contiguous from 1, whatever the batches.
void checkPublished(const EngineWorld& world)
{
    std::uint64_t next = 1;
    for (const auto& batch : world.published)
        for (const LoggedEvent& event : batch->events)
            QCOMPARE(event.sequence, next++);
}

} // namespace

class PartitionTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void channelsHaveWorkflowsOfTheirOwn()
    {
        EngineWorld world;
        Workflow review = standardWorkflow();
        review.name = "review";
        review.steps.insert(review.steps.begin() + 1,
            {.name = "look",
                .kind = StepKind::Manual,
                .role = Role::Support,
                .when = *parseCondition("total >= 1000")});
        world.workflows.add(review);
        QVERIFY(world.workflows.choose("risky", "review", 1));
        QVERIFY(!world.workflows.choose("risky", "review", 2));
        const auto submit = [&world](const std::string& channel, const std::string& id, std::int64_t pieces) {
            OrderDocument document = sampleOrder(id, "plain", pieces);
            document.channel = channel;
            return world.submit(document)->order;
        };
        const auto large = submit("risky", "1", 4);
        QCOMPARE(large->step.name, std::string("look"));
        QCOMPARE(large->summary->workflow, std::string("review"));
        const auto small = submit("risky", "2", 3);
        QCOMPARE(small->step.name, std::string("pay"));
        QCOMPARE(small->summary->skippedSteps, (std::vector<std::string>{"look"}));
        const auto usual = submit("web", "1", 4);
        QCOMPARE(usual->summary->workflow, std::string("standard"));
        // What was decided when it came in holds from then on.
        world.workflows.unchoose("risky");
        world.restart();
        const auto later = submit("risky", "3", 4);
        QCOMPARE(later->summary->workflow, std::string("standard"));
        QVERIFY(world.act(large->id, Action::Complete, Role::Support).has_value());
        QCOMPARE(world.open(large->id)->step.name, std::string("pay"));
        QVERIFY(world.act(small->id, Action::Cancel).has_value());
        checkInvariants(world, {large->id, small->id, usual->id, later->id});
    }

    void runsAnOrderThrough();
    void knowsARepeatFromAnotherOrder();
    void keepsKeysAcrossRestarts();
    void triesAgainUntilAPersonIsNeeded();
    void undoesWhatWasDoneWhenCanceled();
    void waitsForAnAttemptInHandBeforeUndoing();
    void givesTheLastUnitToOneOrder();
    void addsUpLinesOfOneSku();
    void handsDueAttemptsOutAgainAfterARestart();
    void neverHandsOutMoreThanItMay();
    void acknowledgesNothingThatIsNotWritten();
    void goesOnWhenTheDiskHasRoomAgain();
    void aClockSetBackMakesAFullDiskNoLonger();
    void aTimerKeepsItsTimeWhileTheDiskIsFull();
    void refusesNothingForWhatIsNotWritten();
    void releasesHoldsWhenTheyExpire();
    void goesOnWhenATimersTimeHasCome();
    void cancelsByItselfWhereTheWorkflowSaysSo();
    void givesSnapshotsInParts();
    void keepsItsBooksWhateverHappens();
};

void PartitionTest::runsAnOrderThrough()
{
    EngineWorld world;
    const auto accepted = world.submit(sampleOrder("1"));
    QVERIFY(accepted.has_value());
    const OrderId id = accepted->order->id;
    QCOMPARE(accepted->order->step.name, std::string("pay")); // validated in the same batch
    QCOMPARE(id.slot(), slotOf("test", "1"));
    QCOMPARE(world.service->waiting(), std::size_t{1});
    world.succeed(R"({"payment_id":"p1"})");
    QCOMPARE(world.open(id)->step.name, std::string("pick"));
    for (int i = 0; i < 3; ++i)
        QVERIFY(world.act(id, Action::Complete, Role::Warehouse).has_value());
    QVERIFY(world.open(id) == nullptr);
    QCOMPARE(stateOf(world.stored(id)), OrderState::Completed);
    checkInvariants(world, {id});
    checkPublished(world);
}

void PartitionTest::knowsARepeatFromAnotherOrder()
{
    EngineWorld world;
    auto other = sampleOrder("1");
    other.customer.name = "Grace";
    const auto first = world.submit({sampleOrder("1"), sampleOrder("1"), other}); // all in one batch
    QVERIFY(first[0].has_value() && !first[0]->replayed);
    QVERIFY(first[1].has_value() && first[1]->replayed);
    QVERIFY(first[1]->order->id == first[0]->order->id);
    QCOMPARE(first[2].error().code, ErrorCode::OrderExists);
    const auto later = world.submit({sampleOrder("1"), other}); // and once it is on disk
    QVERIFY(later[0].has_value() && later[0]->replayed);
    QVERIFY(later[0]->order->id == first[0]->order->id);
    QCOMPARE(later[1].error().code, ErrorCode::OrderExists);
    checkInvariants(world, {first[0]->order->id});
}

void PartitionTest::keepsKeysAcrossRestarts()
{
    EngineWorld world;
    const auto first = world.submit({sampleOrder("1"), sampleOrder("1"), sampleOrder("2")},
        {keyOf("k", 1), keyOf("k", 1), keyOf("k", 2)});
    QVERIFY(first[0].has_value() && !first[0]->replayed);
    QVERIFY(first[1].has_value() && first[1]->replayed);
    QCOMPARE(first[2].error().code, ErrorCode::IdempotencyKeyReused);
    world.restart();
    const auto later = world.submit({sampleOrder("1"), sampleOrder("2")}, {keyOf("k", 1), keyOf("k", 2)});
    QVERIFY(later[0].has_value() && later[0]->replayed);
    QCOMPARE(later[1].error().code, ErrorCode::IdempotencyKeyReused);
}

void PartitionTest::triesAgainUntilAPersonIsNeeded()
{
    EngineWorld world;
    const OrderId id = world.submit(sampleOrder("1"))->order->id;
    std::set<std::string> keys;
    for (int attempt = 1; attempt < 5; ++attempt) {
        auto call = world.service->take();
        QCOMPARE(call.task.attempt, static_cast<std::uint32_t>(attempt));
        keys.insert(call.task.idempotencyKey);
        call.done({.code = "service_error", .message = "503"});
        QVERIFY(world.run().has_value());
        QCOMPARE(stateOf(*world.open(id)), OrderState::Waiting);
        QCOMPARE(world.service->waiting(), std::size_t{0});
        world.clock.advance(std::chrono::minutes(1));
        QVERIFY(world.run().has_value());
        QCOMPARE(stateOf(*world.open(id)), OrderState::Running);
    }
    QCOMPARE(keys.size(), std::size_t{1}); // the service can tell that it is the same payment
    world.fail("service_error");
    QCOMPARE(stateOf(*world.open(id)), OrderState::Failed);
    QCOMPARE(world.open(id)->incident->code, std::string("service_error"));
    QVERIFY(world.act(id, Action::Retry, Role::Support).has_value());
    QCOMPARE(world.service->waiting(), std::size_t{1});
    world.succeed();
    QCOMPARE(world.open(id)->step.name, std::string("pick"));
    checkInvariants(world, {id});
}

void PartitionTest::undoesWhatWasDoneWhenCanceled()
{
    EngineWorld world;
    world.setStock("tracked", 5);
    const OrderId id = world.submit(sampleOrder("1", "tracked", 2))->order->id;
    world.succeed();
    QCOMPARE(reserved(world, "tracked"), std::int64_t{2});
    QVERIFY(world.act(id, Action::Cancel).has_value());
    QCOMPARE(stateOf(*world.open(id)), OrderState::Compensating);
    QCOMPARE(world.service->waiting(), std::size_t{1});
    auto refund = world.service->take();
    QCOMPARE(refund.task.handler, std::string("payment.refund"));
    refund.done({.succeeded = true});
    QVERIFY(world.run().has_value());
    QCOMPARE(stateOf(world.stored(id)), OrderState::Canceled);
    QCOMPARE(reserved(world, "tracked"), std::int64_t{0});
    QCOMPARE(onHand(world, "tracked"), std::int64_t{5});
    checkInvariants(world, {id});
}

void PartitionTest::waitsForAnAttemptInHandBeforeUndoing()
{
    EngineWorld world;
    const OrderId id = world.submit(sampleOrder("1"))->order->id;
    QVERIFY(world.act(id, Action::Cancel).has_value());
    // The payment is still on its way: a refund now could overtake it.
    QCOMPARE(world.service->waiting(), std::size_t{1});
    auto payment = world.service->take();
    QCOMPARE(payment.task.handler, std::string("payment.capture"));
    payment.done({.succeeded = true});
    QVERIFY(world.run().has_value());
    QCOMPARE(stateOf(*world.open(id)), OrderState::Compensating); // its result is stale and changed nothing
    QCOMPARE(world.service->waiting(), std::size_t{1});
    world.succeed();
    QCOMPARE(stateOf(world.stored(id)), OrderState::Canceled);
    checkInvariants(world, {id});
}

void PartitionTest::givesTheLastUnitToOneOrder()
{
    EngineWorld world;
    world.setStock("rare", 1);
    const auto orders = world.submit({sampleOrder("1", "rare"), sampleOrder("2", "rare")});
    auto first = world.service->take();
    auto second = world.service->take();
    first.done({.succeeded = true});
    second.done({.succeeded = true});
    QVERIFY(world.run().has_value()); // both ask for it in one batch
    const auto winner = world.open(first.task.order->id);
    const auto loser = world.open(second.task.order->id);
    QCOMPARE(winner->step.name, std::string("pick"));
    QCOMPARE(loser->step.name, std::string("allocate"));
    QCOMPARE(loser->incident->code, std::string("out_of_stock"));
    QVERIFY(loser->incident->message.find("rare (wanted 1, available 0)") != std::string::npos);
    QCOMPARE(reserved(world, "rare"), std::int64_t{1});
    world.setStock("rare", 2);
    QVERIFY(world.act(loser->id, Action::Retry).has_value());
    QCOMPARE(world.open(loser->id)->step.name, std::string("pick"));
    for (int i = 0; i < 3; ++i)
        QVERIFY(world.act(winner->id, Action::Complete).has_value());
    QCOMPARE(onHand(world, "rare"), std::int64_t{1}); // what left is gone from both columns
    QCOMPARE(reserved(world, "rare"), std::int64_t{1});
}

void PartitionTest::addsUpLinesOfOneSku()
{
    EngineWorld world;
    world.setStock("twice", 3);
    auto order = sampleOrder("1", "twice", 2);
    order.lines.push_back(order.lines.front());
    order.total *= 2;
    order.payments.front().amount = order.total;
    const OrderId id = world.submit(order)->order->id;
    world.succeed();
    QCOMPARE(world.open(id)->incident->code,
        std::string("out_of_stock")); // 2 + 2 of 3, though each line alone would fit
    QCOMPARE(reserved(world, "twice"), std::int64_t{0});
}

void PartitionTest::handsDueAttemptsOutAgainAfterARestart()
{
    EngineWorld world;
    const auto orders = world.submit({sampleOrder("1"), sampleOrder("2"), sampleOrder("3")});
    const std::string key = world.service->take().task.idempotencyKey;
    world.fail("service_error"); // order 2 waits for its next attempt
    const auto digest = world.partition->book().digest();
    const auto epoch = world.partition->info().epoch;
    world.restart();
    QCOMPARE(world.partition->book().digest(), digest);
    QCOMPARE(world.partition->info().epoch, epoch + 1);
    QCOMPARE(world.service->waiting(), std::size_t{2});
    const std::set<std::string> again{
        world.service->take().task.idempotencyKey, world.service->take().task.idempotencyKey};
    QVERIFY(again.contains(key)); // so the service can tell that it is the same payment
    world.clock.advance(std::chrono::minutes(1));
    QVERIFY(world.run().has_value());
    QCOMPARE(world.service->waiting(), std::size_t{1}); // order 2 again: its timer survived
    checkInvariants(world, {orders[0]->order->id, orders[1]->order->id, orders[2]->order->id});
}

void PartitionTest::neverHandsOutMoreThanItMay()
{
    EngineWorld world;
    world.maxInHand = 2;
    world.restart();
    std::vector<OrderDocument> documents;
    for (int i = 0; i < 10; ++i)
        documents.push_back(sampleOrder(std::to_string(i)));
    world.submit(documents);
    for (int done = 0; done < 10; ++done) {
        QCOMPARE(world.service->waiting(), std::min<std::size_t>(2, 10 - static_cast<std::size_t>(done)));
        world.succeed();
    }
}

void PartitionTest::acknowledgesNothingThatIsNotWritten()
{
    EngineWorld world;
    const OrderId id = world.submit(sampleOrder("1"))->order->id;
    const auto published = world.published.size();
    world.faults.nextCommit = Error{ErrorCode::Unavailable, "the disk broke"};
    std::vector<Result<engine::CommandOutcome>> answers;
    engine::OrderCommand command{id, {}};
    command.command.body = TakeAction{Action::Cancel, "because"};
    command.command.role = Role::Admin;
    command.reply = [&](const auto& answer) { answers.push_back(answer); };
    std::vector<engine::Message> messages;
    messages.emplace_back(std::move(command));
    const auto done = world.run(std::move(messages));
    QVERIFY(!done.has_value()); // the partition says that it can't go on
    QCOMPARE(answers.size(), std::size_t{1});
    QCOMPARE(answers.front().error().code, ErrorCode::Unavailable);
    QCOMPARE(world.published.size(), published);
    world.restart();
    QCOMPARE(stateOf(*world.open(id)), OrderState::Running);
}

void PartitionTest::goesOnWhenTheDiskHasRoomAgain()
{
    EngineWorld world;
    const OrderId id = world.submit(sampleOrder("1"))->order->id;
    world.faults.nextCommit = Error{ErrorCode::StorageFull, "no room"};
    QCOMPARE(world.submit(sampleOrder("2")).error().code, ErrorCode::StorageFull);
    world.faults.nextCommit = Error{ErrorCode::StorageFull, "no room"};
    world.succeed(); // the payment's result can't be written now …
    QCOMPARE(world.open(id)->step.name, std::string("pay"));
    world.clock.advance(std::chrono::seconds(2));
    QVERIFY(world.run().has_value()); // … but is not lost
    QCOMPARE(world.open(id)->step.name, std::string("pick"));
    world.faults.nextBegin = Error{ErrorCode::StorageFull, "no room"};
    QCOMPARE(world.submit(sampleOrder("2")).error().code, ErrorCode::StorageFull); // not even to begin
    const auto second = world.submit(sampleOrder("2"));
    QVERIFY(second.has_value() && !second->replayed);
    checkInvariants(world, {id, second->order->id});
    checkPublished(world);
}

void PartitionTest::aClockSetBackMakesAFullDiskNoLonger()
{
    EngineWorld world;
    const OrderId id = world.submit(sampleOrder("1"))->order->id;
    world.faults.nextCommit = Error{ErrorCode::StorageFull, "no room"};
    world.succeed(); // can't be written, and is tried again in a second
    world.clock.jump(std::chrono::hours(-3)); // of those that go by, whatever the wall clock says
    const auto next = world.partition->nextTimer();
    QVERIFY(next && *next <= world.clock.now() + std::chrono::seconds(1));
    world.clock.advance(std::chrono::seconds(1));
    QVERIFY(world.run().has_value());
    QCOMPARE(world.open(id)->step.name, std::string("pick"));
}

void PartitionTest::aTimerKeepsItsTimeWhileTheDiskIsFull()
{
    const Workflow workflow{.name = "timed",
        .steps = {{.name = "cool_down", .kind = StepKind::Timer, .delay = std::chrono::seconds(10)},
            {.name = "pick", .kind = StepKind::Manual}}};
    EngineWorld world(1, workflow);
    const OrderId id = world.submit(sampleOrder("1"))->order->id;
    world.clock.jump(std::chrono::hours(1)); // somebody sets the clock wrong,
    world.faults.nextCommit = Error{ErrorCode::StorageFull, "no room"};
    QVERIFY(world.run().has_value()); // so that the timer is due, and can't be written,
    world.clock.jump(std::chrono::hours(-1)); // and right again
    world.clock.advance(std::chrono::seconds(10));
    QVERIFY(world.partition->nextTimer() <= world.clock.now());
    QVERIFY(world.run().has_value());
    QCOMPARE(world.open(id)->step.name, std::string("pick"));
}

void PartitionTest::refusesNothingForWhatIsNotWritten()
{
    EngineWorld world;
    const OrderId id = world.submit(sampleOrder("1"))->order->id;
    std::vector<Result<engine::CommandOutcome>> answers;
    std::vector<engine::Message> messages;
    for (int i = 0; i < 2; ++i) {
        engine::OrderCommand command{id, {}};
        command.command.body =
            TakeAction{.action = Action::Hold, .reason = "because", .holdId = "h" + std::to_string(i)};
        command.command.role = Role::Admin;
        command.command.expectedVersion = world.open(id)->version;
        command.reply = [&](const auto& answer) { answers.push_back(answer); };
        messages.emplace_back(std::move(command));
    }
    world.faults.nextCommit = Error{ErrorCode::StorageFull, "no room"};
    QVERIFY(world.run(std::move(messages)).has_value());
    QCOMPARE(answers.size(), std::size_t{2});
    // The second would be refused on the version that the first made; but that was never written.
    for (const auto& answer : answers)
        QCOMPARE(answer.error().code, ErrorCode::StorageFull);
}

void PartitionTest::releasesHoldsWhenTheyExpire()
{
    EngineWorld world;
    const OrderId id = world.submit(sampleOrder("1"))->order->id;
    engine::OrderCommand command{id, {}};
    TakeAction hold{Action::Hold, "fraud check"};
    hold.holdId = "h1";
    hold.expiresAt = world.clock.now() + std::chrono::hours(1);
    command.command.body = hold;
    command.command.role = Role::Support;
    std::vector<engine::Message> messages;
    messages.emplace_back(std::move(command));
    QVERIFY(world.run(std::move(messages)).has_value());
    QCOMPARE(stateOf(*world.open(id)), OrderState::Waiting);
    world.succeed(); // what was in hand is recorded all the same, but the next step waits
    QCOMPARE(world.open(id)->step.name, std::string("allocate"));
    world.restart();
    world.clock.advance(std::chrono::hours(1));
    QVERIFY(world.run().has_value());
    QVERIFY(world.open(id)->holds.empty());
    QCOMPARE(world.open(id)->step.name, std::string("pick"));
    checkInvariants(world, {id});
}

void PartitionTest::goesOnWhenATimersTimeHasCome()
{
    Workflow workflow{.name = "timed",
        .steps = {{.name = "cool_down", .kind = StepKind::Timer, .delay = std::chrono::hours(1)},
            {.name = "review",
                .kind = StepKind::Approval,
                .role = Role::Support,
                .approvals = 2,
                .target = std::chrono::hours(2)}}};
    EngineWorld world(1, workflow);
    const OrderId id = world.submit(sampleOrder("1"))->order->id;
    const OrderId held = world.submit(sampleOrder("2"))->order->id;
    QVERIFY(world.act(held, Action::Hold).has_value());
    QCOMPARE(world.partition->nextTimer(), std::optional(world.clock.now() + std::chrono::hours(1)));
    world.clock.advance(std::chrono::minutes(59));
    world.restart(); // what a timer waits for is in the store
    QVERIFY(world.run().has_value());
    QCOMPARE(world.open(id)->step.name, std::string("cool_down"));
    world.clock.advance(std::chrono::minutes(1));
    QVERIFY(world.run().has_value());
    QCOMPARE(world.open(id)->step.name, std::string("review"));
    QCOMPARE(world.open(held)->step.name, std::string("cool_down"));
    QVERIFY(world.act(held, Action::Release).has_value());
    QVERIFY(world.run().has_value()); // its time is over
    QCOMPARE(world.open(held)->step.name, std::string("review"));
    world.restart();
    QCOMPARE(int(world.open(id)->step.approvals), 2); // and so is what an approval waits for
    QVERIFY(world.act(id, Action::Approve, Role::Support).has_value());
    checkInvariants(world, {id, held});
}

void PartitionTest::cancelsByItselfWhereTheWorkflowSaysSo()
{
    Workflow workflow = standardWorkflow();
    workflow.steps[1].cancelCodes = {"declined"};
    EngineWorld world(1, workflow);
    const OrderId id = world.submit(sampleOrder("1"))->order->id;
    world.fail("declined", true);
    QCOMPARE(world.service->take().task.handler, std::string("payment.refund"));
    QCOMPARE(stateOf(*world.open(id)), OrderState::Compensating);
    checkInvariants(world, {id});
}

void PartitionTest::givesSnapshotsInParts()
{
    EngineWorld world;
    std::vector<OrderDocument> documents;
    for (int i = 0; i < 25; ++i)
        documents.push_back(sampleOrder(std::to_string(i)));
    world.submit(documents);
    std::uint64_t digest = 0;
    std::size_t count = 0;
    std::optional<OrderId> after;
    for (bool isLast = false; !isLast;) {
        std::vector<engine::Message> messages;
        messages.emplace_back(engine::SnapshotRequest{after, 10, [&](const engine::SnapshotPart& part) {
                                                          isLast = part.isLast;
                                                          for (const auto& order : part.orders) {
                                                              QVERIFY(!after || order->id > *after);
                                                              after = order->id;
                                                              digest += digestOf(*order);
                                                              ++count;
                                                          }
                                                      }});
        QVERIFY(world.run(std::move(messages)).has_value());
    }
    QCOMPARE(count, std::size_t{25});
    QCOMPARE(digest, world.partition->book().digest());
}

void PartitionTest::keepsItsBooksWhateverHappens()
{
    const auto seed = qEnvironmentVariableIsSet("GANTRY_SEED")
        ? qEnvironmentVariable("GANTRY_SEED").toULongLong()
        : std::random_device{}();
    qInfo("GANTRY_SEED=%llu replays this run", static_cast<unsigned long long>(seed));
    SeededRandom random(seed);
    const auto pick = [&](std::size_t count) { return static_cast<std::size_t>(random.next() % count); };
    EngineWorld world(seed);
    world.setStock("rare", 10);
    std::vector<OrderId> orders;
    for (int step = 0; step < 600; ++step) {
        switch (pick(9)) {
        case 0:
        case 1: {
            const auto quantity = static_cast<std::int64_t>(1 + pick(3));
            const auto outcomes = world.submit({sampleOrder(std::to_string(pick(80)), "rare", quantity),
                sampleOrder(std::to_string(pick(80)), "plain", quantity)});
            for (const auto& outcome : outcomes)
                if (outcome && !outcome->replayed)
                    orders.push_back(outcome->order->id);
            break;
        }
        case 2:
        case 3:
            if (world.service->waiting() > 0)
                world.succeed();
            break;
        case 4:
            if (world.service->waiting() > 0)
                world.fail(pick(2) == 0 ? "declined" : "service_error", pick(4) == 0);
            break;
        case 5: world.clock.advance(std::chrono::seconds(pick(60))); break;
        case 6:
        case 7:
            if (!orders.empty())
                static_cast<void>(world.act(orders[pick(orders.size())], allActions[pick(allActions.size())],
                    static_cast<Role>(pick(4))));
            break;
        default:
            if (pick(10) == 0)
                world.restart();
            else
                QVERIFY(world.run().has_value());
        }
        const auto level = *world.reader->readStock("rare");
        QVERIFY(level->reserved >= 0 && level->reserved <= level->onHand);
    }
    checkInvariants(world, orders);
    checkPublished(world);
    // Reserved is exactly what the open orders beyond allocate have asked for; what completed took its goods along.
    std::int64_t expected = 0;
    std::int64_t left = 10;
    for (const OrderId& id : orders) {
        const Order order = world.stored(id);
        const auto stored = world.reader->readOrder(id);
        const bool wantsRare = stored->document.find("\"rare\"") != std::string::npos;
        bool isAllocated = false;
        const auto events = world.reader->readEventsOfOrder(id, 0, 1000);
        for (const auto& record : *events) {
            const auto* completed = std::get_if<StepCompleted>(&record.logged.event.body);
            isAllocated = isAllocated || (completed && completed->step == "allocate");
        }
        if (!wantsRare || !isAllocated)
            continue;
        if (order.outcome == Outcome::Open)
            expected += order.summary->quantity;
        else if (order.outcome == Outcome::Completed)
            left -= order.summary->quantity;
    }
    QCOMPARE(reserved(world, "rare"), expected);
    QCOMPARE(onHand(world, "rare"), left);
}

QTEST_GUILESS_MAIN(PartitionTest)
#include "tst_partition.moc"
