// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/store/sqlite/pause_rows.h"

#include "daemon/store/sqlite/order_rows.h"
#include "daemon/store/sqlite/statement.h"

namespace gantry::store {

namespace {

/// The pause in columns 0 to 4: scope, name, since, paused_by, reason. Errors: Corrupt.
Result<Pause> readPause(Statement& row)
{
    const std::int64_t scope = row.integer(0);
    if (scope < 0 || scope >= static_cast<std::int64_t>(allPauseScopes.size()))
        return damaged("a pause's scope");
    return Pause{allPauseScopes[static_cast<std::size_t>(scope)], std::string(row.text(1)), row.time(2),
        std::string(row.text(3)), std::string(row.text(4))};
}

} // namespace

Result<bool> insertPause(Connection& connection, const Pause& pause)
{
    Statement insert(connection,
        "INSERT INTO pause (scope, name, since, paused_by, reason) VALUES (?1, ?2, ?3, ?4, ?5) "
        "ON CONFLICT DO NOTHING RETURNING number");
    insert.with(static_cast<int>(pause.scope), pause.name, pause.since, pause.by, pause.reason);
    bool isNew = false;
    while (insert.next())
        isNew = true;
    if (auto done = connection.check("pausing"); !done)
        return tl::unexpected(std::move(done.error()));
    return isNew;
}

Result<bool> endPause(Connection& connection, PauseScope scope, const std::string& name, const PauseEnd& end)
{
    Statement update(connection,
        "UPDATE pause SET ended_at = ?3, ended_by = ?4, end_reason = ?5 "
        "WHERE scope = ?1 AND name = ?2 AND ended_at IS NULL RETURNING number");
    update.with(static_cast<int>(scope), name, end.at, end.by, end.reason);
    bool wasThere = false;
    while (update.next())
        wasThere = true;
    if (auto done = connection.check("ending a pause"); !done)
        return tl::unexpected(std::move(done.error()));
    return wasThere;
}

Result<std::vector<Pause>> selectPauses(Connection& connection)
{
    std::vector<Pause> pauses;
    Statement select(connection,
        "SELECT scope, name, since, paused_by, reason FROM pause WHERE ended_at IS NULL ORDER BY scope, "
        "name");
    while (select.next()) {
        auto pause = readPause(select);
        if (!pause)
            return tl::unexpected(std::move(pause.error()));
        pauses.push_back(std::move(*pause));
    }
    if (auto done = connection.check("listing pauses"); !done)
        return tl::unexpected(std::move(done.error()));
    return pauses;
}

Result<std::vector<EndedPause>> selectEndedPauses(Connection& connection, std::size_t limit)
{
    std::vector<EndedPause> pauses;
    Statement select(connection,
        "SELECT scope, name, since, paused_by, reason, ended_at, ended_by, end_reason FROM pause "
        "WHERE ended_at IS NOT NULL ORDER BY ended_at DESC, number DESC LIMIT ?1");
    select.with(static_cast<std::int64_t>(limit));
    while (select.next()) {
        auto pause = readPause(select);
        if (!pause)
            return tl::unexpected(std::move(pause.error()));
        pauses.push_back(
            {std::move(*pause), {select.time(5), std::string(select.text(6)), std::string(select.text(7))}});
    }
    if (auto done = connection.check("listing ended pauses"); !done)
        return tl::unexpected(std::move(done.error()));
    return pauses;
}

} // namespace gantry::store
