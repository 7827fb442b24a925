// SPDX-License-Identifier: GPL-3.0-or-later
// A crash at any moment of a bulk action: each member is acted on exactly once, and the results say what is true.
#include "tests/daemon/bulk/bulk_world.h"
#include "tests/shared/support/property.h"

#include <QTest>
#include <map>
#include <numeric>

using namespace gantry;
using namespace gantry::test;

class BulkCrashTest : public QObject {
    Q_OBJECT

    /// Lets the runner go by itself, the partition take only some of what was posted, and now and then everything be lost.
    static void live(BulkWorld& world, Dice& dice, int moments)
    {
        for (int i = 0; i < moments; ++i) {
            world.clock.advance(milliseconds(static_cast<std::int64_t>(dice.roll(200))));
            world.runner->run(world.takeWaiting());
            const bool isCrash = dice.chance(15);
            auto& posted = world.inbox.messages;
            const std::size_t taken = isCrash ? dice.roll(posted.size() + 1) : posted.size();
            std::vector<engine::Message> messages;
            std::move(posted.begin(), posted.begin() + static_cast<std::ptrdiff_t>(taken),
                std::back_inserter(messages));
            posted.clear();
            if (!world.run(std::move(messages)))
                qFatal("the partition stopped");
            if (isCrash)
                world.crash();
        }
    }

    /// What a bulk action remembers may not depend on whether it was lost in between.
    static void crashAndCompare(BulkWorld& world, const std::string& id)
    {
        world.go(seconds(1)); // what is known is on disk
        const store::BulkRecord before = world.record(id);
        const auto members = world.members(id);
        world.crash();
        world.round();
        RC_ASSERT(world.record(id) == before);
        RC_ASSERT(world.members(id) == members);
    }

private Q_SLOTS:
    void stopsAndRoundsSurvive()
    {
        qputenv("GANTRY_CASES", qEnvironmentVariableIsSet("GANTRY_CASES") ? qgetenv("GANTRY_CASES") : "6");
        QVERIFY(holds("canary, stop, pause and resume survive crashes", [](std::uint64_t seed) {
            Dice dice(seed);
            BulkWorld world(seed);
            const auto canary = static_cast<std::uint32_t>(dice.roll(4));
            const auto stopAfter = static_cast<std::uint32_t>(1 + dice.roll(3));
            const std::string id =
                world.retry(world.failedOrders(20), {.rate = 100, .canary = canary, .stopAfter = stopAfter});
            std::uint32_t round = 0;
            for (int i = 0; i < 25 && world.record(id).state != BulkState::Completed; ++i) {
                live(world, dice, 3);
                world.serve(dice.chance(50) ? "refused" : "");
                crashAndCompare(world, id);
                const store::BulkRecord record = world.record(id);
                RC_ASSERT(record.round == round);
                std::map<std::pair<std::string, std::string>, std::int64_t> failures;
                std::int64_t good = 0;
                std::int64_t sent = 0;
                for (const store::BulkMember& member : world.members(id)) {
                    if (member.round != round || member.result == MemberResult::Pending)
                        continue;
                    ++sent;
                    good += member.result == MemberResult::Fixed ? 1 : 0;
                    if (bulk::isFailure(member.result))
                        ++failures[{member.step, member.code}];
                }
                if (record.state == BulkState::Running)
                    for (const auto& [cause, count] : failures)
                        RC_ASSERT(count < stopAfter);
                RC_ASSERT(canary == 0 || good > 0 || sent <= canary);
                RC_ASSERT(record.state != BulkState::Stopped || record.stop.count > 0);
                if (record.state == BulkState::Running && dice.chance(20))
                    RC_ASSERT(world.steer(id, bulk::Steer::Pause).has_value());
                else if (record.state == BulkState::Stopped || record.state == BulkState::Paused)
                    round += world.steer(id, bulk::Steer::Resume) ? 1 : 0;
            }
        }));
    }

    void eachMemberIsActedOnOnce()
    {
        qputenv("GANTRY_CASES", qEnvironmentVariableIsSet("GANTRY_CASES") ? qgetenv("GANTRY_CASES") : "6");
        QVERIFY(holds("a bulk action survives crashes", [](std::uint64_t seed) {
            Dice dice(seed);
            BulkWorld world(seed);
            const auto orders = world.failedOrders(12);
            const bool isRetry = dice.chance(50);
            std::string id;
            if (isRetry)
                id = world.retry(orders, {.rate = 50});
            else
                id = world
                         .create({.action = Action::Hold,
                                     .reason = "count",
                                     .createdBy = "ann",
                                     .role = Role::Support,
                                     .rate = 50},
                             orders)
                         ->record.id;
            live(world, dice, 40);
            const bool isCanceled = dice.chance(30);
            if (isCanceled)
                static_cast<void>(world.steer(id, bulk::Steer::Cancel));
            live(world, dice, 20);
            for (int i = 0; i < 40; ++i) {
                world.go(milliseconds(200));
                world.serve();
            }
            RC_ASSERT(world.goToEnd(id));
            world.go(seconds(1));
            const auto counts = world.record(id).counts;
            RC_ASSERT(std::accumulate(counts.begin(), counts.end(), std::int64_t{0}) == 12);
            store::MemberCounts recount{};
            for (const store::BulkMember& member : world.members(id)) {
                ++recount[static_cast<std::size_t>(member.result)];
                const std::size_t acted =
                    world.eventsOf(member.order, isRetry ? "step_retried" : "hold_placed");
                const bool isDone =
                    member.result == MemberResult::Done || member.result == MemberResult::Fixed;
                RC_ASSERT(isDone || member.result == MemberResult::Skipped);
                RC_ASSERT(acted == (isDone ? 1U : 0U));
                RC_ASSERT(isCanceled || isDone);
            }
            RC_ASSERT(recount == counts);
        }));
    }
};

QTEST_GUILESS_MAIN(BulkCrashTest)
#include "tst_bulk_crash.moc"
