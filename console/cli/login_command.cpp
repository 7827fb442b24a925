// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/cli/login_command.h"

#include "console/cli/printable.h"
#include "console/cli/session_file.h"
#include "shared/protocol/json_writer.h"

#include <CLI/CLI.hpp>

namespace gantry::console {

CLI::App* LoginCommand::declare(CLI::App& parent)
{
    CLI::App* command =
        parent.add_subcommand("login", "Work as a person from now on; reads the password as a line");
    command->add_option("NAME", m_name, "The person")->required();
    return command;
}

ExitCode LoginCommand::run(CommandContext& context)
{
    context.output.note("Password of " + printable(m_name) + ':');
    const auto password = readSecret(context.input, "password");
    if (!password)
        return context.output.failure(password.error(), ExitCode::Usage);
    JsonWriter body;
    body.beginObject().member("name", m_name).member("password", *password).endObject();
    ApiSession session = context.session();
    const auto answer = session.post("/v1/login", body.take());
    JsonParser parser;
    const auto root = answer ? parser.parse(answer->body) : tl::unexpected(answer.error());
    if (!root)
        return context.output.failure(root.error());
    FieldErrors ignored;
    ObjectReader reader(*root, "", ignored);
    if (const auto saved = saveSession(context.sessionFile, reader.text("token", 1000)); !saved)
        return context.output.failure(saved.error(), ExitCode::CantCreate);
    const std::string name = reader.text("principal", 1000);
    const std::string role = reader.text("role", 100);
    const bool mustChange = reader.boolean("must_change_password").value_or(false);
    JsonWriter told; // without the token
    told.beginObject()
        .member("principal", name)
        .member("role", role)
        .member("must_change_password", mustChange)
        .endObject();
    context.output.json(told.text());
    context.output.line(printable(name) + " is logged in, with the role " + printable(role) + '.');
    if (mustChange)
        context.output.note("This password is good for choosing another. Do that first: gantryctl password");
    return ExitCode::Ok;
}

} // namespace gantry::console
