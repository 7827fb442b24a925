// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/cli/stock_change_command.h"

#include "console/cli/stock_view.h"
#include "shared/protocol/json_writer.h"

#include <CLI/CLI.hpp>

namespace gantry::console {

CLI::App* StockChangeCommand::declare(CLI::App& parent)
{
    CLI::App* command = nullptr;
    switch (m_purpose) {
    case Purpose::Receive: command = parent.add_subcommand("receive", "Add pieces that came in"); break;
    case Purpose::Adjust: command = parent.add_subcommand("adjust", "Correct what is on hand"); break;
    case Purpose::Move: command = parent.add_subcommand("move", "Move pieces to another warehouse"); break;
    }
    command->add_option("SKU", m_sku)->required();
    auto* pieces = command->add_option("PIECES", m_pieces)->required();
    if (m_purpose == Purpose::Adjust)
        pieces->description("How many more; after -- how many less: -- -3");
    else
        pieces->check(CLI::PositiveNumber);
    if (m_purpose == Purpose::Move) {
        command->add_option("FROM", m_warehouse, "The warehouse that they leave")->required();
        command->add_option("TO", m_to, "The one that they come to")->required();
    } else {
        addWarehouseOption(*command, m_warehouse);
    }
    command->add_option("--reason", m_reason, "Why; goes on the record")->required();
    return command;
}

std::string StockChangeCommand::body() const
{
    JsonWriter json;
    json.beginObject();
    if (m_purpose == Purpose::Move)
        json.member("kind", "moved")
            .member("from", m_warehouse)
            .member("to", m_to)
            .member("quantity", m_pieces);
    else
        json.member("kind", m_purpose == Purpose::Receive ? "received" : "adjusted")
            .memberIf("warehouse", m_warehouse)
            .member("change", m_pieces);
    json.member("reason", m_reason).endObject();
    return json.take();
}

ExitCode StockChangeCommand::run(CommandContext& context)
{
    ApiSession session = context.session();
    return showStockLevel(context, session.post("/v1/stock/" + pathSegment(m_sku) + "/movements", body()));
}

} // namespace gantry::console
