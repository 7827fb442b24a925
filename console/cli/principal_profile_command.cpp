// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/cli/principal_profile_command.h"

#include "console/cli/principal_view.h"
#include "console/cli/printable.h"
#include "console/client/profile.h"
#include "shared/protocol/json_writer.h"

#include <CLI/CLI.hpp>

namespace gantry::console {

CLI::App* PrincipalProfileCommand::declare(CLI::App& parent)
{
    CLI::App* command = parent.add_subcommand("profile", "Make a profile for a colleague's console");
    command->add_option("NAME", m_name, "The principal")->required();
    command->add_option("FILE", m_file, "The file to write, for its owner alone to read")->required();
    command->add_option("--expires", m_expiresAt, "When its key ends by itself, e.g. 2026-12-31T18:00:00Z");
    command->add_option("--reason", m_reason, "Why; goes on the record");
    return command;
}

ExitCode PrincipalProfileCommand::run(CommandContext& context)
{
    if (const auto free = isFree(m_file); !free)
        return context.output.failure(free.error(), ExitCode::CantCreate);
    auto profile = loadProfile(context.profilePath); // where the daemon is, and its key
    if (!profile)
        return context.output.failure(profile.error(), ExitCode::NoInput);
    if (const auto made = giveOwnKeys(*profile); !made)
        return context.output.failure(made.error());
    JsonWriter body;
    body.beginObject()
        .member("kind", "curve")
        .member("public_key", profile->publicKey)
        .memberIf("expires_at", m_expiresAt)
        .memberIf("reason", m_reason)
        .endObject();
    ApiSession session = context.session();
    const auto answer = session.post(principalPath(m_name) + "/keys", body.take());
    const auto key = answer ? readKeyView(*answer) : tl::unexpected(answer.error());
    if (!key)
        return context.output.failure(key.error());
    profile->principal = m_name;
    profile->role = key->role;
    if (const auto written = saveProfile(m_file, *profile); !written)
        return context.output.failure({ErrorCode::Unavailable,
                                          written.error().message + " The key " + std::to_string(key->id)
                                              + " of " + printable(m_name) + " is of no use now: revoke it."},
            ExitCode::CantCreate);
    JsonWriter told;
    told.beginObject().member("principal", m_name).member("key", key->id).member("file", m_file).endObject();
    context.output.json(told.text());
    context.output.line("The profile of " + printable(m_name) + " stands in " + printable(m_file)
        + ". Hand it over by a safe way: whoever has it is " + printable(m_name)
        + ". Then: gantry-console --profile FILE.");
    return ExitCode::Ok;
}

} // namespace gantry::console
