// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/store/sqlite/bulk_rows.h"

#include "daemon/store/sqlite/order_rows.h"
#include "daemon/store/sqlite/statement.h"

#include <limits>
#include <map>

namespace gantry::store {

namespace {

// The numbers in the file are the numbers of the enums.
static_assert(static_cast<int>(BulkState::Freezing) == 0 && static_cast<int>(BulkState::Running) == 1
    && static_cast<int>(BulkState::Paused) == 2 && static_cast<int>(BulkState::Stopped) == 3
    && static_cast<int>(BulkState::Completed) == 4 && static_cast<int>(BulkState::Canceled) == 5);
static_assert(static_cast<int>(MemberResult::Pending) == 0 && static_cast<int>(MemberResult::Sent) == 1
    && static_cast<int>(MemberResult::Running) == 2 && static_cast<int>(MemberResult::Fixed) == 3
    && static_cast<int>(MemberResult::FailedAgain) == 4 && static_cast<int>(MemberResult::FailedAnew) == 5
    && static_cast<int>(MemberResult::NotPickedUp) == 6 && static_cast<int>(MemberResult::Superseded) == 7
    && static_cast<int>(MemberResult::Done) == 8 && static_cast<int>(MemberResult::Changed) == 9
    && static_cast<int>(MemberResult::Refused) == 10 && static_cast<int>(MemberResult::Skipped) == 11
    && static_cast<int>(MemberResult::Waiting) == 12);

using CountKey = std::pair<std::uint64_t, MemberResult>;
using CountChanges = std::map<CountKey, std::int64_t>;

tl::unexpected<Error> defect(const std::string& what)
{
    return failure(
        ErrorCode::Internal, "A bulk action " + what + ". Nothing was written: this is a defect of Gantry.");
}

std::optional<std::string_view> orNull(std::string_view text)
{
    return text.empty() ? std::nullopt : std::optional(text);
}

void insertRecords(Connection& connection, const std::vector<BulkRecord>& records)
{
    Statement insert(connection,
        "INSERT INTO bulk_action (number, id, action, reason, step, hold_id, expires_at, selection, "
        "created_by, role, created_at, key, fingerprint, rate, canary, stop_after, total, state, stop_step, "
        "stop_code, stop_count, resumed_at, finished_at, round, custom_role) VALUES (?1, ?2, ?3, ?4, ?5, ?6, "
        "?7, ?8, ?9, "
        "?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25)");
    for (const BulkRecord& record : records)
        insert
            .with(record.number, record.id, actionName(record.action), record.reason, record.step,
                record.holdId, record.expiresAt, record.selection, record.createdBy,
                static_cast<int>(record.role), record.createdAt,
                record.key ? std::optional<std::string_view>(*record.key) : std::nullopt,
                Blob{record.fingerprint}, record.rate, record.canary, record.stopAfter, record.total,
                static_cast<int>(record.state), record.stop.step, record.stop.code, record.stop.count,
                record.resumedAt, record.finishedAt, record.round, orNull(record.customRole))
            .run();
}

void insertMembers(Connection& connection, const std::vector<BulkChanges::Added>& added, CountChanges& counts)
{
    Statement insert(connection,
        "INSERT INTO bulk_member (bulk, number, order_id, version, result, round) VALUES (?1, ?2, ?3, ?4, 0, "
        "0)");
    for (const auto& [bulk, members] : added) {
        for (const BulkMember& member : members)
            insert.with(bulk, member.number, Blob{member.order.bytes()}, member.version).run();
        counts[{bulk, MemberResult::Pending}] += static_cast<std::int64_t>(members.size());
    }
}

Result<void> updateMembers(
    Connection& connection, const std::vector<BulkChanges::MemberChange>& changes, CountChanges& counts)
{
    Statement update(connection,
        "UPDATE bulk_member SET result = ?4, step = ?5, code = ?6, version_after = ?7, at = ?8, round = ?9 "
        "WHERE bulk = ?1 AND number = ?2 AND result = ?3");
    for (const BulkChanges::MemberChange& change : changes) {
        const BulkMember& after = change.after;
        update
            .with(change.bulk, after.number, static_cast<int>(change.from), static_cast<int>(after.result),
                orNull(after.step), orNull(after.code), after.versionAfter, after.at, after.round)
            .run();
        if (connection.isSound() && connection.changes() != 1)
            return defect("has no member " + std::to_string(after.number) + " that is "
                + std::string(memberResultName(change.from)));
        --counts[{change.bulk, change.from}];
        ++counts[{change.bulk, after.result}];
    }
    return {};
}

Result<void> updateStates(Connection& connection, const std::vector<BulkChanges::StateChange>& changes)
{
    Statement update(connection,
        "UPDATE bulk_action SET state = ?2, stop_step = ?3, stop_code = ?4, stop_count = ?5, "
        "resumed_at = ?6, finished_at = ?7, round = ?8, key = CASE WHEN ?9 THEN NULL ELSE key END "
        "WHERE number = ?1");
    for (const BulkChanges::StateChange& change : changes) {
        update
            .with(change.bulk, static_cast<int>(change.state), change.stop.step, change.stop.code,
                change.stop.count, change.resumedAt, change.finishedAt, change.round, change.dropsKey ? 1 : 0)
            .run();
        if (connection.isSound() && connection.changes() != 1)
            return defect("number " + std::to_string(change.bulk) + " is not there");
    }
    return {};
}

void addCounts(Connection& connection, const CountChanges& counts)
{
    Statement add(connection,
        "INSERT INTO bulk_count (bulk, result, count) VALUES (?1, ?2, ?3) "
        "ON CONFLICT (bulk, result) DO UPDATE SET count = count + excluded.count");
    for (const auto& [key, change] : counts)
        if (change != 0)
            add.with(key.first, static_cast<int>(key.second), change).run();
}

constexpr std::string_view recordColumns =
    "b.number, b.id, b.action, b.reason, b.step, b.hold_id, b.expires_at, b.selection, b.created_by, b.role, "
    "b.created_at, b.key, b.fingerprint, b.rate, b.canary, b.stop_after, b.total, b.state, b.stop_step, "
    "b.stop_code, b.stop_count, b.resumed_at, b.finished_at, b.round, b.custom_role";

Result<BulkRecord> readRecord(const Statement& row)
{
    const auto action = actionFromName(row.text(2));
    const std::int64_t role = row.integer(9);
    const std::int64_t state = row.integer(17);
    if (!action || role < 0 || role > static_cast<int>(Role::Admin) || state < 0
        || state >= static_cast<std::int64_t>(bulkStateCount))
        return damaged("a bulk action");
    BulkRecord record{.number = row.natural(0),
        .id = std::string(row.text(1)),
        .action = *action,
        .reason = std::string(row.text(3)),
        .step = std::string(row.text(4)),
        .holdId = std::string(row.text(5)),
        .expiresAt = row.timeIf(6),
        .selection = std::string(row.text(7)),
        .createdBy = std::string(row.text(8)),
        .role = static_cast<Role>(role),
        .customRole = std::string(row.text(24)),
        .createdAt = row.time(10),
        .fingerprint = std::string(row.text(12)),
        .rate = static_cast<std::uint32_t>(row.integer(13)),
        .canary = static_cast<std::uint32_t>(row.integer(14)),
        .stopAfter = static_cast<std::uint32_t>(row.integer(15)),
        .total = row.integer(16),
        .state = static_cast<BulkState>(state),
        .stop = {std::string(row.text(18)), std::string(row.text(19)), row.integer(20)},
        .round = static_cast<std::uint32_t>(row.integer(23)),
        .resumedAt = row.timeIf(21),
        .finishedAt = row.timeIf(22)};
    if (!row.isNull(11))
        record.key = std::string(row.text(11));
    return record;
}

Result<void> readCounts(Connection& connection, std::vector<BulkRecord>& records)
{
    Statement select(connection, "SELECT result, count FROM bulk_count WHERE bulk = ?1");
    for (BulkRecord& record : records)
        for (select.with(record.number); select.next();) {
            const auto result = static_cast<std::size_t>(select.integer(0));
            if (result >= memberResultCount)
                return damaged("a count of a bulk action");
            record.counts[result] = select.integer(1);
        }
    return connection.check("reading the counts of bulk actions");
}

Result<std::vector<BulkRecord>> readAll(Connection& connection, Statement& select)
{
    std::vector<BulkRecord> records;
    Rows rows(select);
    while (rows.next()) {
        auto record = readRecord(*rows);
        if (!record)
            return tl::unexpected(std::move(record.error()));
        records.push_back(std::move(*record));
    }
    if (auto done = connection.check("reading bulk actions"); !done)
        return tl::unexpected(std::move(done.error()));
    if (auto done = readCounts(connection, records); !done)
        return tl::unexpected(std::move(done.error()));
    return records;
}

std::string selectRecords(std::string_view rest)
{
    return "SELECT " + std::string(recordColumns) + " FROM bulk_action b " + std::string(rest);
}

} // namespace

Result<void> writeBulkRows(Connection& connection, const BulkChanges& changes)
{
    CountChanges counts;
    insertRecords(connection, changes.created);
    insertMembers(connection, changes.added, counts);
    if (auto done = updateMembers(connection, changes.members, counts); !done)
        return done;
    if (auto done = updateStates(connection, changes.states); !done)
        return done;
    addCounts(connection, counts);
    Statement log(connection,
        "INSERT INTO bulk_log (bulk, at, actor, what, reason, key, fingerprint) VALUES (?1, ?2, ?3, ?4, ?5, "
        "?6, ?7)");
    for (const auto& [bulk, entry] : changes.log)
        log.with(bulk, entry.at, entry.actor, entry.what, entry.reason,
               entry.key ? std::optional<std::string_view>(*entry.key) : std::nullopt,
               Blob{entry.fingerprint})
            .run();
    return connection.check("writing bulk actions");
}

Result<std::vector<BulkRecord>> selectBulks(
    Connection& connection, std::string_view rest, std::optional<std::string_view> parameter)
{
    Statement select(connection, selectRecords(rest));
    if (parameter)
        select.with(*parameter);
    return readAll(connection, select);
}

Result<std::optional<BulkRecord>> selectBulkByKey(
    Connection& connection, std::string_view createdBy, std::string_view key)
{
    Statement select(connection, selectRecords("WHERE b.created_by = ?1 AND b.key = ?2"));
    auto found = readAll(connection, select.with(createdBy, key));
    if (!found)
        return tl::unexpected(std::move(found.error()));
    return found->empty() ? std::nullopt : std::optional(std::move(found->front()));
}

Result<std::vector<BulkRecord>> selectBulksBefore(
    Connection& connection, std::optional<std::uint64_t> before, std::size_t limit)
{
    constexpr std::int64_t none = std::numeric_limits<std::int64_t>::max();
    Statement select(connection, selectRecords("WHERE b.number < ?1 ORDER BY b.number DESC LIMIT ?2"));
    return readAll(connection, select.with(before ? static_cast<std::int64_t>(*before) : none, limit));
}

Result<std::vector<BulkMember>> selectBulkMembers(Connection& connection, std::uint64_t bulk,
    std::optional<MemberResult> result, std::uint32_t from, std::size_t limit)
{
    Statement select(connection,
        std::string("SELECT number, order_id, version, result, step, code, version_after, at, round FROM "
                    "bulk_member WHERE bulk = ?1 AND number >= ?2 ")
            + (result ? "AND result = ?4 " : "") + "ORDER BY number LIMIT ?3");
    if (result)
        select.with(bulk, from, limit, static_cast<int>(*result));
    else
        select.with(bulk, from, limit);
    std::vector<BulkMember> members;
    Rows rows(select);
    while (rows.next()) {
        const auto order = OrderId::fromBytes(rows->text(1));
        const std::int64_t kind = rows->integer(3);
        if (!order || kind < 0 || kind >= static_cast<std::int64_t>(memberResultCount))
            return damaged("a member of a bulk action");
        BulkMember member{.number = static_cast<std::uint32_t>(rows->integer(0)),
            .order = *order,
            .version = static_cast<std::uint32_t>(rows->integer(2)),
            .result = static_cast<MemberResult>(kind),
            .step = std::string(rows->text(4)),
            .code = std::string(rows->text(5)),
            .at = rows->timeIf(7),
            .round = static_cast<std::uint32_t>(rows->integer(8))};
        if (!rows->isNull(6))
            member.versionAfter = static_cast<std::uint32_t>(rows->integer(6));
        members.push_back(std::move(member));
    }
    if (auto done = connection.check("reading the members of a bulk action"); !done)
        return tl::unexpected(std::move(done.error()));
    return members;
}

Result<std::vector<BulkLogEntry>> selectBulkLog(Connection& connection, std::uint64_t bulk)
{
    std::vector<BulkLogEntry> log;
    Statement select(connection,
        "SELECT at, actor, what, reason, key, fingerprint FROM bulk_log WHERE bulk = ?1 ORDER BY number");
    for (select.with(bulk); select.next();) {
        log.push_back({.at = select.time(0),
            .actor = std::string(select.text(1)),
            .what = std::string(select.text(2)),
            .reason = std::string(select.text(3)),
            .fingerprint = std::string(select.text(5))});
        if (!select.isNull(4))
            log.back().key = std::string(select.text(4));
    }
    if (auto done = connection.check("reading what was done to a bulk action"); !done)
        return tl::unexpected(std::move(done.error()));
    return log;
}

} // namespace gantry::store
