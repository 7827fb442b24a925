// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/store/role_records.h"
#include "shared/domain/role_table.h"
#include "shared/util/result.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace gantry::engine {

using RolePointer = std::shared_ptr<const RoleDefinition>;

/// What became of a custom role.
struct RoleOutcome {
    store::RoleVersion version{}; ///< the last one
    RolePointer role{}; ///< null: it is deleted
    bool isNew = false; ///< there was no such role before
};

/// Puts a custom role, or deletes it. What changes nothing succeeds and leaves no record. Errors: NotFound (nothing to delete), VersionMismatch, ActionNotAllowed (it
/// is built in, somebody holds it, too many), and those of the store.
struct RoleCommand {
    std::string name;
    std::optional<RoleDefinition> definition{}; ///< what it is to be; empty: nothing more
    std::optional<std::uint32_t> expectedVersion{}; ///< refuse unless it is at this version
    std::string actor;
    std::string reason;
    std::function<void(const Result<RoleOutcome>&)> reply{};
};

/// Told of all custom roles whenever one has changed, after the commit and before anybody is answered. On the partition's thread.
using RoleListener = std::function<void(const std::vector<RolePointer>&)>;

} // namespace gantry::engine
