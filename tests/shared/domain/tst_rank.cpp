// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/domain/rank.h"
#include "tests/shared/support/property.h"

#include <QTest>
#include <set>

using namespace gantry;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;

namespace {

constexpr Timestamp noon = fromMillis(1'770'000'000'000);

OrderSummary summary(std::uint8_t priority, std::optional<Timestamp> promise = {}, Timestamp created = noon)
{
    OrderSummary made{
        .channel = {}, .externalId = {}, .customerName = {}, .currency = *Currency::fromCode("EUR")};
    made.priority = priority;
    made.promiseAt = promise;
    made.createdAt = created;
    return made;
}

} // namespace

class RankTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void isTheEarlierOfPromiseAndAllowance_data()
    {
        QTest::addColumn<int>("priority");
        QTest::addColumn<int>("promisedInMinutes"); // 100000: nothing is promised
        QTest::addColumn<int>("rankInMinutes");
        QTest::newRow("urgent") << 0 << 100000 << 0;
        QTest::newRow("usual") << 5 << 100000 << 240;
        QTest::newRow("last") << 9 << 100000 << 2880;
        QTest::newRow("promised soon") << 9 << 30 << 30;
        QTest::newRow("promised late") << 5 << 10000 << 240;
        QTest::newRow("promise broken before it came in") << 5 << -600 << 0;
        QTest::newRow("no such priority") << 200 << 100000 << 2880;
    }
    void isTheEarlierOfPromiseAndAllowance()
    {
        QFETCH(int, priority);
        QFETCH(int, promisedInMinutes);
        QFETCH(int, rankInMinutes);
        const auto promise =
            promisedInMinutes == 100000 ? std::nullopt : std::optional(noon + minutes(promisedInMinutes));
        QVERIFY(
            rankOf(summary(static_cast<std::uint8_t>(priority), promise)) == noon + minutes(rankInMinutes));
    }

    void eachPriorityMayWaitLongerThanTheOneBefore()
    {
        for (std::uint8_t priority = 1; priority <= 9; ++priority)
            QVERIFY(allowanceOf(priority) > allowanceOf(priority - 1));
    }

    void aPromiseSoonBeatsAGoodPriority()
    {
        QVERIFY(rankOf(summary(9, noon + minutes(5))) < rankOf(summary(1)));
        QVERIFY(rankOf(summary(9, noon + hours(200))) > rankOf(summary(1)));
    }

    void theOlderOrderGoesFirstOfTwoThatAreAsGood()
    {
        const DueKey first{noon, OrderId::make(noon, 1, {1, 1})};
        const DueKey second{noon, OrderId::make(noon + milliseconds(1), 1, {0, 0})};
        QVERIFY(first < second);
    }

    /// Whatever comes in later than the longest allowance, with whatever priority and promise, goes after what is there.
    void nothingStarves()
    {
        QVERIFY(test::holds("what comes in after the longest allowance goes later", [](std::uint64_t chance) {
            test::Dice dice(chance);
            const auto any = [&dice](Timestamp created) {
                std::optional<Timestamp> promise;
                if (dice.chance(50))
                    promise = created + minutes(dice.roll(20'000)) - minutes(10'000);
                return summary(static_cast<std::uint8_t>(dice.roll(12)), promise, created);
            };
            const Timestamp rank = rankOf(any(noon));
            RC_ASSERT(rank >= noon && rank <= noon + allowanceOf(9));
            RC_ASSERT(rank < rankOf(any(noon + allowanceOf(9) + milliseconds(1 + dice.roll(1'000'000)))));
        }));
    }

    /// The same as a queue: one hand, and each second a better order than the one before.
    void aWorstOrderIsServedUnderAStreamOfBest()
    {
        std::set<DueKey> queue;
        const OrderId poor = OrderId::make(noon, 1, {1, 1});
        queue.insert({rankOf(summary(9)), poor});
        Timestamp now = noon;
        for (std::uint64_t i = 0;; ++i) {
            now += minutes(1);
            QVERIFY2(now <= noon + allowanceOf(9) + minutes(2), "the order starved");
            queue.insert({rankOf(summary(0, {}, now)), OrderId::make(now, 1, {i, i})});
            const OrderId served = queue.begin()->order;
            queue.erase(queue.begin());
            if (served == poor)
                break;
        }
        QVERIFY(now > noon + hours(24)); // and it was left behind as long as its priority says
    }
};

QTEST_APPLESS_MAIN(RankTest)
#include "tst_rank.moc"
