// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/cli/principal_key_revoke_command.h"

#include "console/cli/principal_view.h"
#include "console/cli/printable.h"
#include "shared/protocol/json_writer.h"

#include <CLI/CLI.hpp>

namespace gantry::console {

CLI::App* PrincipalKeyRevokeCommand::declare(CLI::App& parent)
{
    CLI::App* command = parent.add_subcommand("revoke", "Accept a key no more, at once and for good");
    command->add_option("NAME", m_name, "The principal")->required();
    command->add_option("ID", m_key, "The key's id, as `principal list` shows it")->required();
    command->add_option("--reason", m_reason, "Why; goes on the record")->required();
    return command;
}

ExitCode PrincipalKeyRevokeCommand::run(CommandContext& context)
{
    JsonWriter body;
    body.beginObject().member("reason", m_reason).endObject();
    ApiSession session = context.session();
    const auto answer = session.remove(principalPath(m_name) + "/keys/" + std::to_string(m_key), body.take());
    if (!answer)
        return context.output.failure(answer.error());
    context.output.json(answer->body);
    context.output.line(
        "The key " + std::to_string(m_key) + " of " + printable(m_name) + " is revoked for good.");
    return ExitCode::Ok;
}

} // namespace gantry::console
