// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/models/session.h"

#include "tests/console/support/console_session.h"

#include <QSignalSpy>
#include <QtTest>

using namespace gantry;
using namespace gantry::console;
using namespace gantry::test;
using namespace Qt::StringLiterals;
using std::chrono::seconds;

class TestSession : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void countsAreTheReplicasForOpenStatesAndTheDaemonsForEndedOnes()
    {
        ConsoleSession bench;
        QVERIFY(!bench.session.hasData());
        bench.goLive(400);
        QVERIFY(bench.session.hasData());
        QTRY_VERIFY(bench.session.hasClosedCounts());
        const auto stats = readStats(bench.daemon.answer(getStatsCall(), "ann", Role::Admin).body);
        QCOMPARE(bench.session.counts(), stats->counts);
        QCOMPARE(bench.session.partitions().size(), std::size_t{1});
    }

    void countersAreReadAgainOnceASecondAndOnlyWhenSomethingHappened()
    {
        ConsoleSession bench;
        bench.goLive(50);
        QTRY_VERIFY(bench.session.hasClosedCounts());
        bench.session.tick();
        QTest::qWait(0);
        const auto before = bench.link.calls("GET", "/v1/stats").size();
        bench.session.tick();
        QCOMPARE(bench.link.calls("GET", "/v1/stats").size(), before);
        bench.daemon.submit(bench.generator.document(testNow), testNow);
        bench.link.publish();
        bench.link.publish();
        bench.session.tick();
        QCOMPARE(bench.link.calls("GET", "/v1/stats").size(), before + 1);
    }

    void ratesCountWhatCameAndWhatEnded()
    {
        ConsoleSession bench;
        bench.goLive(0);
        const OrderId id = bench.daemon.submit(bench.generator.document(testNow), testNow);
        bench.daemon.submit(bench.generator.document(testNow), testNow);
        QVERIFY(bench.daemon.act(id, Action::Cancel, testNow, "ann", "no longer wanted"));
        bench.link.publish();
        bench.clock.advance(seconds(1));
        bench.session.tick();
        const auto points = bench.session.throughput().points();
        QCOMPARE(points.back(), (ThroughputSeries::Second{2, 1}));
    }

    void whileStaleTimeStandsStillAndRatesBeginAnewAfterwards()
    {
        ConsoleSession bench;
        bench.goLive(20);
        bench.clock.advance(seconds(5));
        bench.session.tick();
        const QString age = bench.session.list().index(0, indexOf(OrderColumn::Age)).data().toString();
        bench.link.setStatus(LinkState::Stale, bench.clock.now());
        bench.clock.advance(std::chrono::hours(9));
        bench.session.tick();
        QCOMPARE(bench.session.list().index(0, indexOf(OrderColumn::Age)).data().toString(), age);
        bench.link.setStatus(LinkState::Live, bench.clock.now());
        QVERIFY(bench.session.throughput().points().empty());
    }

    void theDetailFollowsItsOrder()
    {
        ConsoleSession bench;
        bench.goLive(60);
        const OrderId id = bench.firstIn(OrderState::Waiting);
        OrderDetail& detail = bench.session.detail();
        detail.show(bench.session.orders().find(id)->order);
        QCOMPARE(detail.phase(), OrderDetail::Phase::Loading);
        QTRY_COMPARE(detail.phase(), OrderDetail::Phase::Ready);
        QTRY_COMPARE(detail.timeline().lastVersion(), bench.daemon.order(id).version);
        QVERIFY(detail.document());

        // What happens next comes by the feed, without asking.
        const auto asked = bench.link.calls("GET", "/events").size();
        QVERIFY(bench.daemon.act(id, Action::Hold, testNow, "ben", "fraud check"));
        bench.link.publish();
        QCOMPARE(detail.timeline().lastVersion(), bench.daemon.order(id).version);
        QCOMPARE(detail.order()->version, bench.daemon.order(id).version);
        QCOMPARE(bench.link.calls("GET", "/events").size(), asked);
    }

    void theDetailSaysWhatTheDaemonKnowsOfTheWait()
    {
        ConsoleSession bench;
        bench.goLive(60);
        const OrderId id = bench.firstIn(OrderState::Waiting);
        bench.daemon.explain(id, "The step pick is paused.", "Resume it.");
        OrderDetail& detail = bench.session.detail();
        detail.show(bench.session.orders().find(id)->order);
        QVERIFY(!detail.reason());
        QTRY_VERIFY(detail.reason());
        QCOMPARE(*detail.reason(), (WaitingReason{"The step pick is paused.", "Resume it."}));

        // It changes without the order: asked again, but not at every tick.
        const auto asked = [&bench] { return bench.link.calls("GET", "/waiting").size(); };
        const std::size_t before = asked();
        bench.session.tick();
        QCOMPARE(asked(), before);
        bench.daemon.explain(id, "It waits for a worker.", {});
        bench.clock.advance(seconds(5));
        bench.session.tick();
        QTRY_COMPARE(*detail.reason(), (WaitingReason{"It waits for a worker.", {}}));

        // What was said of another version of the order is not said of this one.
        bench.link.setSilent(true);
        QVERIFY(bench.daemon.act(id, Action::Hold, testNow, "ben", "fraud check"));
        bench.link.publish();
        QVERIFY(!detail.reason());
        bench.link.setSilent(false);
        bench.link.answerAll();
        QVERIFY(detail.reason());
    }

    void theDetailIsContentWithoutTheDaemonsReason()
    {
        ConsoleSession bench;
        bench.goLive(60);
        const OrderId id = bench.firstIn(OrderState::Waiting);
        OrderDetail& detail = bench.session.detail();
        detail.show(bench.session.orders().find(id)->order);
        QTRY_COMPARE(detail.phase(), OrderDetail::Phase::Ready);
        QTRY_COMPARE(detail.timeline().lastVersion(), bench.daemon.order(id).version);
        QVERIFY(!detail.reason());
    }

    void theDetailFillsAGapInTheEvents()
    {
        ConsoleSession bench;
        bench.goLive(60);
        const OrderId id = bench.firstIn(OrderState::Waiting);
        OrderDetail& detail = bench.session.detail();
        detail.show(bench.session.orders().find(id)->order);
        QTRY_COMPARE(detail.timeline().lastVersion(), bench.daemon.order(id).version);
        QVERIFY(bench.daemon.act(id, Action::Hold, testNow, "ben", "one"));
        bench.daemon.takeChange(); // lost on the way
        QVERIFY(bench.daemon.act(id, Action::Hold, testNow, "ben", "two"));
        bench.link.publish();
        QTRY_COMPARE(detail.timeline().lastVersion(), bench.daemon.order(id).version);
    }

    void theDetailOfAnOrderThatEndsShowsHowItEnded()
    {
        ConsoleSession bench;
        bench.goLive(0);
        const OrderId id = bench.daemon.submit(bench.generator.document(testNow), testNow);
        bench.link.publish();
        OrderDetail& detail = bench.session.detail();
        detail.show(bench.session.orders().find(id)->order);
        QTRY_COMPARE(detail.phase(), OrderDetail::Phase::Ready);
        QVERIFY(bench.daemon.act(id, Action::Cancel, testNow, "ann", "no longer wanted"));
        bench.link.publish();
        QTRY_COMPARE(stateOf(*detail.order()), OrderState::Canceled);
        QTRY_COMPARE(detail.timeline().lastVersion(), bench.daemon.order(id).version);
    }

    void anAnswerThatComesTooLateIsDropped()
    {
        ConsoleSession bench;
        bench.goLive(60);
        const auto ids = bench.daemon.openIds();
        OrderDetail& detail = bench.session.detail();
        bench.link.setSilent(true);
        detail.show(bench.session.orders().find(ids[0])->order);
        detail.show(bench.session.orders().find(ids[1])->order);
        bench.link.answerAll();
        QCOMPARE(detail.phase(), OrderDetail::Phase::Ready);
        QCOMPARE(detail.document()->externalId, bench.daemon.order(ids[1]).summary->externalId);
        detail.show(bench.session.orders().find(ids[2])->order);
        detail.clear();
        bench.link.answerAll();
        QCOMPARE(detail.phase(), OrderDetail::Phase::Empty);
    }

    void aFailedLoadSaysSoAndMayBeTriedAgain()
    {
        ConsoleSession bench;
        bench.goLive(30);
        QTRY_VERIFY(bench.session.hasClosedCounts());
        OrderDetail& detail = bench.session.detail();
        bench.link.answerNextWith(failure(ErrorCode::Unavailable, "no answer"));
        detail.show(bench.session.orders().rowAt(0)->order);
        QTRY_COMPARE(detail.phase(), OrderDetail::Phase::Failed);
        QVERIFY(!detail.failure().isEmpty());
        detail.reload();
        QTRY_COMPARE(detail.phase(), OrderDetail::Phase::Ready);
    }

    void endedOrdersAreLookedUpPageByPage()
    {
        ConsoleSession bench;
        bench.goLive(1200);
        ClosedSearch& closed = bench.session.closed();
        closed.search(OrderState::Completed, {});
        QTRY_COMPARE(closed.phase(), ClosedSearch::Phase::Ready);
        QCOMPARE(closed.orders().rowCount(), static_cast<int>(ordersPerPage));
        QVERIFY(closed.hasMore());
        closed.more();
        QTRY_COMPARE(closed.phase(), ClosedSearch::Phase::Ready);
        QCOMPARE(closed.orders().rowCount(), static_cast<int>(2 * ordersPerPage));
        closed.search(OrderState::Completed, u"Weber"_s);
        QTRY_COMPARE(closed.phase(), ClosedSearch::Phase::Ready);
        QVERIFY(closed.list().rowCount() > 0);
        for (int row = 0; row < closed.list().rowCount(); ++row)
            QVERIFY(closed.list().rowAt(row)->customer.contains(u"Weber"_s));
        bench.link.answerNextWith(failure(ErrorCode::Unavailable, "no answer"));
        closed.again();
        QTRY_COMPARE(closed.phase(), ClosedSearch::Phase::Failed);
        QVERIFY(!closed.failure().isEmpty());
    }
};

QTEST_GUILESS_MAIN(TestSession)
#include "tst_session.moc"
