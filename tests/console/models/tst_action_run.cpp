// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/models/action_run.h"

#include "tests/console/support/console_session.h"

#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QtTest>
#include <set>

using namespace gantry;
using namespace gantry::console;
using namespace gantry::test;
using namespace Qt::StringLiterals;

class TestActionRun : public QObject {
    Q_OBJECT

    /// Every open order, as it is now.
    static std::vector<std::shared_ptr<const Order>> everything(ConsoleSession& bench)
    {
        std::vector<std::shared_ptr<const Order>> orders;
        for (int row = 0; row < bench.session.orders().rowCount(); ++row)
            orders.push_back(bench.session.orders().rowAt(row)->order);
        return orders;
    }

    static std::string keyOf(const ApiCall& call)
    {
        for (const auto& [name, value] : call.headers)
            if (name == "idempotency-key")
                return value;
        return {};
    }

private Q_SLOTS:
    void onlyOrdersThatAllowItAreTaken()
    {
        ConsoleSession bench;
        bench.goLive(300);
        const auto run = bench.session.planAction(Action::Retry, everything(bench));
        int allowed = 0;
        for (const auto& order : everything(bench))
            allowed += isPossible(Action::Retry, *order) ? 1 : 0;
        QVERIFY(allowed > 0);
        QCOMPARE(run->total(), allowed);
        ConsoleSession asViewer("viewer");
        asViewer.goLive(300);
        QCOMPARE(asViewer.session.planAction(Action::Retry, everything(asViewer))->total(), 0);
    }

    void eachOrderIsAskedOnceWithItsOwnKeyAndVersion()
    {
        ConsoleSession bench;
        bench.goLive(600);
        auto run = bench.session.planAction(Action::Retry, everything(bench));
        QAbstractItemModelTester tester(run.get(), QAbstractItemModelTester::FailureReportingMode::Fatal);
        QSignalSpy finished(run.get(), &ActionRun::finished);
        run->start("the outage is over", {});
        QTRY_COMPARE(finished.size(), 1);
        QCOMPARE(run->count(ActionRun::Stand::Done), run->total());
        const auto posts = bench.link.calls("POST", "/actions");
        QCOMPARE(static_cast<int>(posts.size()), run->total());
        std::set<std::string> keys;
        for (const ApiCall& call : posts) {
            keys.insert(keyOf(call));
            QVERIFY(call.body.find("the outage is over") != std::string::npos);
        }
        QCOMPARE(keys.size(), posts.size());
        QVERIFY(run->firstFailure().isEmpty());
    }

    void aChangedOrderIsRefusedAndTheOthersGoOn()
    {
        ConsoleSession bench;
        bench.goLive(600);
        auto run = bench.session.planAction(Action::Hold, everything(bench));
        const OrderId changed = bench.session.orders().rowAt(3)->order->id;
        QVERIFY(bench.daemon.act(changed, Action::Hold, testNow, "ben", "first"));
        QSignalSpy finished(run.get(), &ActionRun::finished);
        run->start("stocktaking", testNow + std::chrono::hours(1));
        QTRY_COMPARE(finished.size(), 1);
        QCOMPARE(run->count(ActionRun::Stand::Refused), 1);
        QCOMPARE(run->count(ActionRun::Stand::Done), run->total() - 1);
        QVERIFY(run->firstFailure().contains(u"changed while you were deciding"_s));
        QVERIFY(!run->mayRepeatAny());
    }

    void anUnknownResultIsRepeatedWithTheSameKey()
    {
        ConsoleSession bench;
        bench.goLive(100);
        QTRY_VERIFY(bench.session.hasClosedCounts());
        auto run = bench.session.planAction(Action::Hold, {bench.session.orders().rowAt(0)->order});
        bench.link.answerNextWith(failure(ErrorCode::Unavailable, "no answer"));
        run->start("stocktaking", {});
        QTRY_COMPARE(run->count(ActionRun::Stand::Unknown), 1);
        QVERIFY(run->mayRepeatAny());
        run->repeatUnknown();
        QTRY_COMPARE(run->count(ActionRun::Stand::Done), 1);
        const auto posts = bench.link.calls("POST", "/actions");
        QCOMPARE(posts.size(), std::size_t{2});
        QCOMPARE(keyOf(posts[0]), keyOf(posts[1]));
    }

    void fewAreUnderWayAtOnceAndStoppingLeavesTheRest()
    {
        ConsoleSession bench;
        bench.goLive(600);
        auto run = bench.session.planAction(Action::Hold, everything(bench));
        QVERIFY(run->total() > 100);
        bench.link.setSilent(true);
        QSignalSpy finished(run.get(), &ActionRun::finished);
        run->start("stocktaking", {});
        QCOMPARE(run->count(ActionRun::Stand::Sent), 16);
        run->stop();
        QCOMPARE(finished.size(), 0);
        bench.link.answerAll();
        QCOMPARE(finished.size(), 1);
        QCOMPARE(run->count(ActionRun::Stand::Done), 16);
        QCOMPARE(run->count(ActionRun::Stand::Waiting), run->total() - 16);
    }

    void answersAfterItsEndHurtNobody()
    {
        ConsoleSession bench;
        bench.goLive(50);
        bench.link.setSilent(true);
        auto run = bench.session.planAction(Action::Hold, everything(bench));
        run->start("stocktaking", {});
        run.reset();
        bench.link.answerAll();
        QVERIFY(!bench.link.calls("POST", "/actions").empty());
    }
};

QTEST_GUILESS_MAIN(TestActionRun)
#include "tst_action_run.moc"
