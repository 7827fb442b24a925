// SPDX-License-Identifier: GPL-3.0-or-later
// The books of an order: what balances, and what becomes of what does not.
#include "shared/domain/history_check.h"
#include "tests/shared/support/journal.h"

#include <QTest>
#include <limits>

Q_DECLARE_METATYPE(gantry::OrderMoney)
Q_DECLARE_METATYPE(gantry::MoneyChange)

namespace gantry {

using test::Journal;

namespace {

constexpr MinorUnits total = 4998; // summaryFor()'s

const Currency& euro()
{
    static const Currency currency = *Currency::fromCode("EUR");
    return currency;
}

/// An order that stands at its charge.
Journal beforeCharge()
{
    Journal journal;
    journal.submit().passTo("charge");
    return journal;
}

ReportSuccess success(const Journal& journal, const MoneyChange& money)
{
    return {
        .step = journal.order().step.name, .attempt = journal.order().attempt, .result = {}, .money = money};
}

} // namespace

class OrderMoneyTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void stepsKeepTheBooksBalanced_data()
    {
        QTest::addColumn<OrderMoney>("before");
        QTest::addColumn<MoneyChange>("change");
        QTest::addColumn<QString>("wrong"); // a part of what is said; empty: it may be booked
        const auto row = [](const char* name, OrderMoney before, MoneyChange change, const char* wrong) {
            QTest::newRow(name) << before << change << QString::fromLatin1(wrong);
        };
        constexpr MinorUnits most = std::numeric_limits<MinorUnits>::max();
        row("nothing", {}, {}, "");
        row("nothing, though corrected above", {9000, 9000, 0}, {}, "");
        row("all at once", {}, {total, total, 0}, "");
        row("authorized first", {}, {total, 0, 0}, "");
        row("then captured", {total, 0, 0}, {0, total, 0}, "");
        row("refunded in parts", {total, total, 1000}, {0, 0, total - 1000}, "");
        row("taken and given back at once", {}, {total, total, total}, "");
        row("captured what a correction allowed", {9000, 0, 0}, {0, 9000, 0}, "");
        row("captured without", {}, {0, 1, 0}, "captured would be 0.01 of 0.00 EUR authorized");
        row("captured too much", {total, total, 0}, {0, 1, 0}, "captured would be 49.99 of 49.98");
        row("refunded too much", {total, total, total}, {0, 0, 1}, "refunded would be 49.99 of 49.98");
        row("authorized too much", {}, {total + 1, 0, 0}, "authorized would be 49.99 of 49.98 EUR");
        row("taken back", {total, total, 0}, {0, -1, 0}, "can't take anything back");
        row("too large", {total, 0, 0}, {most, 0, 0}, "too large");
    }

    void stepsKeepTheBooksBalanced()
    {
        QFETCH(OrderMoney, before);
        QFETCH(MoneyChange, change);
        QFETCH(QString, wrong);
        const auto said = checkStepMoney(before, change, total, euro());
        QCOMPARE(said.has_value(), !wrong.isEmpty());
        QVERIFY2(!said || QString::fromStdString(*said).contains(wrong), said ? said->c_str() : "");
        if (!said)
            QVERIFY(isBalanced(afterChange(before, change)));
    }

    void machinesMoneyIsBooked()
    {
        Journal journal = beforeCharge();
        QVERIFY(journal.send(success(journal, {total, total, 0})).has_value());
        QVERIFY((journal.order().money == OrderMoney{total, total, 0}));
        journal.act(Action::Cancel); // undoes `reserve`, then `charge`
        QVERIFY(journal.send(success(journal, {})).has_value());
        QVERIFY(journal.send(success(journal, {0, 0, total})).has_value());
        QVERIFY((journal.order().money == OrderMoney{total, total, total}));
        QCOMPARE(journal.order().outcome, Outcome::Canceled);
    }

    void aMismatchIsAnIncidentWithTheNumbers()
    {
        Journal journal = beforeCharge();
        const auto events = journal.send(success(journal, {5000, 5000, 0}));
        QVERIFY(events.has_value());
        QCOMPARE(events->size(), std::size_t{1});
        const auto& failed = std::get<StepFailed>(events->front().body);
        QCOMPARE(failed.code, std::string(moneyMismatchCode));
        QVERIFY(!failed.retryAt); // at once for a person, whatever attempts are left
        for (const char* part : {"captured 50.00", "50.00 of 49.98 EUR", "override the step"})
            QVERIFY2(failed.message.find(part) != std::string::npos, failed.message.c_str());
        QVERIFY((journal.order().money == OrderMoney{}));
        QCOMPARE(stateOf(journal.order()), OrderState::Failed);
        // The way out: set the books right, and go on.
        QVERIFY(journal.send(CorrectMoney{{5000, 5000, 0}, "freight came on top"}).has_value());
        QCOMPARE(stateOf(journal.order()), OrderState::Failed);
        journal.act(Action::Override);
        QCOMPARE(journal.order().step.name, std::string("reserve"));
        QVERIFY((journal.order().money == OrderMoney{5000, 5000, 0}));
    }

    void aMismatchCancelsNothing()
    {
        Workflow workflow = test::sampleWorkflow();
        workflow.steps[1].cancelCodes = {std::string(anyCode)};
        Journal journal(workflow);
        journal.submit().passTo("charge");
        QVERIFY(journal.send(success(journal, {0, 1, 0})).has_value());
        QCOMPARE(stateOf(journal.order()), OrderState::Failed);
    }

    void aMismatchWhileUndoingLeavesAnIncident()
    {
        Journal journal = beforeCharge();
        journal.act(Action::Cancel);
        QVERIFY(journal.send(success(journal, {0, 0, 1})).has_value());
        QCOMPARE(stateOf(journal.order()), OrderState::CompensationFailed);
        QCOMPARE(journal.order().incident->code, std::string(moneyMismatchCode));
    }

    void aPersonsMoneyIsBookedOrRefused()
    {
        Journal journal;
        journal.submit().passTo("pick");
        TakeAction complete{.action = Action::Complete, .reason = "cash", .money = {0, 10, 0}};
        const auto refused = journal.send(complete);
        QVERIFY(!refused);
        QCOMPARE(refused.error().code, ErrorCode::InvalidValue);
        QCOMPARE(refused.error().fields.front().pointer, std::string("/result/money"));
        complete.money = {10, 10, 0};
        QVERIFY(journal.send(complete).has_value());
        QVERIFY((journal.order().money == OrderMoney{10, 10, 0}));
    }

    void correctionsKeepTheBooksBalanced()
    {
        Journal journal = beforeCharge();
        QVERIFY(journal.send(success(journal, {total, total, 0})).has_value());
        const auto refuse = [&](const CorrectMoney& correction, ErrorCode code, Role role = Role::Admin) {
            const Order before = journal.order();
            const auto refused = journal.send(correction, role);
            return !refused && refused.error().code == code && journal.order() == before;
        };
        QVERIFY(refuse({{0, -100, 0}, "r"}, ErrorCode::Forbidden, Role::Support));
        QVERIFY(refuse({{0, -100, 0}, ""}, ErrorCode::InvalidValue));
        QVERIFY(refuse({{}, "r"}, ErrorCode::InvalidValue));
        QVERIFY(refuse({{0, 1, 0}, "r"}, ErrorCode::InvalidValue));
        QVERIFY(refuse({{-1, 0, 0}, "r"}, ErrorCode::InvalidValue));
        QVERIFY(refuse({{0, 0, -1}, "r"}, ErrorCode::InvalidValue));
        QVERIFY(refuse({{0, 0, total + 1}, "r"}, ErrorCode::InvalidValue));
        QVERIFY(refuse({{std::numeric_limits<MinorUnits>::max(), 0, 0}, "r"}, ErrorCode::InvalidValue));
        QVERIFY(journal.send(CorrectMoney{{0, -100, 0}, "counted twice"}).has_value());
        QVERIFY((journal.order().money == OrderMoney{total, total - 100, 0}));
        const auto& event = journal.events().back();
        QVERIFY((event.body == EventBody(MoneyCorrected{{0, -100, 0}, "counted twice"})));
    }

    void anEndedOrderCanBeCorrected()
    {
        Journal journal(test::singleStepWorkflow());
        journal.submit().pass();
        QCOMPARE(journal.order().outcome, Outcome::Completed);
        QVERIFY(journal.send(CorrectMoney{{100, 100, 0}, "paid in cash"}).has_value());
        QCOMPARE(stateOf(journal.order()), OrderState::Completed);
        QVERIFY((journal.order().money == OrderMoney{100, 100, 0}));
    }

    void aLateResultIsTakenAfterACorrection()
    {
        Journal journal = beforeCharge();
        const ReportSuccess late = success(journal, {total, total, 0});
        QVERIFY(journal.send(CorrectMoney{{100, 0, 0}, "gift card"}).has_value());
        // The attempt is the same, but the books have less room now: nothing is lost, a person looks.
        QVERIFY(journal.send(late).has_value());
        QCOMPARE(journal.order().incident->code, std::string(moneyMismatchCode));
    }

    void impossibleEventsAreNamed()
    {
        const Journal journal = beforeCharge();
        const Order& order = journal.order();
        const auto judge = [&](EventBody body, std::uint32_t version) {
            return checkNextEvent(order, {version, journal.now(), "somebody", std::move(body)});
        };
        const std::uint32_t next = order.version + 1;
        QVERIFY(!judge(StepFailed{"charge", 1, "c", "m", {}}, next));
        for (const EventBody& body : std::vector<EventBody>{OrderReceived{order.summary, order.step},
                 StepCompleted{"charge", 2, {}, {}}, StepCompleted{"check", 1, {}, {}},
                 StepCompleted{"charge", 1, {}, {}, {}, {0, 1, 0}}, StepFailed{"charge", 2, "c", "m", {}},
                 RetryDue{"charge", 1}, StepRetried{"check", 2, "r"}, StepOverridden{"pick", "r", {}},
                 HoldReleased{"h", "r"}, StepCompensated{"charge", 1, {}}, ApprovalGiven{"pick", "r"},
                 OrderCanceled{}, MoneyCorrected{{0, 1, 0}, "r"}, RetryNotPickedUp{"charge", 9}}) {
            const auto impossible = judge(body, next);
            QVERIFY2(impossible.has_value(), std::string(typeName(body)).c_str());
            QVERIFY(!impossible->expected.empty() && !impossible->found.empty());
        }
        QCOMPARE(judge(StepFailed{"charge", 1, "c", "m", {}}, next + 1)->found, std::string("version 4"));
        QVERIFY(checkNextEvent(Order{.id = order.id}, {1, {}, "x", OrderCanceled{}}).has_value());
        QVERIFY(checkNextEvent(Order{.id = order.id}, {1, {}, "x", OrderReceived{}}).has_value());
    }
};

} // namespace gantry

QTEST_GUILESS_MAIN(gantry::OrderMoneyTest)
#include "tst_order_money.moc"
