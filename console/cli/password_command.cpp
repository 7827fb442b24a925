// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/cli/password_command.h"

#include "console/cli/session_file.h"
#include "shared/protocol/json_writer.h"

#include <CLI/CLI.hpp>

namespace gantry::console {

CLI::App* PasswordCommand::declare(CLI::App& parent)
{
    return parent.add_subcommand(
        "password", "Choose another password; reads the present one and the new one as lines");
}

ExitCode PasswordCommand::run(CommandContext& context)
{
    context.output.note("Present password:");
    const auto current = readSecret(context.input, "present password");
    if (!current)
        return context.output.failure(current.error(), ExitCode::Usage);
    context.output.note("New password, at least 12 characters:");
    const auto next = readSecret(context.input, "new password");
    if (!next)
        return context.output.failure(next.error(), ExitCode::Usage);
    JsonWriter body;
    body.beginObject().member("current", *current).member("new", *next).endObject();
    ApiSession session = context.session();
    const auto answer = session.post("/v1/password", body.take());
    if (!answer)
        return context.output.failure(answer.error());
    context.output.json(answer->body);
    context.output.line("The new password counts from now on.");
    return ExitCode::Ok;
}

} // namespace gantry::console
