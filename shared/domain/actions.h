// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/domain/order.h"
#include "shared/domain/role_table.h"
#include "shared/util/result.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace gantry {

/// What a person can do to an order.
enum class Action : std::uint8_t { Retry, Hold, Release, Cancel, Override, Complete, Approve, Reject };
constexpr std::array<Action, 8> allActions{Action::Retry, Action::Hold, Action::Release, Action::Cancel,
    Action::Override, Action::Complete, Action::Approve, Action::Reject};

std::string_view actionName(Action action) noexcept;
std::optional<Action> actionFromName(std::string_view name) noexcept;

/// Whether the order's facts let the action through, whoever asks.
bool isPossible(Action action, const Order& order) noexcept;

/// The right that an action at that step asks for.
Right rightFor(Action action, const StepEntry& step) noexcept;

/// Whether the role may take the action on orders standing at that step, in some channel and up to some amount. Deny by default.
bool isPermitted(Action action, const StepEntry& step, const RoleRef& role) noexcept;

/// Why the role may not take the action on this order: it lacks the right, or the order is outside of its scope. Empty if it may.
std::optional<Error> refusalOf(Action action, const Order& order, const RoleRef& role);

/// Why the role may not book these amounts by that right. Empty if it may.
std::optional<Error> refusalOf(
    Right right, const MoneyChange& amounts, const Order& order, const RoleRef& role);

/// Why the role may not do that in a channel, whatever the order. Empty if it may.
std::optional<Error> refusalOf(Right right, std::string_view channel, const RoleRef& role);

/// The actions that this role may take on this order now: the one answer for API, console and decide().
std::vector<Action> allowedActions(const Order& order, const RoleRef& role);

} // namespace gantry
