// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/domain/history_check.h"

#include <algorithm>

namespace gantry {

namespace {

using Verdict = std::optional<ImpossibleEvent>;

std::string attemptText(const std::string& step, std::uint32_t attempt)
{
    return "attempt " + std::to_string(attempt) + " of step " + step;
}

/// Judges each kind of event against the order before it.
struct Judge {
    const Order& order;

    Verdict operator()(const OrderReceived&) const { return std::nullopt; }

    Verdict operator()(const StepCompleted& event) const
    {
        if (order.compensating)
            return ImpossibleEvent{"no step done once cancellation began", "step " + event.step + " done"};
        return both(attempt(event.step, event.attempt), money(event.money));
    }

    Verdict operator()(const StepFailed& event) const { return attempt(event.step, event.attempt); }
    Verdict operator()(const RetryDue& event) const { return nextAttempt(event.step, event.attempt); }
    Verdict operator()(const StepRetried& event) const { return nextAttempt(event.step, event.attempt); }
    Verdict operator()(const StepOverridden& event) const { return step(event.step); }

    Verdict operator()(const HoldPlaced& event) const
    {
        if (!findHold(event.holdId))
            return std::nullopt;
        return ImpossibleEvent{"a hold of a new id", "hold " + event.holdId + " twice"};
    }

    Verdict operator()(const HoldReleased& event) const
    {
        if (findHold(event.holdId))
            return std::nullopt;
        return ImpossibleEvent{"the release of a hold that was placed", "hold " + event.holdId + " released"};
    }

    Verdict operator()(const CancelRequested&) const
    {
        if (!order.compensating)
            return std::nullopt;
        return ImpossibleEvent{"cancellation begun once", "cancellation begun twice"};
    }

    Verdict operator()(const StepCompensated& event) const
    {
        if (!order.compensating)
            return ImpossibleEvent{
                "nothing undone before cancellation began", "step " + event.step + " undone"};
        return both(attempt(event.step, event.attempt), money(event.money));
    }

    Verdict operator()(const ApprovalGiven& event) const { return step(event.step); }
    Verdict operator()(const RetryNotPickedUp& event) const { return attempt(event.step, event.attempt); }

    Verdict operator()(const OrderCompleted&) const
    {
        if (!order.compensating)
            return std::nullopt;
        return ImpossibleEvent{"an order that was canceled, not completed", "order completed"};
    }

    Verdict operator()(const OrderCanceled&) const
    {
        if (order.compensating && order.toCompensate.empty())
            return std::nullopt;
        return ImpossibleEvent{"all that had effects undone first", "order canceled"};
    }

    Verdict operator()(const WorkflowMigrated&) const
    {
        if (!order.compensating)
            return std::nullopt;
        return ImpossibleEvent{"no move while steps are undone", "a move to another workflow"};
    }

    Verdict operator()(const ReservationExpired& event) const
    {
        if (order.compensating || !order.step.reservedUntil)
            return ImpossibleEvent{"a reservation that was for a time", "a reservation over"};
        if (event.attempt == order.version + 1)
            return std::nullopt;
        return ImpossibleEvent{
            attemptText(event.step.name, order.version + 1), attemptText(event.step.name, event.attempt)};
    }

    Verdict operator()(const MoneyCorrected& event) const
    {
        if (const auto wrong = checkCorrection(order.money, event.money, order.summary->currency))
            return ImpossibleEvent{"books that balance", *wrong};
        return std::nullopt;
    }

private:
    static Verdict both(Verdict first, Verdict second)
    {
        return first ? std::move(first) : std::move(second);
    }

    [[nodiscard]] bool findHold(const std::string& id) const
    {
        return std::any_of(
            order.holds.begin(), order.holds.end(), [&](const Hold& hold) { return hold.id == id; });
    }

    [[nodiscard]] Verdict step(const std::string& name) const
    {
        if (name == order.step.name)
            return std::nullopt;
        return ImpossibleEvent{"something of step " + order.step.name, "something of step " + name};
    }

    [[nodiscard]] Verdict attempt(const std::string& name, std::uint32_t number) const
    {
        if (name == order.step.name && number == order.attempt)
            return std::nullopt;
        return ImpossibleEvent{attemptText(order.step.name, order.attempt), attemptText(name, number)};
    }

    [[nodiscard]] Verdict nextAttempt(const std::string& name, std::uint32_t number) const
    {
        if (name == order.step.name && number == order.attempt + 1)
            return std::nullopt;
        return ImpossibleEvent{attemptText(order.step.name, order.attempt + 1), attemptText(name, number)};
    }

    [[nodiscard]] Verdict money(const MoneyChange& change) const
    {
        if (const auto wrong =
                checkStepMoney(order.money, change, order.summary->total, order.summary->currency))
            return ImpossibleEvent{"books that balance", *wrong};
        return std::nullopt;
    }
};

} // namespace

std::optional<ImpossibleEvent> checkNextEvent(const Order& order, const Event& event)
{
    const bool isFirst = order.version == 0;
    if (event.version != order.version + 1)
        return ImpossibleEvent{
            "version " + std::to_string(order.version + 1), "version " + std::to_string(event.version)};
    const std::string kind(typeName(event.body));
    const auto* received = std::get_if<OrderReceived>(&event.body);
    if (isFirst != (received != nullptr))
        return ImpossibleEvent{
            isFirst ? "order_received as the first event" : "order_received as the first event alone", kind};
    if (received)
        return received->summary ? Verdict() : ImpossibleEvent{"an order's summary", "none"};
    if (order.outcome != Outcome::Open && !std::holds_alternative<MoneyCorrected>(event.body))
        return ImpossibleEvent{
            "nothing but corrections once the order is " + std::string(stateName(stateOf(order))), kind};
    if (auto impossible = std::visit(Judge{order}, event.body))
        return impossible;
    const OrderState from = stateOf(order);
    const OrderState to = stateOf(apply(order, event));
    if (isLegalTransition(from, to))
        return std::nullopt;
    return ImpossibleEvent{"a state that may follow " + std::string(stateName(from)),
        std::string(stateName(to)) + " by " + kind};
}

} // namespace gantry
