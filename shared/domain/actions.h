// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/domain/order.h"
#include "shared/domain/role.h"

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

/// Whether the role may take the action on an order standing at that step. Deny by default.
bool isPermitted(Action action, const StepEntry& step, Role role) noexcept;

/// The actions that this role may take on this order now: the one answer for API, console and decide().
std::vector<Action> allowedActions(const Order& order, Role role);

} // namespace gantry
