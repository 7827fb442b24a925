// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/util/result.h"
#include "shared/util/time.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::store {

/// What a custom role became at one time, and who did it. Append-only: a role is its last version, and the versions are its record.
struct RoleVersion {
    std::string name{};
    std::uint32_t version = 0; ///< from 1; goes on after a deletion
    std::string definition{}; ///< as encodeRole() gives it; empty: deleted
    Timestamp at{};
    std::string actor{};
    std::string reason{};
    bool operator==(const RoleVersion&) const = default;
};

/// Writes custom roles.
class RoleWriter {
public:
    virtual ~RoleWriter() = default;

    /// Adds a version in a transaction of its own. Errors: Internal (it is there), StaleToken, and those of a commit.
    virtual Result<void> writeRole(const RoleVersion& version) = 0;
};

/// Reads custom roles.
class RoleReader {
public:
    virtual ~RoleReader() = default;

    /// The last version of each custom role by name, also of those that are deleted.
    virtual Result<std::vector<RoleVersion>> listRoles() = 0;

    /// The versions of one role, the last first.
    virtual Result<std::vector<RoleVersion>> listRoleVersions(std::string_view name) = 0;
};

} // namespace gantry::store
