// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/engine/lull.h"

#include <QTest>

using gantry::engine::Lull;
using gantry::store::Moment;
using namespace std::chrono_literals;

class TestLull final : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aPartitionThatHasDoneNothingIsIdle()
    {
        const Lull lull;
        QCOMPARE(lull.moment(m_start), Moment::Idle);
        QCOMPARE(lull.waitUntil(m_start + 1s, true), Lull::TimePoint{});
    }

    void theGapBetweenTwoBatchesIsNoIdleness()
    {
        Lull lull;
        lull.noteWork(m_start);
        QCOMPARE(lull.moment(m_start), Moment::UnderLoad);
        QCOMPARE(lull.moment(m_start + Lull::quiet - 1ms), Moment::UnderLoad);
        lull.noteWork(m_start + Lull::quiet - 1ms);
        QCOMPARE(lull.moment(m_start + Lull::quiet + 1ms), Moment::UnderLoad);
    }

    void aPauseIsIdleness()
    {
        Lull lull;
        lull.noteWork(m_start);
        QCOMPARE(lull.moment(m_start + Lull::quiet), Moment::Idle);
    }

    void unfinishedHousekeepingWakesAtTheBeginningOfIdleness()
    {
        Lull lull;
        lull.noteWork(m_start);
        QCOMPARE(lull.waitUntil(m_start + 1s, true), m_start + Lull::quiet);
        QCOMPARE(lull.waitUntil(m_start + 1ms, true), m_start + 1ms);
    }

    void withoutHousekeepingItSleepsOn()
    {
        Lull lull;
        lull.noteWork(m_start);
        QCOMPARE(lull.waitUntil(m_start + 1s, false), m_start + 1s);
    }

private:
    const Lull::TimePoint m_start = Lull::TimePoint{} + 1h;
};

QTEST_APPLESS_MAIN(TestLull)
#include "tst_lull.moc"
