// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/cli/stats_command.h"

#include "console/cli/stats_text.h"

#include <CLI/CLI.hpp>

namespace gantry::console {

CLI::App* StatsCommand::declare(CLI::App& parent)
{
    return parent.add_subcommand("stats", "Count orders by state and by step");
}

ExitCode StatsCommand::run(CommandContext& context)
{
    ApiSession session = context.session();
    const auto answer = session.get("/v1/stats");
    if (!answer)
        return context.output.failure(answer.error());
    JsonParser parser;
    const auto stats = parser.parse(answer->body);
    if (!stats)
        return context.output.failure({ErrorCode::Internal, "The daemon's statistics can't be read."});
    context.output.json(answer->body);
    context.output.line(statsText(*stats));
    return ExitCode::Ok;
}

} // namespace gantry::console
