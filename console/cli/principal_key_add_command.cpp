// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/cli/principal_key_add_command.h"

#include "console/cli/principal_view.h"
#include "console/cli/printable.h"
#include "shared/protocol/json_writer.h"
#include "shared/util/private_file.h"

#include <CLI/CLI.hpp>

namespace gantry::console {

CLI::App* PrincipalKeyAddCommand::declare(CLI::App& parent)
{
    CLI::App* command = parent.add_subcommand(
        "add", "Make an API key; two of a kind may live at once, so that one can be changed for the other");
    command->add_option("NAME", m_name, "The principal")->required();
    auto* file = command->add_option(
        "--file", m_file, "Write the key here, for its owner alone to read; without it the key is printed");
    command
        ->add_option("--curve", m_publicKey,
            "Instead of an API key: the public half (Z85) of a CURVE pair that its owner has made")
        ->excludes(file);
    command->add_option("--expires", m_expiresAt, "When it ends by itself, e.g. 2026-12-31T18:00:00Z");
    command->add_option("--reason", m_reason, "Why; goes on the record");
    return command;
}

ExitCode PrincipalKeyAddCommand::run(CommandContext& context)
{
    if (!m_file.empty())
        if (const auto free = isFree(m_file); !free)
            return context.output.failure(free.error(), ExitCode::CantCreate);
    JsonWriter body;
    body.beginObject()
        .member("kind", m_publicKey.empty() ? "api" : "curve")
        .memberIf("public_key", m_publicKey)
        .memberIf("expires_at", m_expiresAt)
        .memberIf("reason", m_reason)
        .endObject();
    ApiSession session = context.session();
    const auto answer = session.post(principalPath(m_name) + "/keys", body.take());
    const auto key = answer ? readKeyView(*answer) : tl::unexpected(answer.error());
    if (!key)
        return context.output.failure(key.error());
    return tell(context, answer->body, key->id, key->secret);
}

ExitCode PrincipalKeyAddCommand::tell(
    CommandContext& context, const std::string& json, std::int64_t id, const std::string& secret)
{
    const std::string title = "key " + std::to_string(id) + " of " + printable(m_name);
    const std::string revoke = "Revoke it (gantryctl principal key revoke " + printable(m_name) + ' '
        + std::to_string(id) + " --reason lost) and make another.";
    if (!m_publicKey.empty()) {
        context.output.json(json);
        context.output.line("The " + title + " is accepted.");
        return ExitCode::Ok;
    }
    if (secret.empty())
        return context.output.failure(
            {ErrorCode::Unavailable,
                "The " + title + " was made, but the answer that showed it was lost. " + revoke},
            ExitCode::InputOutput);
    if (m_file.empty()) {
        context.output.json(json);
        context.output.note("The " + title + ", which is not shown again:");
        context.output.line(printable(secret));
        return ExitCode::Ok;
    }
    if (const auto written = writePrivateFile(m_file, secret + '\n'); !written)
        return context.output.failure(
            {ErrorCode::Unavailable, written.error().message + ' ' + revoke}, ExitCode::CantCreate);
    JsonWriter told;
    told.beginObject().member("principal", m_name).member("key", id).member("file", m_file).endObject();
    context.output.json(told.text());
    context.output.line("The " + title + " stands in " + printable(m_file) + ", and nowhere else.");
    return ExitCode::Ok;
}

} // namespace gantry::console
