// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/store/sqlite/audit_rows.h"

#include "daemon/store/audit_hash.h"
#include "daemon/store/sqlite/order_rows.h"
#include "daemon/store/sqlite/statement.h"

#include <algorithm>
#include <limits>

namespace gantry::store {

namespace {

static_assert(sequenceBits == auditSequenceBits, "an entry's position is made as an event's");

constexpr std::string_view entryColumns =
    "SELECT position, at, actor, key, door, peer, action, target_kind, target, reason, salt, reason_digest, "
    "before, after, previous, hash FROM audit_entry ";
constexpr std::string_view chainColumns = "SELECT partition, first, anchor, last, head FROM audit_chain ";

template <std::size_t Size>
Blob blobOf(const std::array<std::uint8_t, Size>& bytes)
{
    return {{reinterpret_cast<const char*>(bytes.data()), bytes.size()}};
}

template <std::size_t Size>
std::array<std::uint8_t, Size> bytesOf(std::string_view blob)
{
    std::array<std::uint8_t, Size> bytes{};
    if (blob.size() == Size)
        std::transform(blob.begin(), blob.end(), bytes.begin(),
            [](char c) { return static_cast<std::uint8_t>(c); });
    return bytes;
}

AuditHash hashAt(const Statement& row, int column)
{
    return bytesOf<std::tuple_size_v<AuditHash>>(row.text(column));
}

AuditEntry readEntry(const Statement& row)
{
    AuditEntry entry{.partition = static_cast<std::uint32_t>(row.natural(0) >> sequenceBits),
        .sequence = sequenceOf(row.integer(0)),
        .act = {.at = row.time(1),
            .actor = std::string(row.text(2)),
            .origin = {static_cast<AuditDoor>(row.integer(4)), std::string(row.text(5)), row.natural(3)},
            .action = std::string(row.text(6)),
            .targetKind = std::string(row.text(7)),
            .target = std::string(row.text(8)),
            .reason = std::string(row.text(9)),
            .before = std::string(row.text(12)),
            .after = std::string(row.text(13))},
        .reasonDigest = hashAt(row, 11),
        .previous = hashAt(row, 14),
        .hash = hashAt(row, 15)};
    if (!row.isNull(9) || !row.isNull(10))
        entry.salt = bytesOf<std::tuple_size_v<AuditSalt>>(row.text(10));
    return entry;
}

AuditChain readChain(const Statement& row)
{
    return {static_cast<std::uint32_t>(row.integer(0)), row.natural(1), hashAt(row, 2), row.natural(3),
        hashAt(row, 4)};
}

Result<std::vector<AuditEntry>> readAll(Connection& connection, Statement& select)
{
    std::vector<AuditEntry> entries;
    Rows rows(select);
    while (rows.next())
        entries.push_back(readEntry(*rows));
    if (auto done = connection.check("reading the audit"); !done)
        return tl::unexpected(std::move(done.error()));
    return entries;
}

} // namespace

Result<void> appendAudit(Connection& connection, std::uint32_t partition, const std::vector<AuditAct>& acts)
{
    if (acts.empty())
        return {};
    AuditChain chain{.partition = partition};
    {
        Statement select(connection, std::string(chainColumns) + "WHERE partition = ?1");
        Rows rows(select.with(partition));
        if (rows.next())
            chain = readChain(*rows);
    }
    Statement insert(connection,
        "INSERT INTO audit_entry (position, at, actor, key, door, peer, action, target_kind, target, reason, "
        "salt, reason_digest, before, after, previous, hash) "
        "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)");
    for (const AuditAct& act : acts) {
        const AuditEntry entry = append(chain, act);
        insert
            .with(logPosition(partition, entry.sequence), act.at, act.actor, act.origin.key,
                static_cast<int>(act.origin.door), act.origin.peer, act.action, act.targetKind, act.target,
                act.reason, blobOf(*entry.salt), blobOf(entry.reasonDigest), act.before, act.after,
                blobOf(entry.previous), blobOf(entry.hash))
            .run();
    }
    Statement(connection,
        "INSERT INTO audit_chain (partition, first, anchor, last, head) VALUES (?1, ?2, ?3, ?4, ?5) "
        "ON CONFLICT (partition) DO UPDATE SET last = excluded.last, head = excluded.head")
        .with(partition, chain.first, blobOf(chain.anchor), chain.last, blobOf(chain.head))
        .run();
    return connection.check("writing the audit");
}

Result<std::vector<AuditEntry>> selectAudit(Connection& connection, const AuditFilter& filter,
    std::optional<std::uint64_t> before, std::size_t limit)
{
    // What does not filter is left out, so that an index can serve the rest.
    std::string sql(entryColumns);
    sql += "WHERE position < ?";
    sql += filter.actor.empty() ? "" : " AND actor = ?";
    sql += filter.action.empty() ? "" : " AND action = ?";
    sql += filter.target.empty() ? "" : " AND target = ?";
    sql += filter.since ? " AND at >= ?" : "";
    sql += filter.until ? " AND at < ?" : "";
    sql += " ORDER BY position DESC LIMIT ?";
    Statement select(connection, sql);
    int parameter = 1;
    select.bindFrom(parameter++,
        before ? static_cast<std::int64_t>(*before) : std::numeric_limits<std::int64_t>::max());
    for (const std::string* text : {&filter.actor, &filter.action, &filter.target})
        if (!text->empty())
            select.bindFrom(parameter++, std::string_view(*text));
    for (const auto& time : {filter.since, filter.until})
        if (time)
            select.bindFrom(parameter++, *time);
    select.bindFrom(parameter, limit);
    return readAll(connection, select);
}

Result<std::vector<AuditEntry>> selectAuditRange(Connection& connection, std::uint32_t partition,
    std::uint64_t after, std::uint64_t last, std::size_t limit)
{
    Statement select(connection,
        std::string(entryColumns) + "WHERE position > ?1 AND position <= ?2 ORDER BY position LIMIT ?3");
    return readAll(
        connection, select.with(logPosition(partition, after), logPosition(partition, last), limit));
}

Result<std::vector<AuditChain>> selectAuditChains(Connection& connection)
{
    std::vector<AuditChain> chains;
    Statement select(connection, std::string(chainColumns) + "ORDER BY partition");
    Rows rows(select);
    while (rows.next())
        chains.push_back(readChain(*rows));
    if (auto done = connection.check("reading where the audit ends"); !done)
        return tl::unexpected(std::move(done.error()));
    return chains;
}

} // namespace gantry::store
