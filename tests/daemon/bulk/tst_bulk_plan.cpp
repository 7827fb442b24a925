// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/bulk/bulk_plan.h"
#include "tests/shared/support/property.h"

#include <QTest>
#include <algorithm>
#include <numeric>
#include <set>

using namespace gantry;
using namespace gantry::bulk;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

BulkPlan planOf(Pace pace, std::size_t members, BulkState state = BulkState::Running)
{
    return {pace, std::vector<PlanMember>(members), state};
}

const Cause timeout{"pay", "timeout"};
const Cause declined{"pay", "declined"};

} // namespace

class BulkPlanTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void goesAtItsRate()
    {
        BulkPlan plan = planOf({.rate = 20}, 100);
        QCOMPARE(plan.take(seconds(5), 500).size(), std::size_t{1});
        std::size_t taken = 0;
        for (milliseconds now = seconds(5); now < seconds(7); now += milliseconds(10))
            taken += plan.take(now, 500).size();
        QVERIFY(taken >= 38 && taken <= 40);
    }

    void itSaysWhenTheNextComes()
    {
        BulkPlan plan = planOf({.rate = 4}, 3);
        QVERIFY(plan.next(seconds(1)) == milliseconds(seconds(1)));
        QVERIFY(plan.take(seconds(1), 9) == std::vector<std::uint32_t>{0});
        QVERIFY(plan.next(seconds(1)) == milliseconds(1250));
        QVERIFY(plan.take(milliseconds(1249), 9).empty());
        QVERIFY(plan.take(milliseconds(1250), 9) == std::vector<std::uint32_t>{1});
    }

    void noHerdAfterAWait()
    {
        BulkPlan plan = planOf({.rate = 20}, 1000);
        QCOMPARE(plan.take(seconds(0), 500).size(), std::size_t{1});
        QVERIFY(plan.take(seconds(3600), 500).size() <= 10);
        QVERIFY(plan.pause());
        QVERIFY(plan.take(seconds(7200), 500).empty());
        QVERIFY(plan.resume());
        QCOMPARE(plan.take(seconds(9000), 500).size(), std::size_t{1});
    }

    void aClockThatGoesBackGivesNothing()
    {
        BulkPlan plan = planOf({.rate = 1000}, 10);
        QCOMPARE(plan.take(seconds(10), 9).size(), std::size_t{1});
        QVERIFY(plan.take(seconds(1), 9).empty());
    }

    void theCanaryIsAwaited()
    {
        BulkPlan plan = planOf({.rate = 1000, .canary = 3, .stopAfter = 2}, 50);
        std::vector<std::uint32_t> first;
        for (milliseconds now{0}; now < seconds(10); now += milliseconds(100))
            for (const std::uint32_t member : plan.take(now, 500))
                first.push_back(member);
        QVERIFY((first == std::vector<std::uint32_t>{0, 1, 2}));
        QVERIFY(!plan.next(seconds(10))); // only a result brings it on
        plan.note(0, MemberResult::Running);
        plan.note(0, MemberResult::Fixed);
        plan.note(1, MemberResult::FailedAgain, timeout);
        QVERIFY(plan.take(seconds(11), 500).empty());
        plan.note(2, MemberResult::Fixed);
        QCOMPARE(plan.state(), BulkState::Running);
        QVERIFY(plan.take(seconds(12), 500).size() > 3);
    }

    void whatProvesNothingIsNoCanary()
    {
        BulkPlan plan = planOf({.rate = 1000, .canary = 2}, 10);
        QVERIFY(plan.take(seconds(0), 9) == std::vector<std::uint32_t>{0});
        QVERIFY(plan.take(seconds(1), 9) == std::vector<std::uint32_t>{1});
        plan.note(0, MemberResult::Changed);
        plan.note(1, MemberResult::Superseded);
        QVERIFY((plan.take(seconds(2), 9) == std::vector<std::uint32_t>{2, 3}));
        plan.note(2, MemberResult::Refused, {"", "action_not_allowed"});
        QVERIFY(plan.take(seconds(3), 9) == std::vector<std::uint32_t>{4});
    }

    void aCanaryOfWhichNoneIsGoodStopsIt()
    {
        BulkPlan plan = planOf({.rate = 1000, .canary = 3, .stopAfter = 3}, 10);
        for (int round = 0; round < 3; ++round)
            static_cast<void>(plan.take(seconds(round), 9));
        plan.note(0, MemberResult::FailedAgain, timeout);
        plan.note(1, MemberResult::FailedAnew, declined);
        plan.note(2, MemberResult::FailedAgain, timeout);
        QCOMPARE(plan.state(), BulkState::Stopped);
        QVERIFY(plan.stop() == (BulkStop{"pay", "timeout", 2}));
        QVERIFY(plan.take(seconds(9), 9).empty());
    }

    void itStopsAtSoManyFailuresOfOneCause()
    {
        BulkPlan plan = planOf({.rate = 1000, .stopAfter = 2}, 10);
        static_cast<void>(plan.take(seconds(0), 9));
        static_cast<void>(plan.take(seconds(1), 9));
        plan.note(0, MemberResult::FailedAgain, timeout);
        plan.note(1, MemberResult::FailedAnew, declined);
        QCOMPARE(plan.state(), BulkState::Running);
        plan.note(2, MemberResult::NotPickedUp, declined);
        QCOMPARE(plan.state(), BulkState::Stopped);
        QVERIFY(plan.stop() == (BulkStop{"pay", "declined", 2}));
    }

    void resumingBeginsTheCountAnew()
    {
        BulkPlan plan = planOf({.rate = 1000, .canary = 1, .stopAfter = 1}, 5);
        static_cast<void>(plan.take(seconds(0), 9));
        plan.note(0, MemberResult::FailedAgain, timeout);
        QCOMPARE(plan.state(), BulkState::Stopped);
        QVERIFY(!plan.pause());
        QVERIFY(plan.resume());
        QVERIFY(plan.take(seconds(5), 9) == std::vector<std::uint32_t>{1}); // a canary again
        QVERIFY(plan.take(seconds(6), 9).empty());
        plan.note(1, MemberResult::Fixed);
        QVERIFY((plan.take(seconds(7), 9) == std::vector<std::uint32_t>{2, 3, 4}));
    }

    void onlyThePresentRoundCounts()
    {
        BulkPlan plan = planOf({.rate = 1000, .canary = 2, .stopAfter = 2}, 9);
        static_cast<void>(plan.take(seconds(0), 9));
        static_cast<void>(plan.take(seconds(1), 9));
        QVERIFY(plan.pause() && plan.resume());
        // Two are on their way of before: a canary of two still goes out, and theirs is not its result.
        QVERIFY(plan.take(seconds(2), 9) == std::vector<std::uint32_t>{2});
        plan.note(0, MemberResult::FailedAgain, timeout);
        plan.note(1, MemberResult::FailedAgain, timeout);
        QCOMPARE(plan.state(), BulkState::Running);
        QVERIFY(plan.take(seconds(3), 9) == std::vector<std::uint32_t>{3});
        QVERIFY(plan.take(seconds(4), 9).empty());
        plan.note(2, MemberResult::Fixed);
        plan.note(3, MemberResult::FailedAgain, timeout);
        QCOMPARE(plan.state(), BulkState::Running);
        QVERIFY(!plan.take(seconds(5), 9).empty());
        QCOMPARE(plan.member(3).round, std::uint32_t{1});
    }

    void whoeverWaitsForAPersonKeepsNothingUp()
    {
        BulkPlan plan = planOf({.rate = 1000, .canary = 1}, 2);
        static_cast<void>(plan.take(seconds(0), 9));
        plan.note(0, MemberResult::Waiting);
        QVERIFY(plan.take(seconds(1), 9) == std::vector<std::uint32_t>{1}); // it proves nothing
        plan.note(1, MemberResult::Fixed);
        QCOMPARE(plan.state(), BulkState::Completed);
    }

    void lateResultsCountAsWhatTheyAre()
    {
        BulkPlan plan = planOf({.rate = 1000, .stopAfter = 2}, 9);
        for (int i = 0; i < 3; ++i)
            static_cast<void>(plan.take(seconds(i), 1));
        plan.note(0, MemberResult::NotPickedUp, timeout);
        plan.note(0, MemberResult::Fixed);
        plan.note(1, MemberResult::NotPickedUp, timeout);
        QCOMPARE(plan.state(), BulkState::Running);
        plan.note(2, MemberResult::NotPickedUp, timeout);
        QCOMPARE(plan.state(), BulkState::Stopped);
    }

    void itIsOverWhenNothingIsOpen()
    {
        BulkPlan plan = planOf({.rate = 1000, .stopAfter = 1}, 2);
        static_cast<void>(plan.take(seconds(0), 9));
        static_cast<void>(plan.take(seconds(1), 9));
        plan.note(0, MemberResult::Running);
        plan.note(1, MemberResult::Changed);
        QCOMPARE(plan.state(), BulkState::Running);
        plan.note(0, MemberResult::NotPickedUp, {"pay", "not_picked_up"});
        QCOMPARE(plan.state(), BulkState::Completed); // stopped, and nothing would follow
        QVERIFY(!plan.resume() && !plan.pause() && !plan.cancel());
        plan.note(0, MemberResult::Fixed); // late
        QCOMPARE(plan.counts()[static_cast<std::size_t>(MemberResult::Fixed)], std::int64_t{1});
        QCOMPARE(plan.state(), BulkState::Completed);
    }

    void cancelingSkipsWhatNothingWasDoneTo()
    {
        BulkPlan plan = planOf({.rate = 1000}, 5);
        static_cast<void>(plan.take(seconds(0), 9));
        QVERIFY(plan.skip(9).empty());
        QVERIFY(plan.cancel());
        QVERIFY(plan.take(seconds(9), 9).empty());
        QVERIFY(plan.next(seconds(9)).has_value());
        QVERIFY((plan.skip(3) == std::vector<std::uint32_t>{1, 2, 3}));
        QVERIFY(plan.skip(3) == std::vector<std::uint32_t>{4});
        plan.note(0, MemberResult::Done);
        QCOMPARE(plan.state(), BulkState::Canceled);
        QVERIFY(!plan.next(seconds(9)));
    }

    void goesOnFromWhatIsKnown()
    {
        BulkPlan plan({.rate = 1000, .canary = 1, .stopAfter = 2},
            {{MemberResult::Fixed}, {MemberResult::FailedAgain}, {MemberResult::Sent}, {}},
            BulkState::Running);
        plan.recall(0, {});
        plan.recall(1, timeout);
        QVERIFY(plan.take(seconds(0), 9) == std::vector<std::uint32_t>{3});
        plan.note(2, MemberResult::FailedAgain, timeout);
        QCOMPARE(plan.state(), BulkState::Stopped);
    }

    void nothingToDoIsOverAtOnce()
    {
        BulkPlan plan = planOf({}, 0, BulkState::Freezing);
        QVERIFY(plan.take(seconds(0), 9).empty());
        plan.begin();
        QCOMPARE(plan.state(), BulkState::Completed);
    }

    void keepsItsPromises()
    {
        QVERIFY(test::holds(
            "a plan acts once on each, in its rate, and stops when it must", [](std::uint64_t seed) {
                test::Dice dice(seed);
                const Pace pace{.rate = static_cast<std::uint32_t>(1 + dice.roll(100)),
                    .canary = static_cast<std::uint32_t>(dice.roll(5)),
                    .stopAfter = static_cast<std::uint32_t>(dice.roll(4))};
                const auto members = static_cast<std::size_t>(1 + dice.roll(40));
                BulkPlan plan = planOf(pace, members, BulkState::Freezing);
                plan.begin();
                check(plan, pace, members, dice);
            }));
    }

private:
    static void check(BulkPlan& plan, Pace pace, std::size_t members, test::Dice& dice)
    {
        constexpr MemberResult ends[] = {MemberResult::Fixed, MemberResult::FailedAgain,
            MemberResult::FailedAnew, MemberResult::NotPickedUp, MemberResult::Superseded,
            MemberResult::Changed, MemberResult::Refused, MemberResult::Done};
        std::set<std::uint32_t> taken;
        std::set<std::uint32_t> open;
        std::int64_t verified = 0; // since the start or a resume
        double allowed = 1.0;
        milliseconds now{0};
        for (int i = 0; i < 2000 && (plan.state() != BulkState::Completed || !open.empty()); ++i) {
            const auto by = milliseconds(static_cast<std::int64_t>(dice.roll(300)));
            now += by;
            allowed += pace.rate * static_cast<double>(by.count()) / 1000.0;
            const bool mayAct = plan.state() == BulkState::Running;
            const auto some = plan.take(now, 1 + dice.roll(10));
            RC_ASSERT(some.empty() || mayAct);
            for (const std::uint32_t member : some) {
                RC_ASSERT(taken.insert(member).second);
                open.insert(member);
            }
            RC_ASSERT(static_cast<double>(taken.size()) <= allowed + 0.001);
            if (verified < pace.canary && !some.empty())
                RC_ASSERT(std::count_if(open.begin(), open.end(),
                              [&plan](auto each) { return plan.member(each).round == plan.round(); })
                        + verified
                    <= pace.canary);
            if (!open.empty() && dice.chance(70)) {
                const std::uint32_t member = *open.begin();
                const auto end = ends[dice.roll(std::size(ends))];
                plan.note(member, end, {"s", dice.chance(50) ? "a" : "b"});
                verified += isVerified(end) && plan.member(member).round == plan.round() ? 1 : 0;
                open.erase(member);
            }
            if (plan.state() == BulkState::Stopped || plan.state() == BulkState::Paused) {
                RC_ASSERT(!plan.stop().code.empty() || plan.state() == BulkState::Paused);
                if (dice.chance(30)) {
                    RC_ASSERT(plan.resume());
                    verified = 0;
                    allowed = std::max(allowed, static_cast<double>(taken.size()) + 1.0);
                }
            } else if (dice.chance(5)) {
                plan.pause();
            }
            const auto& counts = plan.counts();
            RC_ASSERT(std::accumulate(counts.begin(), counts.end(), std::int64_t{0})
                == static_cast<std::int64_t>(members));
        }
        RC_ASSERT(plan.state() == BulkState::Completed);
        RC_ASSERT(taken.size() == members);
    }
};

QTEST_APPLESS_MAIN(BulkPlanTest)
#include "tst_bulk_plan.moc"
