// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/store/bulk_records.h"
#include "shared/util/result.h"

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace gantry::store {

/// Writes bulk actions; a part of PartitionStore, used on the same thread.
class BulkWriter {
public:
    virtual ~BulkWriter() = default;

    /// Writes changes in a transaction of its own, all or none, and maintains the counts of members by result. Errors: Internal (a member is not what
    /// it should be before the change, or the bulk action is not there: nothing is written), StaleToken, and those of Batch::commit().
    virtual Result<void> writeBulk(const BulkChanges& changes) = 0;
};

/// Looks at bulk actions; a part of StoreReader.
class BulkReader {
public:
    virtual ~BulkReader() = default;

    virtual Result<std::optional<BulkRecord>> findBulk(std::string_view id) = 0;

    /// The one that was asked for under a caller's key.
    virtual Result<std::optional<BulkRecord>> findBulkByKey(
        std::string_view createdBy, std::string_view key) = 0;

    /// Newest first, those with a number below `before`, at most `limit`.
    virtual Result<std::vector<BulkRecord>> listBulks(
        std::optional<std::uint64_t> before, std::size_t limit) = 0;

    /// Those that something may still become of: not ended, or with members whose result is not final. By number.
    virtual Result<std::vector<BulkRecord>> listUnfinishedBulks() = 0;

    /// Members by number, those from `from` on, with that result if one is given, at most `limit`.
    virtual Result<std::vector<BulkMember>> listBulkMembers(
        std::uint64_t bulk, std::optional<MemberResult> result, std::uint32_t from, std::size_t limit) = 0;

    /// What was done to it, oldest first.
    virtual Result<std::vector<BulkLogEntry>> listBulkLog(std::uint64_t bulk) = 0;
};

} // namespace gantry::store
