// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/ui/main_window.h"

#include "console/models/situation.h"
#include "console/ui/theme.h"
#include "tests/console/support/console_bench.h"

#include <QApplication>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QtTest>

using namespace gantry;
using namespace gantry::console;
using namespace gantry::test;
using namespace Qt::StringLiterals;
using std::chrono::seconds;

namespace {

/// A shown window, live over that many orders.
struct LiveWindow : ConsoleBench {
    explicit LiveWindow(std::size_t orders, const std::string& role = "admin", LayoutStore* layout = nullptr)
        : ConsoleBench(role, 1, layout)
    {
        window.show();
        goLive(orders);
        session.tick();
        QTest::qWait(0);
    }
    OrderTable& table() { return window.orders().table(); }
    void type(const QString& text)
    {
        QTest::keyClick(&window, Qt::Key_Slash);
        QTest::keyClicks(QApplication::focusWidget(), text);
    }
    [[nodiscard]] int count(OrderState state) const
    {
        int found = 0;
        for (const OrderId& id : daemon.openIds())
            found += stateOf(daemon.order(id)) == state ? 1 : 0;
        return found;
    }
};

} // namespace

class TestMainWindow : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase()
    {
        QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedStates));
        Theme::apply(*qobject_cast<QApplication*>(QCoreApplication::instance()), ThemeChoice::Light);
    }

    void countersFilterByState()
    {
        LiveWindow bench(500);
        CounterTile& failed = bench.window.counters().tile(OrderState::Failed);
        QCOMPARE(failed.count(), static_cast<std::uint64_t>(bench.count(OrderState::Failed)));
        QTest::mouseClick(&failed, Qt::LeftButton);
        QCOMPARE(bench.session.list().rowCount(), bench.count(OrderState::Failed));
        QTest::mouseClick(
            &bench.window.counters().tile(OrderState::Running), Qt::LeftButton, Qt::ControlModifier);
        QCOMPARE(bench.session.list().rowCount(),
            bench.count(OrderState::Failed) + bench.count(OrderState::Running));
        QTest::mouseClick(&failed, Qt::LeftButton);
        QCOMPARE(bench.session.list().rowCount(), bench.count(OrderState::Failed));
        QTest::mouseClick(&failed, Qt::LeftButton);
        QCOMPARE(bench.session.list().rowCount(), bench.session.orders().rowCount());
    }

    void oneKeyShowsAllThatNeedMending()
    {
        LiveWindow bench(500);
        const OrderId id = bench.firstIn(OrderState::Failed);
        QVERIFY(bench.daemon.act(id, Action::Cancel, testNow, "ann", "changed mind"));
        if (stateOf(bench.daemon.order(id)) == OrderState::Compensating)
            bench.daemon.fail(id, testNow, "voided", "refused", true);
        bench.link.publish();
        const int expected = bench.count(OrderState::Failed) + bench.count(OrderState::CompensationFailed);
        QVERIFY(bench.count(OrderState::CompensationFailed) > 0);
        QTest::keyClick(&bench.window, Qt::Key_F);
        QCOMPARE(bench.session.list().rowCount(), expected);
        QTest::keyClick(&bench.window, Qt::Key_F);
        QCOMPARE(bench.session.list().rowCount(), bench.session.orders().rowCount());
    }

    void slashSearchesAndEscapeGoesBack()
    {
        LiveWindow bench(500);
        const QString number = bench.session.list().rowAt(7)->externalId;
        bench.type(number);
        QTRY_COMPARE(bench.session.list().rowCount(), 1);
        QCOMPARE(bench.session.list().rowAt(0)->externalId, number);
        QTest::keyClick(QApplication::focusWidget(), Qt::Key_Escape);
        QTRY_COMPARE(bench.session.list().rowCount(), bench.session.orders().rowCount());
        QTest::keyClick(QApplication::focusWidget(), Qt::Key_Escape);
        QCOMPARE(QApplication::focusWidget(), &bench.table());
    }

    void headingsSort()
    {
        LiveWindow bench(300);
        bench.table().sortByColumn(indexOf(OrderColumn::Total), Qt::DescendingOrder);
        for (int row = 1; row < bench.session.list().rowCount(); ++row)
            QVERIFY(compareRows(*bench.session.list().rowAt(row - 1), *bench.session.list().rowAt(row),
                        OrderColumn::Total, Qt::DescendingOrder)
                < 0);
    }

    void theChosenOrderStaysChosenWhileTheWorldGoesOn()
    {
        LiveWindow bench(300);
        const OrderId chosen = bench.firstIn(OrderState::Failed);
        QVERIFY(bench.table().selectOrder(chosen));
        for (int i = 1; i <= 30; ++i) {
            for (int n = 0; n < 30; ++n)
                bench.daemon.submit(bench.generator.document(testNow), testNow + seconds(i));
            bench.link.publish();
        }
        QCOMPARE(bench.table().selectedOrders().size(), std::size_t{1});
        QCOMPARE(bench.table().selectedOrders().front()->id, chosen);
        QCOMPARE(bench.window.detail().selection().front()->id, chosen);
    }

    void theDetailSaysWhatTheOrderIsInFor()
    {
        LiveWindow bench(300);
        const OrderId id = bench.firstIn(OrderState::Failed);
        bench.table().selectOrder(id);
        QCOMPARE(bench.window.detail().situation(), situationOf(bench.daemon.order(id), testNow));
        QVERIFY(bench.daemon.act(id, Action::Retry, testNow, "ben", "mended"));
        bench.link.publish();
        QCOMPARE(bench.window.detail().situation(), situationOf(bench.daemon.order(id), testNow));
    }

    void theDetailTakesTheDaemonsWordForWhyAnOrderWaits()
    {
        LiveWindow bench(300);
        const OrderId id = bench.firstIn(OrderState::Failed);
        bench.daemon.explain(id, "Pay failed. Others with the same cause: 12 orders.", "Retry it.");
        bench.table().selectOrder(id);
        QTRY_COMPARE(bench.window.detail().situation(),
            u"Pay failed. Others with the same cause: 12 orders. Retry it."_s);
    }

    void buttonsAreThoseThatStateAndRoleAllow_data()
    {
        QTest::addColumn<QString>("role");
        for (const char* role : {"viewer", "warehouse", "support", "admin"})
            QTest::newRow(role) << QString::fromLatin1(role);
    }
    void buttonsAreThoseThatStateAndRoleAllow()
    {
        QFETCH(QString, role);
        LiveWindow bench(400, role.toStdString());
        for (const OrderState state :
            {OrderState::Failed, OrderState::Waiting, OrderState::Running, OrderState::Received}) {
            const OrderId id = bench.firstIn(state);
            bench.table().selectOrder(id);
            const auto allowed = allowedActions(bench.daemon.order(id), *roleFromName(role.toStdString()));
            for (const Action action : allActions) {
                const QPushButton& button = bench.window.detail().actions().button(action);
                QCOMPARE(button.isEnabled(), std::ranges::find(allowed, action) != allowed.end());
                QVERIFY(!button.toolTip().isEmpty());
            }
        }
    }

    void aStaleLinkIsSaidAndStopsActions()
    {
        LiveWindow bench(300);
        QVERIFY(!bench.window.banner().isVisible());
        QVERIFY(bench.window.statusLine().linkText().startsWith(u"Live since"_s));
        bench.table().selectOrder(bench.firstIn(OrderState::Failed));
        bench.link.setStatus(LinkState::Stale, testNow, "The daemon is silent.");
        QVERIFY(bench.window.banner().isVisible());
        QVERIFY(bench.window.banner().text().contains(u"silent since"_s));
        QVERIFY(bench.window.statusLine().linkText().startsWith(u"Stale since"_s));
        for (const Action action : allActions)
            QVERIFY(!bench.window.detail().actions().button(action).isEnabled());
        QTest::keyClick(&bench.window, Qt::Key_R);
        QVERIFY(!bench.window.dialog());
        const QString situation = bench.window.detail().situation();
        bench.clock.advance(std::chrono::hours(9));
        bench.session.tick();
        QCOMPARE(bench.window.detail().situation(), situation);
        bench.link.setStatus(LinkState::Live, testNow);
        QVERIFY(!bench.window.banner().isVisible());
        QVERIFY(bench.window.detail().actions().button(Action::Retry).isEnabled());
    }

    void withoutOrdersItSaysWhy()
    {
        ConsoleBench bench;
        bench.window.show();
        auto* message = bench.window.orders().findChild<MessageView*>();
        QVERIFY(message->isVisible());
        QCOMPARE(message->title(), u"Connecting to the daemon"_s);
        bench.link.setStatus(LinkState::Stale, testNow, "Nothing listens there.");
        QCOMPARE(message->title(), u"The daemon does not answer"_s);
        QVERIFY(message->text().contains(u"Nothing listens there."_s));
        bench.goLive(0);
        QCOMPARE(message->title(), u"No open orders"_s);
        bench.daemon.submit(bench.generator.document(testNow), testNow);
        bench.link.publish();
        QVERIFY(!message->isVisible());
        bench.window.filters().setChoice(u"nowhere"_s, {}, {});
        Q_EMIT bench.window.filters().changed();
        QCOMPARE(message->title(), u"No open order fits the filter"_s);
        Q_EMIT message->pressed();
        QVERIFY(!message->isVisible());
    }

    void endedOrdersAreLookedUp()
    {
        LiveWindow bench(900);
        QTest::mouseClick(&bench.window.counters().tile(OrderState::Completed), Qt::LeftButton);
        QTRY_COMPARE(bench.session.closed().phase(), ClosedSearch::Phase::Ready);
        QVERIFY(bench.window.orders().showsClosed());
        QCOMPARE(bench.table().model()->rowCount(), static_cast<int>(ordersPerPage));
        bench.table().selectRow(0);
        QTRY_COMPARE(bench.session.detail().phase(), OrderDetail::Phase::Ready);
        for (const Action action : allActions)
            QVERIFY(!bench.window.detail().actions().button(action).isEnabled());
        QTest::mouseClick(&bench.window.counters().tile(OrderState::Failed), Qt::LeftButton);
        QVERIFY(!bench.window.orders().showsClosed());
        QCOMPARE(bench.table().model()->rowCount(), bench.count(OrderState::Failed));
    }

    void theLayoutIsKept()
    {
        const QTemporaryDir folder;
        auto layout = LayoutStore::open(folder.filePath(u"console.sqlite"_s));
        QVERIFY(layout);
        {
            LiveWindow bench(300, "admin", layout->get());
            bench.window.resize(1111, 777);
            QTest::mouseClick(&bench.window.counters().tile(OrderState::Waiting), Qt::LeftButton);
            bench.window.filters().setChoice(u"weber"_s, u"pick"_s, u"webshop"_s);
            bench.window.close();
        }
        LiveWindow bench(300, "admin", layout->get());
        QCOMPARE(bench.window.size(), QSize(1111, 777));
        OrderFilter expected;
        expected.text = u"weber"_s;
        expected.step = u"pick"_s;
        expected.channel = u"webshop"_s;
        expected.states.set(static_cast<std::size_t>(OrderState::Waiting));
        QCOMPARE(bench.session.list().filter(), expected);
        QCOMPARE(bench.window.filters().channel(), u"webshop"_s);
    }

    void theSmallestPromisedSizeIsEnough()
    {
        LiveWindow bench(300);
        QVERIFY2(bench.window.minimumSizeHint().width() <= 1280,
            qPrintable(QString::number(bench.window.minimumSizeHint().width())));
        QVERIFY(bench.window.minimumSizeHint().height() <= 800);
    }
};

QTEST_MAIN(TestMainWindow)
#include "tst_main_window.moc"
