// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/cli/why_command.h"

#include "console/cli/order_finder.h"
#include "console/cli/printable.h"
#include "console/cli/waiting_view.h"

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
    const auto why = askWhy(session, *id);
    if (!why)
        return context.output.failure(why.error());
    context.output.json(why->json);
    context.output.line(printable(why->sentence));
    if (!why->help.empty())
        context.output.line("What would help: " + printable(why->help));
    return ExitCode::Ok;
}

} // namespace gantry::console
