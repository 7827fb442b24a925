// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/cli/role_list_command.h"

#include "console/cli/printable.h"
#include "console/cli/role_view.h"
#include "console/cli/text_table.h"

#include <CLI/CLI.hpp>

namespace gantry::console {

namespace {

constexpr std::size_t textBytes = 4000;

std::string kindText(ObjectReader& role)
{
    if (role.boolean("deleted").value_or(false))
        return "deleted";
    if (role.boolean("built_in").value_or(false))
        return "built in";
    return "version " + std::to_string(role.integerOr("version", 0))
        + (role.boolean("masked").value_or(false) ? ", masked" : "");
}

void addRow(TextTable& table, simdjson::dom::element item)
{
    FieldErrors ignored;
    ObjectReader role(item, "", ignored);
    std::string rights;
    for (const RightView& right : readRights(role))
        rights +=
            (rights.empty() ? "" : ", ") + right.name + (right.scope.empty() ? "" : " (" + right.scope + ')');
    const std::string name = role.text("name", textBytes);
    table.addRow({name, kindText(role), rights.empty() ? "none" : rights});
}

void printRole(Output& output, ObjectReader& role)
{
    output.line(printable(role.text("name", textBytes)) + ", " + kindText(role));
    if (const std::string by = role.text("changed_by", textBytes); !by.empty())
        output.line("Changed " + role.text("changed_at", 100) + " by " + printable(by) + ": "
            + printable(role.text("reason", textBytes)));
    TextTable table({{"RIGHT"}, {"ONLY"}});
    for (const RightView& right : readRights(role))
        table.addRow({right.name, right.scope});
    output.line(table.isEmpty() ? "It may do nothing." : table.take());
}

void addVersion(TextTable& table, simdjson::dom::element item)
{
    FieldErrors ignored;
    ObjectReader version(item, "", ignored);
    const std::string number = std::to_string(version.integerOr("version", 0));
    std::string names;
    for (const RightView& right : readRights(version))
        names += (names.empty() ? "" : ", ") + right.name;
    table.addRow({number, version.text("changed_at", 100), version.text("changed_by", textBytes),
        version.boolean("deleted").value_or(false) ? "deleted" : names, version.text("reason", textBytes)});
}

} // namespace

CLI::App* RoleListCommand::declare(CLI::App& parent)
{
    if (m_purpose == Purpose::List)
        return parent.add_subcommand("list", "What each role may do");
    CLI::App* command = m_purpose == Purpose::Show
        ? parent.add_subcommand("show", "What one role may do, and only where")
        : parent.add_subcommand("log", "What a custom role was, and who changed it");
    command->add_option("NAME", m_name, "The role")->required();
    return command;
}

ExitCode RoleListCommand::run(CommandContext& context)
{
    ApiSession session = context.session();
    const std::string path = m_purpose == Purpose::List ? "/v1/roles"
        : m_purpose == Purpose::Show                    ? rolePath(m_name)
                                                        : rolePath(m_name) + "/versions";
    const auto answer = session.get(path);
    JsonParser parser;
    const auto root = answer ? parser.parse(answer->body) : tl::unexpected(answer.error());
    if (!root)
        return context.output.failure(root.error());
    context.output.json(answer->body);
    FieldErrors ignored;
    ObjectReader reader(*root, "", ignored);
    if (m_purpose == Purpose::Show) {
        printRole(context.output, reader);
        return ExitCode::Ok;
    }
    const bool isLog = m_purpose == Purpose::Log;
    TextTable table = isLog ? TextTable({{"VERSION"}, {"AT"}, {"BY"}, {"RIGHTS"}, {"REASON"}})
                            : TextTable({{"NAME"}, {"KIND"}, {"RIGHTS"}});
    if (const auto items = reader.array("items"))
        for (const auto item : *items)
            isLog ? addVersion(table, item) : addRow(table, item);
    context.output.line(table.take());
    return ExitCode::Ok;
}

} // namespace gantry::console
