// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/domain/actions.h"

#include <limits>

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

std::string theRole(const RoleRef& role)
{
    return "The role " + role->name;
}

std::string textOf(const std::vector<std::string>& list)
{
    std::string text;
    for (const std::string& name : list)
        text.append(text.empty() ? "" : ", ").append(name);
    return text.empty() ? "none" : text;
}

/// Who may take an action that somebody may not.
std::string helperFor(Action action, Right right, const StepEntry& step)
{
    const bool isOfStep = traitsOf(right).hasSteps && isPermitted(action, step, step.role);
    if (!isOfStep || step.role == Role::Admin)
        return "somebody with the role " + whoHas(isOfStep ? Right::Manage : right);
    return "somebody with the role " + std::string(roleName(step.role)) + " or admin";
}

/// Nothing is known of an order that has not come in yet.
std::string_view channelOf(const Order& order) noexcept
{
    return order.summary ? std::string_view(order.summary->channel) : std::string_view();
}

/// How much money an action is about.
MinorUnits amountOf(Action action, const Order& order) noexcept
{
    switch (action) {
    case Action::Cancel: return order.money.captured - order.money.refunded;
    case Action::Override:
    case Action::Approve: return order.summary ? order.summary->total : 0;
    default: return 0;
    }
}

/// The same without its sign; of the least number there is, the greatest.
MinorUnits absolute(MinorUnits amount) noexcept
{
    constexpr auto most = std::numeric_limits<MinorUnits>::max();
    return amount >= 0 ? amount : amount < -most ? most : -amount;
}

/// Why an amount is too much for a role that has the right.
std::optional<Error> overLimit(Right right, MinorUnits amount, const Order& order, const RoleRef& role)
{
    const auto& limits = role->find(right)->limits;
    if (!limits || amount <= 0 || !order.summary)
        return std::nullopt;
    const Currency currency = order.summary->currency;
    const auto limit = limits->find(std::string(currency.code()));
    const MinorUnits most = limit == limits->end() ? 0 : limit->second;
    if (amount <= most)
        return std::nullopt;
    return Error{ErrorCode::Forbidden,
        theRole(role) + " has the right " + std::string(traitsOf(right).name) + " up to "
            + formatAmount(most, currency) + ", and this is about " + formatAmount(amount, currency)
            + ". Ask somebody with the role " + whoHas(right) + '.'};
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

Right rightFor(Action action, const StepEntry& step) noexcept
{
    switch (action) {
    case Action::Retry: return Right::Retry;
    case Action::Hold: return Right::Hold;
    case Action::Release: return Right::Release;
    case Action::Cancel: return Right::Cancel;
    case Action::Override:
        return step.isApproval() ? Right::OverrideApproval : Right::Override; // it stands in for the approval
    case Action::Complete: return Right::Complete;
    case Action::Approve: return Right::Approve;
    case Action::Reject: return Right::Reject;
    }
    return Right::Manage;
}

bool isPermitted(Action action, const StepEntry& step, const RoleRef& role) noexcept
{
    const Right right = rightFor(action, step);
    const Scope* scope = role->find(right);
    return scope && (!traitsOf(right).hasSteps || scope->hasStepOf(step.role));
}

std::optional<Error> refusalOf(Action action, const Order& order, const RoleRef& role)
{
    const StepEntry& step = order.step;
    const Right right = rightFor(action, step);
    if (!isPermitted(action, step, role))
        return Error{ErrorCode::Forbidden,
            theRole(role) + " may not " + std::string(actionName(action)) + " an order at step " + step.name
                + ". Ask " + helperFor(action, right, step) + '.'};
    if (auto refused = refusalOf(right, channelOf(order), role))
        return refused;
    return overLimit(right, amountOf(action, order), order, role);
}

std::optional<Error> refusalOf(
    Right right, const MoneyChange& amounts, const Order& order, const RoleRef& role)
{
    if (auto refused = refusalOf(right, channelOf(order), role))
        return refused;
    for (const MinorUnits amount : {amounts.authorized, amounts.captured, amounts.refunded})
        if (auto refused = overLimit(right, absolute(amount), order, role))
            return refused;
    return std::nullopt;
}

std::optional<Error> refusalOf(Right right, std::string_view channel, const RoleRef& role)
{
    const Scope* scope = role->find(right);
    const std::string name(traitsOf(right).name);
    if (!scope)
        return Error{ErrorCode::Forbidden,
            theRole(role) + " does not have the right " + name + ". Ask somebody with the role "
                + whoHas(right) + '.'};
    if (!scope->hasChannel(channel))
        return Error{ErrorCode::Forbidden,
            theRole(role) + " has the right " + name + " not for the channel " + std::string(channel)
                + " but for " + textOf(*scope->channels) + ". Ask somebody with the role " + whoHas(right)
                + '.'};
    return std::nullopt;
}

std::vector<Action> allowedActions(const Order& order, const RoleRef& role)
{
    std::vector<Action> allowed;
    for (const Action action : allActions)
        if (isPossible(action, order) && !refusalOf(action, order, role))
            allowed.push_back(action);
    return allowed;
}

} // namespace gantry
