// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/models/order_table_model.h"

#include "tests/console/support/manual_clock.h"
#include "tests/console/support/model_log.h"
#include "tests/console/support/order_generator.h"
#include "tests/console/support/test_settings.h"

#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QtTest>

using namespace gantry;
using namespace gantry::console;
using namespace gantry::test;
using namespace Qt::StringLiterals;

namespace {

/// A model with its tester and log, and a daemon that feeds it.
struct Bench {
    explicit Bench(std::uint64_t seed = 1)
        : daemon(clock, seed)
        , generator(seed)
    {
    }

    void fill(std::size_t count)
    {
        generator.fill(daemon, count, testNow);
        model.applyChange(*daemon.snapshot());
        log.take();
    }
    std::vector<OrderId> submit(std::size_t count, Timestamp at)
    {
        std::vector<OrderId> ids;
        for (std::size_t i = 0; i < count; ++i)
            ids.push_back(daemon.submit(generator.document(at), at));
        return ids;
    }
    void apply() { model.applyChange(*daemon.takeChange()); }

    ManualClock clock{testNow};
    FakeDaemon daemon;
    OrderGenerator generator;
    OrderTableModel model{clock};
    QAbstractItemModelTester tester{&model, QAbstractItemModelTester::FailureReportingMode::Fatal};
    ModelLog log{model, indexOf(OrderColumn::Order)};
};

} // namespace

class TestOrderTableModel : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void aSnapshotIsOneReset()
    {
        Bench bench;
        bench.generator.fill(bench.daemon, 50, testNow);
        bench.model.applyChange(*bench.daemon.snapshot());
        QCOMPARE(bench.log.take(), QStringList{u"reset"_s});
        QCOMPARE(bench.model.rowCount(), static_cast<int>(bench.daemon.openIds().size()));
    }

    void newOrdersComeAsOneRangeAtTheEnd()
    {
        Bench bench;
        bench.fill(20);
        const int before = bench.model.rowCount();
        bench.submit(3, testNow + std::chrono::seconds(1));
        bench.apply();
        QCOMPARE(bench.log.take(), QStringList{u"insert %1-%2"_s.arg(before).arg(before + 2)});
    }

    void closedOrdersGoAsRangesFromTheEnd()
    {
        Bench bench;
        // Canceled at its first step, an order has nothing to be undone and closes at once.
        const auto ids = bench.submit(6, testNow);
        bench.apply();
        bench.log.take();
        for (const std::size_t i : {0, 3, 4})
            QVERIFY(bench.daemon.act(ids[i], Action::Cancel, testNow, "ann", "no longer wanted"));
        QStringList expected;
        std::vector<int> rows{
            bench.model.rowOf(ids[0]), bench.model.rowOf(ids[3]), bench.model.rowOf(ids[4])};
        std::ranges::sort(rows, std::greater{});
        bench.apply();
        int removed = 0;
        int last = bench.model.rowCount() + 3;
        for (const QString& line : bench.log.take()) {
            QVERIFY(line.startsWith(u"remove "_s));
            const auto span = line.mid(7).split(u'-');
            QVERIFY(span[1].toInt() < last);
            last = span[0].toInt();
            removed += span[1].toInt() - span[0].toInt() + 1;
        }
        QCOMPARE(removed, 3);
        QCOMPARE(bench.log.mirror(), bench.log.present());
    }

    void aChangeTouchesItsColumnsOnly()
    {
        Bench bench;
        const auto ids = bench.submit(4, testNow);
        bench.apply();
        bench.log.take();
        bench.daemon.succeed(ids[1], testNow + std::chrono::seconds(1));
        const int row = bench.model.rowOf(ids[1]);
        bench.apply();
        QCOMPARE(bench.log.take(), QStringList{u"data %1-%1 x 0-5"_s.arg(row)});
        QCOMPARE(bench.model.index(row, 0).data().toString(), u"Running"_s);
    }

    void neighborsThatChangeShareASignal()
    {
        Bench bench;
        const auto ids = bench.submit(5, testNow);
        bench.apply();
        bench.log.take();
        for (const OrderId& id : ids)
            bench.daemon.succeed(id, testNow + std::chrono::seconds(1));
        bench.apply();
        QCOMPARE(bench.log.take(), QStringList{u"data 0-4 x 0-5"_s});
    }

    void aChangeThatShowsNowhereStillChangesTheOrder()
    {
        Bench bench;
        const OrderId id = bench.submit(1, testNow).front();
        QVERIFY(bench.daemon.act(id, Action::Hold, testNow, "ann", "one"));
        bench.apply();
        bench.log.take();
        QVERIFY(bench.daemon.act(id, Action::Hold, testNow, "ann", "two"));
        bench.apply();
        QCOMPARE(bench.log.take(), QStringList{u"data 0-0 x 0-0"_s});
        QCOMPARE(bench.model.find(id)->order->holds.size(), std::size_t{2});
    }

    void nothingIsToldOfNothing()
    {
        Bench bench;
        bench.fill(5);
        bench.model.applyChange({});
        QCOMPARE(bench.log.take(), QStringList());
        ReplicaChange change;
        change.removed.push_back(OrderId());
        bench.model.applyChange(change);
        QCOMPARE(bench.log.take(), QStringList());
    }

    void aFloodIsOneReset()
    {
        Bench bench;
        bench.fill(10);
        bench.submit(OrderTableModel::resetThreshold + 1, testNow + std::chrono::seconds(1));
        bench.apply();
        QCOMPARE(bench.log.take(), QStringList{u"reset"_s});
        QCOMPARE(bench.log.mirror().size(), bench.model.rowCount());
    }

    void agesMoveOnWithTheClockInOneSignal()
    {
        Bench bench;
        bench.submit(3, testNow);
        bench.apply();
        bench.log.take();
        bench.clock.advance(std::chrono::seconds(90));
        bench.model.tick();
        QCOMPARE(bench.log.take(), QStringList{u"data 0-2 x 5-6"_s});
        QCOMPARE(bench.model.index(1, indexOf(OrderColumn::Age)).data().toString(), u"1 min"_s);
    }

    void cellsSayWhatTheyShould()
    {
        Bench bench;
        bench.fill(200);
        for (int row = 0; row < bench.model.rowCount(); ++row) {
            const auto shown = bench.model.index(row, 0).data(RowRole).value<OrderRowPtr>();
            QVERIFY(shown);
            QCOMPARE(bench.model.rowOf(shown->order->id), row);
            QCOMPARE(
                bench.model.index(row, 0).data(StateRole).toInt(), static_cast<int>(stateOf(*shown->order)));
            const auto alignment =
                bench.model.index(row, indexOf(OrderColumn::Total)).data(Qt::TextAlignmentRole);
            QVERIFY(alignment.value<Qt::Alignment>().testFlag(Qt::AlignRight));
            QVERIFY(
                bench.model.index(row, indexOf(OrderColumn::Total))
                    .data()
                    .toString()
                    .endsWith(QString::fromStdString(std::string(shown->order->summary->currency.code()))));
        }
    }

    void randomChangesKeepEverythingTrue()
    {
        const std::uint64_t seed = testSeed();
        Bench bench(seed);
        bench.fill(80);
        SeededRandom random(seed);
        Timestamp now = testNow;
        for (int round = 0; round < 150; ++round) {
            now += std::chrono::seconds(20);
            bench.generator.live(bench.daemon, random.next() % 40, now);
            if (random.next() % 10 == 0) {
                const auto open = bench.daemon.openIds();
                for (std::size_t i = 0; i < 15 && !open.empty(); ++i)
                    static_cast<void>(bench.daemon.act(
                        open[random.next() % open.size()], Action::Cancel, now, "ann", "no longer wanted"));
            }
            bench.model.applyChange(
                random.next() % 25 == 0 ? *bench.daemon.snapshot() : *bench.daemon.takeChange());
            QCOMPARE(bench.log.mirror(), bench.log.present());
            const auto open = bench.daemon.openIds();
            QCOMPARE(bench.model.rowCount(), static_cast<int>(open.size()));
            std::array<std::uint64_t, orderStateCount> counts{};
            for (std::size_t row = 0; row < open.size(); ++row) {
                const OrderRowPtr& shown = bench.model.rowAt(static_cast<int>(row));
                QVERIFY(*shown->order == bench.daemon.order(open[row]));
                ++counts[static_cast<std::size_t>(shown->state)];
            }
            QCOMPARE(bench.model.countsByState(), counts);
        }
    }
};

QTEST_GUILESS_MAIN(TestOrderTableModel)
#include "tst_order_table_model.moc"
