// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/domain/command.h"
#include "shared/domain/event.h"
#include "shared/domain/order.h"
#include "shared/domain/workflow.h"
#include "shared/util/result.h"

#include <vector>

namespace gantry {

/// What a command means for an order: the events that follow from it, numbered on from the order's version, or why it is refused.
///
/// Pure: no clock, no chance, no I/O. Any command may come at any time, in any state. Errors: NotFound (version 0, and not SubmitOrder),
/// OrderExists, VersionMismatch, Forbidden, ActionNotAllowed, StaleToken (a result for an attempt that isn't the present one), InvalidValue,
/// Internal (not the order's own workflow). An empty list means that the command is in order but changes nothing (a timer that came late).
[[nodiscard]] Result<std::vector<Event>> decide(
    const Order& order, const Command& command, const Workflow& workflow);

/// What a step is to whoever looks at an order that stands there, since `at`.
[[nodiscard]] StepEntry entryOf(const StepDefinition& step, const OrderSummary& summary, Timestamp at);

/// The wait before the next attempt: exponential with full jitter, at least what the service asked for.
/// `spent` failed attempts lie behind (from 1), `chance` is in [0, 1).
[[nodiscard]] std::chrono::milliseconds backOff(const RetryPolicy& policy, std::uint32_t spent, double chance,
    std::optional<std::chrono::milliseconds> retryAfter);

} // namespace gantry
