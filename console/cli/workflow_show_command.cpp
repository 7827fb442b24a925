// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/cli/workflow_show_command.h"

#include "console/cli/order_view.h"
#include "console/cli/printable.h"
#include "console/cli/text_table.h"
#include "console/cli/workflow_view.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <sstream>

namespace gantry::console {

namespace {

void printSource(Output& output, const std::string& source)
{
    std::istringstream lines(source);
    for (std::string line; std::getline(lines, line);)
        output.line(printable(line));
}

/// Who or what does a step: a handler, a role, or a time.
std::string doerText(ObjectReader& step)
{
    if (const std::string handler = step.text("handler", 100); !handler.empty())
        return handler;
    if (const auto delay = step.integer("delay_ms"))
        return "after " + ageText(std::chrono::milliseconds(*delay));
    if (const auto lead = step.integer("before_promise_ms"))
        return ageText(std::chrono::milliseconds(*lead)) + " before the promise";
    const std::int64_t approvals = step.integerOr("approvals", 1);
    return (approvals > 1 ? std::to_string(approvals) + " of " : "") + step.text("role", 20);
}

/// What a step's attempts, people and goods have time for; nothing of what has no end.
std::string timesText(ObjectReader& step)
{
    static constexpr std::pair<const char*, const char*> times[]{{"start_timeout_ms", "begin in "},
        {"timeout_ms", "answer in "}, {"run_timeout_ms", "at most "}, {"target_ms", "target "},
        {"reserve_for_ms", "goods kept for "}};
    std::string text;
    for (const auto& [name, words] : times)
        if (const auto time = step.integer(name))
            text.append(text.empty() ? "" : ", ").append(words) += ageText(std::chrono::milliseconds(*time));
    return text;
}

void printSteps(Output& output, ObjectReader& workflow)
{
    FieldErrors ignored;
    TextTable table({{"STEP"}, {"KIND"}, {"BY"}, {"UNDONE BY"}, {"TIMES"}, {"WHEN"}});
    if (const auto steps = workflow.array("steps"))
        for (const auto element : *steps) {
            ObjectReader step(element, "", ignored);
            table.addRow({step.text("name", 100), step.text("kind", 20), doerText(step),
                step.text("compensation", 100), timesText(step), step.text("when", 4000)});
        }
    output.line(table.take());
}

} // namespace

CLI::App* WorkflowShowCommand::declare(CLI::App& parent)
{
    CLI::App* command = parent.add_subcommand("show", "Show a workflow step by step");
    command->add_option("NAME", m_name)->required();
    command->add_option("VERSION", m_version, "Default: the newest")->check(CLI::PositiveNumber);
    command->add_flag("--source", m_source, "Print the file as it was stored");
    return command;
}

Result<int> WorkflowShowCommand::newestVersion(ApiSession& session) const
{
    const auto answer = session.get("/v1/workflows");
    JsonParser parser;
    const auto root = answer ? parser.parse(answer->body) : tl::unexpected(answer.error());
    if (!root)
        return tl::unexpected(root.error());
    FieldErrors ignored;
    ObjectReader reader(*root, "", ignored);
    std::int64_t newest = 0;
    if (const auto items = reader.array("items"))
        for (const auto item : *items) {
            ObjectReader fields(item, "", ignored);
            if (fields.text("name", 100) == m_name)
                newest = std::max(newest, fields.integerOr("version", 0));
        }
    if (newest == 0)
        return failure(ErrorCode::NotFound,
            "There is no workflow " + m_name + ". `gantryctl workflow list` names those there are.");
    return static_cast<int>(newest);
}

ExitCode WorkflowShowCommand::run(CommandContext& context)
{
    ApiSession session = context.session();
    const auto version = m_version > 0 ? Result<int>(m_version) : newestVersion(session);
    if (!version)
        return context.output.failure(version.error());
    const auto answer = session.get("/v1/workflows/" + pathSegment(m_name) + '/' + std::to_string(*version));
    JsonParser parser;
    const auto root = answer ? parser.parse(answer->body) : tl::unexpected(answer.error());
    if (!root)
        return context.output.failure(root.error());
    FieldErrors ignored;
    ObjectReader reader(*root, "", ignored);
    context.output.json(answer->body);
    if (m_source) {
        std::string_view source;
        if (const auto element = reader.any("source"); element && element->get(source) == simdjson::SUCCESS)
            printSource(context.output, std::string(source));
        return ExitCode::Ok;
    }
    context.output.line(printable(m_name) + ' ' + std::to_string(*version) + "  "
        + printable(reader.text("description", 4000)));
    context.output.line("channels: " + printable(usedBy(reader)));
    printSteps(context.output, reader);
    return ExitCode::Ok;
}

} // namespace gantry::console
