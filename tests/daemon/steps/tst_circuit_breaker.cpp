// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/steps/circuit_breaker.h"

#include <QTest>

namespace gantry::steps {

using namespace std::chrono_literals;
using State = engine::BreakerState;

namespace {

constexpr BreakerSettings settings{
    .failures = 3, .failureRate = 0.5, .window = 10'000ms, .open = 5'000ms, .probes = 2};

} // namespace

class CircuitBreakerTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    // Each row is a story: `+` a call that works, `-` one that fails, `.` a second goes by, `?` may anybody call now,
    // `(` a call begins and stays in hand, `)` and `x` the first of those works, or fails.
    void table_data()
    {
        QTest::addColumn<QByteArray>("story");
        QTest::addColumn<int>("state");
        QTest::addColumn<bool>("mayCall");
        const auto row = [](const char* title, const char* story, State state, bool mayCall) {
            QTest::newRow(title) << QByteArray(story) << static_cast<int>(state) << mayCall;
        };
        row("new", "", State::Closed, true);
        row("works", "+++++", State::Closed, true);
        row("too few failures", "--", State::Closed, true);
        row("enough failures", "---", State::Open, false);
        row("failures among many that work", "++++++++---", State::Closed, true);
        row("half of them fail", "+++---", State::Open, false);
        row("less than half of them fail", "++++---", State::Closed, true);
        row("a success does not open it", "++--+", State::Closed, true);
        row("failures that are long past", "--...........-", State::Closed, true);
        row("failures within the window", "--.....-", State::Open, false);
        row("open for a while", "---....", State::Open, false);
        row("tried again", "---.....", State::HalfOpen, true);
        row("one probe in hand", "---.....(", State::HalfOpen, true);
        row("all probes in hand", "---.....((", State::HalfOpen, false);
        row("one probe worked", "---.....+", State::HalfOpen, true);
        row("all probes worked", "---.....++", State::Closed, true);
        row("all probes worked, side by side", "---.....(())", State::Closed, true);
        row("a probe fails", "---.....-", State::Open, false);
        row("a probe fails after one worked", "---.....+-", State::Open, false);
        row("open anew for as long", "---.....-....", State::Open, false);
        row("tried once more", "---.....-.....", State::HalfOpen, true);
        row("forgets when it closes", "---.....++--", State::Closed, true);
        row("a late failure of before means nothing", "(---.....x", State::HalfOpen, true);
        row("a late success of before means nothing", "((---.....))", State::HalfOpen, true);
        row("a late failure while open", "(---x", State::Open, false);
        row("the second probe's failure after the first closed nothing", "---.....(()x", State::Open, false);
    }

    void table()
    {
        QFETCH(QByteArray, story);
        QFETCH(int, state);
        QFETCH(bool, mayCall);
        CircuitBreaker breaker(settings);
        CircuitBreaker::Millis now = 1'000'000ms;
        std::vector<CircuitBreaker::Permit> inHand;
        for (const char each : story) {
            if (each == '.') {
                now += 1000ms;
                breaker.advance(now);
            } else if (each == '(') {
                inHand.push_back(*breaker.begin(now));
            } else if (each == ')' || each == 'x') {
                breaker.end(inHand.front(), each == ')', now);
                inHand.erase(inHand.begin());
            } else {
                const auto permit = breaker.begin(now);
                QVERIFY(permit.has_value());
                breaker.end(*permit, each == '+', now);
            }
        }
        QCOMPARE(static_cast<int>(breaker.state()), state);
        QCOMPARE(breaker.begin(now).has_value(), mayCall);
    }

    void tellsEachChangeOnce()
    {
        CircuitBreaker breaker(settings);
        QVERIFY(!breaker.end(*breaker.begin(0ms), false, 0ms));
        QVERIFY(!breaker.end(*breaker.begin(0ms), false, 0ms));
        QVERIFY(breaker.end(*breaker.begin(0ms), false, 0ms));
        QCOMPARE(breaker.nextProbe(), std::optional(5000ms));
        QVERIFY(!breaker.advance(4999ms));
        QVERIFY(breaker.advance(5000ms));
        QVERIFY(!breaker.advance(5000ms));
        QVERIFY(!breaker.nextProbe());
        QVERIFY(!breaker.end(*breaker.begin(5000ms), true, 5000ms));
        QVERIFY(breaker.end(*breaker.begin(5000ms), true, 5000ms));
    }

    void aProbeThatIsNotMadeGivesItsPlaceBack()
    {
        CircuitBreaker breaker(settings);
        for (int i = 0; i < 3; ++i)
            breaker.end(*breaker.begin(0ms), false, 0ms);
        breaker.advance(5000ms);
        const auto one = breaker.begin(5000ms);
        const auto two = breaker.begin(5000ms);
        QVERIFY(one && two && !breaker.begin(5000ms));
        breaker.abandon(*two);
        QVERIFY(breaker.begin(5000ms));
    }

    void countsWhatTheWindowHolds()
    {
        CircuitBreaker breaker(settings);
        breaker.end(*breaker.begin(500ms), true, 500ms);
        breaker.end(*breaker.begin(9500ms), false, 9500ms);
        QCOMPARE(breaker.counts(9900ms).calls, 2U);
        QCOMPARE(breaker.counts(9900ms).failures, 1U);
        QCOMPARE(breaker.counts(10'500ms).calls, 1U);
        QCOMPARE(breaker.counts(30'000ms).calls, 0U);
    }
};

} // namespace gantry::steps

QTEST_APPLESS_MAIN(gantry::steps::CircuitBreakerTest)
#include "tst_circuit_breaker.moc"
