// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/cli/workflow_choice_command.h"

#include "console/cli/printable.h"
#include "shared/protocol/json_writer.h"

#include <CLI/CLI.hpp>

namespace gantry::console {

CLI::App* WorkflowChoiceCommand::declare(CLI::App& parent)
{
    const bool activates = m_purpose == Purpose::Activate;
    CLI::App* command = activates
        ? parent.add_subcommand("activate", "Let the new orders of channels go by a workflow")
        : parent.add_subcommand("deactivate", "Let channels go by the workflow of all others again");
    if (activates) {
        command->add_option("NAME", m_name)->required();
        command->add_option("VERSION", m_version)->required()->check(CLI::PositiveNumber);
    }
    auto* channels = command->add_option("--channel", m_channels,
        activates ? "Which; without it: all channels that have no workflow of their own" : "Which");
    if (!activates)
        channels->required();
    return command;
}

ExitCode WorkflowChoiceCommand::run(CommandContext& context)
{
    JsonWriter body;
    body.beginObject().key("channels").beginArray();
    std::string names;
    for (const std::string& channel : m_channels) {
        body.value(channel);
        names.append(names.empty() ? "" : ", ").append(printable(channel));
    }
    body.endArray().endObject();
    const bool activates = m_purpose == Purpose::Activate;
    const std::string path = activates
        ? "/v1/workflows/" + pathSegment(m_name) + '/' + std::to_string(m_version) + "/activate"
        : "/v1/workflows/deactivate";
    ApiSession session = context.session();
    const auto answer = session.post(path, body.take());
    if (!answer)
        return context.output.failure(answer.error());
    context.output.json(answer->body);
    if (!activates)
        context.output.line("New orders of " + names + " go by the workflow of all other channels.");
    else
        context.output.line("New orders of "
            + (names.empty() ? "all channels without a workflow of their own" : names) + " go by "
            + printable(m_name) + ' ' + std::to_string(m_version)
            + ". Orders that are there stay on theirs.");
    return ExitCode::Ok;
}

} // namespace gantry::console
