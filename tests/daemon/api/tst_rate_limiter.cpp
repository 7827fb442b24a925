// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/api/rate_limiter.h"

#include <QtTest>

using namespace gantry::api;
using namespace std::chrono_literals;

/// Token buckets, by a clock of the test's own.
class TstRateLimiter : public QObject {
    Q_OBJECT

private:
    int taken(RateLimiter& limiter, std::string_view principal, int tries)
    {
        int count = 0;
        for (int i = 0; i < tries; ++i)
            count += limiter.take(principal, m_now).wait ? 0 : 1;
        return count;
    }

    RateLimiter::TimePoint m_now{1h};

private Q_SLOTS:
    void takesABurstAndThenTheRate()
    {
        RateLimiter limiter({100, 20});
        QCOMPARE(taken(limiter, "a", 50), 20);
        m_now += 50ms;
        QCOMPARE(taken(limiter, "a", 50), 5);
        m_now += 1h;
        QCOMPARE(taken(limiter, "a", 50), 20); // never more than a burst
    }

    void countsEachPrincipalByItself()
    {
        RateLimiter limiter({1, 3});
        QCOMPARE(taken(limiter, "a", 10), 3);
        QCOMPARE(taken(limiter, "b", 10), 3);
        QCOMPARE(taken(limiter, "a", 10), 0);
    }

    void saysHowLongToWait()
    {
        RateLimiter limiter({10, 1});
        QVERIFY(!limiter.take("a", m_now).wait);
        const auto wait = limiter.take("a", m_now + 30ms).wait;
        QVERIFY(wait);
        QCOMPARE(wait->count(), 70);
        QVERIFY(!limiter.take("a", m_now + 30ms + *wait).wait);
    }

    void tellsWhatIsLeft()
    {
        RateLimiter limiter({2, 10});
        const RateVerdict first = limiter.take("a", m_now);
        QCOMPARE(first.remaining, 9U);
        QCOMPARE(first.untilFull.count(), 1);
        QCOMPARE(taken(limiter, "a", 20), 9);
        const RateVerdict refused = limiter.take("a", m_now);
        QVERIFY(refused.wait);
        QCOMPARE(refused.remaining, 0U);
        QCOMPARE(refused.untilFull.count(), 5);
        QCOMPARE(limiter.take("a", m_now + 1h).remaining, 9U);
    }

    void aRefusalCostsNoToken()
    {
        RateLimiter limiter({10, 1});
        QCOMPARE(taken(limiter, "a", 1000), 1);
        m_now += 100ms;
        QCOMPARE(taken(limiter, "a", 1000), 1);
    }

    void tellsOfEachRefusal()
    {
        int refused = 0;
        RateLimiter limiter({10, 4}, [&refused] { ++refused; });
        QCOMPARE(taken(limiter, "a", 10), 4);
        QCOMPARE(refused, 6);
    }

    void zeroIsNoLimit()
    {
        RateLimiter limiter({0, 1});
        QCOMPARE(taken(limiter, "a", 10'000), 10'000);
    }
};

QTEST_GUILESS_MAIN(TstRateLimiter)
#include "tst_rate_limiter.moc"
