// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/cli/principal_change_command.h"

#include "console/cli/principal_view.h"
#include "console/cli/printable.h"
#include "shared/protocol/json_writer.h"

#include <CLI/CLI.hpp>

namespace gantry::console {

CLI::App* PrincipalChangeCommand::declare(CLI::App& parent)
{
    CLI::App* command = nullptr;
    switch (m_purpose) {
    case Purpose::Role: command = parent.add_subcommand("role", "Give another role"); break;
    case Purpose::Disable:
        command = parent.add_subcommand("disable", "Let nobody in by any key of it, at once");
        break;
    case Purpose::Enable: command = parent.add_subcommand("enable", "Let it in again"); break;
    }
    command->add_option("NAME", m_name, "The principal")->required();
    if (m_purpose == Purpose::Role)
        command->add_option("ROLE", m_role, "viewer, warehouse, support, admin or a custom role")
            ->required()
            ->check(checkRoleName);
    command->add_option("--reason", m_reason, "Why; goes on the record")->required();
    return command;
}

ExitCode PrincipalChangeCommand::run(CommandContext& context)
{
    JsonWriter body;
    body.beginObject().memberIf("role", m_role);
    if (m_purpose != Purpose::Role)
        body.member("disabled", m_purpose == Purpose::Disable);
    body.member("reason", m_reason).endObject();
    ApiSession session = context.session();
    const auto answer = session.put(principalPath(m_name), body.take());
    if (!answer)
        return context.output.failure(answer.error());
    context.output.json(answer->body);
    const std::string name = printable(m_name);
    switch (m_purpose) {
    case Purpose::Role: context.output.line(name + " has the role " + m_role + " from now on."); break;
    case Purpose::Disable: context.output.line(name + " is disabled: none of its keys is accepted."); break;
    case Purpose::Enable: context.output.line(name + " is enabled: its living keys are accepted."); break;
    }
    return ExitCode::Ok;
}

} // namespace gantry::console
