// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/cli/logout_command.h"

#include "console/cli/session_file.h"

#include <CLI/CLI.hpp>
#include <filesystem>

namespace gantry::console {

CLI::App* LogoutCommand::declare(CLI::App& parent)
{
    return parent.add_subcommand(
        "logout", "End the session that login began, and work by the profile's key again");
}

ExitCode LogoutCommand::run(CommandContext& context)
{
    std::error_code error;
    if (!std::filesystem::exists(context.sessionFile, error)) {
        context.output.json("{}");
        context.output.line("Nobody is logged in by this profile.");
        return ExitCode::Ok;
    }
    ApiSession session = context.session();
    const auto answer = session.post("/v1/logout", {});
    // One that is over already needs no ending. In any other case the token is kept: the session lives, and is to be ended later.
    if (!answer && answer.error().code != ErrorCode::Unauthenticated)
        return context.output.failure(answer.error());
    std::filesystem::remove(context.sessionFile, error);
    context.output.json(answer ? answer->body : std::string("{}"));
    context.output.line("Logged out.");
    return ExitCode::Ok;
}

} // namespace gantry::console
