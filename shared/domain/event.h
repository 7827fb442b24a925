// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/domain/order.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace gantry {

/// The first event of every order.
struct OrderReceived {
    std::shared_ptr<const OrderSummary> summary;
    StepEntry first;
    bool operator==(const OrderReceived& other) const;
};

/// A step is done; the order goes on to `next`, or has no further step (OrderCompleted follows).
struct StepCompleted {
    std::string step;
    std::uint32_t attempt = 1;
    std::string result; ///< a JSON object of what the step gave, or empty
    std::optional<StepEntry> next;
    std::string reason{}; ///< of the person who did it; empty for a machine
    MoneyChange money{}; ///< what the step did with the order's money
    bool operator==(const StepCompleted&) const = default;
};

/// An attempt failed. With `retryAt` another one follows by itself; without, it is an incident.
struct StepFailed {
    std::string step;
    std::uint32_t attempt = 1;
    std::string code;
    std::string message;
    std::optional<Timestamp> retryAt;
    std::string
        service{}; ///< what failed: the handler or the task; empty for a person, and in events of before
    bool operator==(const StepFailed&) const = default;
};

/// The time of the next attempt has come.
struct RetryDue {
    std::string step;
    std::uint32_t attempt = 1; ///< number of the attempt that is due now
    bool operator==(const RetryDue&) const = default;
};

/// A person asked for the step to be tried again.
struct StepRetried {
    std::string step;
    std::uint32_t attempt = 1; ///< number of the attempt that is due now
    std::string reason;
    bool operator==(const StepRetried&) const = default;
};

/// A person declared the step done (or, while compensating, undone) by other means.
struct StepOverridden {
    std::string step;
    std::string reason;
    std::optional<StepEntry> next;
    bool operator==(const StepOverridden&) const = default;
};

struct HoldPlaced {
    std::string holdId;
    std::string reason;
    std::optional<Timestamp> expiresAt;
    bool operator==(const HoldPlaced&) const = default;
};

struct HoldReleased {
    std::string holdId;
    std::string reason;
    bool operator==(const HoldReleased&) const = default;
};

/// Cancellation began. What has had effects is undone first: `undo` are the steps, in the order of undoing; none if nothing is to be undone
/// (OrderCanceled follows at once).
struct CancelRequested {
    std::string reason;
    std::vector<std::string> undo;
    bool operator==(const CancelRequested&) const = default;
};

/// One step was undone. OrderCanceled follows the last.
struct StepCompensated {
    std::string step;
    std::uint32_t attempt = 1;
    std::string result;
    MoneyChange money{}; ///< what undoing it did with the order's money
    bool operator==(const StepCompensated&) const = default;
};

/// A person, the event's actor, approved the step, and others have to, too. The last approval is StepCompleted.
struct ApprovalGiven {
    std::string step;
    std::string reason;
    bool operator==(const ApprovalGiven&) const = default;
};

struct OrderCompleted {
    bool operator==(const OrderCompleted&) const = default;
};

struct OrderCanceled {
    bool operator==(const OrderCanceled&) const = default;
};

/// Nobody took the attempt in time that a person's retry made due. It stays due.
struct RetryNotPickedUp {
    std::string step;
    std::uint32_t attempt = 1;
    bool operator==(const RetryNotPickedUp&) const = default;
};

/// The order goes by another definition of its workflow from now on. It stands at `step`; holds and an open incident stay. Another number of
/// `attempt` than before: an attempt of before is over for good.
struct WorkflowMigrated {
    std::string workflow;
    int version = 1;
    std::vector<std::string> skippedSteps; ///< of the new definition, in its sequence
    StepEntry step;
    std::uint32_t attempt = 1;
    std::string reason;
    std::vector<std::string> doneSteps{}; ///< done before, which the new definition does not tell
    bool operator==(const WorkflowMigrated&) const = default;
};

/// The order's reservation was over before the step was done that it stood at: its stock is free again, and it came back to the step that reserves.
struct ReservationExpired {
    StepEntry step; ///< the one that reserves
    std::uint32_t attempt = 1; ///< above every number that the order has used
    bool operator==(const ReservationExpired&) const = default;
};

/// A person set the books of the order right: a correcting entry, which changes nothing of what was booked before.
struct MoneyCorrected {
    MoneyChange money;
    std::string reason;
    bool operator==(const MoneyCorrected&) const = default;
};

using EventBody = std::variant<OrderReceived, StepCompleted, StepFailed, RetryDue, StepRetried,
    StepOverridden, HoldPlaced, HoldReleased, CancelRequested, StepCompensated, OrderCompleted, OrderCanceled,
    ApprovalGiven, RetryNotPickedUp, WorkflowMigrated, ReservationExpired, MoneyCorrected>;

/// An immutable fact about one order.
struct Event {
    std::uint32_t version = 0; ///< gap-free number in the order, from 1
    Timestamp at{};
    std::string actor; ///< who caused it: `system`, or a principal's name
    EventBody body;
    bool operator==(const Event&) const = default;
};

/// The wire name of an event's type: `order_received`, `step_failed`, …
std::string_view typeName(const EventBody& body) noexcept;

/// The order after an event. Before OrderReceived an order is `Order {.id = id}`, version 0.
///
/// Pure: takes the order by value, so that a caller who moves it in pays for no copy. The event must be the next of this order
/// (version + 1): anything else is a bug of the caller and asserted.
[[nodiscard]] Order apply(Order order, const Event& event);

} // namespace gantry
