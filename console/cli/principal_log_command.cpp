// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/cli/principal_log_command.h"

#include "console/cli/text_table.h"

#include <CLI/CLI.hpp>

namespace gantry::console {

CLI::App* PrincipalLogCommand::declare(CLI::App& parent)
{
    CLI::App* command =
        parent.add_subcommand("log", "Who has let whom in or out, when and why; the last first");
    command->add_option("NAME", m_name, "Only of this principal");
    command->add_option("--limit", m_limit, "How many, at most")->check(CLI::Range(1, 500));
    return command;
}

ExitCode PrincipalLogCommand::run(CommandContext& context)
{
    ApiSession session = context.session();
    const auto answer = session.get(
        Query().add("principal", m_name).add("limit", std::to_string(m_limit)).on("/v1/principals/log"));
    JsonParser parser;
    const auto root = answer ? parser.parse(answer->body) : tl::unexpected(answer.error());
    if (!root)
        return context.output.failure(root.error());
    FieldErrors ignored;
    ObjectReader reader(*root, "", ignored);
    TextTable table({{"AT"}, {"BY"}, {"ACT"}, {"PRINCIPAL"}, {"KEY"}, {"BEFORE"}, {"AFTER"}, {"REASON"}});
    if (const auto items = reader.array("items"))
        for (const auto item : *items) {
            ObjectReader fields(item, "", ignored);
            const auto text = [&fields](std::string_view name) { return fields.text(name, 10'000); };
            const auto key = fields.integer("key");
            table.addRow({text("at"), text("by"), text("act"), text("principal"),
                key ? std::to_string(*key) : std::string(), text("before"), text("after"), text("reason")});
        }
    context.output.json(answer->body);
    context.output.line(table.isEmpty() ? "Nothing was done yet." : table.take());
    return ExitCode::Ok;
}

} // namespace gantry::console
