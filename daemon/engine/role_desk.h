// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/engine/role_messages.h"
#include "daemon/store/store.h"
#include "shared/util/clock.h"

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace gantry::engine {

/// The roles that stored versions stand for; a deleted one is none. Errors: Corrupt.
Result<std::vector<RolePointer>> rolesOf(const std::vector<store::RoleVersion>& stored);

/// What the desk works with; everything outlives it.
struct RoleDeskSettings {
    store::PartitionStore& store;
    store::RoleReader& reader;
    const Clock& clock;
    RoleListener listener{}; ///< may be empty
    std::function<bool(const std::string&)> isHeld{}; ///< whether some principal has the role of that name
};

/// Decides what may be done to custom roles, writes it, and tells of it. One thread: the partition's.
class RoleDesk {
public:
    static constexpr std::size_t mostRoles = 200;

    explicit RoleDesk(RoleDeskSettings settings)
        : m_settings(std::move(settings))
    {
    }

    /// Loads what is stored. Errors: the store's, Corrupt.
    Result<void> load();

    /// Errors: as RoleCommand tells.
    Result<RoleOutcome> change(const RoleCommand& command);

    /// Whether there is a custom role of that name now.
    [[nodiscard]] bool has(const std::string& name) const;

private:
    struct Entry {
        store::RoleVersion version;
        RolePointer role; ///< null: deleted
    };
    [[nodiscard]] Result<void> check(const RoleCommand& command, const Entry* known) const;
    [[nodiscard]] std::vector<RolePointer> living() const;

    RoleDeskSettings m_settings;
    std::map<std::string, Entry> m_roles; ///< by name, deleted ones too
};

} // namespace gantry::engine
