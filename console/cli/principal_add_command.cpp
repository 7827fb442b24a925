// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/cli/principal_add_command.h"

#include "console/cli/principal_view.h"
#include "console/cli/printable.h"
#include "shared/protocol/json_writer.h"

#include <CLI/CLI.hpp>

namespace gantry::console {

CLI::App* PrincipalAddCommand::declare(CLI::App& parent)
{
    CLI::App* command = parent.add_subcommand("add", "Make a person or a service known, still without a key");
    command->add_option("NAME", m_name, "1 to 64 of a-z, 0-9, . - _ @")->required();
    command->add_option("--role", m_role, "viewer, warehouse, support, admin or a custom role")
        ->required()
        ->check(checkRoleName);
    command->add_option("--kind", m_kind, "person or service (the default)")
        ->check(CLI::IsMember({"person", "service"}));
    command->add_option("--expires", m_expiresAt, "When it ends by itself, e.g. 2026-12-31T18:00:00Z");
    command->add_option("--reason", m_reason, "Why; goes on the record");
    return command;
}

ExitCode PrincipalAddCommand::run(CommandContext& context)
{
    JsonWriter body;
    body.beginObject()
        .member("name", m_name)
        .member("role", m_role)
        .memberIf("kind", m_kind)
        .memberIf("expires_at", m_expiresAt)
        .memberIf("reason", m_reason)
        .endObject();
    ApiSession session = context.session();
    const auto answer = session.post("/v1/principals", body.take());
    if (!answer)
        return context.output.failure(answer.error());
    const std::string name = printable(m_name);
    context.output.json(answer->body);
    context.output.line(name + " is known, with the role " + m_role
        + ", and has no key yet. Make one: gantryctl principal profile " + name
        + " FILE (a console), or gantryctl principal key add " + name + " (HTTP).");
    return ExitCode::Ok;
}

} // namespace gantry::console
