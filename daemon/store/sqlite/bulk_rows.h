// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/store/bulk_records.h"
#include "daemon/store/sqlite/connection.h"
#include "shared/util/result.h"

#include <optional>
#include <string_view>
#include <vector>

namespace gantry::store {

// Bulk actions in tables. Each runs inside the caller's transaction.

/// See BulkWriter::writeBulk().
Result<void> writeBulkRows(Connection& connection, const BulkChanges& changes);

/// The bulk actions that a condition on table `b` finds, e.g. "b.id = ?1", with one parameter or none, in that sequence. Errors: Corrupt.
Result<std::vector<BulkRecord>> selectBulks(
    Connection& connection, std::string_view rest, std::optional<std::string_view> parameter = {});

/// See BulkReader.
Result<std::optional<BulkRecord>> selectBulkByKey(
    Connection& connection, std::string_view createdBy, std::string_view key);
Result<std::vector<BulkRecord>> selectBulksBefore(
    Connection& connection, std::optional<std::uint64_t> before, std::size_t limit);
Result<std::vector<BulkMember>> selectBulkMembers(Connection& connection, std::uint64_t bulk,
    std::optional<MemberResult> result, std::uint32_t from, std::size_t limit);
Result<std::vector<BulkLogEntry>> selectBulkLog(Connection& connection, std::uint64_t bulk);

} // namespace gantry::store
