// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/store/sqlite/principal_rows.h"

#include "daemon/store/sqlite/order_rows.h"
#include "daemon/store/sqlite/statement.h"

#include <algorithm>
#include <limits>
#include <map>

namespace gantry::store {

namespace {

constexpr std::string_view logColumns =
    "SELECT number, at, actor, act, principal, key, before, after, reason, idempotency_key, fingerprint "
    "FROM principal_log ";

/// A number that names a value of an enumeration up to `last`. Errors: Corrupt.
template <typename Enum>
Result<Enum> enumOf(std::int64_t number, Enum last, const char* what)
{
    if (number < 0 || number > static_cast<std::int64_t>(last))
        return damaged(what);
    return static_cast<Enum>(number);
}

void putPrincipal(Connection& connection, const PrincipalRecord& principal)
{
    Statement put(connection,
        "INSERT INTO principal (name, kind, role, created_at, created_by, expires_at, disabled_at, "
        "custom_role) "
        "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (name) DO UPDATE SET kind = excluded.kind, "
        "role = excluded.role, expires_at = excluded.expires_at, disabled_at = excluded.disabled_at, "
        "custom_role = excluded.custom_role");
    put.with(principal.name, static_cast<int>(principal.kind), static_cast<int>(principal.role),
           principal.createdAt, principal.createdBy, principal.expiresAt, principal.disabledAt,
           principal.customRole.empty() ? std::nullopt
                                        : std::optional(std::string_view(principal.customRole)))
        .run();
}

std::uint64_t putKey(Connection& connection, std::string_view principal, const PrincipalKey& key)
{
    Statement put(connection,
        "INSERT INTO principal_key (principal, kind, material, created_at, expires_at) "
        "VALUES (?1, ?2, ?3, ?4, ?5) RETURNING id");
    put.with(principal, static_cast<int>(key.kind), Blob{key.material}, key.createdAt, key.expiresAt);
    std::uint64_t id = 0;
    while (put.next())
        id = put.natural(0);
    return id;
}

void append(Connection& connection, const PrincipalLogEntry& entry)
{
    Statement insert(connection,
        "INSERT INTO principal_log (at, actor, act, principal, key, before, after, reason, idempotency_key, "
        "fingerprint) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)");
    const bool hasKey = !entry.idempotencyKey.empty();
    insert
        .with(entry.at, entry.actor, entry.act, entry.principal, entry.key, entry.before, entry.after,
            entry.reason, hasKey ? std::optional(std::string_view(entry.idempotencyKey)) : std::nullopt,
            hasKey ? std::optional(Blob{bytesOf(entry.fingerprint)}) : std::nullopt)
        .run();
}

/// The entry of the columns of `logColumns`. Errors: Corrupt.
Result<PrincipalLogEntry> readEntry(Statement& row)
{
    PrincipalLogEntry entry{.number = row.natural(0),
        .at = row.time(1),
        .actor = std::string(row.text(2)),
        .act = std::string(row.text(3)),
        .principal = std::string(row.text(4)),
        .before = std::string(row.text(6)),
        .after = std::string(row.text(7)),
        .reason = std::string(row.text(8)),
        .idempotencyKey = std::string(row.text(9))};
    if (!row.isNull(5))
        entry.key = row.natural(5);
    if (const std::string_view bytes = row.text(10); !row.isNull(10)) {
        if (bytes.size() != entry.fingerprint.size())
            return damaged("a fingerprint of the log of principals");
        std::copy(bytes.begin(), bytes.end(), entry.fingerprint.begin());
    }
    return entry;
}

/// All keys by principal. Errors: Corrupt.
Result<std::map<std::string, std::vector<PrincipalKey>, std::less<>>> selectKeys(Connection& connection)
{
    std::map<std::string, std::vector<PrincipalKey>, std::less<>> keys;
    Statement select(connection,
        "SELECT principal, id, kind, material, created_at, expires_at, revoked_at, last_used_at "
        "FROM principal_key ORDER BY principal, id");
    while (select.next()) {
        const auto kind = enumOf(select.integer(2), KeyKind::Curve, "a key's kind");
        if (!kind)
            return tl::unexpected(kind.error());
        keys[std::string(select.text(0))].push_back({select.natural(1), *kind, std::string(select.text(3)),
            select.time(4), select.timeIf(5), select.timeIf(6), select.timeIf(7)});
    }
    if (auto done = connection.check("listing keys"); !done)
        return tl::unexpected(std::move(done.error()));
    return keys;
}

} // namespace

Result<std::uint64_t> insertPrincipalChanges(Connection& connection, const PrincipalChanges& changes)
{
    std::uint64_t newKey = 0;
    if (changes.principal)
        putPrincipal(connection, *changes.principal);
    if (changes.newKey)
        newKey = putKey(connection, changes.log.front().principal, *changes.newKey);
    if (changes.revokedKey)
        Statement(connection, "UPDATE principal_key SET revoked_at = ?2 WHERE id = ?1 AND revoked_at IS NULL")
            .with(*changes.revokedKey, changes.log.front().at)
            .run();
    for (PrincipalLogEntry entry : changes.log) {
        if (changes.newKey && entry.act == PrincipalAct::keyAdded)
            entry.key = newKey;
        append(connection, entry);
    }
    if (auto done = connection.check("writing a principal"); !done)
        return tl::unexpected(std::move(done.error()));
    return newKey;
}

void insertPrincipalLog(Connection& connection, const PrincipalLogEntry& entry)
{
    append(connection, entry);
}

Result<void> updateKeyUses(Connection& connection, const std::vector<KeyUse>& uses)
{
    Statement update(connection,
        "UPDATE principal_key SET last_used_at = ?2 "
        "WHERE id = ?1 AND (last_used_at IS NULL OR last_used_at < ?2)");
    for (const KeyUse& use : uses)
        update.with(use.key, use.at).run();
    return connection.check("writing when keys were used");
}

Result<std::vector<PrincipalRecord>> selectPrincipals(Connection& connection)
{
    auto keys = selectKeys(connection);
    if (!keys)
        return tl::unexpected(std::move(keys.error()));
    std::vector<PrincipalRecord> principals;
    Statement select(connection,
        "SELECT name, kind, role, created_at, created_by, expires_at, disabled_at, custom_role FROM "
        "principal "
        "ORDER BY name");
    while (select.next()) {
        const auto kind = enumOf(select.integer(1), PrincipalKind::Service, "a principal's kind");
        const auto role = enumOf(select.integer(2), Role::Admin, "a principal's role");
        if (!kind || !role)
            return tl::unexpected(kind ? role.error() : kind.error());
        const std::string name(select.text(0));
        principals.push_back({name, *kind, *role, select.time(3), std::string(select.text(4)),
            select.timeIf(5), select.timeIf(6), std::move((*keys)[name]), std::string(select.text(7))});
    }
    if (auto done = connection.check("listing principals"); !done)
        return tl::unexpected(std::move(done.error()));
    return principals;
}

Result<std::vector<PrincipalLogEntry>> selectPrincipalLog(Connection& connection, std::string_view principal,
    std::optional<std::uint64_t> before, std::size_t limit)
{
    std::vector<PrincipalLogEntry> entries;
    Statement select(connection,
        std::string(logColumns) + (principal.empty() ? "WHERE ?1 = ''" : "WHERE principal = ?1")
            + " AND number < ?2 ORDER BY number DESC LIMIT ?3");
    const std::int64_t end =
        before ? static_cast<std::int64_t>(*before) : std::numeric_limits<std::int64_t>::max();
    select.with(principal, end, static_cast<std::int64_t>(limit));
    while (select.next()) {
        auto entry = readEntry(select);
        if (!entry)
            return tl::unexpected(std::move(entry.error()));
        entries.push_back(std::move(*entry));
    }
    if (auto done = connection.check("listing the log of principals"); !done)
        return tl::unexpected(std::move(done.error()));
    return entries;
}

Result<std::optional<PrincipalLogEntry>> selectPrincipalAct(
    Connection& connection, std::string_view actor, std::string_view key)
{
    std::optional<PrincipalLogEntry> found;
    Statement select(connection,
        std::string(logColumns) + "WHERE actor = ?1 AND idempotency_key = ?2 ORDER BY number LIMIT 1");
    select.with(actor, key);
    while (select.next()) {
        auto entry = readEntry(select);
        if (!entry)
            return tl::unexpected(std::move(entry.error()));
        found = std::move(*entry);
    }
    if (auto done = connection.check("looking for an act on a principal"); !done)
        return tl::unexpected(std::move(done.error()));
    return found;
}

} // namespace gantry::store
