// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/protocol/order_codec.h"
#include "tests/shared/support/documents.h"
#include "tests/shared/support/journal.h"
#include "tests/shared/support/printing.h"
#include "tests/shared/support/random_orders.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

namespace gantry {

using test::Journal;

class OrderCodecTest : public QObject {
    Q_OBJECT

private:
    JsonParser m_parser;

    static std::string rowOf(const Order& order)
    {
        JsonWriter json;
        writeOrderRow(json, order);
        return json.take();
    }

    Result<Order> read(std::string_view row)
    {
        const auto root = m_parser.parse(row);
        return root ? readOrderRow(*root) : Result<Order>(tl::unexpected(root.error()));
    }

    /// An order whose row has every member there is.
    static Order fullOrder()
    {
        Journal journal;
        journal.submit().passTo("ship").act(Action::Cancel).fail("declined", true);
        Order order = journal.order();
        order.retryAt = fromMillis(1'770'000'100'000);
        order.holds = {
            {"h1", "ada", "look\nat \"it\"", fromMillis(1), fromMillis(2)}, {"h2", "bob", "", {}, {}}};
        order.retryCode = "busy";
        order.money = {300, 200, 100};
        order.retry = std::make_shared<const RetryCheck>(RetryCheck{.step = "ship",
            .code = "busy\n",
            .version = 6,
            .at = fromMillis(5),
            .by = "ada",
            .verdict = RetryVerdict::FailedAgain,
            .decidedAt = fromMillis(6)});
        auto summary = *order.summary;
        summary.promiseAt = fromMillis(1'770'000'200'000);
        order.summary = std::make_shared<const OrderSummary>(summary);
        return order;
    }

private Q_SLOTS:
    void rowsRoundTrip()
    {
        QVERIFY(test::holds(
            "an order written and read is the same, and so is its digest", [this](std::uint64_t chance) {
                test::Dice dice(chance);
                const Order order = test::randomHistory(dice, 60).order;
                const std::string row = rowOf(order);
                const auto again = read(row);
                RC_ASSERT(again.has_value());
                RC_ASSERT((*again == order));
                RC_ASSERT(digestOf(*again) == digestOf(order));
                RC_ASSERT(rowOf(*again) == row);
            }));
        const auto again = read(rowOf(fullOrder()));
        QVERIFY(again);
        QVERIFY(*again == fullOrder());
    }

    void rowOfARandomSummaryRoundTrips()
    {
        QVERIFY(test::holds("what a document gives its order's row is kept", [this](std::uint64_t chance) {
            test::Dice dice(chance);
            Order order = fullOrder();
            order.summary = std::make_shared<const OrderSummary>(summarize(
                test::randomDocument(dice), fromMillis(1'770'000'000'123), "wörk\"flow", 2'000'000'000));
            const auto again = read(rowOf(order));
            RC_ASSERT(again.has_value());
            RC_ASSERT((*again == order));
        }));
    }

    void limitsOfTodayDoNotLockOutWhatIsStored()
    {
        Order order = fullOrder();
        const std::string odd = std::string(20'000, 'x') + '\x01';
        order.incident->message = order.incident->code = order.holds[0].reason = order.holds[0].owner = odd;
        const auto again = read(rowOf(order));
        QVERIFY(again);
        QVERIFY(*again == order);
    }

    void everyMemberIsMissed()
    {
        const QJsonObject row =
            QJsonDocument::fromJson(QByteArray::fromStdString(rowOf(fullOrder()))).object();
        const QStringList optional{QStringLiteral("promise_at"), QStringLiteral("retry_at"),
            QStringLiteral("to_compensate"), QStringLiteral("retry"), QStringLiteral("retry_code"),
            QStringLiteral("money")}; // rows of before have no books
        for (const QString& name : row.keys()) {
            QJsonObject less = row;
            less.remove(name);
            const auto again = read(QJsonDocument(less).toJson().toStdString());
            // Without its incident, or not being undone, the order would not be in its state: that gives it away.
            const bool isReadable = optional.contains(name);
            QVERIFY2(codeOf(again) == (isReadable ? "" : "corrupt"), qPrintable(name));
            QVERIFY2(!again || !(*again == fullOrder()), qPrintable(name));
        }
    }

    void damageIsTold_data()
    {
        QTest::addColumn<QByteArray>("place");
        QTest::addColumn<QByteArray>("damage");
        const auto row = [](const char* place, const char* damage) {
            QTest::newRow(damage) << QByteArray(place) << QByteArray(damage);
        };
        row("\"id\":\"ord_", "\"id\":\"orb_");
        row("\"state\":\"compensation_failed\"", "\"state\":\"running\"");
        row("\"state\":\"compensation_failed\"", "\"state\":\"completed\"");
        row("\"state\":\"compensation_failed\"", "\"state\":\"lost\"");
        row("\"performer\":\"machine\"", "\"performer\":\"robot\"");
        row("\"step_role\":\"admin\"", "\"step_role\":\"root\"");
        row("\"version\":7", "\"version\":4294967303");
        row("\"version\":7", "\"version\":-7");
        row("\"attempt\":6", "\"attempt\":6.0");
        row("\"currency\":\"EUR\"", "\"currency\":\"EUX\"");
        row("\"priority\":5", "\"priority\":256");
        row("\"line_count\":2", "\"line_count\":-2");
        row("\"compensating\":true", "\"compensating\":1");
        row("\"to_compensate\":[", "\"to_compensate\":[1,");
        row("\"holds\":[", "\"holds\":[7,");
        row("\"name\":\"sample\"", "\"label\":\"sample\"");
        row("\"promise_at\":\"", "\"promise_at\":\"x");
        row("\"retry_at\":\"", "\"retry_at\":\"x");
        row("\"since\":\"", "\"when\":\"");
        row("\"verdict\":\"failed_again\"", "\"verdict\":\"success\"");
        row("\"placed_at\":\"1970", "\"placed_at\":\"197O");
    }

    void damageIsTold()
    {
        QFETCH(QByteArray, place);
        QFETCH(QByteArray, damage);
        std::string row = rowOf(fullOrder());
        const auto at = row.find(place.constData());
        QVERIFY2(at != std::string::npos, row.c_str());
        row.replace(at, static_cast<std::size_t>(place.size()), damage.toStdString());
        QCOMPARE(codeOf(read(row)), std::string("corrupt"));
    }

    void whatIsNoRowIsCorrupt()
    {
        for (const std::string_view row : {"null", "[]", "{}", "1", "\"row\""})
            QCOMPARE(codeOf(read(row)), std::string("corrupt"));
    }

    void summaryRoundTrips()
    {
        JsonWriter json;
        writeSummary(json, *fullOrder().summary);
        const auto root = m_parser.parse(json.text());
        const auto again = readSummary(*root);
        QVERIFY(again);
        QVERIFY(*again == *fullOrder().summary);
        QCOMPARE(codeOf(readSummary(*m_parser.parse("{}"))), std::string("corrupt"));
    }

    void wholeOrderHasNoMemberTwice()
    {
        JsonWriter json;
        writeOrder(json, test::sampleDocument(), fullOrder());
        const auto root = m_parser.parse(json.text());
        QVERIFY(root);
        FieldErrors errors;
        const ObjectReader reader(*root, "", errors);
        QVERIFY(errors.isEmpty());
        const QJsonObject order = QJsonDocument::fromJson(QByteArray::fromStdString(json.text())).object();
        for (const char* name : {"id", "state", "step", "version", "workflow", "holds", "incident",
                 "created_at", "updated_at", "channel", "external_id", "lines", "total"})
            QVERIFY2(order.contains(QLatin1String(name)), name);
    }

    void stepEntriesRoundTrip()
    {
        for (const Performer performer : {Performer::Machine, Performer::Person, Performer::Clock})
            for (const Role role : {Role::Viewer, Role::Warehouse, Role::Support, Role::Admin}) {
                StepEntry entry{"pick \"&\" pack", performer, role};
                if (role == Role::Support)
                    entry.dueAt = fromMillis(1'770'000'000'123);
                if (performer == Performer::Person)
                    entry.approvals = 255;
                JsonWriter json;
                writeStepEntry(json, entry);
                FieldErrors errors;
                QCOMPARE(readStepEntry(*m_parser.parse(json.text()), "", errors), entry);
                QVERIFY(errors.isEmpty());
            }
    }
};

} // namespace gantry

QTEST_APPLESS_MAIN(gantry::OrderCodecTest)
#include "tst_order_codec.moc"
