// SPDX-License-Identifier: GPL-3.0-or-later
// A crash at any moment of a bulk action: each member is acted on exactly once, and the results say what is true.
#include "tests/daemon/bulk/bulk_world.h"
#include "tests/shared/support/property.h"

#include <QTest>
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
            world.runner->run(world.queues.back()->take(std::chrono::steady_clock::now()));
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

private Q_SLOTS:
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
