// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/standins/payment/behavior.h"

#include <QTest>
#include <array>
#include <cmath>

using namespace gantry::standin;
using namespace std::chrono_literals;

class TestBehavior : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void fateDependsOnSeedReferenceAndNumberAlone();
    void fateFollowsTheRates();
};

void TestBehavior::fateDependsOnSeedReferenceAndNumberAlone()
{
    Behavior behavior;
    behavior.declined = behavior.error = behavior.timeout = behavior.garbage = 0.2;
    behavior.jitter = 50ms;
    int otherSeed = 0;
    int otherReference = 0;
    int otherNumber = 0;
    for (std::uint32_t i = 1; i <= 200; ++i) {
        const auto fate = decideFate(behavior, "ord_1", i, "credit_card");
        const auto again = decideFate(behavior, "ord_1", i, "credit_card");
        QVERIFY(fate.outcome == again.outcome && fate.delay == again.delay);
        auto reseeded = behavior;
        reseeded.seed = 2;
        otherSeed += decideFate(reseeded, "ord_1", i, "credit_card").outcome != fate.outcome;
        otherReference += decideFate(behavior, "ord_2", i, "credit_card").outcome != fate.outcome;
        otherNumber += decideFate(behavior, "ord_1", i + 1, "credit_card").outcome != fate.outcome;
    }
    QVERIFY(otherSeed > 100);
    QVERIFY(otherReference > 100);
    QVERIFY(otherNumber > 100);
}

void TestBehavior::fateFollowsTheRates()
{
    Behavior behavior;
    behavior.declined = 0.1;
    behavior.error = 0.2;
    behavior.timeout = 0.05;
    behavior.garbage = 0.15;
    behavior.latency = 10ms;
    behavior.jitter = 5ms;
    std::array<int, 9> counts{};
    constexpr int s_draws = 100'000;
    for (int i = 0; i < s_draws; ++i) {
        const auto fate = decideFate(behavior, "ord_" + std::to_string(i), 1, "credit_card");
        ++counts.at(static_cast<std::size_t>(fate.outcome));
        QVERIFY(fate.delay >= 10ms && fate.delay <= 15ms);
    }
    const auto rate = [&](auto... outcomes) {
        return static_cast<double>((counts.at(static_cast<std::size_t>(outcomes)) + ...)) / s_draws;
    };
    const auto near = [](double value, double wanted) { return std::abs(value - wanted) < 0.01; };
    QVERIFY(near(rate(Outcome::Declined), 0.1));
    QVERIFY(near(rate(Outcome::Overloaded), 0.1));
    QVERIFY(near(rate(Outcome::Broken), 0.05));
    QVERIFY(near(rate(Outcome::BrokenAfterwards), 0.05));
    QVERIFY(near(rate(Outcome::Silent), 0.025));
    QVERIFY(near(rate(Outcome::SilentAfterwards), 0.025));
    QVERIFY(near(rate(Outcome::Garbage, Outcome::GarbageAfterwards), 0.15));
    QVERIFY(near(rate(Outcome::Works), 0.5));
}

QTEST_GUILESS_MAIN(TestBehavior)
#include "tst_behavior.moc"
