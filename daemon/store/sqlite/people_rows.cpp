// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/store/sqlite/people_rows.h"

#include "daemon/store/sqlite/principal_rows.h"
#include "daemon/store/sqlite/statement.h"

namespace gantry::store {

namespace {

void putPassword(Connection& connection, const PersonPassword& password)
{
    Statement(connection,
        "INSERT INTO person_password (person, hash, must_change, set_at, set_by) VALUES (?1, ?2, ?3, ?4, ?5) "
        "ON CONFLICT (person) DO UPDATE SET hash = excluded.hash, must_change = excluded.must_change, "
        "set_at = excluded.set_at, set_by = excluded.set_by")
        .with(password.person, password.hash, password.mustChange ? 1 : 0, password.setAt, password.setBy)
        .run();
}

std::uint64_t putSession(Connection& connection, const PersonSession& session)
{
    Statement put(connection,
        "INSERT INTO person_session (person, token_hash, must_change, peer, started_at, last_used_at, "
        "idle_ms, "
        "expires_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) RETURNING id");
    put.with(session.person, Blob{session.tokenHash}, session.mustChange ? 1 : 0, session.peer,
        session.startedAt, session.lastUsedAt, static_cast<std::int64_t>(session.idle.count()),
        session.expiresAt);
    std::uint64_t id = 0;
    while (put.next())
        id = put.natural(0);
    return id;
}

} // namespace

Result<std::uint64_t> insertPeopleChanges(Connection& connection, const PeopleChanges& changes)
{
    if (changes.forgetBefore)
        Statement(connection, "DELETE FROM person_session WHERE expires_at < ?1")
            .with(*changes.forgetBefore)
            .run();
    if (changes.password)
        putPassword(connection, *changes.password);
    const std::uint64_t id = changes.newSession ? putSession(connection, *changes.newSession) : 0;
    Statement end(connection,
        "UPDATE person_session SET ended_at = ?2, ended_by = ?3 WHERE id = ?1 AND ended_at IS NULL");
    for (const std::uint64_t session : changes.ended)
        end.with(session, changes.at, changes.by).run();
    if (changes.freed)
        Statement(connection, "UPDATE person_session SET must_change = 0 WHERE id = ?1")
            .with(*changes.freed)
            .run();
    for (const PrincipalLogEntry& entry : changes.log)
        insertPrincipalLog(connection, entry);
    if (auto done = connection.check("writing what became of a person"); !done)
        return tl::unexpected(std::move(done.error()));
    return id;
}

Result<void> updateSessionUses(Connection& connection, const std::vector<KeyUse>& uses)
{
    Statement update(
        connection, "UPDATE person_session SET last_used_at = ?2 WHERE id = ?1 AND last_used_at < ?2");
    for (const KeyUse& use : uses)
        update.with(use.key, use.at).run();
    return connection.check("writing when sessions were used");
}

Result<std::optional<PersonPassword>> selectPassword(Connection& connection, std::string_view person)
{
    std::optional<PersonPassword> found;
    Statement select(connection,
        "SELECT person, hash, must_change, set_at, set_by FROM person_password WHERE person = ?1");
    select.with(person);
    while (select.next())
        found = PersonPassword{std::string(select.text(0)), std::string(select.text(1)),
            select.integer(2) != 0, select.time(3), std::string(select.text(4))};
    if (auto done = connection.check("looking for a password"); !done)
        return tl::unexpected(std::move(done.error()));
    return found;
}

Result<std::vector<PersonSession>> selectSessions(Connection& connection, Timestamp now)
{
    std::vector<PersonSession> sessions;
    Statement select(connection,
        "SELECT id, person, token_hash, must_change, peer, started_at, last_used_at, idle_ms, expires_at "
        "FROM person_session WHERE ended_at IS NULL AND expires_at > ?1 ORDER BY id");
    select.with(now);
    while (select.next())
        sessions.push_back({select.natural(0), std::string(select.text(1)), std::string(select.text(2)),
            select.integer(3) != 0, std::string(select.text(4)), select.time(5), select.time(6),
            std::chrono::milliseconds(select.integer(7)), select.time(8)});
    if (auto done = connection.check("listing sessions"); !done)
        return tl::unexpected(std::move(done.error()));
    return sessions;
}

} // namespace gantry::store
