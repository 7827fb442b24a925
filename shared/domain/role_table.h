// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/domain/money.h"
#include "shared/domain/role.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gantry {

/// What can be allowed. Each is a line of the table in docs/access.md; what a role does not name is denied.
enum class Right : std::uint8_t {
    ReadOrders,
    ReadSystem,
    Submit,
    Work,
    ChangeStock,
    ReadDeliveries,
    Retry,
    Hold,
    Release,
    Cancel,
    Override,
    OverrideApproval,
    Complete,
    Approve,
    Reject,
    CorrectMoney,
    Manage
};
constexpr std::size_t rightCount = 17;

/// What there is to know of a right.
struct RightTraits {
    Right right;
    std::string_view name; ///< in the API, e.g. `orders.read`
    std::string_view meaning; ///< for people, in a few words
    bool hasChannels = false; ///< can be narrowed to channels
    bool hasWarehouses = false; ///< to warehouses
    bool hasLimits = false; ///< to an amount
    bool hasSteps = false; ///< to steps of some role
    bool isGrantable = true; ///< a custom role can have it
};

/// Every right, in the sequence of the enumeration.
const std::array<RightTraits, rightCount>& allRights() noexcept;
const RightTraits& traitsOf(Right right) noexcept;
std::optional<Right> rightFromName(std::string_view name) noexcept;

/// How far a right goes. What is empty does not narrow it.
struct Scope {
    std::optional<std::vector<std::string>> channels{};
    std::optional<std::vector<std::string>> warehouses{};
    std::optional<std::map<std::string, MinorUnits>>
        limits{}; ///< the most, in minor units by currency; a currency that is not named: nothing
    std::optional<std::vector<Role>> steps{}; ///< whose steps
    bool operator==(const Scope&) const = default;

    [[nodiscard]] bool hasChannel(std::string_view channel) const noexcept;
    [[nodiscard]] bool hasWarehouse(std::string_view warehouse) const noexcept;
    [[nodiscard]] bool hasStepOf(Role role) const noexcept;
};

/// What a role is allowed. A value.
struct RoleDefinition {
    std::string name{};
    std::uint32_t version = 0; ///< of a custom role, from 1; 0: built in
    std::map<Right, Scope> rights{};
    bool isMasked = false; ///< sees no personal data
    bool operator==(const RoleDefinition&) const = default;

    /// The scope of a right, or null: it is denied.
    [[nodiscard]] const Scope* find(Right right) const noexcept;
};

/// The role that somebody acts in: never without a definition. Cheap to copy, immutable, any thread.
class RoleRef {
public:
    /// The least: a viewer.
    RoleRef()
        : RoleRef(Role::Viewer)
    {
    }
    RoleRef(Role builtIn); // NOLINT(google-explicit-constructor): a built-in role is one
    explicit RoleRef(std::shared_ptr<const RoleDefinition> definition);

    /// A role that is allowed nothing, for a name that is not known any more.
    static RoleRef nothing(std::string name);

    const RoleDefinition* operator->() const noexcept { return m_definition.get(); }
    const RoleDefinition& operator*() const noexcept { return *m_definition; }
    bool operator==(const RoleRef& other) const noexcept { return *m_definition == *other.m_definition; }

    /// Which built-in role it is, if it is one.
    [[nodiscard]] std::optional<Role> builtIn() const noexcept;

    /// Whether it may see orders of that channel.
    [[nodiscard]] bool sees(std::string_view channel) const noexcept;

    /// Whether it may see the orders of every channel.
    [[nodiscard]] bool seesAllChannels() const noexcept;

    /// Whether it may see the orders of every channel, with all that is in them.
    [[nodiscard]] bool seesEverything() const noexcept
    {
        return seesAllChannels() && !m_definition->isMasked;
    }

    /// The channels whose orders it may see; empty: all.
    [[nodiscard]] std::optional<std::vector<std::string>> channels() const;

private:
    std::shared_ptr<const RoleDefinition> m_definition;
};

inline std::string_view roleName(const RoleRef& role) noexcept
{
    return role->name;
}

/// What both roles allow: of a person at a machine with a key of its own. One of the two if that is all it comes to.
RoleRef intersectionOf(const RoleRef& person, const RoleRef& machine);

/// "support or admin": the built-in roles that have the right, for whoever has to be asked.
std::string whoHas(Right right);

} // namespace gantry
