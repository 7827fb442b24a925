// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/engine/role_desk.h"

#include "shared/protocol/role_codec.h"

#include <algorithm>

namespace gantry::engine {

namespace {

/// Null for a version that says the role is deleted. Errors: Corrupt.
Result<RolePointer> roleOf(const store::RoleVersion& stored)
{
    if (stored.definition.empty())
        return RolePointer();
    auto role = decodeRole(stored.definition, stored.name, stored.version);
    if (!role)
        return tl::unexpected(std::move(role.error()));
    return std::make_shared<const RoleDefinition>(std::move(*role));
}

} // namespace

Result<std::vector<RolePointer>> rolesOf(const std::vector<store::RoleVersion>& stored)
{
    std::vector<RolePointer> roles;
    for (const store::RoleVersion& version : stored) {
        auto role = roleOf(version);
        if (!role)
            return tl::unexpected(std::move(role.error()));
        if (*role)
            roles.push_back(std::move(*role));
    }
    return roles;
}

Result<void> RoleDesk::load()
{
    auto stored = m_settings.reader.listRoles();
    if (!stored)
        return tl::unexpected(std::move(stored.error()));
    for (store::RoleVersion& version : *stored) {
        auto role = roleOf(version);
        if (!role)
            return tl::unexpected(std::move(role.error()));
        std::string name = version.name;
        m_roles.insert_or_assign(std::move(name), Entry{std::move(version), std::move(*role)});
    }
    return {};
}

Result<void> RoleDesk::check(const RoleCommand& command, const Entry* known) const
{
    if (roleFromName(command.name))
        return failure(ErrorCode::ActionNotAllowed,
            "The role " + command.name + " is built in and never changes. Give yours another name.");
    const bool isThere = known && known->role;
    if (!isThere && !command.definition)
        return failure(
            ErrorCode::NotFound, "There is no role " + command.name + ". List the roles and choose again.");
    const std::uint32_t version = isThere ? known->version.version : 0;
    if (command.expectedVersion && *command.expectedVersion != version)
        return failure(ErrorCode::VersionMismatch,
            "The role " + command.name + " is at version " + std::to_string(version) + ", not "
                + std::to_string(*command.expectedVersion) + ". Read it again before you change it.");
    if (!command.definition && m_settings.isHeld && m_settings.isHeld(command.name))
        return failure(ErrorCode::ActionNotAllowed,
            "The role " + command.name
                + " is still held by somebody. List the principals, and give those who have it another role "
                  "first.");
    if (!isThere && command.definition && living().size() >= mostRoles)
        return failure(ErrorCode::ActionNotAllowed,
            "There are as many roles as there may be: " + std::to_string(mostRoles)
                + ". Delete one that nobody has.");
    return {};
}

Result<RoleOutcome> RoleDesk::change(const RoleCommand& command)
{
    const auto found = m_roles.find(command.name);
    const Entry* known = found == m_roles.end() ? nullptr : &found->second;
    if (auto allowed = check(command, known); !allowed)
        return tl::unexpected(std::move(allowed.error()));
    store::RoleVersion next{.name = command.name,
        .version = known ? known->version.version + 1 : 1,
        .definition = command.definition ? encodeRole(*command.definition) : std::string(),
        .at = m_settings.clock.now(),
        .actor = command.actor,
        .reason = command.reason};
    if (known && known->version.definition == next.definition)
        return RoleOutcome{known->version, known->role, false};
    RolePointer role;
    if (command.definition) {
        RoleDefinition definition = *command.definition;
        definition.name = command.name;
        definition.version = next.version;
        role = std::make_shared<const RoleDefinition>(std::move(definition));
    }
    if (auto written = m_settings.store.writeRole(next); !written)
        return tl::unexpected(std::move(written.error()));
    const bool isNew = !known || !known->role;
    if (!m_settings.store.isRehearsing()) {
        m_roles.insert_or_assign(command.name, Entry{next, role});
        if (m_settings.listener)
            m_settings.listener(living());
    }
    return RoleOutcome{std::move(next), std::move(role), isNew};
}

bool RoleDesk::has(const std::string& name) const
{
    const auto found = m_roles.find(name);
    return found != m_roles.end() && found->second.role;
}

std::vector<RolePointer> RoleDesk::living() const
{
    std::vector<RolePointer> roles;
    for (const auto& [name, entry] : m_roles)
        if (entry.role)
            roles.push_back(entry.role);
    return roles;
}

} // namespace gantry::engine
