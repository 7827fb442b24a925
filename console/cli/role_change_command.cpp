// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/cli/role_change_command.h"

#include "console/cli/printable.h"
#include "console/cli/role_view.h"
#include "shared/protocol/json_reader.h"
#include "shared/protocol/json_writer.h"

#include <CLI/CLI.hpp>
#include <fstream>
#include <sstream>

namespace gantry::console {

namespace {

constexpr std::size_t rightsBytes = 1024 * 1024;

} // namespace

CLI::App* RoleChangeCommand::declare(CLI::App& parent)
{
    CLI::App* command = m_purpose == Purpose::Put
        ? parent.add_subcommand("put", "Make a custom role, or change it; counts at once")
        : parent.add_subcommand("delete", "Delete a custom role that nobody has");
    command->add_option("NAME", m_name, "The role")->required();
    if (m_purpose == Purpose::Put)
        command->add_option("FILE", m_file, "JSON with rights and masked, as role show --json prints it")
            ->required();
    command->add_option("--if-version", m_version, "Only if it is at this version; 0: only if there is none");
    command->add_option("--reason", m_reason, "Why; goes on the record")->required();
    return command;
}

Result<std::string> RoleChangeCommand::body() const
{
    JsonWriter json;
    json.beginObject();
    if (m_purpose == Purpose::Put) {
        std::ifstream file(m_file);
        std::stringstream text;
        text << file.rdbuf();
        if (!file)
            return failure(ErrorCode::NotFound, "Can't read " + printable(m_file) + ". Check its name.");
        JsonParser parser;
        const std::string content = text.str();
        const auto root = parser.parse(content);
        if (!root)
            return tl::unexpected(root.error());
        FieldErrors errors;
        ObjectReader reader(*root, "", errors);
        const std::string rights = reader.rawObject("rights", rightsBytes);
        const bool isMasked = reader.boolean("masked").value_or(false);
        if (!errors.isEmpty())
            return tl::unexpected(errors.toError("The file"));
        if (rights.empty())
            return failure(ErrorCode::MissingField,
                printable(m_file) + " has no rights. Give it the member \"rights\", {} for none.");
        json.key("rights").raw(rights).member("masked", isMasked);
    }
    json.member("reason", m_reason).endObject();
    return json.take();
}

ExitCode RoleChangeCommand::run(CommandContext& context)
{
    auto content = body();
    if (!content)
        return context.output.failure(content.error(),
            content.error().code == ErrorCode::NotFound ? ExitCode::NoInput : ExitCode::BadData);
    ApiCall call{.method = m_purpose == Purpose::Put ? "PUT" : "DELETE",
        .target = rolePath(m_name),
        .body = std::move(*content)};
    if (m_version)
        call.headers.emplace_back("if-match", '"' + std::to_string(*m_version) + '"');
    ApiSession session = context.session();
    const auto answer = session.call(call);
    if (!answer)
        return context.output.failure(answer.error());
    context.output.json(answer->body);
    context.output.line(m_purpose == Purpose::Put
            ? "The role " + printable(m_name) + " is as in the file from now on, for everybody who has it."
            : "The role " + printable(m_name) + " is deleted.");
    return ExitCode::Ok;
}

} // namespace gantry::console
