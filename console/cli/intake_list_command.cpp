// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/cli/intake_list_command.h"

#include "console/cli/printable.h"
#include "console/cli/text_table.h"

#include <CLI/CLI.hpp>

namespace gantry::console {

namespace {

/// Adds what stands under these names, a column each.
void addRow(TextTable& table, simdjson::dom::element item, const std::vector<std::string>& names)
{
    FieldErrors ignored;
    ObjectReader fields(item, "", ignored);
    std::vector<std::string> cells;
    for (const std::string& name : names)
        cells.push_back(name == "number" ? std::to_string(fields.integerOr(name, 0))
                                         : printable(fields.text(name, 1000)));
    table.addRow(std::move(cells));
}

} // namespace

CLI::App* IntakeListCommand::declare(CLI::App& parent)
{
    if (m_purpose == Purpose::Sources)
        return parent.add_subcommand("list", "Who may send webhooks");
    CLI::App* command = parent.add_subcommand("deliveries", "What came of webhooks, newest first");
    command->add_option("--outcome", m_outcome,
        "Only these: accepted, known, noted, waiting, unmappable, ignored or expired");
    command->add_option("--source", m_source, "Only those of one source");
    command->add_option("--limit", m_limit, "How many, 1 to 500")
        ->check(CLI::Range(1, 500))
        ->capture_default_str();
    return command;
}

ExitCode IntakeListCommand::run(CommandContext& context)
{
    const bool isSources = m_purpose == Purpose::Sources;
    const std::string target = isSources ? "/v1/intake/sources"
                                         : Query()
                                               .add("outcome", m_outcome)
                                               .add("source", m_source)
                                               .add("limit", std::to_string(m_limit))
                                               .on("/v1/intake/deliveries");
    ApiSession session = context.session();
    const auto answer = session.get(target);
    JsonParser parser;
    const auto root = answer ? parser.parse(answer->body) : tl::unexpected(answer.error());
    if (!root)
        return context.output.failure(root.error());
    TextTable table = isSources
        ? TextTable({{"NAME"}, {"KIND"}, {"PATH"}, {"CREATED"}, {"BY"}, {"OLD SECRET UNTIL"}, {"REMOVED"}})
        : TextTable({{"NUMBER", Alignment::Right}, {"RECEIVED"}, {"SOURCE"}, {"TOPIC"}, {"EXTERNAL ID"},
            {"OUTCOME"}, {"ORDER"}, {"PROBLEM"}});
    const std::vector<std::string> names = isSources
        ? std::vector<std::string>{"name", "kind", "path", "created_at", "created_by", "old_secret_until",
            "removed_at"}
        : std::vector<std::string>{
            "number", "received_at", "source", "topic", "external_id", "outcome", "order_id", "problem"};
    FieldErrors ignored;
    ObjectReader reader(*root, "", ignored);
    if (const auto items = reader.array("items"))
        for (const auto item : *items)
            addRow(table, item, names);
    context.output.json(answer->body);
    const std::string none = isSources ? "Nobody may send webhooks. Let somebody with `gantryctl intake add`."
                                       : "There are no such deliveries.";
    context.output.line(table.isEmpty() ? none : table.take());
    return ExitCode::Ok;
}

} // namespace gantry::console
