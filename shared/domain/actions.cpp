// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/domain/actions.h"

namespace gantry {

namespace {

constexpr std::array<std::string_view, allActions.size()> names{
    "retry", "hold", "release", "cancel", "override", "complete", "approve", "reject"};

/// Whether the order stands at a step of a person's, and nothing keeps that person from doing it.
bool waitsForPerson(const Order& order) noexcept
{
    return order.step.performer == Performer::Person && order.holds.empty() && !order.incident
        && !order.compensating;
}

} // namespace

std::string_view actionName(Action action) noexcept
{
    return names[static_cast<std::size_t>(action)];
}

std::optional<Action> actionFromName(std::string_view name) noexcept
{
    for (const Action action : allActions)
        if (actionName(action) == name)
            return action;
    return std::nullopt;
}

bool isPossible(Action action, const Order& order) noexcept
{
    if (order.outcome != Outcome::Open)
        return false;
    const OrderState state = stateOf(order);
    switch (action) {
    case Action::Retry: return order.incident.has_value() || order.retryAt.has_value();
    case Action::Hold: return !order.compensating;
    case Action::Release: return !order.holds.empty();
    case Action::Cancel: return !order.compensating;
    case Action::Override: return order.incident.has_value() || state == OrderState::Waiting;
    case Action::Complete: return waitsForPerson(order) && !order.step.isApproval();
    case Action::Approve:
    case Action::Reject: return waitsForPerson(order) && order.step.isApproval();
    }
    return false;
}

bool isPermitted(Action action, const StepEntry& step, Role role) noexcept
{
    if (role == Role::Admin)
        return true;
    switch (action) {
    case Action::Retry:
    case Action::Release:
    case Action::Cancel: return role == Role::Support;
    case Action::Override:
        return role == Role::Support && !step.isApproval(); // it would stand in for the approval
    case Action::Hold: return role == Role::Support || role == Role::Warehouse;
    case Action::Complete:
    case Action::Approve:
    case Action::Reject: return role != Role::Viewer && step.role == role;
    }
    return false;
}

std::vector<Action> allowedActions(const Order& order, Role role)
{
    std::vector<Action> allowed;
    for (const Action action : allActions)
        if (isPossible(action, order) && isPermitted(action, order.step, role))
            allowed.push_back(action);
    return allowed;
}

} // namespace gantry
