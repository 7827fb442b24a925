// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/store/sqlite/role_rows.h"

#include "daemon/store/sqlite/statement.h"

namespace gantry::store {

namespace {

constexpr std::string_view columns =
    "SELECT name, version, definition, at, actor, reason FROM role_version r ";

Result<std::vector<RoleVersion>> readAll(Connection& connection, Statement& rows)
{
    std::vector<RoleVersion> versions;
    while (rows.next())
        versions.push_back({std::string(rows.text(0)), static_cast<std::uint32_t>(rows.natural(1)),
            std::string(rows.text(2)), rows.time(3), std::string(rows.text(4)), std::string(rows.text(5))});
    if (auto done = connection.check("listing roles"); !done)
        return tl::unexpected(std::move(done.error()));
    return versions;
}

} // namespace

Result<bool> insertRole(Connection& connection, const RoleVersion& version)
{
    Statement insert(connection,
        "INSERT INTO role_version (name, version, definition, at, actor, reason) VALUES (?1, ?2, ?3, ?4, ?5, "
        "?6)");
    insert
        .with(version.name, version.version,
            version.definition.empty() ? std::nullopt : std::optional(std::string_view(version.definition)),
            version.at, version.actor, version.reason)
        .run();
    if (auto done = connection.check("writing a role"); !done)
        return tl::unexpected(std::move(done.error()));
    return true;
}

Result<std::vector<RoleVersion>> selectRoles(Connection& connection)
{
    Statement rows(connection,
        std::string(columns)
            + "WHERE version = (SELECT max(version) FROM role_version WHERE name = r.name) ORDER BY name");
    return readAll(connection, rows);
}

Result<std::vector<RoleVersion>> selectRoleVersions(Connection& connection, std::string_view name)
{
    Statement rows(connection, std::string(columns) + "WHERE name = ?1 ORDER BY version DESC");
    rows.with(name);
    return readAll(connection, rows);
}

} // namespace gantry::store
