// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/domain/event.h"
#include "tests/shared/support/journal.h"
#include "tests/shared/support/printing.h"

#include <QTest>

namespace gantry {

using test::Journal;

class EventTest : public QObject {
    Q_OBJECT

private:
    static constexpr std::int64_t t0 = 1'770'000'000'000;

    static Event next(const Order& order, EventBody body)
    {
        return {order.version + 1, fromMillis(t0 + 1000 * (order.version + 1)), "ada", std::move(body)};
    }

    static Order atStep(StepEntry step)
    {
        Order order{.id = OrderId::make(fromMillis(t0), 1, {2, 3})};
        return apply(
            order, next(order, OrderReceived{test::summaryFor(test::sampleWorkflow()), std::move(step)}));
    }

    static Order failed(Order order, std::optional<Timestamp> retryAt)
    {
        return apply(order, next(order, StepFailed{"charge", 1, "timeout", "No answer.", retryAt}));
    }

    const StepEntry m_charge{"charge", Performer::Machine, Role::Admin};
    const StepEntry m_pick{"pick", Performer::Person, Role::Warehouse};

private Q_SLOTS:
    void typeNamesAreTheWireNames()
    {
        const std::pair<EventBody, std::string_view> names[] = {{OrderReceived{}, "order_received"},
            {StepCompleted{}, "step_completed"}, {StepFailed{}, "step_failed"}, {RetryDue{}, "retry_due"},
            {StepRetried{}, "step_retried"}, {StepOverridden{}, "step_overridden"},
            {HoldPlaced{}, "hold_placed"}, {HoldReleased{}, "hold_released"},
            {CancelRequested{}, "cancel_requested"}, {StepCompensated{}, "step_compensated"},
            {OrderCompleted{}, "order_completed"}, {OrderCanceled{}, "order_canceled"},
            {ApprovalGiven{}, "approval_given"}, {RetryNotPickedUp{}, "retry_not_picked_up"},
            {WorkflowMigrated{}, "workflow_migrated"}, {ReservationExpired{}, "reservation_expired"},
            {MoneyCorrected{}, "money_corrected"}};
        QCOMPARE(std::size(names), std::variant_size_v<EventBody>);
        for (const auto& [body, name] : names)
            QCOMPARE(typeName(body), name);
    }

    void everyEventLeavesItsVersionAndTime()
    {
        const Order before = atStep(m_charge);
        const EventBody bodies[] = {StepCompleted{"charge", 1, {}, m_pick},
            StepFailed{"charge", 1, "c", "m", {}}, RetryDue{"charge", 2}, StepRetried{"charge", 2, "r"},
            StepOverridden{"charge", "r", m_pick}, HoldPlaced{"h", "r", {}}, HoldReleased{"h", "r"},
            CancelRequested{"r", {"charge"}}, StepCompensated{"charge", 1, {}}, OrderCompleted{},
            OrderCanceled{}, ApprovalGiven{"charge", "r"}, RetryNotPickedUp{"charge", 1},
            WorkflowMigrated{"w", 2, {}, m_pick, 1, "r"}, ReservationExpired{m_charge, 2},
            MoneyCorrected{{5, 4, 3}, "r"}};
        for (const EventBody& body : bodies) {
            const Order after = apply(before, next(before, body));
            QCOMPARE(after.version, 2U);
            QCOMPARE(after.updatedAt, fromMillis(t0 + 2000));
            QCOMPARE(after.id, before.id);
            if (std::holds_alternative<WorkflowMigrated>(body))
                QCOMPARE(after.summary->externalId, before.summary->externalId); // what it goes by is another
            else
                QCOMPARE(after.summary, before.summary);
        }
    }

    void enteringAStepStartsAfresh()
    {
        Order order = failed(atStep(m_charge), fromMillis(t0 + 5000));
        order = apply(order, next(order, RetryDue{"charge", 2}));
        QCOMPARE(order.attempt, 2U);
        QCOMPARE(order.attemptsSpent, 1U);
        QVERIFY(!order.retryAt);
        order = failed(order, {});
        for (const EventBody& leaving : {EventBody(StepCompleted{"charge", 2, {}, m_pick}),
                 EventBody(StepOverridden{"charge", "r", m_pick})}) {
            const Order after = apply(order, next(order, leaving));
            QCOMPARE(after.step, m_pick);
            QCOMPARE(after.attempt, 1U);
            QCOMPARE(after.attemptsSpent, 0U);
            QVERIFY(!after.incident && !after.retryAt);
            QCOMPARE(after.stepSince, after.updatedAt);
        }
    }

    void failureKeepsTheStep()
    {
        const Order waiting = failed(atStep(m_charge), fromMillis(t0 + 9000));
        QCOMPARE(waiting.retryAt, std::optional(fromMillis(t0 + 9000)));
        QVERIFY(!waiting.incident);
        QCOMPARE(waiting.stepSince, fromMillis(t0 + 1000));
        const Order stuck = failed(atStep(m_charge), {});
        QCOMPARE(*stuck.incident, (Incident{"charge", "timeout", "No answer.", fromMillis(t0 + 2000)}));
        const Order again = apply(stuck, next(stuck, StepRetried{"charge", 2, "mended"}));
        QVERIFY(!again.incident);
        QCOMPARE(again.attempt, 2U);
        QCOMPARE(again.attemptsSpent, 0U);
    }

    void holdsComeAndGoById()
    {
        Order order = atStep(m_pick);
        order = apply(order, next(order, HoldPlaced{"a", "first", fromMillis(t0)}));
        order = apply(order, next(order, HoldPlaced{"b", "second", {}}));
        QCOMPARE(order.holds[0], (Hold{"a", "ada", "first", fromMillis(t0 + 2000), fromMillis(t0)}));
        order = apply(order, next(order, HoldReleased{"a", "r"}));
        QCOMPARE(order.holds.size(), std::size_t{1});
        QCOMPARE(order.holds[0].id, std::string("b"));
        order = apply(order, next(order, CancelRequested{"r", {}}));
        QVERIFY(order.holds.empty());
    }

    void undoingGoesStepByStep()
    {
        Order order = failed(atStep(m_pick), {});
        order = apply(order, next(order, CancelRequested{"r", {"pick", "charge", "check"}}));
        QVERIFY(order.compensating && !order.incident);
        QCOMPARE(order.step, (StepEntry{"pick", Performer::Machine, Role::Admin}));
        QCOMPARE(order.toCompensate, (std::vector<std::string>{"charge", "check"}));
        QCOMPARE(order.attempt, order.version);
        order = apply(order, next(order, StepCompensated{"pick", order.attempt, {}}));
        QCOMPARE(order.step.name, std::string("charge"));
        QCOMPARE(order.attempt, order.version);
        order = apply(order, next(order, StepOverridden{"charge", "refunded by hand", {}}));
        QCOMPARE(order.step.name, std::string("check"));
        order = apply(order, next(order, StepCompensated{"check", order.attempt, {}}));
        QCOMPARE(order.step.name, std::string("check"));
        QVERIFY(order.toCompensate.empty());
        order = apply(order, next(order, OrderCanceled{}));
        QCOMPARE(stateOf(order), OrderState::Canceled);
    }

    void applyLeavesTheGivenOrderAlone()
    {
        const Order before = atStep(m_charge);
        const auto digest = digestOf(before);
        const Order after = apply(before, next(before, HoldPlaced{"h", "r", {}}));
        QCOMPARE(digestOf(before), digest);
        QVERIFY(!(before == after));
    }
};

} // namespace gantry

QTEST_GUILESS_MAIN(gantry::EventTest)
#include "tst_event.moc"
