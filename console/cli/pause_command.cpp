// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/cli/pause_command.h"

#include "console/cli/printable.h"
#include "shared/domain/pause.h"
#include "shared/protocol/json_writer.h"

#include <CLI/CLI.hpp>
#include <set>

namespace gantry::console {

CLI::App* PauseCommand::declare(CLI::App& parent)
{
    const bool pauses = m_purpose == Purpose::Pause;
    CLI::App* command = pauses
        ? parent.add_subcommand("pause", "Hand nothing of a step, task, channel or worker out for now")
        : parent.add_subcommand("resume", "End a pause: what has gathered goes on bit by bit");
    std::set<std::string> scopes;
    for (const PauseScope scope : allPauseScopes)
        scopes.emplace(pauseScopeName(scope));
    command->add_option("SCOPE", m_scope, "step, task, channel or worker")
        ->required()
        ->check(CLI::IsMember(scopes));
    command->add_option("NAME", m_name, "Which")->required();
    command->add_option("--reason", m_reason, "Why; goes on the record")->required();
    return command;
}

ExitCode PauseCommand::run(CommandContext& context)
{
    JsonWriter body;
    body.beginObject().member("reason", m_reason).endObject();
    const std::string path = "/v1/pauses/" + m_scope + '/' + pathSegment(m_name);
    const bool pauses = m_purpose == Purpose::Pause;
    ApiSession session = context.session();
    const auto answer = pauses ? session.put(path, body.take()) : session.remove(path, body.take());
    JsonParser parser;
    const auto root = answer ? parser.parse(answer->body) : tl::unexpected(answer.error());
    if (!root)
        return context.output.failure(root.error());
    FieldErrors ignored;
    ObjectReader fields(*root, "", ignored);
    const std::string waiting = std::to_string(fields.integerOr("waiting", 0));
    const std::string title = "The " + m_scope + ' ' + printable(m_name);
    context.output.json(answer->body);
    if (!pauses)
        context.output.line(title + " goes on. Orders that had gathered: " + waiting + '.');
    else if (answer->status == 201)
        context.output.line(title
            + " is paused. What is in hand may still be reported. Orders waiting behind it: " + waiting
            + '.');
    else
        context.output.line(title + " was paused already, by " + fields.text("by", 1000) + ": "
            + printable(fields.text("reason", 1000)) + '.');
    return ExitCode::Ok;
}

} // namespace gantry::console
