// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/models/order_filter_model.h"

#include "tests/console/support/manual_clock.h"
#include "tests/console/support/model_log.h"
#include "tests/console/support/order_generator.h"
#include "tests/console/support/test_settings.h"

#include <QAbstractItemModelTester>
#include <QElapsedTimer>
#include <QItemSelectionModel>
#include <QSignalSpy>
#include <QtTest>

using namespace gantry;
using namespace gantry::console;
using namespace gantry::test;
using namespace Qt::StringLiterals;

namespace {

/// A filter over a table over a daemon, watched from all sides.
struct Bench {
    explicit Bench(std::uint64_t seed = 1)
        : daemon(clock, seed)
        , generator(seed)
    {
    }

    void fill(std::size_t count)
    {
        generator.fill(daemon, count, testNow);
        table.applyChange(*daemon.snapshot());
        log.take();
    }
    OrderId submit(Timestamp at) { return daemon.submit(generator.document(at), at); }
    void apply() { table.applyChange(*daemon.takeChange()); }

    /// What should be shown, worked out the slow and simple way.
    [[nodiscard]] std::vector<OrderId> expected() const
    {
        std::vector<OrderRowPtr> rows;
        const OrderMatcher matches(model.filter());
        for (int row = 0; row < table.rowCount(); ++row)
            if (matches(*table.rowAt(row)))
                rows.push_back(table.rowAt(row));
        std::ranges::sort(rows, [this](const auto& a, const auto& b) {
            return compareRows(*a, *b, model.sortColumn(), model.sortOrder()) < 0;
        });
        std::vector<OrderId> ids;
        std::ranges::transform(rows, std::back_inserter(ids), [](const auto& row) { return row->order->id; });
        return ids;
    }
    [[nodiscard]] std::vector<OrderId> shown() const
    {
        std::vector<OrderId> ids;
        for (int row = 0; row < model.rowCount(); ++row)
            ids.push_back(model.rowAt(row)->order->id);
        return ids;
    }

    ManualClock clock{testNow};
    FakeDaemon daemon;
    OrderGenerator generator;
    OrderTableModel table{clock};
    OrderFilterModel model{table};
    QAbstractItemModelTester tester{&model, QAbstractItemModelTester::FailureReportingMode::Fatal};
    ModelLog log{model, indexOf(OrderColumn::Order), IdRole};
};

OrderFilter failedOnly()
{
    OrderFilter filter;
    for (std::size_t i = 0; i < orderStateCount; ++i)
        filter.states.set(i, hasIncident(static_cast<OrderState>(i)));
    return filter;
}

} // namespace

class TestOrderFilterModel : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void showsWhatFitsInSequence_data()
    {
        QTest::addColumn<int>("column");
        QTest::addColumn<bool>("descending");
        for (int column = 0; column < orderColumnCount; ++column)
            for (const bool descending : {false, true})
                QTest::addRow("column %d %s", column, descending ? "down" : "up") << column << descending;
    }
    void showsWhatFitsInSequence()
    {
        QFETCH(int, column);
        QFETCH(bool, descending);
        Bench bench;
        bench.fill(150);
        bench.model.sort(column, descending ? Qt::DescendingOrder : Qt::AscendingOrder);
        QCOMPARE(bench.shown(), bench.expected());
        bench.model.setFilter(failedOnly());
        QCOMPARE(bench.shown(), bench.expected());
        QVERIFY(bench.model.rowCount() > 0);
        bench.model.setFilter({});
        QCOMPARE(bench.shown(), bench.expected());
    }

    void selectionOutlivesSortingAndChanges()
    {
        Bench bench;
        bench.fill(150);
        QItemSelectionModel selection(&bench.model);
        const OrderId chosen = bench.model.rowAt(40)->order->id;
        selection.setCurrentIndex(
            bench.model.index(40, 0), QItemSelectionModel::ClearAndSelect | QItemSelectionModel::Rows);
        bench.model.sort(indexOf(OrderColumn::Customer), Qt::DescendingOrder);
        for (int i = 0; i < 20; ++i) {
            bench.generator.live(bench.daemon, 60, testNow + std::chrono::seconds(i + 1));
            bench.apply();
        }
        bench.table.applyChange(*bench.daemon.snapshot());
        if (bench.table.find(chosen)) {
            QCOMPARE(selection.currentIndex().row(), bench.model.rowOf(chosen));
            QCOMPARE(selection.selectedRows().size(), 1);
            QCOMPARE(bench.model.rowAt(selection.selectedRows().front().row())->order->id, chosen);
        } else {
            QVERIFY(selection.selectedRows().isEmpty());
        }
    }

    void whileFrozenNothingMovesButCellsLive()
    {
        Bench bench;
        bench.fill(60);
        const OrderId first = bench.submit(testNow);
        const OrderId second = bench.submit(testNow);
        bench.apply();
        const auto before = bench.shown();
        bench.log.take();
        bench.model.setFrozen(true);
        QSignalSpy pending(&bench.model, &OrderFilterModel::pendingCountChanged);

        // One changes its state (and so its place), one closes, one comes.
        bench.daemon.fail(first, testNow, "price_mismatch", "Too cheap", true);
        QVERIFY(bench.daemon.act(second, Action::Cancel, testNow, "ann", "no longer wanted"));
        bench.submit(testNow + std::chrono::seconds(1));
        bench.apply();

        QCOMPARE(bench.shown(), before);
        QCOMPARE(bench.model.pendingCount(), 3);
        QCOMPARE(pending.size(), 1);
        for (const QString& line : bench.log.take())
            QVERIFY2(line.startsWith(u"data"_s), qPrintable(line));
        const int row = bench.model.rowOf(first);
        QCOMPARE(bench.model.index(row, 0).data().toString(), u"Failed"_s);
        const QModelIndex gone = bench.model.index(bench.model.rowOf(second), 0);
        QVERIFY(gone.data(GoneRole).toBool());
        QCOMPARE(gone.data().toString(), u"Closed"_s);
        QCOMPARE(gone.data(StateRole).toInt(), -1);

        bench.model.setFrozen(false);
        QCOMPARE(bench.shown(), bench.expected());
        QCOMPARE(bench.model.pendingCount(), 0);
        QCOMPARE(bench.model.rowOf(second), -1);
    }

    void catchingUpOnRequestStaysFrozen()
    {
        Bench bench;
        bench.fill(20);
        bench.model.setFrozen(true);
        bench.submit(testNow + std::chrono::seconds(1));
        bench.apply();
        bench.model.catchUp();
        QCOMPARE(bench.shown(), bench.expected());
        QVERIFY(bench.model.isFrozen());
    }

    void anOrderThatComesAndGoesWhileFrozenLeavesNoTrace()
    {
        Bench bench;
        bench.fill(20);
        bench.model.setFrozen(true);
        const OrderId id = bench.submit(testNow + std::chrono::seconds(1));
        bench.apply();
        QCOMPARE(bench.model.pendingCount(), 1);
        QVERIFY(bench.daemon.act(
            id, Action::Cancel, testNow + std::chrono::seconds(2), "ann", "no longer wanted"));
        bench.apply();
        QCOMPARE(bench.model.pendingCount(), 0);
    }

    void scatteredChangesAreThreeSignalsAtMost()
    {
        Bench bench;
        bench.fill(600);
        bench.model.sort(indexOf(OrderColumn::Total), Qt::AscendingOrder);
        bench.log.take();
        for (int i = 0; i < 200; ++i)
            bench.submit(testNow + std::chrono::seconds(1));
        bench.apply();
        const int count = bench.model.rowCount();
        QCOMPARE(
            bench.log.take(), (QStringList{u"insert %1-%2"_s.arg(count - 200).arg(count - 1), u"layout"_s}));
        OrderFilter filter;
        filter.channel = u"webshop"_s;
        bench.model.setFilter(filter);
        const QStringList lines = bench.log.take();
        QCOMPARE(lines.size(), 2);
        QCOMPARE(lines[0], u"layout"_s);
        QVERIFY(lines[1].startsWith(u"remove "_s));
    }

    void randomChangesKeepEverythingTrue()
    {
        const std::uint64_t seed = testSeed();
        Bench bench(seed);
        bench.fill(120);
        SeededRandom random(seed);
        QItemSelectionModel selection(&bench.model);
        Timestamp now = testNow;
        for (int round = 0; round < 250; ++round) {
            now += std::chrono::seconds(20);
            changeSomething(bench, random, now);
            QCOMPARE(bench.log.mirror(), bench.log.present());
            if (bench.model.isFrozen())
                continue;
            QCOMPARE(bench.shown(), bench.expected());
            QCOMPARE(bench.model.pendingCount(), 0);
            checkPersistent(bench);
            rememberOne(bench, random);
        }
    }

    void hundredThousandRowsAreTimed()
    {
        ManualClock clock(testNow);
        FakeDaemon daemon(clock, 5);
        OrderGenerator generator(5);
        const std::uint64_t count = numberFromEnvironment("GANTRY_ROWS", 20'000);
        generator.fill(daemon, count, testNow);
        const auto snapshot = daemon.snapshot();
        OrderTableModel table(clock);
        OrderFilterModel model(table);
        QElapsedTimer timer;
        const auto report = [&](const char* what) {
            qInfo("%-52s %8.2f ms, %d of %d rows", what, static_cast<double>(timer.nsecsElapsed()) / 1e6,
                model.rowCount(), table.rowCount());
            timer.start();
        };
        timer.start();
        table.applyChange(*snapshot);
        report("snapshot, sorted by state");
        for (const OrderColumn column :
            {OrderColumn::Order, OrderColumn::Customer, OrderColumn::Age, OrderColumn::Total}) {
            model.sort(indexOf(column), Qt::DescendingOrder);
            report(qPrintable(u"sort by "_s + orderHeader(column, Qt::DisplayRole).toString()));
        }
        OrderFilter filter;
        filter.text = u"wójcik"_s;
        model.setFilter(filter);
        report("text filter");
        model.setFilter({});
        report("filter cleared");
        for (int round = 0; round < 3; ++round) {
            generator.live(daemon, 500, testNow + std::chrono::seconds(round + 1));
            const auto change = daemon.takeChange();
            timer.start();
            table.applyChange(*change);
            report("500 live changes");
        }
        model.setFrozen(true);
        generator.live(daemon, 500, testNow + std::chrono::seconds(9));
        const auto change = daemon.takeChange();
        timer.start();
        table.applyChange(*change);
        report("500 live changes while frozen");
        model.setFrozen(false);
        report("unfrozen");
        table.tick();
        report("ages");
        QVERIFY(model.rowCount() == table.rowCount());
    }

private:
    static void changeSomething(Bench& bench, SeededRandom& random, Timestamp now)
    {
        bench.generator.live(bench.daemon, random.next() % 60, now);
        switch (random.next() % 12) {
        case 0: bench.model.setFrozen(!bench.model.isFrozen()); break;
        case 1:
            bench.model.sort(static_cast<int>(random.next() % orderColumnCount),
                random.next() % 2 ? Qt::AscendingOrder : Qt::DescendingOrder);
            break;
        case 2: bench.model.setFilter(failedOnly()); break;
        case 3: bench.model.setFilter({}); break;
        case 4: bench.model.catchUp(); break;
        case 5: bench.table.applyChange(*bench.daemon.snapshot()); return;
        case 6:
            for (const OrderId& id : bench.daemon.openIds())
                if (random.next() % 6 == 0)
                    static_cast<void>(bench.daemon.act(id, Action::Cancel, now, "ann", "no longer wanted"));
            break;
        default: break;
        }
        bench.apply();
    }

    void rememberOne(const Bench& bench, SeededRandom& random)
    {
        if (bench.model.rowCount() == 0)
            return;
        const int row = static_cast<int>(random.next() % static_cast<std::uint64_t>(bench.model.rowCount()));
        m_kept.emplace_back(bench.model.index(row, 1), bench.model.rowAt(row)->order->id);
        if (m_kept.size() > 40)
            m_kept.erase(m_kept.begin());
    }

    void checkPersistent(const Bench& bench)
    {
        for (const auto& [index, id] : m_kept)
            if (index.isValid() && index.model() == &bench.model)
                QCOMPARE(bench.model.rowAt(index.row())->order->id, id);
    }

    std::vector<std::pair<QPersistentModelIndex, OrderId>> m_kept;
};

QTEST_GUILESS_MAIN(TestOrderFilterModel)
#include "tst_order_filter_model.moc"
