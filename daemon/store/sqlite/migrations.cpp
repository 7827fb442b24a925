// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/store/sqlite/migrations.h"

#include <charconv>

namespace gantry::store {

namespace {

int toInt(const std::string& text)
{
    int value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

Result<void> apply(Connection& connection, const Migration& migration)
{
    // Both numbers are kept in the file's header and belong to the transaction, as the tables do.
    connection.execute("BEGIN IMMEDIATE");
    connection.execute(migration.sql);
    connection.execute("PRAGMA application_id = " + std::to_string(applicationId));
    connection.execute("PRAGMA user_version = " + std::to_string(migration.number));
    connection.execute("COMMIT");
    const std::string title = std::to_string(migration.number) + '_' + std::string(migration.name);
    auto done = connection.check("applying migration " + title);
    if (!done)
        connection.rollback();
    return done;
}

} // namespace

Result<void> migrate(Connection& connection, std::span<const Migration> migrations)
{
    const int owner = toInt(connection.ask("PRAGMA application_id"));
    const int version = toInt(connection.ask("PRAGMA user_version"));
    const bool isEmpty = connection.ask("SELECT count(*) FROM sqlite_schema") == "0";
    if (auto read = connection.check("reading the version of the data file"); !read)
        return read;
    if (!isEmpty && owner != applicationId)
        return failure(ErrorCode::Corrupt,
            "The data file holds another program's database. Give the daemon a data directory of its own.");
    const int newest = migrations.empty() ? 0 : migrations.back().number;
    if (version > newest)
        return failure(ErrorCode::VersionMismatch,
            "The data file has schema " + std::to_string(version) + ", and this build knows up to "
                + std::to_string(newest)
                + ". Start the newer version that wrote it, or restore a backup from before the upgrade.");
    for (const Migration& migration : migrations)
        if (migration.number > version)
            if (auto done = apply(connection, migration); !done)
                return done;
    return {};
}

} // namespace gantry::store
