// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/cli/session_list_command.h"

#include "console/cli/text_table.h"

#include <CLI/CLI.hpp>

namespace gantry::console {

CLI::App* SessionListCommand::declare(CLI::App& parent)
{
    return parent.add_subcommand("list", "Who is logged in, since when and from where");
}

ExitCode SessionListCommand::run(CommandContext& context)
{
    ApiSession session = context.session();
    const auto answer = session.get("/v1/sessions");
    JsonParser parser;
    const auto root = answer ? parser.parse(answer->body) : tl::unexpected(answer.error());
    if (!root)
        return context.output.failure(root.error());
    FieldErrors ignored;
    ObjectReader reader(*root, "", ignored);
    TextTable table({{"ID"}, {"PERSON"}, {"FROM"}, {"SINCE"}, {"LAST USED"}, {"UNTIL"}});
    if (const auto items = reader.array("items"))
        for (const auto item : *items) {
            ObjectReader fields(item, "", ignored);
            const auto text = [&fields](std::string_view name) { return fields.text(name, 10'000); };
            table.addRow({std::to_string(fields.integerOr("id", 0)), text("person"), text("peer"),
                text("started_at"), text("last_used_at"), text("expires_at")});
        }
    context.output.json(answer->body);
    context.output.line(table.isEmpty() ? "Nobody is logged in." : table.take());
    return ExitCode::Ok;
}

} // namespace gantry::console
