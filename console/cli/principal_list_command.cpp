// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/cli/principal_list_command.h"

#include "console/cli/principal_view.h"
#include "console/cli/printable.h"
#include "console/cli/text_table.h"
#include "shared/util/age_text.h"

#include <CLI/CLI.hpp>

namespace gantry::console {

namespace {

/// "never used", or how long ago.
std::string usedText(ObjectReader& key, Timestamp now)
{
    const auto used = key.time("last_used_at");
    return used ? "used " + ageText(now - *used) + " ago" : "never used";
}

/// When something ends, if it does.
std::string untilText(ObjectReader& fields, Timestamp now)
{
    const auto end = fields.time("expires_at");
    if (!end)
        return {};
    return (*end <= now ? "expired " : "until ") + formatRfc3339(*end);
}

std::string stateText(ObjectReader& principal, Timestamp now)
{
    if (principal.boolean("disabled").value_or(false))
        return "disabled";
    const std::string until = untilText(principal, now);
    return until.empty() ? "enabled" : until;
}

std::string keyText(ObjectReader& key, Timestamp now)
{
    std::string text =
        std::to_string(key.integerOr("id", 0)) + ' ' + key.text("kind", 100) + ", " + usedText(key, now);
    const std::string until = untilText(key, now);
    return until.empty() ? text : text + ", " + until;
}

} // namespace

CLI::App* PrincipalListCommand::declare(CLI::App& parent)
{
    CLI::App* command = parent.add_subcommand("list", "Everyone who may come in, and with which keys");
    command->add_option("--role", m_role, "Only those of a role")->check(checkRoleName);
    return command;
}

ExitCode PrincipalListCommand::run(CommandContext& context)
{
    ApiSession session = context.session();
    const auto answer = session.get("/v1/principals");
    JsonParser parser;
    const auto root = answer ? parser.parse(answer->body) : tl::unexpected(answer.error());
    if (!root)
        return context.output.failure(root.error());
    FieldErrors ignored;
    ObjectReader reader(*root, "", ignored);
    const Timestamp now = context.clock.now();
    TextTable table({{"NAME"}, {"KIND"}, {"ROLE"}, {"STATE"}, {"KEYS"}});
    if (const auto items = reader.array("items"))
        for (const auto item : *items) {
            ObjectReader fields(item, "", ignored);
            const std::string role = fields.text("role", 100);
            if (!m_role.empty() && role != m_role)
                continue;
            std::string keys;
            if (const auto list = fields.array("keys"))
                for (const auto each : *list) {
                    ObjectReader key(each, "", ignored);
                    keys += (keys.empty() ? "" : "; ") + keyText(key, now);
                }
            table.addRow({fields.text("name", 1000), fields.text("kind", 100), role, stateText(fields, now),
                keys.empty() ? "none" : keys});
        }
    context.output.json(answer->body);
    context.output.line(table.isEmpty() ? "Nobody." : table.take());
    return ExitCode::Ok;
}

} // namespace gantry::console
