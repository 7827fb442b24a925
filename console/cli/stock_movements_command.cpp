// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/cli/stock_movements_command.h"

#include "console/cli/printable.h"
#include "console/cli/text_table.h"

#include <CLI/CLI.hpp>

namespace gantry::console {

namespace {

/// A change with its sign; nothing for none.
std::string signedText(std::int64_t change)
{
    if (change == 0)
        return {};
    return (change > 0 ? "+" : "") + std::to_string(change);
}

} // namespace

CLI::App* StockMovementsCommand::declare(CLI::App& parent)
{
    CLI::App* command =
        parent.add_subcommand("movements", "What was done to a SKU's stock, by whom and why, newest first");
    command->add_option("SKU", m_sku)->required();
    command->add_option("--limit", m_limit, "At most so many; default 50")->check(CLI::Range(1, 500));
    return command;
}

ExitCode StockMovementsCommand::run(CommandContext& context)
{
    ApiSession session = context.session();
    const auto answer = session.get(
        Query().add("limit", std::to_string(m_limit)).on("/v1/stock/" + pathSegment(m_sku) + "/movements"));
    JsonParser parser;
    const auto root = answer ? parser.parse(answer->body) : tl::unexpected(answer.error());
    if (!root)
        return context.output.failure(root.error());
    FieldErrors ignored;
    ObjectReader reader(*root, "", ignored);
    TextTable table({{"AT"}, {"KIND"}, {"WAREHOUSE"}, {"ON HAND", Alignment::Right},
        {"RESERVED", Alignment::Right}, {"ORDER"}, {"BY"}, {"REASON"}});
    if (const auto items = reader.array("items"))
        for (const auto item : *items) {
            ObjectReader fields(item, "", ignored);
            const auto text = [&fields](std::string_view name) { return printable(fields.text(name, 1000)); };
            table.addRow({text("at"), text("kind"), text("warehouse"),
                signedText(fields.integerOr("on_hand_change", 0)),
                signedText(fields.integerOr("reserved_change", 0)), text("order_id"), text("actor"),
                text("reason")});
        }
    context.output.json(answer->body);
    context.output.line(
        table.isEmpty() ? "Nothing was done to the stock of " + printable(m_sku) + '.' : table.take());
    return ExitCode::Ok;
}

} // namespace gantry::console
