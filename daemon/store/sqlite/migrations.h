// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/store/sqlite/checksum_vfs.h"
#include "daemon/store/sqlite/connection.h"

#include <span>
#include <string_view>

namespace gantry::store {

/// One numbered step of the schema: resources/sql/sqlite/NNNN_name.sql.
struct Migration {
    int number = 0; ///< from 1, without a gap; what user_version becomes
    std::string_view name;
    std::string_view sql;
};

/// Every migration of this build, in sequence.
std::span<const Migration> sqliteMigrations();

/// Brings the schema up to the last of `migrations`: each one whole in a transaction of its own together with its number; the first
/// that fails ends it and leaves the file at the one before.
/// Errors: VersionMismatch (the file is newer), Corrupt (not a file of Gantry's, or damaged), StorageFull, Unavailable, Internal.
Result<void> migrate(Connection& connection, std::span<const Migration> migrations);

} // namespace gantry::store
