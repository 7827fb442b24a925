// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/store/role_records.h"
#include "daemon/store/sqlite/connection.h"

namespace gantry::store {

/// Errors: those of the connection.
Result<bool> insertRole(Connection& connection, const RoleVersion& version);

/// The last version of each role by name.
Result<std::vector<RoleVersion>> selectRoles(Connection& connection);

/// The versions of one role, the last first.
Result<std::vector<RoleVersion>> selectRoleVersions(Connection& connection, std::string_view name);

} // namespace gantry::store
