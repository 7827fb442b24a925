// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/models/order_columns.h"

#include "console/models/order_filter.h"
#include "console/models/wording.h"
#include "tests/console/support/manual_clock.h"
#include "tests/console/support/order_generator.h"
#include "tests/shared/support/journal.h"

#include <QtTest>

using namespace gantry;
using namespace gantry::console;
using namespace gantry::test;
using namespace Qt::StringLiterals;

namespace {

std::vector<OrderRowPtr> makeRows(std::uint64_t seed, std::size_t count)
{
    ManualClock clock(testNow);
    FakeDaemon daemon(clock, seed);
    OrderGenerator generator(seed);
    generator.fill(daemon, count, testNow);
    OrderRowMaker maker;
    std::vector<OrderRowPtr> rows;
    for (const OrderId& id : daemon.openIds())
        rows.push_back(maker.make(std::make_shared<const Order>(daemon.order(id))));
    return rows;
}

} // namespace

class TestOrderColumns : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void comparingIsAStrictSequence_data()
    {
        QTest::addColumn<int>("column");
        for (int column = 0; column < orderColumnCount; ++column)
            QTest::newRow(
                qPrintable(orderHeader(static_cast<OrderColumn>(column), Qt::DisplayRole).toString()))
                << column;
    }
    void comparingIsAStrictSequence()
    {
        QFETCH(int, column);
        const auto rows = makeRows(11, 120);
        for (const Qt::SortOrder order : {Qt::AscendingOrder, Qt::DescendingOrder})
            for (const auto& a : rows)
                for (const auto& b : rows) {
                    const int by = compareRows(*a, *b, static_cast<OrderColumn>(column), order);
                    QCOMPARE(by == 0, a == b);
                    QCOMPARE(by<0, compareRows(*b, *a, static_cast<OrderColumn>(column), order)> 0);
                    // The prefix must never contradict the comparison.
                    const auto first = sortPrefix(*a, static_cast<OrderColumn>(column), order);
                    const auto second = sortPrefix(*b, static_cast<OrderColumn>(column), order);
                    if (first != second)
                        QCOMPARE(by < 0, first < second);
                }
    }

    void whatNeedsAPersonComesFirst()
    {
        QVERIFY(urgencyOf(OrderState::Failed) < urgencyOf(OrderState::Waiting));
        QVERIFY(urgencyOf(OrderState::Waiting) < urgencyOf(OrderState::Running));
    }

    void onlyWhatLooksDifferentIsASpan()
    {
        ManualClock clock(testNow);
        FakeDaemon daemon(clock, 3);
        OrderGenerator generator(3);
        const OrderId id = daemon.submit(generator.document(testNow), testNow);
        OrderRowMaker maker;
        const auto row = [&] { return maker.make(std::make_shared<const Order>(daemon.order(id))); };
        const OrderRowPtr before = row();
        QVERIFY(changedColumns(*before, *row()).isEmpty());
        daemon.succeed(id, testNow + std::chrono::seconds(1));
        const ColumnSpan span = changedColumns(*before, *row());
        QCOMPARE(span.first, indexOf(OrderColumn::State));
        QCOMPARE(span.last, indexOf(OrderColumn::Age));
    }

    void theFilterNeedsEverythingToFit()
    {
        const auto rows = makeRows(12, 200);
        const OrderRow& row = *rows.front();
        const auto fits = [&](const OrderFilter& filter) { return OrderMatcher(filter)(row); };
        OrderFilter filter;
        QVERIFY(filter.isEmpty());
        QVERIFY(fits(filter));
        filter.text = u"  "_s + row.externalId.toUpper() + u"  "_s + row.customer.left(3).toLower();
        QVERIFY(!filter.isEmpty());
        QVERIFY(fits(filter));
        filter.text = toText(row.order->id.text()).mid(4, 12);
        QVERIFY(fits(filter));
        filter.text += u" nowhere-to-be-found"_s;
        QVERIFY(!fits(filter));
        filter = {};
        filter.states.set(static_cast<std::size_t>(row.state));
        filter.step = row.step;
        filter.channel = row.channel;
        QVERIFY(fits(filter));
        filter.step = u"another"_s;
        QVERIFY(!fits(filter));
    }

    void whatNeedsMendingStandsOut()
    {
        OrderRowMaker maker;
        const auto toneOf = [&maker](const Journal& journal) {
            const auto row = maker.make(std::make_shared<const Order>(journal.order()));
            return static_cast<Tone>(orderCell(*row, OrderColumn::Cause, ToneRole, testNow).toInt());
        };
        Journal failed;
        failed.submit().fail();
        QCOMPARE(toneOf(failed), Tone::Danger);
        Journal undoing;
        undoing.submit().passTo("charge").act(Action::Cancel).fail("declined");
        QCOMPARE(toneOf(undoing), Tone::Danger);
        Journal held;
        held.submit().hold("h");
        QCOMPARE(toneOf(held), Tone::Muted);
        QVERIFY(urgencyOf(stateOf(undoing.order())) < urgencyOf(stateOf(failed.order())));
    }

private:
    static QString toText(const std::string& text) { return QString::fromStdString(text); }
};

QTEST_GUILESS_MAIN(TestOrderColumns)
#include "tst_order_columns.moc"
