// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/cli/correct_money_command.h"

#include "console/cli/order_finder.h"
#include "console/cli/order_view.h"
#include "console/cli/printable.h"
#include "shared/protocol/json_writer.h"

#include <CLI/CLI.hpp>

namespace gantry::console {

CLI::App* CorrectMoneyCommand::declare(CLI::App& parent)
{
    CLI::App* command =
        parent.add_subcommand("correct-money", "Set an order's books right by a correcting entry");
    command->add_option("ORDER", m_order, "Its id (ord_…) or its external id")->required();
    command->add_option("--authorized", m_money.authorized, "To be added, in minor units; may be negative");
    command->add_option("--captured", m_money.captured, "Likewise");
    command->add_option("--refunded", m_money.refunded, "Likewise");
    command->add_option("--reason", m_reason, "Why; goes on the record")->required();
    command->add_option("--channel", m_channel, "The channel of the external id, if it stands in several");
    command->add_option("--if-version", m_version, "Only if the order is at this version still")
        ->check(CLI::PositiveNumber);
    return command;
}

ExitCode CorrectMoneyCommand::run(CommandContext& context)
{
    ApiSession session = context.session();
    const auto id = findOrderId(session, m_order, m_channel);
    if (!id)
        return context.output.failure(id.error());
    JsonWriter body;
    body.beginObject()
        .member("authorized", m_money.authorized)
        .member("captured", m_money.captured)
        .member("refunded", m_money.refunded)
        .member("reason", m_reason)
        .endObject();
    const auto answer = session.post("/v1/orders/" + pathSegment(*id) + "/money/corrections", body.take(),
        m_version == 0 ? std::string() : '"' + std::to_string(m_version) + '"');
    JsonParser parser;
    const auto root = answer ? parser.parse(answer->body) : tl::unexpected(answer.error());
    if (!root)
        return context.output.failure(root.error());
    const OrderView order = readOrderView(*root);
    context.output.json(answer->body);
    const std::string books = booksText(order);
    context.output.line(printable(m_order + ": " + (books.empty() ? "the books are empty now" : books)));
    return ExitCode::Ok;
}

} // namespace gantry::console
