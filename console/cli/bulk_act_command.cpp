// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/cli/bulk_act_command.h"

#include "console/cli/bulk_preview_text.h"
#include "console/cli/bulk_steer_command.h"
#include "console/cli/printable.h"
#include "console/cli/progress_bar.h"

#include <CLI/CLI.hpp>
#include <fstream>

namespace gantry::console {

namespace {

const char* helpOf(Action action)
{
    switch (action) {
    case Action::Retry: return "Try the failed steps of many orders again; results are verified";
    case Action::Hold: return "Put many orders on hold";
    case Action::Release: return "Release many orders from their holds";
    case Action::Cancel: return "Cancel many orders, or a bulk action by its ID";
    default: return "Declare the step of many orders done by other means";
    }
}

std::string isTime(const std::string& text)
{
    return parseRfc3339(text) ? std::string() : text + " is not an RFC 3339 time";
}

/// One id a line; blank lines and what follows a # are passed over.
std::vector<std::string> readIds(std::istream& lines)
{
    std::vector<std::string> ids;
    for (std::string line; std::getline(lines, line);) {
        line.resize(std::min(line.find('#'), line.size()));
        const auto first = line.find_first_not_of(" \t\r");
        if (first != std::string::npos)
            ids.push_back(line.substr(first, line.find_last_not_of(" \t\r") - first + 1));
    }
    return ids;
}

} // namespace

CLI::App* BulkActCommand::declare(CLI::App& parent)
{
    CLI::App* command = parent.add_subcommand(std::string(actionName(m_action)), helpOf(m_action));
    if (m_action == Action::Cancel)
        command->add_option("ID", m_bulk, "A bulk action (blk_…) to cancel; without it orders are canceled");
    command->add_option("--reason", m_reason, "Why; goes on the record of each order")->required();
    declareSelection(*command);
    declarePace(*command);
    if (m_action == Action::Release)
        command->add_option("--hold", m_holdId, "Only this hold, not all");
    if (m_action == Action::Hold)
        command->add_option("--until", m_expiresAt, "When the holds end by themselves")->check(isTime);
    command->add_flag("--dry-run", m_isDryRun, "Say what would be done, and do nothing");
    command->add_flag("--detach", m_isDetached, "Do not wait for the results");
    return command;
}

void BulkActCommand::declareSelection(CLI::App& command)
{
    command.add_option("--state", m_states, "Orders in this state; may be given several times")
        ->delimiter(',');
    command.add_option("--step", m_step, "Orders that stand at this step");
    command.add_option("--channel", m_channel, "Orders of this channel");
    command.add_option("--code", m_code, "Orders with an incident of this code");
    command.add_option(
        "--query", m_query, "An id, an external id, or the beginning of a name or e-mail address");
    command.add_option("--created-from", m_createdFrom, "Orders taken in from then on")->check(isTime);
    command.add_option("--created-until", m_createdUntil, "Orders taken in before")->check(isTime);
    command.add_option(
        "--ids", m_idFile, "A file with one order id a line instead of a filter; - for standard input");
}

void BulkActCommand::declarePace(CLI::App& command)
{
    command.add_option("--rate", m_rate, "Orders a second")
        ->check(CLI::Range(1, 1000))
        ->capture_default_str();
    command.add_option("--canary", m_canary, "Try so many first, and go on once their results are good")
        ->check(CLI::Range(0, 1000));
    command
        .add_option(
            "--stop-after", m_stopAfter, "Stop at so many failures of one cause; 0: never. With a canary: 2")
        ->check(CLI::Range(0, 100'000));
}

bool BulkActCommand::hasFilter() const
{
    return !m_states.empty() || !m_channel.empty() || !m_code.empty() || !m_query.empty()
        || !m_createdFrom.empty() || !m_createdUntil.empty() || (!m_step.empty() && m_idFile.empty());
}

void BulkActCommand::writeFilter(JsonWriter& json) const
{
    std::string states;
    for (const std::string& state : m_states)
        states += (states.empty() ? "" : ",") + state;
    json.key("filter")
        .beginObject()
        .memberIf("state", states)
        .memberIf("step", m_step)
        .memberIf("channel", m_channel)
        .memberIf("incident_code", m_code)
        .memberIf("q", m_query)
        .memberIf("created_from", m_createdFrom)
        .memberIf("created_until", m_createdUntil)
        .endObject();
}

Result<void> BulkActCommand::writeSelection(JsonWriter& json, std::istream& input) const
{
    json.key("selection").beginObject();
    if (m_idFile.empty()) {
        writeFilter(json);
        json.endObject();
        return {};
    }
    std::ifstream file;
    if (m_idFile != "-") {
        file.open(m_idFile);
        if (!file)
            return failure(ErrorCode::NotFound, "The file " + m_idFile + " can't be read. Check its path.");
    }
    json.key("ids").beginArray();
    for (const std::string& id : readIds(m_idFile == "-" ? input : file))
        json.value(id);
    json.endArray().endObject();
    return {};
}

Result<std::string> BulkActCommand::body(std::istream& input) const
{
    JsonWriter json;
    json.beginObject().member("action", actionName(m_action)).member("reason", m_reason);
    if (!m_idFile.empty())
        json.memberIf("step", m_step); // with a filter the list says where they stand
    json.memberIf("hold_id", m_holdId).memberIf("expires_at", m_expiresAt);
    if (auto written = writeSelection(json, input); !written)
        return tl::unexpected(written.error());
    json.member("rate", m_rate);
    if (m_canary > 0 || m_stopAfter >= 0) {
        json.key("canary").beginObject().member("first", m_canary);
        if (m_stopAfter >= 0)
            json.member("stop_after", m_stopAfter);
        json.endObject();
    }
    json.member("dry_run", m_isDryRun).endObject();
    return json.take();
}

ExitCode BulkActCommand::run(CommandContext& context)
{
    if (hasFilter() == !m_idFile.empty() && (m_bulk.empty() || hasFilter()))
        return context.output.failure(
            {ErrorCode::InvalidValue,
                hasFilter() ? "Choose the orders by a filter or by --ids, not by both."
                            : "Say which orders: by --state, --step, --code or another "
                              "part of a filter, or by --ids FILE."},
            ExitCode::Usage);
    if (!m_bulk.empty())
        return cancelBulk(context);
    const auto request = body(context.input);
    if (!request)
        return context.output.failure(request.error(), ExitCode::NoInput);
    // Finding 100,000 orders takes longer than a single look.
    ApiSession session(context.connect, context.pace, context.timeout.value_or(std::chrono::seconds(60)));
    auto answer = session.post("/v1/bulk-actions", *request);
    if (!answer)
        return context.output.failure(answer.error());
    if (!m_isDryRun)
        return follow(context, session, std::move(answer->body));
    context.output.json(answer->body);
    for (const std::string& line : previewLines(answer->body))
        context.output.line(line);
    return ExitCode::Ok;
}

ExitCode BulkActCommand::cancelBulk(CommandContext& context)
{
    if (hasFilter() || !m_idFile.empty())
        return context.output.failure(
            {ErrorCode::InvalidValue,
                "A bulk action is canceled by its ID alone. Leave the choice of orders out."},
            ExitCode::Usage);
    if (m_isDryRun)
        return context.output.failure({ErrorCode::InvalidValue,
                                          "There is no dry run of canceling a bulk action. Look at it by "
                                          "bulk show, or leave --dry-run out."},
            ExitCode::Usage);
    return steerBulk(context, m_bulk, "cancel", m_reason);
}

ExitCode BulkActCommand::follow(CommandContext& context, ApiSession& session, std::string answer)
{
    auto bulk = parseBulkView(answer);
    if (!bulk)
        return context.output.failure(bulk.error());
    context.output.note(
        "Bulk action " + printable(bulk->id) + " began: " + std::to_string(bulk->total) + " orders.");
    ProgressBar progress(context.output, context.pace);
    while (!m_isDetached && (bulk->state == "running" || bulk->state == "freezing")
        && !context.pace.isInterrupted()) {
        progress.update(static_cast<double>(bulk->total - bulk->open())
                / static_cast<double>(std::max<std::int64_t>(1, bulk->total)),
            countsText(*bulk));
        context.pace.pause(std::chrono::milliseconds(500));
        auto again = session.get("/v1/bulk-actions/" + pathSegment(bulk->id));
        if (!again)
            return context.output.failure(again.error());
        answer = std::move(again->body);
        bulk = parseBulkView(answer);
        if (!bulk)
            return context.output.failure(bulk.error());
    }
    progress.clear();
    context.output.json(answer);
    context.output.line(printable(bulk->id + "  " + situationText(*bulk)));
    if (bulk->open() > 0 && bulk->state == "running")
        context.output.note("It goes on in the daemon: gantryctl bulk show " + printable(bulk->id));
    const bool isLeft = m_isDetached || context.pace.isInterrupted();
    const bool isGoing = bulk->state == "running" || bulk->state == "freezing";
    const bool isAsWished = !bulk->hasFailures() && (bulk->state == "completed" || (isLeft && isGoing));
    return isAsWished ? ExitCode::Ok : ExitCode::Refused;
}

} // namespace gantry::console
