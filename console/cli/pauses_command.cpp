// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/cli/pauses_command.h"

#include "console/cli/order_view.h"
#include "console/cli/printable.h"
#include "console/cli/text_table.h"

#include <CLI/CLI.hpp>

namespace gantry::console {

namespace {

std::string agoOf(ObjectReader& fields, std::string_view name, Timestamp now)
{
    const auto time = fields.time(name);
    return time ? ageText(now - *time) : std::string();
}

} // namespace

CLI::App* PausesCommand::declare(CLI::App& parent)
{
    CLI::App* command = parent.add_subcommand("pauses", "What is paused, by whom and why");
    command->add_flag("--ended", m_ended, "Those that are over, the last first");
    return command;
}

ExitCode PausesCommand::run(CommandContext& context)
{
    ApiSession session = context.session();
    const auto answer = session.get(m_ended ? "/v1/pauses?state=ended" : "/v1/pauses");
    JsonParser parser;
    const auto root = answer ? parser.parse(answer->body) : tl::unexpected(answer.error());
    if (!root)
        return context.output.failure(root.error());
    FieldErrors ignored;
    ObjectReader reader(*root, "", ignored);
    const Timestamp now = context.clock.now();
    TextTable held({{"SCOPE"}, {"NAME"}, {"STATE"}, {"SINCE", Alignment::Right},
        {"WAITING", Alignment::Right}, {"BY"}, {"REASON"}});
    TextTable ended({{"SCOPE"}, {"NAME"}, {"PAUSED", Alignment::Right}, {"BY"}, {"REASON"},
        {"RESUMED", Alignment::Right}, {"BY"}, {"REASON"}});
    if (const auto items = reader.array("items"))
        for (const auto item : *items) {
            ObjectReader fields(item, "", ignored);
            const auto text = [&fields](std::string_view name) { return printable(fields.text(name, 1000)); };
            if (m_ended)
                ended.addRow({text("scope"), text("name"), agoOf(fields, "since", now), text("by"),
                    text("reason"), agoOf(fields, "ended_at", now), text("ended_by"), text("end_reason")});
            else
                held.addRow({text("scope"), text("name"), text("state"), agoOf(fields, "since", now),
                    std::to_string(fields.integerOr("waiting", 0)), text("by"), text("reason")});
        }
    context.output.json(answer->body);
    TextTable& table = m_ended ? ended : held;
    const std::string_view none = m_ended ? "No pause has ended." : "Nothing is paused.";
    context.output.line(table.isEmpty() ? std::string(none) : table.take());
    return ExitCode::Ok;
}

} // namespace gantry::console
