// SPDX-License-Identifier: GPL-3.0-or-later
// Bulk actions through a whole partition on a real store.
#include "tests/daemon/bulk/bulk_world.h"

#include <QTest>

using namespace gantry;
using namespace gantry::test;
using bulk::Steer;

namespace {

store::BulkRecord holdRecord(std::optional<std::string> key = {})
{
    return {.action = Action::Hold,
        .reason = "stock count",
        .createdBy = "ann",
        .role = Role::Support,
        .key = std::move(key),
        .fingerprint = "print",
        .rate = 1000};
}

} // namespace

class BulkRunnerTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void aRetryIsDoneWhenItsStepsAre()
    {
        BulkWorld world;
        const auto orders = world.failedOrders(5);
        const std::string id = world.retry(orders);
        world.go(seconds(2));
        // The incidents are cleared, and nothing is claimed for that.
        QCOMPARE(world.count(id, MemberResult::Running), std::int64_t{5});
        QCOMPARE(world.record(id).state, BulkState::Running);
        QCOMPARE(world.serve(), std::size_t{5});
        QVERIFY(world.goToEnd(id));
        QCOMPARE(world.count(id, MemberResult::Fixed), std::int64_t{5});
        for (const store::BulkMember& member : world.members(id)) {
            QVERIFY(member.at && member.versionAfter == member.version + 1);
            QCOMPARE(world.eventsOf(member.order, "step_retried"), std::size_t{1});
        }
        const auto log = *world.reader->listBulkLog(world.record(id).number);
        QCOMPARE(log.size(), std::size_t{2});
        QVERIFY(log[0].what == "created" && log[0].actor == "ann" && log[1].what == "completed");
        QVERIFY(world.record(id).finishedAt.has_value());
    }

    void eachResultIsItsOwn()
    {
        BulkWorld world;
        const auto orders = world.failedOrders(4);
        const std::string id = world.retry(orders);
        world.go(seconds(1));
        auto tasks = world.claim();
        QCOMPARE(tasks.size(), std::size_t{4});
        std::sort(tasks.begin(), tasks.end(),
            [](const auto& a, const auto& b) { return a.order->id < b.order->id; });
        QVERIFY(world.complete(tasks[0].token));
        QVERIFY(world.failTask(tasks[1].token, "refused", true));
        QVERIFY(world.failTask(tasks[2].token, "no_card", true));
        QVERIFY(world.act(tasks[3].order->id, Action::Cancel));
        QVERIFY(world.goToEnd(id));
        std::map<OrderId, store::BulkMember> byOrder;
        for (const store::BulkMember& member : world.members(id))
            byOrder.emplace(member.order, member);
        const auto of = [&](std::size_t i) { return byOrder.at(tasks[i].order->id); };
        QCOMPARE(of(0).result, MemberResult::Fixed);
        QVERIFY(of(1).result == MemberResult::FailedAgain && of(1).code == "refused"
            && of(1).step == "authorize");
        QVERIFY(of(2).result == MemberResult::FailedAnew && of(2).code == "no_card");
        QCOMPARE(of(3).result, MemberResult::Superseded);
    }

    void withoutWorkersItSaysSoAndStillNotices()
    {
        BulkWorld world;
        const auto orders = world.failedOrders(2);
        const std::string id = world.retry(orders);
        world.go(seconds(70));
        QCOMPARE(world.record(id).state, BulkState::Completed);
        QCOMPARE(world.count(id, MemberResult::NotPickedUp), std::int64_t{2});
        QCOMPARE(world.members(id).front().code, std::string("not_picked_up"));
        world.crash(); // and it is still looked at
        QCOMPARE(world.serve(), std::size_t{2});
        world.go(seconds(1));
        QCOMPARE(world.count(id, MemberResult::Fixed), std::int64_t{2});
        QCOMPARE(world.record(id).state, BulkState::Completed);
        QVERIFY(!world.runner->next());
    }

    void anImpatientRetryDoesNotHideWhatWasKnown()
    {
        BulkWorld world;
        const auto orders = world.failedOrders(2);
        const std::string id = world.retry(orders);
        world.clock.advance(seconds(1));
        world.round();
        world.round();
        // Between two looks: one fails again, the other one not; then somebody retries both.
        auto tasks = world.claim();
        QVERIFY(world.failTask(tasks[0].token, "refused", true));
        QVERIFY(world.act(tasks[0].order->id, Action::Retry));
        QVERIFY(world.failTask(tasks[1].token, "hiccup"));
        QVERIFY(world.act(tasks[1].order->id, Action::Retry));
        QVERIFY(world.goToEnd(id));
        for (const store::BulkMember& member : world.members(id)) {
            const bool isFirst = member.order == tasks[0].order->id;
            QCOMPARE(member.result, isFirst ? MemberResult::FailedAgain : MemberResult::Superseded);
        }
    }

    void whatArrivesLaterIsNotInIt()
    {
        BulkWorld world;
        const auto orders = world.failedOrders(2);
        const std::string id = world.retry(orders, {.rate = 1});
        const auto late = world.failedOrders(1);
        world.go(seconds(5));
        world.serve();
        QVERIFY(world.goToEnd(id));
        QCOMPARE(world.record(id).total, std::int64_t{2});
        QVERIFY(world.open(late.front())->incident.has_value());
        QCOMPARE(world.eventsOf(late.front(), "step_retried"), std::size_t{0});
    }

    void whatChangedIsLeftAloneAndListedApart()
    {
        BulkWorld world;
        const auto orders = world.failedOrders(4);
        store::BulkRecord slow = holdRecord();
        slow.rate = 1;
        const std::string id = world.create(slow, orders)->record.id;
        // Before their turn: one is retried and fails the same way again, so it looks as it did; one is gone.
        QVERIFY(world.act(orders[1], Action::Retry));
        world.serve("refused");
        QVERIFY(world.act(orders[2], Action::Cancel));
        world.serve();
        QVERIFY(world.goToEnd(id));
        const auto members = world.members(id);
        QCOMPARE(members[0].result, MemberResult::Done);
        QCOMPARE(members[1].result, MemberResult::Changed);
        QCOMPARE(members[2].result, MemberResult::Changed);
        QCOMPARE(members[3].result, MemberResult::Done);
        QCOMPARE(world.eventsOf(orders[1], "hold_placed"), std::size_t{0});
        QVERIFY(!members[1].versionAfter);
    }

    void whatIsNotAllowedIsRefusedWithItsCode()
    {
        BulkWorld world;
        const auto failed = world.failedOrders(1);
        const OrderId running = world.take("running");
        const OrderId unknown = OrderId::make(fromMillis(1), 5, {6, 7});
        const std::string id = world.retry({running, unknown, failed.front()});
        world.go(seconds(2));
        const auto members = world.members(id);
        QVERIFY(members[0].result == MemberResult::Refused && members[0].code == "action_not_allowed");
        QVERIFY(members[1].result == MemberResult::Refused && members[1].code == "not_found");
        QCOMPARE(members[2].result, MemberResult::Running);
    }

    void theRoleOfWhoeverAskedHolds()
    {
        BulkWorld world;
        const auto orders = world.failedOrders(1);
        store::BulkRecord record = holdRecord();
        record.action = Action::Override;
        record.role = Role::Warehouse;
        const auto created = world.create(std::move(record), orders);
        QVERIFY(world.goToEnd(created->record.id));
        const auto member = world.members(created->record.id).front();
        QVERIFY(member.result == MemberResult::Refused && member.code == "forbidden");
        QVERIFY(world.open(orders.front())->incident.has_value());
    }

    void eachActionDoesWhatItSays()
    {
        BulkWorld world;
        const auto orders = world.failedOrders(2);
        const auto held = world.create(holdRecord(), orders);
        QVERIFY(world.goToEnd(held->record.id));
        QCOMPARE(world.count(held->record.id, MemberResult::Done), std::int64_t{2});
        QCOMPARE(world.open(orders[0])->holds.front().reason, std::string("stock count"));
        QCOMPARE(world.open(orders[0])->holds.front().owner, std::string("ann"));
        store::BulkRecord release = holdRecord();
        release.action = Action::Release;
        release.holdId = world.open(orders[0])->holds.front().id;
        QVERIFY(world.goToEnd(world.create(release, orders)->record.id));
        QVERIFY(world.open(orders[1])->holds.empty());
        store::BulkRecord overriding = holdRecord();
        overriding.action = Action::Override;
        overriding.step = "pack"; // they stand at authorize: nothing may be skipped by mistake
        const auto wrong = world.create(overriding, orders);
        QVERIFY(world.goToEnd(wrong->record.id));
        QCOMPARE(world.count(wrong->record.id, MemberResult::Refused), std::int64_t{2});
        overriding.step = "authorize";
        QVERIFY(world.goToEnd(world.create(overriding, orders)->record.id));
        QCOMPARE(world.open(orders[0])->step.name, std::string("pack"));
        store::BulkRecord cancel = holdRecord();
        cancel.action = Action::Cancel;
        QVERIFY(world.goToEnd(world.create(cancel, orders)->record.id));
        QVERIFY(world.open(orders[0])->compensating);
    }

    void theCanaryIsAwaitedAndStopsIt()
    {
        BulkWorld world;
        const auto orders = world.failedOrders(60);
        const std::string id = world.retry(orders, {.rate = 20, .canary = 3, .stopAfter = 2});
        world.go(seconds(10));
        QCOMPARE(world.count(id, MemberResult::Running), std::int64_t{3});
        QCOMPARE(world.count(id, MemberResult::Pending), std::int64_t{57});
        world.serve("refused");
        world.go(seconds(2));
        const store::BulkRecord stopped = world.record(id);
        QCOMPARE(stopped.state, BulkState::Stopped);
        QVERIFY(stopped.stop == (store::BulkStop{"authorize", "refused", 2}));
        QCOMPARE(world.count(id, MemberResult::Pending), std::int64_t{57});
        world.go(seconds(30));
        QCOMPARE(world.claim().size(), std::size_t{0});
        // Mended now: it begins with a canary again, and goes on at its rate.
        QVERIFY(world.steer(id, Steer::Resume));
        world.go(seconds(2));
        QCOMPARE(world.count(id, MemberResult::Running), std::int64_t{3});
        world.serve();
        world.go(milliseconds(600));
        const auto sent = 57 - 3 - world.count(id, MemberResult::Pending);
        QVERIFY2(sent >= 4 && sent <= 20, std::to_string(sent).c_str());
        for (int i = 0; i < 20; ++i) {
            world.go(milliseconds(200));
            world.serve();
        }
        QVERIFY(world.goToEnd(id));
        QCOMPARE(world.count(id, MemberResult::Fixed), std::int64_t{57});
        QCOMPARE(world.count(id, MemberResult::FailedAgain), std::int64_t{3});
    }

    void pausesResumesAndCancels()
    {
        BulkWorld world;
        const auto orders = world.failedOrders(30);
        store::BulkRecord slow = holdRecord();
        slow.rate = 10;
        const std::string id = world.create(slow, orders)->record.id;
        world.go(seconds(1));
        const auto paused = world.steer(id, Steer::Pause);
        QVERIFY(paused);
        QCOMPARE(paused->state, BulkState::Paused);
        world.go(seconds(1));
        const auto done = world.count(id, MemberResult::Done);
        QVERIFY(done >= 9 && done <= 12);
        world.crash();
        world.go(seconds(10));
        QCOMPARE(world.count(id, MemberResult::Done), done);
        QVERIFY(!world.steer(id, Steer::Pause));
        QVERIFY(world.steer(id, Steer::Resume));
        world.go(seconds(1));
        QVERIFY(world.count(id, MemberResult::Done) > done);
        QVERIFY(world.steer(id, Steer::Cancel));
        world.go(seconds(1));
        const store::BulkRecord ended = world.record(id);
        QCOMPARE(ended.state, BulkState::Canceled);
        QCOMPARE(world.count(id, MemberResult::Pending), std::int64_t{0});
        QCOMPARE(
            world.count(id, MemberResult::Done) + world.count(id, MemberResult::Skipped), std::int64_t{30});
        const auto refused = world.steer(id, Steer::Resume);
        QVERIFY(!refused && refused.error().code == ErrorCode::ActionNotAllowed);
        std::vector<std::string> what;
        const auto log = *world.reader->listBulkLog(ended.number);
        for (const store::BulkLogEntry& entry : log)
            what.push_back(entry.actor + ' ' + entry.what);
        QVERIFY(
            (what == std::vector<std::string>{"ann created", "bob paused", "bob resumed", "bob canceled"}));
    }

    void aRestartWhileStoppedForgetsNothing()
    {
        BulkWorld world;
        const std::string id =
            world.retry(world.failedOrders(9), {.rate = 1000, .canary = 2, .stopAfter = 2});
        world.go(seconds(1));
        world.serve("refused");
        world.go(seconds(1));
        const store::BulkRecord stopped = world.record(id);
        QCOMPARE(stopped.state, BulkState::Stopped);
        world.crash();
        QVERIFY(world.steer(id, Steer::Resume));
        world.go(seconds(1));
        QVERIFY(world.record(id).stop == stopped.stop);
        QCOMPARE(world.record(id).round, std::uint32_t{1});
        QCOMPARE(world.count(id, MemberResult::Running), std::int64_t{2}); // a canary of its own
        world.crash();
        world.go(seconds(1));
        QCOMPARE(world.count(id, MemberResult::Running), std::int64_t{2});
        QCOMPARE(world.members(id)[2].round, std::uint32_t{1});
        QCOMPARE(world.members(id)[0].round, std::uint32_t{0});
    }

    void aRetriedOrderOnHoldKeepsNothingUp()
    {
        BulkWorld world;
        const auto orders = world.failedOrders(2);
        QVERIFY(world.act(orders[0], Action::Hold));
        const std::string id = world.retry(orders);
        world.go(seconds(1));
        world.serve();
        QVERIFY(world.goToEnd(id));
        QCOMPARE(world.count(id, MemberResult::Waiting), std::int64_t{1});
        QCOMPARE(world.count(id, MemberResult::Fixed), std::int64_t{1});
        world.crash(); // it has ended, and is still waited for
        QVERIFY(world.act(orders[0], Action::Release));
        world.serve();
        world.go(seconds(1));
        QCOMPARE(world.count(id, MemberResult::Fixed), std::int64_t{2});
        QVERIFY(!world.runner->next());
    }

    void aSteerUnderOneKeyIsDoneOnce()
    {
        BulkWorld world;
        const std::string id = world.retry(world.failedOrders(9), {.rate = 1});
        QVERIFY(world.steer(id, Steer::Pause, Role::Support, "k"));
        const auto again = world.steer(id, Steer::Pause, Role::Support, "k");
        QVERIFY(again && again->state == BulkState::Paused);
        world.crash();
        QVERIFY(world.steer(id, Steer::Pause, Role::Support, "k"));
        const auto other = world.steer(id, Steer::Resume, Role::Support, "k");
        QVERIFY(!other && other.error().code == ErrorCode::IdempotencyKeyReused);
        QCOMPARE(world.reader->listBulkLog(world.record(id).number)->size(), std::size_t{2});
    }

    void whileTheDiskIsFullRequestsAreRefused()
    {
        BulkWorld world;
        const auto orders = world.failedOrders(3);
        const std::string id = world.retry(orders, {.rate = 1});
        world.faults.nextBulkWrite = Error{ErrorCode::StorageFull, "full"};
        world.clock.advance(seconds(2));
        world.round();
        world.round();
        const auto steered = world.steer(id, Steer::Pause);
        QVERIFY(!steered && steered.error().code == ErrorCode::StorageFull);
        const auto created = world.create(holdRecord(), orders);
        QVERIFY(!created && created.error().code == ErrorCode::StorageFull);
        world.go(seconds(3));
        QCOMPARE(world.record(id).state, BulkState::Running);
        QVERIFY(world.steer(id, Steer::Pause));
    }

    void onlyWhoMayActMaySteer()
    {
        BulkWorld world;
        const std::string id = world.retry(world.failedOrders(2), {.rate = 1});
        const auto refused = world.steer(id, Steer::Cancel, Role::Warehouse);
        QVERIFY(!refused && refused.error().code == ErrorCode::Forbidden);
        const auto unknown = world.steer("blk_none", Steer::Cancel);
        QVERIFY(!unknown && unknown.error().code == ErrorCode::NotFound);
        QCOMPARE(world.record(id).state, BulkState::Running);
    }

    void oneKeyMakesOne()
    {
        BulkWorld world;
        const auto orders = world.failedOrders(2);
        const auto first = world.create(holdRecord("k1"), orders);
        QVERIFY(first && !first->replayed);
        const auto again = world.create(holdRecord("k1"), orders);
        QVERIFY(again && again->replayed && again->record.id == first->record.id);
        store::BulkRecord other = holdRecord("k1");
        other.fingerprint = "another";
        const auto refused = world.create(other, orders);
        QVERIFY(!refused && refused.error().code == ErrorCode::IdempotencyKeyReused);
        world.crash();
        QVERIFY(world.create(holdRecord("k1"), orders)->replayed);
        // Also where the filter finds nobody any more; under another key that is nothing to do.
        QVERIFY(world.create(holdRecord("k1"), {})->replayed);
        QCOMPARE(world.create(holdRecord("k2"), {}).error().code, ErrorCode::InvalidValue);
        QCOMPARE(world.reader->listBulks({}, 10)->size(), std::size_t{1});
    }

    void aHalfWrittenListIsNeverActedOn()
    {
        BulkWorld world;
        const auto orders = world.failedOrders(5);
        // 20,000 members are ten writes.
        std::vector<bulk::FrozenOrder> frozen;
        for (int i = 0; i < 4000; ++i)
            for (const OrderId& id : orders)
                frozen.push_back({id, 2});
        QVERIFY(world.queues.back()->post(bulk::CreateBulk{holdRecord("k1"), frozen, [](const auto&) {}}));
        world.round();
        world.round();
        const auto second = world.create(holdRecord("k1"), orders);
        QVERIFY(!second && second.error().code == ErrorCode::IdempotencyInProgress);
        world.crash();
        world.go(seconds(3));
        const auto all = *world.reader->listBulks({}, 10);
        QCOMPARE(all.size(), std::size_t{1});
        QCOMPARE(all.front().state, BulkState::Canceled);
        for (const OrderId& id : orders)
            QVERIFY(world.open(id)->holds.empty());
        const auto& counts = all.front().counts;
        QCOMPARE(counts[static_cast<std::size_t>(MemberResult::Pending)], std::int64_t{0});
        QCOMPARE(counts[static_cast<std::size_t>(MemberResult::Done)], std::int64_t{0});
        // Asked for again, as it says: now it is made.
        const auto again = world.create(holdRecord("k1"), orders);
        QVERIFY(again && !again->replayed);
        QVERIFY(world.goToEnd(again->record.id));
        QCOMPARE(world.count(again->record.id, MemberResult::Done), std::int64_t{5});
    }

    void tooManyAtOnceAreRefused()
    {
        BulkWorld world;
        const auto orders = world.failedOrders(2);
        std::vector<std::string> ids;
        for (std::size_t i = 0; i < bulk::BulkLimits::active; ++i)
            ids.push_back(world.retry(orders, {.rate = 1}));
        const auto refused = world.create(holdRecord(), orders);
        QVERIFY(!refused && refused.error().code == ErrorCode::Busy);
        world.serve();
        for (const std::string& id : ids)
            QVERIFY(world.goToEnd(id));
        QVERIFY(world.create(holdRecord(), orders));
    }

    void aFullDiskAndAFullInboxOnlyDelay()
    {
        BulkWorld world;
        const auto orders = world.failedOrders(10);
        const std::string id = world.create(holdRecord(), orders)->record.id;
        world.faults.nextBulkWrite = Error{ErrorCode::StorageFull, "full"};
        world.go(milliseconds(500));
        world.faults.nextCommit = Error{ErrorCode::StorageFull, "full"};
        world.inbox.room = 1;
        world.go(seconds(5));
        world.inbox.room = 100;
        QVERIFY(world.goToEnd(id));
        QCOMPARE(world.count(id, MemberResult::Done), std::int64_t{10});
        for (const OrderId& order : orders)
            QCOMPARE(world.eventsOf(order, "hold_placed"), std::size_t{1});
    }

    void commandsGoToThePartitionOfTheOrder()
    {
        BulkWorld world;
        const auto orders = world.failedOrders(30);
        HeldInbox low;
        HeldInbox high;
        bulk::BulkQueue queue;
        SeededRandom random(7);
        bulk::BulkRunner runner(
            {world.clock, random, queue, {{0, 511, &low}, {512, 1023, &high}}}, world.openReader());
        QVERIFY(runner.start());
        bulk::CreateBulk request{holdRecord(), {}, [](const auto&) {}};
        for (const OrderId& id : orders)
            request.orders.push_back({id, 2});
        QVERIFY(queue.post(std::move(request)));
        std::size_t commands = 0;
        for (int i = 0; i < 60; ++i) {
            world.clock.advance(milliseconds(100));
            runner.run(queue.take(std::chrono::steady_clock::now()));
            for (HeldInbox* inbox : {&low, &high})
                for (const engine::Message& message : inbox->messages)
                    if (const auto* command = std::get_if<engine::OrderCommand>(&message)) {
                        QCOMPARE(command->order.slot() < 512, inbox == &low);
                        ++commands;
                    }
            for (engine::Message& message : low.messages)
                if (const auto* write = std::get_if<engine::StoreBulk>(&message))
                    write->reply({});
            low.messages.clear();
            high.messages.clear();
        }
        QCOMPARE(commands, orders.size());
    }
};

QTEST_GUILESS_MAIN(BulkRunnerTest)
#include "tst_bulk_runner.moc"
