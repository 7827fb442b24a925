// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/api/feed_desk.h"

#include <QTest>
#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

using namespace gantry;
using namespace gantry::api;
using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

namespace {

/// Counts who was woken, and waits for it.
class Woken {
public:
    std::function<void()> one()
    {
        return [this] {
            const std::lock_guard lock(m_mutex);
            ++m_count;
            m_changed.notify_all();
        };
    }
    bool waitFor(int count)
    {
        std::unique_lock lock(m_mutex);
        return m_changed.wait_for(lock, seconds(20), [&] { return m_count >= count; });
    }
    int count()
    {
        const std::lock_guard lock(m_mutex);
        return m_count;
    }

private:
    std::mutex m_mutex;
    std::condition_variable m_changed;
    int m_count = 0;
};

std::shared_ptr<const engine::CommittedBatch> batch(std::uint32_t partition, std::uint64_t last)
{
    auto made = std::make_shared<engine::CommittedBatch>();
    made->partition = partition;
    made->epoch = 1;
    made->events.emplace_back();
    made->events.back().sequence = last;
    return made;
}

FeedDesk::Wait waitAfter(std::uint64_t after, Woken& woken, milliseconds forSoLong = seconds(3600))
{
    return {.partition = 0,
        .after = after,
        .until = steady_clock::now() + forSoLong,
        .caller = {},
        .wake = woken.one()};
}

} // namespace

class TestFeedDesk : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void aCommitWakesThoseWhoWaitForIt()
    {
        Woken woken;
        Woken others;
        FeedDesk desk;
        const auto commit = desk.listener();
        QCOMPARE(desk.wait(waitAfter(5, woken)), FeedDesk::Place::Taken);
        QCOMPARE(desk.wait(waitAfter(7, others)), FeedDesk::Place::Taken);
        auto elsewhere = waitAfter(5, others);
        elsewhere.partition = 1;
        QCOMPARE(desk.wait(elsewhere), FeedDesk::Place::Taken);
        commit(batch(0, 7));
        QVERIFY(woken.waitFor(1));
        QCOMPARE(others.count(), 0);
        commit(batch(1, 6));
        QVERIFY(others.waitFor(1));
        commit(batch(0, 8));
        QVERIFY(others.waitFor(2));
        QCOMPARE(woken.count(), 1); // once, and not again
    }

    void whatWasCommittedBeforeOneWaitedIsNotMissed()
    {
        Woken woken;
        FeedDesk desk;
        desk.listener()(batch(0, 6));
        QCOMPARE(desk.wait(waitAfter(5, woken)), FeedDesk::Place::Taken);
        QVERIFY(woken.waitFor(1));
    }

    void aWaitEndsInTime()
    {
        Woken woken;
        Woken late;
        FeedDesk desk;
        const auto begin = steady_clock::now();
        QCOMPARE(desk.wait(waitAfter(5, late)), FeedDesk::Place::Taken);
        QCOMPARE(desk.wait(waitAfter(5, woken, milliseconds(30))), FeedDesk::Place::Taken);
        QVERIFY(woken.waitFor(1));
        QVERIFY(steady_clock::now() - begin >= milliseconds(30));
        QCOMPARE(late.count(), 0);
    }

    void onlySoManyWait()
    {
        Woken woken;
        FeedDesk desk(nullptr, 2);
        auto caller = std::make_shared<const int>();
        auto gone = waitAfter(5, woken);
        gone.caller = std::weak_ptr<const void>(caller);
        QCOMPARE(desk.wait(gone), FeedDesk::Place::Taken);
        QCOMPARE(desk.wait(waitAfter(5, woken)), FeedDesk::Place::Taken);
        QCOMPARE(desk.wait(waitAfter(5, woken)), FeedDesk::Place::Full);
        caller.reset(); // whoever goes makes room
        QCOMPARE(desk.wait(waitAfter(5, woken)), FeedDesk::Place::Taken);
        QVERIFY(woken.waitFor(1));
        QCOMPARE(desk.wait(waitAfter(5, woken)), FeedDesk::Place::Full);
    }

    void stoppingLetsAllGo()
    {
        Woken woken;
        FeedDesk desk;
        for (int i = 0; i < 10; ++i)
            QCOMPARE(desk.wait(waitAfter(5, woken)), FeedDesk::Place::Taken);
        desk.stop();
        QVERIFY(woken.waitFor(10));
        QCOMPARE(desk.wait(waitAfter(5, woken)), FeedDesk::Place::Stopped);
        QCOMPARE(woken.count(), 10);
    }

    void endingTheDeskWakesEachOnce()
    {
        Woken woken;
        {
            FeedDesk desk;
            for (int i = 0; i < 10; ++i)
                QCOMPARE(desk.wait(waitAfter(5, woken)), FeedDesk::Place::Taken);
        }
        QCOMPARE(woken.count(), 10);
    }

    void noCommitIsMissedByWhoeverLooksAndThenWaits()
    {
        // A reader that looks at the head, and waits for more while a partition commits. A wake-up that is lost would leave it there.
        constexpr std::uint64_t last = 5000;
        FeedDesk desk;
        std::atomic<std::uint64_t> head{0};
        std::thread partition([&, commit = desk.listener()] {
            for (std::uint64_t sequence = 1; sequence <= last; ++sequence) {
                head = sequence;
                commit(batch(0, sequence));
            }
        });
        bool isLost = false;
        for (std::uint64_t seen = 0; seen < last && !isLost;) {
            seen = head;
            Woken woken;
            if (seen == last)
                break;
            isLost = desk.wait(waitAfter(seen, woken)) != FeedDesk::Place::Taken || !woken.waitFor(1)
                || head <= seen;
        }
        partition.join();
        QVERIFY(!isLost);
    }
};

QTEST_GUILESS_MAIN(TestFeedDesk)
#include "tst_feed_desk.moc"
