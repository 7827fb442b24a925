// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/util/random_source.h"

#include <QTest>

namespace gantry {

/// Gives one number for ever.
class FixedRandom final : public RandomSource {
public:
    explicit FixedRandom(std::uint64_t number)
        : m_number(number)
    {
    }
    [[nodiscard]] std::uint64_t next() override { return m_number; }

private:
    std::uint64_t m_number;
};

class RandomSourceTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void seedReplays()
    {
        SeededRandom one(7);
        SeededRandom two(7);
        SeededRandom other(8);
        bool differs = false;
        for (int i = 0; i < 100; ++i) {
            const auto number = one.next();
            QCOMPARE(two.next(), number);
            differs |= other.next() != number;
        }
        QVERIFY(differs);
    }

    void unitIsBelowOne()
    {
        QCOMPARE(FixedRandom(0).unit(), 0.0);
        QVERIFY(FixedRandom(~std::uint64_t{0}).unit() < 1.0);
        QVERIFY(FixedRandom(~std::uint64_t{0}).unit() > 0.999999);
        QCOMPARE(FixedRandom(std::uint64_t{1} << 63).unit(), 0.5);
    }

    void systemRandomDiffersFromRunToRun() { QVERIFY(SystemRandom().next() != SystemRandom().next()); }
};

} // namespace gantry

QTEST_APPLESS_MAIN(gantry::RandomSourceTest)
#include "tst_random_source.moc"
