// SPDX-License-Identifier: GPL-3.0-or-later
// Bulk actions, as the writer writes them and readers see them.
#include "daemon/store/sqlite/bulk_rows.h"
#include "daemon/store/sqlite/read_transaction.h"
#include "daemon/store/sqlite/sqlite_partition.h"
#include "daemon/store/sqlite/sqlite_reader.h"

namespace gantry::store {

Result<void> SqlitePartition::writeBulk(const BulkChanges& changes)
{
    if (auto begun = m_writer->begin(); !begun)
        return begun;
    auto done = checkEpoch();
    if (done)
        done = writeBulkRows(m_writer->connection(), changes);
    if (done)
        done = m_writer->commit();
    m_writer->rollback();
    return done;
}

Result<std::optional<BulkRecord>> SqliteReader::findBulk(std::string_view id)
{
    const ReadTransaction transaction(*m_connection, m_deadline);
    auto found = selectBulks(*m_connection, "WHERE b.id = ?1", id);
    if (!found)
        return tl::unexpected(std::move(found.error()));
    return found->empty() ? std::nullopt : std::optional(std::move(found->front()));
}

Result<std::optional<BulkRecord>> SqliteReader::findBulkByKey(
    std::string_view createdBy, std::string_view key)
{
    const ReadTransaction transaction(*m_connection, m_deadline);
    return selectBulkByKey(*m_connection, createdBy, key);
}

Result<std::vector<BulkRecord>> SqliteReader::listBulks(
    std::optional<std::uint64_t> before, std::size_t limit)
{
    const ReadTransaction transaction(*m_connection, m_deadline);
    return selectBulksBefore(*m_connection, before, limit);
}

Result<std::vector<BulkRecord>> SqliteReader::listUnfinishedBulks()
{
    const ReadTransaction transaction(*m_connection, m_deadline);
    // 0 to 2: pending, sent, running; 6, 12: not_picked_up and waiting, which something may still become of.
    return selectBulks(*m_connection,
        "WHERE b.state < 4 OR EXISTS (SELECT 1 FROM bulk_count c WHERE c.bulk = b.number "
        "AND c.result IN (0, 1, 2, 6, 12) AND c.count > 0) ORDER BY b.number");
}

Result<std::vector<BulkMember>> SqliteReader::listBulkMembers(
    std::uint64_t bulk, std::optional<MemberResult> result, std::uint32_t from, std::size_t limit)
{
    const ReadTransaction transaction(*m_connection, m_deadline);
    return selectBulkMembers(*m_connection, bulk, result, from, limit);
}

Result<std::vector<BulkLogEntry>> SqliteReader::listBulkLog(std::uint64_t bulk)
{
    const ReadTransaction transaction(*m_connection, m_deadline);
    return selectBulkLog(*m_connection, bulk);
}

} // namespace gantry::store
