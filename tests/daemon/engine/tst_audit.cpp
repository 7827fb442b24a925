// SPDX-License-Identifier: GPL-3.0-or-later
// What persons do to orders stands in the audit, each act once, in the transaction that does it; and nothing else does.
#include "daemon/store/audit_hash.h"
#include "tests/daemon/engine/engine_world.h"
#include "tests/shared/support/property.h"

#include <QTest>
#include <algorithm>
#include <set>

using namespace gantry;
using namespace gantry::test;

namespace {

std::vector<AuditEntry> entriesOf(EngineWorld& world)
{
    auto entries = world.reader->listAudit({}, {}, 10'000);
    if (!entries)
        qFatal("%s", entries.error().message.c_str());
    std::reverse(entries->begin(), entries->end());
    return *entries;
}

/// The same command several times in one round.
std::vector<Result<engine::CommandOutcome>> send(
    EngineWorld& world, const engine::OrderCommand& command, std::size_t times)
{
    std::vector<Result<engine::CommandOutcome>> answers;
    std::vector<engine::Message> messages;
    for (std::size_t i = 0; i < times; ++i) {
        engine::OrderCommand copy = command;
        copy.reply = [&answers](const auto& answer) { answers.push_back(answer); };
        messages.emplace_back(std::move(copy));
    }
    static_cast<void>(world.run(std::move(messages)));
    return answers;
}

engine::OrderCommand holdOf(const OrderId& id, const std::string& holdId)
{
    engine::OrderCommand command{id, {}};
    command.command.actor = "ann";
    command.command.role = Role::Admin;
    command.command.body =
        TakeAction{.action = Action::Hold, .reason = "a word of the customer", .holdId = holdId};
    command.origin = {AuditDoor::ZeroMq, "10.0.0.5", 12};
    return command;
}

} // namespace

class AuditTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void tellsWhoDidWhatFromWhereAndWhy()
    {
        EngineWorld world;
        const OrderId id = world.submit(sampleOrder("1"))->order->id;
        QVERIFY(entriesOf(world).empty()); // taking orders in and machine steps leave none
        const std::uint32_t version = world.open(id)->version;
        QVERIFY(send(world, holdOf(id, "h1"), 1).front().has_value());
        const auto entries = entriesOf(world);
        QCOMPARE(entries.size(), std::size_t{1});
        const AuditAct& act = entries[0].act;
        QVERIFY((act.origin == AuditOrigin{AuditDoor::ZeroMq, "10.0.0.5", 12}));
        QVERIFY(act.at == world.clock.now());
        QCOMPARE(act.actor, std::string("ann"));
        QCOMPARE(act.action, std::string("order.hold"));
        QCOMPARE(act.targetKind, std::string("order"));
        QCOMPARE(act.target, id.text());
        QCOMPARE(act.reason, std::string("a word of the customer"));
        QCOMPARE(
            act.before, "{\"version\":" + std::to_string(version) + ",\"state\":\"running\",\"holds\":[]}");
        QCOMPARE(act.after,
            "{\"version\":" + std::to_string(version + 1) + ",\"state\":\"waiting\",\"holds\":[\"h1\"]}");
        world.restart();
        QVERIFY(entriesOf(world) == entries);
    }

    void aRefusedOneLeavesNothing()
    {
        EngineWorld world;
        const OrderId id = world.submit(sampleOrder("1"))->order->id;
        QVERIFY(!world.act(id, Action::Retry).has_value()); // nothing has failed
        QVERIFY(!world.act(id, Action::Cancel, Role::Viewer).has_value());
        QVERIFY(entriesOf(world).empty());
    }

    void aRepeatIsToldOnce()
    {
        EngineWorld world;
        const OrderId id = world.submit(sampleOrder("1"))->order->id;
        engine::OrderCommand command = holdOf(id, "h1");
        command.idempotency = engine::IdempotencyKey{"ann", "k1", {1}};
        const auto answers = send(world, command, 2); // in one batch
        QVERIFY(answers.size() == 2 && answers[0].has_value() && answers[1]->replayed);
        QVERIFY(send(world, command, 1).front()->replayed);
        QCOMPARE(entriesOf(world).size(), std::size_t{1});
    }

    void twoOfOneRoundTellEachTheirOwn()
    {
        EngineWorld world;
        const OrderId id = world.submit(sampleOrder("1"))->order->id;
        std::vector<engine::Message> messages;
        messages.emplace_back(holdOf(id, "h1"));
        messages.emplace_back(holdOf(id, "h2"));
        for (auto& message : messages)
            std::get<engine::OrderCommand>(message).reply = [](const auto&) {};
        QVERIFY(world.run(std::move(messages)).has_value());
        const auto entries = entriesOf(world);
        QCOMPARE(entries.size(), std::size_t{2});
        QVERIFY(entries[1].act.before.find("\"holds\":[\"h1\"]") != std::string::npos);
        QVERIFY(entries[1].act.after.find("\"holds\":[\"h1\",\"h2\"]") != std::string::npos);
        QVERIFY(entries[1].previous == entries[0].hash);
    }

    void anEffectAndItsEntryAreOne()
    {
        const auto seed = propertySeed();
        qInfo("GANTRY_SEED=%llu replays this", static_cast<unsigned long long>(seed));
        Dice dice(seed);
        EngineWorld world(seed);
        std::vector<OrderId> orders;
        for (int i = 0; i < 20; ++i)
            orders.push_back(world.submit(sampleOrder(std::to_string(i)))->order->id);
        for (int i = 0; i < 400; ++i) {
            const auto fault = dice.roll(8);
            if (fault == 0)
                world.faults.nextCommit = Error{ErrorCode::StorageFull, "no room"};
            else if (fault == 1)
                world.faults.nextCommit = Error{ErrorCode::Unavailable, "the disk broke"};
            else if (fault == 2)
                world.faults.afterCommit = Error{ErrorCode::Unavailable, "the disk broke, too late"};
            else if (fault == 3)
                world.faults.nextBegin = Error{ErrorCode::StorageFull, "no room"};
            const Action action = allActions[dice.roll(allActions.size())];
            static_cast<void>(world.act(orders[dice.roll(orders.size())], action));
            if (world.service->waiting() > 0 && dice.roll(3) == 0)
                world.fail("declined", true);
            world.faults = {};
            if (world.hasStopped)
                world.restart();
            world.clock.advance(std::chrono::seconds(2));
        }
        world.restart();

        const auto log = world.reader->readLog(0, 0, 100'000);
        QVERIFY(log.has_value());
        std::set<std::pair<OrderId, Timestamp>> wanted;
        for (const store::EventRecord& record : *log)
            if (record.logged.event.actor == "tester" && record.logged.event.version > 1)
                wanted.emplace(record.logged.order, record.logged.event.at);
        const auto entries = entriesOf(world);
        std::set<std::pair<OrderId, Timestamp>> found;
        AuditHash previous{};
        for (const AuditEntry& entry : entries) {
            found.emplace(*OrderId::fromText(entry.act.target), entry.act.at);
            QVERIFY(entry.previous == previous && entry.hash == store::auditHash(entry));
            previous = entry.hash;
        }
        QVERIFY(entries.size() > 20);
        QCOMPARE(entries.size(), found.size());
        QVERIFY(found == wanted);
    }
};

QTEST_APPLESS_MAIN(AuditTest)
#include "tst_audit.moc"
