// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/models/throughput_series.h"

#include "tests/console/support/manual_clock.h"

#include <QtTest>

using namespace gantry;
using namespace gantry::console;
using namespace gantry::test;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

class TestThroughputSeries : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void thePresentSecondIsNotShownUntilItIsOver()
    {
        ThroughputSeries series(testNow);
        series.add(5, 2, testNow + milliseconds(10));
        QVERIFY(series.points().empty());
        series.add(1, 0, testNow + milliseconds(990));
        series.advance(testNow + seconds(1));
        const auto points = series.points();
        QCOMPARE(points.size(), std::size_t{1});
        QCOMPARE(points.front(), (ThroughputSeries::Second{6, 2}));
    }

    void quietSecondsCountZero()
    {
        ThroughputSeries series(testNow);
        series.add(3, 0, testNow);
        series.add(0, 4, testNow + seconds(3));
        series.advance(testNow + seconds(4));
        const std::vector<ThroughputSeries::Second> expected{{3, 0}, {0, 0}, {0, 0}, {0, 4}};
        QCOMPARE(series.points(), expected);
        QCOMPARE(series.rates(4).received, 0.75);
        QCOMPARE(series.rates(2).closed, 2.0);
        QCOMPARE(series.rates(1000).closed, 1.0);
    }

    void keepsTwoMinutes()
    {
        ThroughputSeries series(testNow);
        for (int second = 0; second < 300; ++second)
            series.add(static_cast<std::uint64_t>(second), 0, testNow + seconds(second));
        const auto points = series.points();
        QCOMPARE(points.size(), ThroughputSeries::span);
        QCOMPARE(points.back().received, std::uint64_t{298});
        QCOMPARE(points.front().received, std::uint64_t{179});
    }

    void aLongSleepLeavesNothingOld()
    {
        ThroughputSeries series(testNow);
        series.add(9, 9, testNow);
        series.advance(testNow + hours(8));
        for (const auto& point : series.points())
            QCOMPARE(point, ThroughputSeries::Second{});
        QCOMPARE(series.points().size(), ThroughputSeries::span);
    }

    void aClockThatGoesBackDoesNotUndoTime()
    {
        ThroughputSeries series(testNow);
        series.add(1, 0, testNow + seconds(5));
        series.add(1, 0, testNow + seconds(2));
        series.advance(testNow + seconds(6));
        QCOMPARE(series.points().back().received, std::uint64_t{2});
        series.clear(testNow);
        QVERIFY(series.points().empty());
        QCOMPARE(series.rates(5).received, 0.0);
    }
};

QTEST_GUILESS_MAIN(TestThroughputSeries)
#include "tst_throughput_series.moc"
