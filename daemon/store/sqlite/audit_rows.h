// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/store/audit_store.h"
#include "daemon/store/sqlite/connection.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace gantry::store {

// The audit in tables. Each runs inside the caller's transaction.

/// Adds acts to the end of a partition's chain, in their sequence.
Result<void> appendAudit(Connection& connection, std::uint32_t partition, const std::vector<AuditAct>& acts);

/// As AuditReader::listAudit() tells. A hash that can't be read is zeros, which fit nothing.
Result<std::vector<AuditEntry>> selectAudit(Connection& connection, const AuditFilter& filter,
    std::optional<std::uint64_t> before, std::size_t limit);

/// Entries of one chain by sequence, over `after` up to `last`, at most `limit`; likewise.
Result<std::vector<AuditEntry>> selectAuditRange(Connection& connection, std::uint32_t partition,
    std::uint64_t after, std::uint64_t last, std::size_t limit);

/// Every chain, by partition; likewise.
Result<std::vector<AuditChain>> selectAuditChains(Connection& connection);

} // namespace gantry::store
