// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/engine/pause_book.h"
#include "tests/daemon/engine/manual_ticks.h"

#include <QTest>

using namespace gantry;
using namespace gantry::engine;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

Order orderOf(std::uint64_t number, const std::string& step = "ship", const std::string& channel = "web")
{
    Order made;
    made.id = OrderId::make(fromMillis(static_cast<std::int64_t>(1'000'000 + number)), 1, {number, 0});
    OrderSummary summary{.channel = channel, .currency = *Currency::fromCode("EUR")};
    summary.createdAt = fromMillis(static_cast<std::int64_t>(1'000'000 + number));
    made.summary = std::make_shared<const OrderSummary>(std::move(summary));
    made.step.name = step;
    return made;
}

struct Book {
    test::ManualTicks clock;
    PauseBook book{clock};

    void pause(PauseScope scope, const std::string& name)
    {
        book.begin({scope, name, clock.wall, "ann", "because"});
    }
    /// Lets time go by in short rounds; gives what went on.
    std::vector<OrderId> pass(milliseconds time)
    {
        std::vector<OrderId> all;
        for (; time.count() > 0; time -= milliseconds(100)) {
            clock.ticks += milliseconds(100);
            for (const OrderId& id : book.release())
                all.push_back(id);
        }
        return all;
    }
};

} // namespace

class PauseBookTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void stopsItsSliceAlone()
    {
        Book w;
        QVERIFY(w.book.isIdle());
        QVERIFY(!w.book.park(orderOf(1), "label.print"));
        w.pause(PauseScope::Step, "ship");
        w.pause(PauseScope::Task, "pack");
        w.pause(PauseScope::Channel, "pos");
        w.pause(PauseScope::Worker, "w1");
        QVERIFY(w.book.stops(orderOf(1), "label.print"));
        QVERIFY(w.book.stops(orderOf(1, "wrap"), "pack"));
        QVERIFY(w.book.stops(orderOf(1, "wrap", "pos"), "wrap"));
        QVERIFY(!w.book.stops(orderOf(1, "pack", "step"), "ship")); // the same names elsewhere
        QVERIFY(w.book.pausedWorkers().contains("w1"));
        QCOMPARE(w.book.count(), std::size_t{4});
        QVERIFY(!w.book.next());
        QVERIFY(w.pass(seconds(60)).empty());
    }

    void countsWhoWaitsOnce()
    {
        Book w;
        w.pause(PauseScope::Step, "ship");
        w.pause(PauseScope::Channel, "web");
        QVERIFY(w.book.park(orderOf(1), "x"));
        QVERIFY(w.book.park(orderOf(1), "x"));
        QVERIFY(w.book.park(orderOf(2, "pack"), "x"));
        QCOMPARE(w.book.waiting(), std::size_t{2});
        QCOMPARE(w.book.waitingBehind(PauseScope::Step, "ship"), std::size_t{1});
        QCOMPARE(w.book.waitingBehind(PauseScope::Channel, "web"), std::size_t{1});
        QVERIFY(w.book.park(orderOf(1, "pack"), "x")); // it has come to another step
        QCOMPARE(w.book.waitingBehind(PauseScope::Channel, "web"), std::size_t{2});
        QCOMPARE(w.book.holding(orderOf(1).id)->pause.name, std::string("web"));
        w.book.leave(orderOf(1).id);
        QVERIFY(!w.book.holding(orderOf(1).id));
        QCOMPARE(w.book.waiting(), std::size_t{1});
    }

    void endsAtOnceWhenNobodyWaits()
    {
        Book w;
        w.pause(PauseScope::Step, "ship");
        QVERIFY(!w.book.end(PauseScope::Task, "ship"));
        QVERIFY(w.book.end(PauseScope::Step, "ship"));
        QVERIFY(!w.book.end(PauseScope::Step, "ship"));
        QVERIFY(w.book.isIdle());
        w.pause(PauseScope::Worker, "w1");
        QVERIFY(w.book.end(PauseScope::Worker, "w1"));
        QVERIFY(w.book.isIdle());
    }

    void whatHasGatheredGoesOnAtARampBestFirst()
    {
        Book w;
        w.pause(PauseScope::Step, "ship");
        constexpr std::uint64_t count = 50'000;
        for (std::uint64_t number = count; number > 0; --number)
            QVERIFY(w.book.park(orderOf(number), "x"));
        QVERIFY(w.book.end(PauseScope::Step, "ship"));
        QVERIFY(w.book.next().has_value());
        std::vector<OrderId> all = w.book.release();
        QCOMPARE(all.size(), std::size_t{1});
        std::size_t expected = PauseBook::rampStart;
        for (int second = 0; second < PauseBook::rampSeconds - 1; ++second, expected *= 2) {
            const auto gone = w.pass(seconds(1));
            QVERIFY2(gone.size() == expected, qPrintable(QString::number(gone.size())));
            all.insert(all.end(), gone.begin(), gone.end());
        }
        const auto rest = w.pass(seconds(1));
        all.insert(all.end(), rest.begin(), rest.end());
        QCOMPARE(all.size(), std::size_t{count}); // full speed: all that was left
        QVERIFY(std::is_sorted(all.begin(), all.end()));
        QVERIFY(w.book.isIdle());
    }

    void whoComesMeanwhileStandsInTheSameLine()
    {
        Book w;
        w.pause(PauseScope::Step, "ship");
        for (std::uint64_t number = 1; number <= 30; ++number)
            w.book.park(orderOf(number), "x");
        w.book.end(PauseScope::Step, "ship");
        QVERIFY(w.book.release().front() == orderOf(1).id);
        QVERIFY(!w.book.find(PauseScope::Step, "ship")); // it does not hold any more
        QVERIFY(w.book.list().front().isEnding);
        QVERIFY(w.book.park(orderOf(99), "x"));
        QVERIFY(!w.book.park(orderOf(1), "x", true)); // what has come through is not stopped again
        const auto gone = w.pass(seconds(3));
        QCOMPARE(gone.size(), std::size_t{30});
        QVERIFY(gone.back() == orderOf(99).id);
        QVERIFY(!w.book.park(orderOf(100), "x"));
    }

    void aPauseThatBeginsAnewStopsTheRamp()
    {
        Book w;
        w.pause(PauseScope::Step, "ship");
        for (std::uint64_t number = 1; number <= 30; ++number)
            w.book.park(orderOf(number), "x");
        w.book.end(PauseScope::Step, "ship");
        const auto some = w.pass(milliseconds(500)).size();
        QVERIFY(some > 0 && some < 30);
        w.pause(PauseScope::Step, "ship");
        QVERIFY(w.pass(seconds(60)).empty());
        QCOMPARE(w.book.waiting(), 30 - some);
        w.book.end(PauseScope::Step, "ship");
        QCOMPARE(w.book.release().size(), std::size_t{1}); // from its beginning
    }

    void aPauseThatHoldsStopsWhatAnotherLetGo()
    {
        Book w;
        w.pause(PauseScope::Step, "ship");
        w.pause(PauseScope::Channel, "web");
        w.book.park(orderOf(1), "x");
        w.book.end(PauseScope::Step, "ship");
        QCOMPARE(w.book.release().size(), std::size_t{1});
        QVERIFY(w.book.park(orderOf(1), "x", true));
        QCOMPARE(w.book.waitingBehind(PauseScope::Channel, "web"), std::size_t{1});
    }

    void aJumpOfTheWallClockChangesNothing()
    {
        Book w;
        w.pause(PauseScope::Step, "ship");
        for (std::uint64_t number = 1; number <= 100; ++number)
            w.book.park(orderOf(number), "x");
        w.book.end(PauseScope::Step, "ship");
        w.clock.wall += std::chrono::hours(10);
        QCOMPARE(w.book.release().size(), std::size_t{1});
        w.clock.wall -= std::chrono::hours(20);
        QCOMPARE(w.pass(seconds(1)).size(), std::size_t{10});
    }
};

QTEST_APPLESS_MAIN(PauseBookTest)
#include "tst_pause_book.moc"
