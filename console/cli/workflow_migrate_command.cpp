// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/cli/workflow_migrate_command.h"

#include "console/cli/printable.h"
#include "console/cli/progress_bar.h"
#include "console/cli/workflow_view.h"
#include "shared/protocol/json_writer.h"

#include <CLI/CLI.hpp>
#include <algorithm>

namespace gantry::console {

namespace {

constexpr std::size_t batchSize = 500; ///< what the daemon takes at once
constexpr std::size_t textBytes = 2000;

std::string isPair(const std::string& text)
{
    constexpr const char* nameCharacters = "abcdefghijklmnopqrstuvwxyz0123456789_-";
    const auto equals = text.find_first_not_of(nameCharacters);
    const bool isOne = equals != std::string::npos && text[equals] == '=' && equals > 0
        && equals + 1 < text.size()
        && text.find_first_not_of(nameCharacters, equals + 1) == std::string::npos;
    return isOne ? std::string() : text + " is not OLD=NEW: two names of steps";
}

Error unreadable()
{
    return {ErrorCode::Internal, "The daemon's answer can't be read."};
}

} // namespace

CLI::App* WorkflowMigrateCommand::declare(CLI::App& parent)
{
    CLI::App* command =
        parent.add_subcommand("migrate", "Move the open orders on a version of a workflow to another");
    command->add_option("NAME", m_name)->required();
    command->add_option("--from", m_from, "The version that they are on")
        ->required()
        ->check(CLI::PositiveNumber);
    command->add_option("--to", m_to, "The version that they are to go by")
        ->required()
        ->check(CLI::PositiveNumber);
    command
        ->add_option("--map", m_map,
            "OLD=NEW: orders that stand at step OLD go to step NEW; may be given several times")
        ->check(isPair);
    auto* reason = command->add_option("--reason", m_reason, "Why; goes on the record of each order");
    auto* dryRun =
        command->add_flag("--dry-run", m_isDryRun, "Say whether and how each would move, and move none");
    command->add_flag("--yes", m_isSure, "Do not ask before moving them");
    command->callback([reason, dryRun] {
        if (reason->empty() && dryRun->empty())
            throw CLI::RequiredError("--reason, or --dry-run,");
    });
    return command;
}

std::string WorkflowMigrateCommand::mapText() const
{
    std::string text;
    for (std::string pair : m_map) {
        std::replace(pair.begin(), pair.end(), '=', ':');
        text += (text.empty() ? "" : ",") + pair;
    }
    return text;
}

Result<void> WorkflowMigrateCommand::readPlan(
    CommandContext& context, ApiSession& session, MigrationView& view) const
{
    std::string cursor;
    bool isFirst = true;
    do {
        const auto answer = session.get(Query()
                                            .add("from", std::to_string(m_from))
                                            .add("to", std::to_string(m_to))
                                            .add("map", mapText())
                                            .add("limit", "500")
                                            .add("cursor", cursor)
                                            .on("/v1/workflows/" + pathSegment(m_name) + "/migration"));
        if (!answer)
            return tl::unexpected(answer.error());
        JsonParser parser;
        const auto root = parser.parse(answer->body);
        simdjson::dom::array items;
        if (!root || (*root)["items"].get(items) != simdjson::SUCCESS)
            return tl::unexpected(unreadable());
        for (const auto item : items) {
            view.add(item);
            context.output.jsonPart((isFirst ? "" : ",") + simdjson::to_string(item));
            isFirst = false;
        }
        std::string_view next;
        cursor = (*root)["next_cursor"].get(next) == simdjson::SUCCESS ? std::string(next) : std::string();
        if (context.pace.isInterrupted())
            return failure(ErrorCode::Busy, "Interrupted before the plan was whole. Nothing was moved.");
    } while (!cursor.empty());
    return {};
}

/// Which new orders go by the old version still; empty: none.
Result<std::string> WorkflowMigrateCommand::newOrdersText(ApiSession& session) const
{
    const auto answer = session.get("/v1/workflows/" + pathSegment(m_name) + '/' + std::to_string(m_from));
    if (!answer)
        return tl::unexpected(answer.error());
    JsonParser parser;
    const auto root = parser.parse(answer->body);
    if (!root)
        return tl::unexpected(unreadable());
    FieldErrors ignored;
    ObjectReader reader(*root, "", ignored);
    const std::string users = usedBy(reader);
    if (users == "-")
        return std::string();
    return printable("New orders of " + users + " still go by " + m_name + ' ' + std::to_string(m_from)
        + ": `gantryctl workflow activate " + m_name + ' ' + std::to_string(m_to)
        + "` changes that, and this command again moves those that came in meanwhile.");
}

bool WorkflowMigrateCommand::isWanted(CommandContext& context, std::size_t orders) const
{
    if (m_isSure)
        return true;
    context.output.note(printable("Move " + std::to_string(orders) + " orders of " + m_name + " from version "
        + std::to_string(m_from) + " to " + std::to_string(m_to) + "? Type yes:"));
    std::string answer;
    std::getline(context.input, answer);
    return answer == "yes";
}

std::string WorkflowMigrateCommand::body(const std::vector<MigrationView::Planned>& orders) const
{
    JsonWriter json;
    json.beginObject().member("from", m_from).member("to", m_to).member("reason", m_reason);
    json.key("map").beginObject();
    for (const std::string& pair : m_map)
        json.member(pair.substr(0, pair.find('=')), pair.substr(pair.find('=') + 1));
    json.endObject().key("orders").beginArray();
    for (const MigrationView::Planned& order : orders)
        json.beginObject().member("id", order.id).member("version", order.version).endObject();
    return json.endArray().endObject().take();
}

/// Sends one batch. Gives how many orders of it are settled; the others are open again.
Result<std::size_t> WorkflowMigrateCommand::moveBatch(
    CommandContext& context, ApiSession& session, Tally& tally) const
{
    std::vector<MigrationView::Planned> batch;
    while (batch.size() < batchSize && !tally.open.empty()) {
        batch.push_back(std::move(tally.open.front()));
        tally.open.pop_front();
    }
    const auto answer = session.post("/v1/workflows/" + pathSegment(m_name) + "/migration", body(batch));
    JsonParser parser;
    const auto root = answer ? parser.parse(answer->body) : tl::unexpected(answer.error());
    simdjson::dom::array results;
    const bool isRead =
        root && (*root)["results"].get(results) == simdjson::SUCCESS && results.size() == batch.size();
    if (!isRead) {
        std::move(
            batch.begin(), batch.end(), std::back_inserter(tally.open)); // what came of them is not known
        return tl::unexpected(root ? unreadable() : root.error());
    }
    std::size_t settled = 0;
    std::size_t index = 0;
    FieldErrors ignored;
    for (const auto item : results) {
        MigrationView::Planned& order = batch[index++];
        ObjectReader reader(item, "", ignored);
        const std::string result = reader.text("result", 20);
        if (result == "not_done") {
            tally.open.push_back(std::move(order));
            continue;
        }
        const bool isFirst = tally.moved + tally.changed + tally.refused == 0;
        context.output.jsonPart((isFirst ? "" : ",") + simdjson::to_string(item));
        ++settled;
        ++(result == "moved" ? tally.moved : result == "changed" ? tally.changed : tally.refused);
        if (result == "changed")
            context.output.note(
                printable(order.id) + " has changed since it was planned, and was left alone.");
        if (result != "refused")
            continue;
        std::string why;
        if (const auto problem = reader.object("problem"))
            why = ObjectReader(*problem, "", ignored).text("detail", textBytes);
        context.output.note(printable(order.id + " was refused: " + why));
    }
    return settled;
}

Result<void> WorkflowMigrateCommand::moveAll(CommandContext& context, ApiSession& session, Tally& tally) const
{
    const auto patience = context.timeout.value_or(std::chrono::seconds(60));
    const auto total = static_cast<double>(tally.open.size());
    ProgressBar progress(context.output, context.pace);
    auto lastProgress = context.pace.now();
    while (!tally.open.empty()) {
        if (context.pace.isInterrupted())
            return failure(ErrorCode::Busy, "Interrupted.");
        const auto settled = moveBatch(context, session, tally);
        if (!settled)
            return tl::unexpected(settled.error());
        progress.update(
            (total - static_cast<double>(tally.open.size())) / total, std::to_string(tally.moved) + " moved");
        if (*settled > 0) {
            lastProgress = context.pace.now();
            continue;
        }
        if (context.pace.now() - lastProgress > patience)
            return failure(ErrorCode::Busy, "The daemon takes no more moves for now.");
        context.pace.pause(std::chrono::seconds(1));
    }
    progress.clear();
    return {};
}

ExitCode WorkflowMigrateCommand::end(CommandContext& context, const Tally& tally, std::size_t staying) const
{
    context.output.line(std::to_string(tally.moved) + " moved, " + std::to_string(tally.changed)
        + " had changed since they were planned, " + std::to_string(tally.refused) + " refused, "
        + std::to_string(staying) + " stay.");
    if (tally.changed > 0)
        context.output.line("The same command plans again what is left.");
    const bool isWhole = tally.changed + tally.refused + staying == 0;
    return isWhole ? ExitCode::Ok : ExitCode::Refused;
}

ExitCode WorkflowMigrateCommand::run(CommandContext& context)
{
    // A page of the plan reads many documents.
    ApiSession session(context.connect, context.pace, context.timeout.value_or(std::chrono::seconds(60)));
    const auto newOrders = newOrdersText(session);
    if (!newOrders)
        return context.output.failure(newOrders.error());
    JsonWriter head;
    head.beginObject().member("workflow", m_name).member("from", m_from).member("to", m_to);
    std::string opened = head.member("dry_run", m_isDryRun).endObject().take();
    opened.pop_back(); // goes on
    context.output.jsonPart(opened + ",\"plan\":[");
    MigrationView view;
    const auto plan = readPlan(context, session, view);
    context.output.jsonPart("]");
    if (!plan)
        return context.output.failureInside(plan.error(), exitCodeOf(plan.error().code));
    const std::size_t moving = view.moving().size();
    context.output.jsonPart(
        ",\"moving\":" + std::to_string(moving) + ",\"staying\":" + std::to_string(view.staying()));
    context.output.line(printable(m_name) + ' ' + std::to_string(m_from) + " → " + std::to_string(m_to));
    for (const std::string& line : view.lines())
        context.output.line(line);
    if (!newOrders->empty())
        context.output.note(*newOrders);
    if (m_isDryRun) {
        context.output.json("}");
        return ExitCode::Ok;
    }
    Tally tally;
    if (moving > 0 && !isWanted(context, moving)) {
        return context.output.failureInside(
            {ErrorCode::ActionNotAllowed, "Nothing was moved: nobody said yes. --yes says it beforehand."},
            ExitCode::Refused);
    }
    tally.open.assign(view.moving().begin(), view.moving().end());
    context.output.jsonPart(",\"results\":[");
    const auto moved = moveAll(context, session, tally);
    context.output.jsonPart("],\"moved\":" + std::to_string(tally.moved)
        + ",\"changed\":" + std::to_string(tally.changed) + ",\"refused\":" + std::to_string(tally.refused)
        + ",\"not_done\":" + std::to_string(tally.open.size()));
    if (!moved) {
        Error error = moved.error();
        error.message += ' ' + std::to_string(tally.moved) + " orders were moved before, "
            + std::to_string(tally.open.size()) + " are not known to be. The same command goes on with them.";
        const ExitCode code = exitCodeOf(error.code);
        return context.output.failureInside(error, code);
    }
    context.output.json("}");
    return end(context, tally, view.staying());
}

} // namespace gantry::console
