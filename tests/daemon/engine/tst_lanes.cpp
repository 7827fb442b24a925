// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/engine/lanes.h"
#include "tests/daemon/engine/engine_world.h"

#include <QTest>

using namespace gantry;
using namespace gantry::test;

namespace {

OrderId orderOf(std::uint64_t number)
{
    return OrderId::make(fromMillis(1'770'000'000'000), {}, {1, number});
}

/// The attempt of that order, due so long after the others.
DueKey keyOf(std::uint64_t number, std::chrono::minutes later = {})
{
    return {fromMillis(1'770'000'000'000) + later, orderOf(number)};
}

HttpCall callOf(const char* service)
{
    return {.service = service, .path = *parseTemplate("/x")};
}

/// label (carrier, undone by the archive), then notify (mailer); an order of channel `pos` begins at notify.
Workflow calling()
{
    const RetryPolicy twice{.maxAttempts = 2, .initial = std::chrono::milliseconds(1000)};
    StepDefinition label{
        .name = "label", .kind = StepKind::Http, .handler = "carrier", .compensation = "archive"};
    label.retry = twice;
    label.when = *parseCondition("channel != \"pos\"");
    label.call = callOf("carrier");
    label.undoCall = callOf("archive");
    StepDefinition notify{.name = "notify", .kind = StepKind::Http, .handler = "mailer"};
    notify.call = callOf("mailer");
    return {.name = "calling", .steps = {label, notify}};
}

} // namespace

class LanesTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theOlderOneFirstOfTwoThatAreAsGood()
    {
        engine::Lanes lanes;
        lanes.limit({"a", 1});
        QVERIFY(lanes.enter("a", keyOf(1)));
        QVERIFY(lanes.enter("a", keyOf(1))); // is in it
        QVERIFY(!lanes.enter("a", keyOf(2)));
        QVERIFY(!lanes.enter("a", keyOf(3)));
        QVERIFY(!lanes.enter("a", keyOf(2))); // keeps its place
        QCOMPARE(lanes.waiting(), std::size_t{2});
        QVERIFY(!lanes.next());
        lanes.leave(orderOf(1));
        QVERIFY(!lanes.enter("a", keyOf(4))); // not before those who wait
        QVERIFY(lanes.next() == orderOf(2));
        QVERIFY(lanes.enter("a", keyOf(2)));
        QVERIFY(!lanes.next());
        QCOMPARE(lanes.waiting(), std::size_t{2});
    }

    void theBestRankFirst()
    {
        engine::Lanes lanes;
        lanes.limit({"a", 0});
        for (const auto& [number, later] : {std::pair{1U, 30}, {2U, 10}, {3U, 20}, {4U, 0}})
            QVERIFY(!lanes.enter("a", keyOf(number, std::chrono::minutes(later))));
        lanes.leave(orderOf(4));
        lanes.limit({"a", 3});
        for (const std::uint64_t expected : {2U, 3U, 1U})
            QVERIFY(lanes.next() == orderOf(expected));
        QVERIFY(!lanes.next());
    }

    void oneLaneKeepsNoOtherWaiting()
    {
        engine::Lanes lanes;
        lanes.limit({"a", 0});
        QVERIFY(!lanes.enter("a", keyOf(1)));
        QVERIFY(lanes.enter("b", keyOf(2)));
        QVERIFY(lanes.enter("b", keyOf(1))); // wants another now, and left that
        QCOMPARE(lanes.waiting(), std::size_t{0});
        lanes.limit({"a", 1});
        QVERIFY(!lanes.next());
    }

    void limitsMayChange()
    {
        engine::Lanes lanes;
        lanes.limit({"a", 2});
        QVERIFY(lanes.enter("a", keyOf(1)) && lanes.enter("a", keyOf(2)));
        lanes.limit({"a", 1});
        QVERIFY(!lanes.enter("a", keyOf(3)));
        lanes.leave(orderOf(1));
        QVERIFY(!lanes.next()); // one is still in hand
        lanes.leave(orderOf(2));
        QVERIFY(lanes.next() == orderOf(3));
        lanes.leave(orderOf(9)); // was never here
    }

    void lanesTakeTurns()
    {
        engine::Lanes lanes;
        for (const char* lane : {"a", "b", "c"})
            lanes.limit({lane, 0});
        for (std::uint64_t i = 0; i < 9; ++i)
            QVERIFY(!lanes.enter(std::string(1, static_cast<char>('a' + i / 3)), keyOf(i)));
        for (const char* lane : {"a", "b", "c"})
            lanes.limit({lane, 3});
        for (const std::uint64_t expected : {0U, 3U, 6U, 1U, 4U, 7U, 2U, 5U, 8U})
            QVERIFY(lanes.next() == orderOf(expected));
        QVERIFY(!lanes.next());
    }

    void anOpenBreakerCostsNoAttemptAndKeepsNobodyElseWaiting()
    {
        EngineWorld world(1, calling());
        world.limitLane({"carrier", 0});
        const OrderId one = world.submit(sampleOrder("1"))->order->id;
        auto other = sampleOrder("2");
        other.channel = "pos";
        const OrderId two = world.submit(other)->order->id;
        QCOMPARE(world.service->waiting(), std::size_t{1});
        QVERIFY(world.service->take().task.order->id == two);
        QVERIFY(stateOf(*world.open(one)) == OrderState::Received);
        world.clock.advance(std::chrono::hours(10));
        QVERIFY(world.run());
        QCOMPARE(world.service->waiting(), std::size_t{0});
        QCOMPARE(world.open(one)->attemptsSpent, 0U);
        world.limitLane({"carrier", 1});
        QVERIFY(world.run());
        QCOMPARE(world.service->waiting(), std::size_t{1});
        const auto call = world.service->take();
        QVERIFY(call.task.order->id == one && call.task.attempt == 1 && call.task.call);
        QCOMPARE(call.task.call->service, std::string("carrier"));
    }

    void whatIsHandedBackWaitsAndIsNotRecorded()
    {
        EngineWorld world(1, calling());
        const OrderId id = world.submit(sampleOrder("1"))->order->id;
        const auto version = world.open(id)->version;
        for (int i = 0; i < 3; ++i) {
            const auto call = world.service->take();
            world.limitLane({"carrier", 0});
            call.done({.isHandedBack = true});
            QVERIFY(world.run());
            QCOMPARE(world.service->waiting(), std::size_t{0});
            QCOMPARE(world.open(id)->version, version);
            world.limitLane({"carrier", 1});
            QVERIFY(world.run());
            QCOMPARE(world.service->waiting(), std::size_t{1});
        }
        world.succeed();
        QCOMPARE(world.open(id)->step.name, std::string("notify"));
        QVERIFY(world.replayed(id) == world.stored(id));
    }

    void noHerdWhenAServiceIsBack()
    {
        EngineWorld world(1, calling());
        world.limitLane({"carrier", 0});
        std::vector<OrderDocument> many;
        for (int i = 0; i < 100; ++i)
            many.push_back(sampleOrder(std::to_string(i)));
        world.submit(many);
        QCOMPARE(world.service->waiting(), std::size_t{0});
        world.limitLane({"carrier", 1});
        QVERIFY(world.run());
        QCOMPARE(world.service->waiting(), std::size_t{1});
        world.limitLane({"carrier", 10});
        QVERIFY(world.run());
        QCOMPARE(world.service->waiting(), std::size_t{10});
    }

    void aCanceledOrderIsUndoneWhereverItWaited()
    {
        EngineWorld world(1, calling());
        world.limitLane({"carrier", 0});
        const OrderId id = world.submit(sampleOrder("1"))->order->id;
        QVERIFY(world.act(id, Action::Cancel));
        // The carrier is left alone, but what undoes the step is the archive's.
        QCOMPARE(world.service->waiting(), std::size_t{1});
        const auto undo = world.service->take();
        QCOMPARE(undo.task.handler, std::string("archive"));
        QCOMPARE(undo.task.call->service, std::string("archive"));
        QVERIFY(undo.task.idempotencyKey.ends_with("/undo"));
        undo.done({.succeeded = true});
        QVERIFY(world.run());
        QVERIFY(!world.open(id));
        world.limitLane({"carrier", 5});
        QVERIFY(world.run());
        QCOMPARE(world.service->waiting(), std::size_t{0}); // nobody is left there
    }

    void aHoldTakesAnOrderOutOfItsTurn()
    {
        EngineWorld world(1, calling());
        world.limitLane({"carrier", 0});
        const OrderId one = world.submit(sampleOrder("1"))->order->id;
        const OrderId two = world.submit(sampleOrder("2"))->order->id;
        QVERIFY(world.act(one, Action::Hold));
        world.limitLane({"carrier", 1});
        QVERIFY(world.run());
        QCOMPARE(world.service->waiting(), std::size_t{1});
        QVERIFY(world.service->take().task.order->id == two);
    }

    void anOrderThatChangesWhileItsCallIsMadeKeepsItsPlaceInTheLane()
    {
        EngineWorld world(1, calling());
        world.limitLane({"carrier", 1});
        const OrderId one = world.submit(sampleOrder("1"))->order->id;
        world.submit(sampleOrder("2"));
        QVERIFY(world.act(one, Action::Hold));
        QVERIFY(world.act(one, Action::Release));
        QCOMPARE(world.service->waiting(), std::size_t{1}); // still the first call alone
        world.succeed();
        QCOMPARE(world.service->waiting(), std::size_t{2}); // notify of the first, label of the second
    }
};

QTEST_APPLESS_MAIN(LanesTest)
#include "tst_lanes.moc"
