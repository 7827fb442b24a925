// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/cli/session_end_command.h"

#include "shared/protocol/json_writer.h"

#include <CLI/CLI.hpp>

namespace gantry::console {

CLI::App* SessionEndCommand::declare(CLI::App& parent)
{
    CLI::App* command = parent.add_subcommand("end", "Log somebody out, at once");
    command->add_option("ID", m_session, "The session's id, as `session list` shows it")->required();
    command->add_option("--reason", m_reason, "Why; goes on the record")->required();
    return command;
}

ExitCode SessionEndCommand::run(CommandContext& context)
{
    JsonWriter body;
    body.beginObject().member("reason", m_reason).endObject();
    ApiSession session = context.session();
    const auto answer = session.remove("/v1/sessions/" + std::to_string(m_session), body.take());
    if (!answer)
        return context.output.failure(answer.error());
    context.output.json(answer->body);
    context.output.line("The session " + std::to_string(m_session) + " has ended.");
    return ExitCode::Ok;
}

} // namespace gantry::console
