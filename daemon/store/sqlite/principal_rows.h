// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/store/principal_records.h"
#include "daemon/store/sqlite/connection.h"
#include "shared/util/result.h"

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

namespace gantry::store {

// Principals, their keys and their log in tables. Each runs inside the caller's transaction.

/// Writes one act; gives the id of its new key, 0 without one.
Result<std::uint64_t> insertPrincipalChanges(Connection& connection, const PrincipalChanges& changes);

/// Adds to the log.
void insertPrincipalLog(Connection& connection, const PrincipalLogEntry& entry);

/// Writes when keys were last seen.
Result<void> updateKeyUses(Connection& connection, const std::vector<KeyUse>& uses);

/// Every principal by name, with its keys by id.
Result<std::vector<PrincipalRecord>> selectPrincipals(Connection& connection);

/// The log, the last first; as StoreReader::listPrincipalLog() tells.
Result<std::vector<PrincipalLogEntry>> selectPrincipalLog(Connection& connection, std::string_view principal,
    std::optional<std::uint64_t> before, std::size_t limit);

/// The first entry of a request.
Result<std::optional<PrincipalLogEntry>> selectPrincipalAct(
    Connection& connection, std::string_view actor, std::string_view key);

} // namespace gantry::store
