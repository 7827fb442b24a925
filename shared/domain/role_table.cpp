// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/domain/role_table.h"

#include <algorithm>
#include <iterator>

namespace gantry {

namespace {

constexpr std::array allRoles{Role::Viewer, Role::Warehouse, Role::Support, Role::Admin};

constexpr std::array<RightTraits, rightCount> rights{{
    {.right = Right::ReadOrders,
        .name = "orders.read",
        .meaning = "see orders, their events and incidents",
        .hasChannels = true},
    {.right = Right::ReadSystem,
        .name = "system.read",
        .meaning = "see stock, workflows, services, pauses and figures"},
    {.right = Right::Submit, .name = "orders.submit", .meaning = "submit orders", .hasChannels = true},
    {.right = Right::Work, .name = "tasks.work", .meaning = "do tasks as a worker"},
    {.right = Right::ChangeStock,
        .name = "stock.change",
        .meaning = "change stock and warehouses",
        .hasWarehouses = true},
    {.right = Right::ReadDeliveries,
        .name = "deliveries.use",
        .meaning = "see what webhooks have sent, and replay it"},
    {.right = Right::Retry, .name = "retry", .meaning = "retry a step", .hasChannels = true},
    {.right = Right::Hold, .name = "hold", .meaning = "hold an order", .hasChannels = true},
    {.right = Right::Release, .name = "release", .meaning = "release a hold", .hasChannels = true},
    {.right = Right::Cancel,
        .name = "cancel",
        .meaning = "cancel an order; the limit is for what was paid",
        .hasChannels = true,
        .hasLimits = true},
    {.right = Right::Override,
        .name = "override",
        .meaning = "go on without a step; the limit is for the order's total",
        .hasChannels = true,
        .hasLimits = true},
    {.right = Right::OverrideApproval,
        .name = "override_approval",
        .meaning = "go on without an approval; the limit is for the order's total",
        .hasChannels = true,
        .hasLimits = true},
    {.right = Right::Complete,
        .name = "complete",
        .meaning = "complete a person's step; the limit is for what it books",
        .hasChannels = true,
        .hasLimits = true,
        .hasSteps = true},
    {.right = Right::Approve,
        .name = "approve",
        .meaning = "approve; the limit is for the order's total",
        .hasChannels = true,
        .hasLimits = true,
        .hasSteps = true},
    {.right = Right::Reject,
        .name = "reject",
        .meaning = "reject what is to be approved",
        .hasChannels = true,
        .hasSteps = true},
    {.right = Right::CorrectMoney,
        .name = "money.correct",
        .meaning = "correct an order's books; the limit is for each amount",
        .hasChannels = true,
        .hasLimits = true},
    {.right = Right::Manage,
        .name = "manage",
        .meaning = "principals, roles, workflows, migrations, pauses, webhooks' sources, verifications",
        .isGrantable = false},
}};

RoleDefinition definitionOf(Role role)
{
    RoleDefinition definition{.name = std::string(roleName(role))};
    const auto allow = [&definition](std::initializer_list<Right> allowed, const Scope& scope = {}) {
        for (const Right right : allowed)
            definition.rights.emplace(right, scope);
    };
    const auto ofOwnSteps = Scope{.steps = std::vector{role}};
    allow({Right::ReadOrders, Right::ReadSystem});
    switch (role) {
    case Role::Viewer: break;
    case Role::Warehouse:
        allow({Right::ChangeStock, Right::Hold});
        allow({Right::Complete, Right::Approve, Right::Reject}, ofOwnSteps);
        break;
    case Role::Support:
        allow({Right::Submit, Right::Work, Right::ChangeStock, Right::ReadDeliveries, Right::Retry,
            Right::Hold, Right::Release, Right::Cancel, Right::Override});
        allow({Right::Complete, Right::Approve, Right::Reject}, ofOwnSteps);
        break;
    case Role::Admin:
        for (const RightTraits& traits : rights)
            allow({traits.right});
        break;
    }
    return definition;
}

template <typename List, typename Value>
bool isListed(const List& list, const Value& value) noexcept
{
    return !list || std::find(list->begin(), list->end(), value) != list->end();
}

} // namespace

const std::array<RightTraits, rightCount>& allRights() noexcept
{
    return rights;
}

const RightTraits& traitsOf(Right right) noexcept
{
    return rights[static_cast<std::size_t>(right)];
}

std::optional<Right> rightFromName(std::string_view name) noexcept
{
    for (const RightTraits& traits : rights)
        if (traits.name == name)
            return traits.right;
    return std::nullopt;
}

bool Scope::hasChannel(std::string_view channel) const noexcept
{
    return isListed(channels, channel);
}

bool Scope::hasWarehouse(std::string_view warehouse) const noexcept
{
    return isListed(warehouses, warehouse);
}

bool Scope::hasStepOf(Role role) const noexcept
{
    return isListed(steps, role);
}

const Scope* RoleDefinition::find(Right right) const noexcept
{
    const auto found = rights.find(right);
    return found == rights.end() ? nullptr : &found->second;
}

RoleRef::RoleRef(Role builtIn)
{
    static const std::array<std::shared_ptr<const RoleDefinition>, allRoles.size()> table = [] {
        std::array<std::shared_ptr<const RoleDefinition>, allRoles.size()> made;
        for (const Role role : allRoles)
            made[static_cast<std::size_t>(role)] = std::make_shared<const RoleDefinition>(definitionOf(role));
        return made;
    }();
    m_definition = table[static_cast<std::size_t>(builtIn)];
}

RoleRef::RoleRef(std::shared_ptr<const RoleDefinition> definition)
    : m_definition(std::move(definition))
{
}

RoleRef RoleRef::nothing(std::string name)
{
    return RoleRef(
        std::make_shared<const RoleDefinition>(RoleDefinition{.name = std::move(name), .isMasked = true}));
}

std::optional<Role> RoleRef::builtIn() const noexcept
{
    return m_definition->version == 0 ? roleFromName(m_definition->name) : std::nullopt;
}

bool RoleRef::sees(std::string_view channel) const noexcept
{
    const Scope* scope = m_definition->find(Right::ReadOrders);
    return scope && scope->hasChannel(channel);
}

bool RoleRef::seesAllChannels() const noexcept
{
    const Scope* scope = m_definition->find(Right::ReadOrders);
    return scope && !scope->channels;
}

std::optional<std::vector<std::string>> RoleRef::channels() const
{
    const Scope* scope = m_definition->find(Right::ReadOrders);
    return scope ? scope->channels : std::vector<std::string>();
}

namespace {

/// What stands in both lists; a list that is not there has everything.
template <typename T>
std::optional<std::vector<T>> bothOf(
    const std::optional<std::vector<T>>& a, const std::optional<std::vector<T>>& b)
{
    if (!a || !b)
        return a ? a : b;
    std::vector<T> both;
    std::copy_if(a->begin(), a->end(), std::back_inserter(both),
        [&b](const T& each) { return std::find(b->begin(), b->end(), each) != b->end(); });
    return both;
}

/// The lesser limit of each currency that both name.
std::optional<std::map<std::string, MinorUnits>> lesserOf(
    const std::optional<std::map<std::string, MinorUnits>>& a,
    const std::optional<std::map<std::string, MinorUnits>>& b)
{
    if (!a || !b)
        return a ? a : b;
    std::map<std::string, MinorUnits> lesser;
    for (const auto& [currency, limit] : *a)
        if (const auto other = b->find(currency); other != b->end())
            lesser.emplace(currency, std::min(limit, other->second));
    return lesser;
}

} // namespace

RoleRef intersectionOf(const RoleRef& person, const RoleRef& machine)
{
    RoleDefinition both{.name = person->name + " at a " + machine->name + " console",
        .version =
            std::max({person->version, machine->version, 1U}), // so that no name makes it a built-in role
        .isMasked = person->isMasked || machine->isMasked};
    for (const auto& [right, scope] : person->rights)
        if (const Scope* other = machine->find(right))
            both.rights.emplace(right,
                Scope{bothOf(scope.channels, other->channels), bothOf(scope.warehouses, other->warehouses),
                    lesserOf(scope.limits, other->limits), bothOf(scope.steps, other->steps)});
    for (const RoleRef& role : {person, machine})
        if (role->rights == both.rights && role->isMasked == both.isMasked)
            return role;
    return RoleRef(std::make_shared<const RoleDefinition>(std::move(both)));
}

std::string whoHas(Right right)
{
    std::vector<std::string_view> holders;
    for (const Role role : allRoles)
        if (const RoleRef each = role; each->find(right))
            holders.push_back(roleName(role));
    std::string text;
    for (std::size_t i = 0; i < holders.size(); ++i)
        text.append(i == 0 ? "" : i + 1 < holders.size() ? ", " : " or ").append(holders[i]);
    return text;
}

} // namespace gantry
