// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/cli/principal_password_command.h"

#include "console/cli/principal_view.h"
#include "console/cli/printable.h"
#include "shared/protocol/json_writer.h"

#include <CLI/CLI.hpp>

namespace gantry::console {

CLI::App* PrincipalPasswordCommand::declare(CLI::App& parent)
{
    CLI::App* command =
        parent.add_subcommand("password", "Give a person a password for once, and end all its sessions");
    command->add_option("NAME", m_name, "The person")->required();
    command->add_option("--reason", m_reason, "Why; goes on the record")->required();
    return command;
}

ExitCode PrincipalPasswordCommand::run(CommandContext& context)
{
    JsonWriter body;
    body.beginObject().member("reason", m_reason).endObject();
    ApiSession session = context.session();
    const auto answer = session.put(principalPath(m_name) + "/password", body.take());
    JsonParser parser;
    const auto root = answer ? parser.parse(answer->body) : tl::unexpected(answer.error());
    if (!root)
        return context.output.failure(root.error());
    FieldErrors ignored;
    context.output.json(answer->body);
    context.output.line(printable(ObjectReader(*root, "", ignored).text("password", 1000)));
    context.output.note("It is shown this once. " + printable(m_name)
        + " has to choose another with it: gantryctl login, then gantryctl password.");
    return ExitCode::Ok;
}

} // namespace gantry::console
