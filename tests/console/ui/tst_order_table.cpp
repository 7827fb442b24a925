// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/ui/order_table.h"

#include "tests/console/support/console_session.h"
#include "tests/console/support/test_settings.h"

#include <QElapsedTimer>
#include <QHeaderView>
#include <QScrollBar>
#include <QtTest>

using namespace gantry;
using namespace gantry::console;
using namespace gantry::test;
using namespace Qt::StringLiterals;
using std::chrono::seconds;

namespace {

struct Bench : ConsoleSession {
    explicit Bench(std::size_t orders)
    {
        table.resize(1000, 600);
        table.setOrders(session.list());
        table.show();
        goLive(orders);
        QTest::qWait(0);
    }
    /// The ids of the rows in sight, top to bottom.
    [[nodiscard]] std::vector<OrderId> inSight() const
    {
        std::vector<OrderId> ids;
        for (int y = 0; y < table.viewport()->height(); y += 28)
            if (const int row = table.rowAt(y); row >= 0)
                ids.push_back(shownList().rowAt(row)->order->id);
        return ids;
    }
    [[nodiscard]] const OrderFilterModel& shownList() const
    {
        return *static_cast<const OrderFilterModel*>(table.model());
    }
    /// New orders that fail at once and so belong at the top.
    void failSome(int count)
    {
        for (int i = 0; i < count; ++i) {
            const OrderId id = daemon.submit(generator.document(testNow), testNow + seconds(1));
            daemon.fail(id, testNow + seconds(2), "price_mismatch", "Too cheap", true);
        }
        link.publish();
    }
    void movePointer(QPoint to)
    {
        QMouseEvent move(QEvent::MouseMove, to, table.viewport()->mapToGlobal(to), Qt::NoButton, {}, {});
        QCoreApplication::sendEvent(table.viewport(), &move);
    }

    OrderTable table;
};

} // namespace

class TestOrderTable : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void nothingMovesUnderThePointer()
    {
        Bench bench(200);
        const auto before = bench.inSight();
        QVERIFY(before.size() > 10);
        bench.movePointer({100, 100});
        bench.failSome(20);
        QCOMPARE(bench.inSight(), before);
        QCOMPARE(bench.session.list().pendingCount(), 20);
        QEvent leave(QEvent::Leave);
        QCoreApplication::sendEvent(bench.table.viewport(), &leave);
        QVERIFY(bench.inSight() != before);
        QCOMPARE(bench.session.list().pendingCount(), 0);
    }

    void keysHoldItStillUntilAskedFor()
    {
        Bench bench(200);
        QTest::keyClick(&bench.table, Qt::Key_Down);
        const auto before = bench.inSight();
        bench.failSome(5);
        QCOMPARE(bench.inSight(), before);
        bench.table.catchUp();
        QVERIFY(bench.inSight() != before);
        QVERIFY(bench.session.list().isFrozen());
    }

    void whatComesAboveDoesNotScrollWhatIsInSight()
    {
        Bench bench(300);
        bench.table.verticalScrollBar()->setValue(2000);
        const auto before = bench.inSight();
        bench.failSome(50);
        QTest::qWait(0);
        QCOMPARE(bench.inSight(), before);
    }

    void atTheTopWhatComesIsSeen()
    {
        Bench bench(300);
        bench.table.verticalScrollBar()->setValue(0);
        bench.failSome(3);
        QCOMPARE(bench.table.rowAt(0), 0);
    }

    void enterOpens()
    {
        Bench bench(20);
        QSignalSpy opened(&bench.table, &OrderTable::opened);
        QTest::keyClick(&bench.table, Qt::Key_Return);
        QCOMPARE(opened.size(), 1);
    }

    void columnsFollowTheWidthUntilTheUserArrangesThem()
    {
        Bench bench(20);
        bench.table.resize(800, 600);
        QVERIFY(bench.table.isColumnHidden(indexOf(OrderColumn::Channel)));
        QVERIFY(bench.table.columns().isEmpty());
        bench.table.resize(1500, 600);
        QVERIFY(!bench.table.isColumnHidden(indexOf(OrderColumn::Channel)));
        bench.table.setColumnWidth(indexOf(OrderColumn::Customer), 333);
        const QByteArray state = bench.table.horizontalHeader()->saveState();
        Bench other(20);
        other.table.setColumns(state);
        other.table.resize(900, 600);
        QCOMPARE(other.table.columnWidth(indexOf(OrderColumn::Customer)), 333);
        QVERIFY(!other.table.columns().isEmpty());
    }

    void aHundredThousandRowsAreTimed()
    {
        Bench bench(0);
        const std::uint64_t count = numberFromEnvironment("GANTRY_ROWS", 20'000);
        bench.generator.fill(bench.daemon, count, testNow);
        const auto snapshot = bench.daemon.snapshot();
        QElapsedTimer timer;
        const auto report = [&](const char* what) {
            qInfo("%-40s %8.2f ms, %d rows", what, static_cast<double>(timer.nsecsElapsed()) / 1e6,
                bench.session.list().rowCount());
            timer.start();
        };
        timer.start();
        Q_EMIT bench.link.replicaChanged(snapshot);
        report("snapshot into the view");
        bench.table.repaint();
        report("painted");
        bench.table.verticalScrollBar()->setValue(bench.table.verticalScrollBar()->maximum() / 2);
        bench.table.repaint();
        report("scrolled to the middle");
        bench.table.selectRow(bench.session.list().rowCount() / 2);
        for (int round = 1; round <= 3; ++round) {
            bench.generator.live(bench.daemon, 500, testNow + seconds(round));
            const auto change = bench.daemon.takeChange();
            timer.start();
            Q_EMIT bench.link.replicaChanged(change);
            report("500 live changes");
            bench.table.repaint();
            report("painted");
        }
        QCOMPARE(bench.session.list().rowCount(), bench.session.orders().rowCount());
        QVERIFY(bench.table.selectedOrders().size() <= 1);
    }
};

QTEST_MAIN(TestOrderTable)
#include "tst_order_table.moc"
