// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/cli/workflow_list_command.h"

#include "console/cli/text_table.h"
#include "console/cli/workflow_view.h"

#include <CLI/CLI.hpp>

namespace gantry::console {

CLI::App* WorkflowListCommand::declare(CLI::App& parent)
{
    return parent.add_subcommand("list", "List the workflows and which channels go by them");
}

ExitCode WorkflowListCommand::run(CommandContext& context)
{
    ApiSession session = context.session();
    const auto answer = session.get("/v1/workflows");
    JsonParser parser;
    const auto root = answer ? parser.parse(answer->body) : tl::unexpected(answer.error());
    if (!root)
        return context.output.failure(root.error());
    FieldErrors ignored;
    ObjectReader reader(*root, "", ignored);
    TextTable table({{"NAME"}, {"VERSION", Alignment::Right}, {"CHANNELS"}, {"STEPS"}});
    if (const auto items = reader.array("items"))
        for (const auto item : *items) {
            ObjectReader fields(item, "", ignored);
            table.addRow({fields.text("name", 100), std::to_string(fields.integerOr("version", 0)),
                usedBy(fields), joinedTexts(fields, "steps")});
        }
    context.output.json(answer->body);
    context.output.line(table.take());
    return ExitCode::Ok;
}

} // namespace gantry::console
