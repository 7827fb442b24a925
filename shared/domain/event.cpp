// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/domain/event.h"

#include <QtGlobal>
#include <algorithm>
#include <array>

namespace gantry {

namespace {

// In the sequence of the variant's alternatives.
constexpr std::array<std::string_view, std::variant_size_v<EventBody>> typeNames{"order_received",
    "step_completed", "step_failed", "retry_due", "step_retried", "step_overridden", "hold_placed",
    "hold_released", "cancel_requested", "step_compensated", "order_completed", "order_canceled",
    "approval_given", "retry_not_picked_up", "workflow_migrated", "reservation_expired", "money_corrected"};

void enterStep(Order& order, StepEntry step, const Event& event)
{
    order.step = std::move(step);
    // An order that has migrated or returned may come to a step whose name it has had before: then a number that it has not used.
    order.attempt = order.isMigrated || order.hasReturned ? event.version : 1;
    order.attemptsSpent = 0;
    order.retryAt.reset();
    order.retryCode.clear();
    order.incident.reset();
    order.approvedBy.clear();
    order.stepSince = event.at;
}

/// Goes on to the next step to be undone, if one is left; until OrderCanceled comes, the order stands at the last.
void undoNext(Order& order, const Event& event)
{
    StepEntry step = order.step;
    if (!order.toCompensate.empty()) {
        step = {order.toCompensate.front(), Performer::Machine, Role::Admin};
        order.toCompensate.erase(order.toCompensate.begin());
    }
    enterStep(order, std::move(step), event);
    // Each attempt so far was due by an event of its own, so none had a number as high as this: a late result of doing the step can't be
    // taken for one of undoing it.
    order.attempt = event.version;
}

/// What each kind of event changes.
struct Applier {
    Order& order;
    const Event& event;

    void operator()(const OrderReceived& received) const
    {
        order.summary = received.summary;
        enterStep(order, received.first, event);
    }

    void operator()(const StepCompleted& completed) const
    {
        judgeRetry(completed.step, RetryVerdict::Fixed);
        order.money = afterChange(order.money, completed.money);
        if (completed.next)
            enterStep(order, *completed.next, event);
        else
            enterStep(order, order.step, event);
    }

    void operator()(const StepFailed& failed) const
    {
        ++order.attemptsSpent;
        order.retryAt = failed.retryAt;
        order.approvedBy.clear(); // one who says no voids what others said
        order.retry = judgedByFailure(
            std::move(order.retry), failed.step, failed.code, !failed.retryAt.has_value(), event.at);
        if (failed.retryAt) {
            order.retryCode = failed.code;
            return;
        }
        order.incident = Incident{failed.step, failed.code, failed.message, event.at, failed.service};
    }

    void operator()(const RetryDue& due) const
    {
        order.attempt = due.attempt;
        order.retryAt.reset();
        order.retryCode.clear();
    }

    void operator()(const StepRetried& retried) const
    {
        order.retry = std::make_shared<const RetryCheck>(RetryCheck{.step = retried.step,
            .code = order.incident ? order.incident->code : order.retryCode,
            .version = event.version,
            .at = event.at,
            .by = event.actor});
        order.attempt = retried.attempt;
        order.attemptsSpent = 0;
        order.retryAt.reset();
        order.retryCode.clear();
        order.incident.reset();
    }

    void operator()(const StepOverridden& overridden) const
    {
        judgeRetry(overridden.step, RetryVerdict::Superseded);
        if (order.compensating)
            undoNext(order, event);
        else
            enterStep(order, overridden.next.value_or(order.step), event);
    }

    void operator()(const HoldPlaced& placed) const
    {
        order.holds.push_back({placed.holdId, event.actor, placed.reason, event.at, placed.expiresAt});
    }

    void operator()(const HoldReleased& released) const
    {
        std::erase_if(order.holds, [&](const Hold& hold) { return hold.id == released.holdId; });
    }

    void operator()(const CancelRequested& requested) const
    {
        judgeRetry(order.step.name, RetryVerdict::Superseded);
        order.compensating = true;
        order.holds.clear();
        order.toCompensate = requested.undo;
        undoNext(order, event);
    }

    void operator()(const StepCompensated& compensated) const
    {
        judgeRetry(compensated.step, RetryVerdict::Fixed);
        order.money = afterChange(order.money, compensated.money);
        undoNext(order, event);
    }

    void operator()(const OrderCompleted&) const
    {
        order.outcome = Outcome::Completed;
        order.holds.clear(); // one may have been placed while the last step was in hand
    }

    void operator()(const OrderCanceled&) const { order.outcome = Outcome::Canceled; }

    void operator()(const ApprovalGiven&) const { order.approvedBy.push_back(event.actor); }

    void operator()(const RetryNotPickedUp& missed) const
    {
        judgeRetry(missed.step, RetryVerdict::NotPickedUp);
    }

    void operator()(const WorkflowMigrated& migrated) const
    {
        auto summary = std::make_shared<OrderSummary>(*order.summary);
        summary->workflow = migrated.workflow;
        summary->workflowVersion = migrated.version;
        summary->skippedSteps = migrated.skippedSteps;
        summary->doneSteps = migrated.doneSteps;
        order.summary = std::move(summary);
        order.isMigrated = true;
        order.hasReturned = false; // what that kept in mind, planMigration() has seen to
        if (order.step.name != migrated.step.name) {
            judgeRetry(order.step.name, RetryVerdict::Superseded); // nothing comes of that step any more
            order.stepSince = event.at;
        }
        if (order.attempt != migrated.attempt) {
            order.attemptsSpent = 0;
            order.approvedBy.clear();
        }
        if (order.incident)
            order.incident->step = migrated.step.name;
        if (migrated.step.performer != Performer::Machine)
            order.retryAt.reset(); // a person and a clock wait for no attempt
        if (!order.retryAt)
            order.retryCode.clear();
        order.attempt = migrated.attempt;
        order.step = migrated.step;
    }

    void operator()(const ReservationExpired& expired) const
    {
        judgeRetry(order.step.name, RetryVerdict::Superseded); // nothing comes of that step for now
        order.hasReturned = true;
        enterStep(order, expired.step, event);
        order.attempt = expired.attempt;
    }

    void operator()(const MoneyCorrected& corrected) const
    {
        order.money = afterChange(order.money, corrected.money);
    }

private:
    void judgeRetry(const std::string& step, RetryVerdict verdict) const
    {
        order.retry = judged(std::move(order.retry), step, verdict, event.at);
    }
};

} // namespace

bool OrderReceived::operator==(const OrderReceived& other) const
{
    const bool sameSummary =
        summary == other.summary || (summary && other.summary && *summary == *other.summary);
    return sameSummary && first == other.first;
}

std::string_view typeName(const EventBody& body) noexcept
{
    return typeNames[body.index()];
}

Order apply(Order order, const Event& event)
{
    Q_ASSERT(event.version == order.version + 1);
    std::visit(Applier{order, event}, event.body);
    order.version = event.version;
    order.updatedAt = event.at;
    return order;
}

} // namespace gantry
