// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/store/sqlite/workflow_rows.h"

#include "daemon/store/sqlite/statement.h"
#include "daemon/store/store.h"

#include <optional>

namespace gantry::store {

Result<bool> insertWorkflow(Connection& connection, const WorkflowRecord& record)
{
    std::optional<std::string> known;
    {
        Statement select(connection, "SELECT source FROM workflow WHERE name = ?1 AND version = ?2");
        select.with(record.name, record.version);
        if (select.next())
            known = std::string(select.text(0));
    }
    if (auto done = connection.check("looking for a workflow"); !done)
        return tl::unexpected(std::move(done.error()));
    if (known && *known != record.source)
        return tl::unexpected(workflowIsTaken(record.name, record.version));
    if (known)
        return false;
    Statement insert(connection,
        "INSERT INTO workflow (name, version, source, stored_at, stored_by) VALUES (?1, ?2, ?3, ?4, ?5)");
    insert.with(record.name, record.version, record.source, record.storedAt, record.storedBy).run();
    if (auto done = connection.check("storing a workflow"); !done)
        return tl::unexpected(std::move(done.error()));
    return true;
}

Result<void> insertChoices(Connection& connection, const std::vector<WorkflowChoice>& choices)
{
    Statement insert(connection,
        "INSERT INTO workflow_activation (channel, name, version, at, actor) VALUES (?1, ?2, ?3, ?4, ?5)");
    for (const WorkflowChoice& choice : choices) {
        const bool givesUp = choice.name.empty();
        insert
            .with(choice.channel, givesUp ? std::nullopt : std::optional<std::string_view>(choice.name),
                givesUp ? std::nullopt : std::optional<int>(choice.version), choice.at, choice.actor)
            .run();
    }
    return connection.check("choosing a workflow");
}

Result<std::vector<WorkflowRecord>> selectWorkflows(Connection& connection)
{
    std::vector<WorkflowRecord> records;
    Statement select(connection,
        "SELECT name, version, source, stored_at, stored_by FROM workflow ORDER BY name, version");
    while (select.next())
        records.push_back({std::string(select.text(0)), static_cast<int>(select.integer(1)),
            std::string(select.text(2)), select.time(3), std::string(select.text(4))});
    if (auto done = connection.check("listing workflows"); !done)
        return tl::unexpected(std::move(done.error()));
    return records;
}

Result<std::vector<WorkflowChoice>> selectChoices(Connection& connection)
{
    std::vector<WorkflowChoice> choices;
    Statement select(connection,
        "SELECT channel, name, version, at, actor FROM workflow_activation WHERE name IS NOT NULL AND number "
        "IN "
        "(SELECT max(number) FROM workflow_activation GROUP BY channel) ORDER BY channel");
    while (select.next())
        choices.push_back({std::string(select.text(0)), std::string(select.text(1)),
            static_cast<int>(select.integer(2)), select.time(3), std::string(select.text(4))});
    if (auto done = connection.check("listing the workflows of channels"); !done)
        return tl::unexpected(std::move(done.error()));
    return choices;
}

} // namespace gantry::store
