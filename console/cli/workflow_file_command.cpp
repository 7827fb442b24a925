// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/cli/workflow_file_command.h"

#include "console/cli/printable.h"
#include "shared/protocol/json_writer.h"

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

namespace gantry::console {

namespace {

constexpr std::size_t mostBytes = 64 * 1024; ///< of a workflow file, as the daemon takes it

std::string bodyOf(const std::string& source, const std::string& file, bool dryRun)
{
    JsonWriter body;
    body.beginObject().member("source", source).member("file", file).member("dry_run", dryRun).endObject();
    return body.take();
}

} // namespace

CLI::App* WorkflowFileCommand::declare(CLI::App& parent)
{
    CLI::App* command = m_purpose == Purpose::Check
        ? parent.add_subcommand("check", "Check a workflow file; nothing is stored")
        : parent.add_subcommand(
            "add", "Check a workflow file and store it; no order goes by it until it is activated");
    command->add_option("FILE", m_file, "The file (TOML); - is standard input")->required();
    return command;
}

Result<std::string> WorkflowFileCommand::readFile(const CommandContext& context) const
{
    std::ifstream file;
    if (m_file != "-") {
        file.open(m_file, std::ios::binary);
        if (!file)
            return failure(ErrorCode::NotFound, "Can't open " + m_file + ": " + std::strerror(errno) + ".");
    }
    std::istream& stream = m_file == "-" ? context.input : file;
    std::string text(mostBytes + 1, '\0');
    stream.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(stream.gcount()));
    if (stream.bad())
        return failure(ErrorCode::NotFound, m_file + " can't be read. Name a file.");
    if (text.size() > mostBytes)
        return failure(ErrorCode::BodyTooLarge, m_file + " is larger than 64 KiB. Shorten it.");
    if (!simdjson::validate_utf8(text))
        return failure(ErrorCode::InvalidUtf8, m_file + " is not UTF-8. Save it as UTF-8.");
    return text;
}

ExitCode WorkflowFileCommand::run(CommandContext& context)
{
    const auto source = readFile(context);
    if (!source)
        return context.output.failure(source.error(),
            source.error().code == ErrorCode::NotFound ? ExitCode::NoInput : ExitCode::BadData);
    const std::string name = m_file == "-" ? "standard input" : m_file;
    ApiSession session = context.session();
    const auto answer = session.post("/v1/workflows", bodyOf(*source, name, m_purpose == Purpose::Check));
    if (!answer)
        return context.output.failure(answer.error());
    context.output.json(answer->body);
    JsonParser parser;
    const auto root = parser.parse(answer->body);
    if (!root)
        return context.output.failure({ErrorCode::Internal, "The daemon's answer can't be read."});
    FieldErrors ignored;
    ObjectReader reader(*root, "", ignored);
    const std::string title =
        printable(reader.text("name", 100)) + ' ' + std::to_string(reader.integerOr("version", 0));
    const bool isNew = reader.boolean("new").value_or(false);
    if (!isNew)
        context.output.line(title + " is stored already, with the same contents.");
    else if (m_purpose == Purpose::Check)
        context.output.line(title + " is in order. `gantryctl workflow add` stores it.");
    else
        context.output.line(title + " is stored. `gantryctl workflow activate` lets new orders go by it.");
    return ExitCode::Ok;
}

} // namespace gantry::console
