// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/cli/why_command.h"

#include "console/cli/order_finder.h"
#include "console/cli/printable.h"
#include "shared/protocol/json_reader.h"

#include <CLI/CLI.hpp>

namespace gantry::console {

CLI::App* WhyCommand::declare(CLI::App& parent)
{
    CLI::App* command = parent.add_subcommand("why", "Why an order does not go on, and what would help");
    command->add_option("ORDER", m_order, "Its id (ord_…) or its external id")->required();
    command->add_option("--channel", m_channel, "The channel of the external id, if it stands in several");
    return command;
}

ExitCode WhyCommand::run(CommandContext& context)
{
    ApiSession session = context.session();
    const auto id = findOrderId(session, m_order, m_channel);
    if (!id)
        return context.output.failure(id.error());
    const auto answer = session.get("/v1/orders/" + pathSegment(*id) + "/waiting");
    JsonParser parser;
    const auto root = answer ? parser.parse(answer->body) : tl::unexpected(answer.error());
    if (!root)
        return context.output.failure(root.error());
    const auto textOf = [&root](std::string_view name) {
        std::string_view text;
        return (*root)[name].get(text) == simdjson::SUCCESS ? printable(text) : std::string();
    };
    context.output.json(answer->body);
    context.output.line(textOf("sentence"));
    if (const std::string help = textOf("help"); !help.empty())
        context.output.line("What would help: " + help);
    return ExitCode::Ok;
}

} // namespace gantry::console
