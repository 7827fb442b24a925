// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/cli/action_command.h"

#include "console/cli/order_finder.h"
#include "console/cli/order_view.h"
#include "console/cli/printable.h"
#include "console/cli/progress_bar.h"
#include "shared/protocol/json_writer.h"
#include "shared/protocol/problem.h"

#include <CLI/CLI.hpp>

namespace gantry::console {

namespace {

const char* helpOf(Action action)
{
    switch (action) {
    case Action::Retry: return "Try the failed step of orders again";
    case Action::Hold: return "Put orders on hold";
    case Action::Release: return "Release orders from their holds";
    case Action::Cancel: return "Cancel orders; what was done is undone first";
    case Action::Override: return "Declare the step of orders done by other means";
    case Action::Complete: return "Report the step of orders done that waits for a person";
    case Action::Approve: return "Say yes to the approval that orders wait for";
    case Action::Reject: return "Say no to the approval that orders wait for";
    }
    return "";
}

/// What became of one order, on its line.
std::string outcomeText(const std::string& named, const Result<ApiAnswer>& answer, JsonParser& parser)
{
    if (!answer)
        return printable(named) + ": " + describe(answer.error());
    const auto root = parser.parse(answer->body);
    if (!root)
        return printable(named) + ": done";
    // The answer is the order itself, or holds it as a member.
    simdjson::dom::element order = *root;
    simdjson::dom::element inner;
    if ((*root)["order"].get(inner) == simdjson::SUCCESS)
        order = inner;
    const OrderView view = readOrderView(order);
    return printable(named + ": " + view.state + (view.step.empty() ? "" : " at " + view.step));
}

void writeOutcome(JsonWriter& json, const std::string& named, const Result<ApiAnswer>& answer)
{
    json.beginObject().member("order", named);
    if (answer)
        json.member("status", answer->status).key("answer").raw(answer->body);
    else
        json.member("status", httpStatus(answer.error().code))
            .key("problem")
            .raw(encodeProblem(answer.error()));
    json.endObject();
}

/// Whether going on with the next order is pointless.
bool endsAll(ExitCode code)
{
    return code != ExitCode::Ok && code != ExitCode::Refused && code != ExitCode::BadData;
}

} // namespace

ActionCommand::ActionCommand(Action action)
    : m_action(action)
{
}

CLI::App* ActionCommand::declare(CLI::App& parent)
{
    CLI::App* command = parent.add_subcommand(std::string(actionName(m_action)), helpOf(m_action));
    command->add_option("ORDER", m_orders, "Ids (ord_…) or external ids")->required();
    command->add_option("--reason", m_reason, "Why; goes on the record")->required();
    command->add_option("--channel", m_channel, "The channel of the external ids, if they stand in several");
    const bool isOfStep =
        m_action != Action::Hold && m_action != Action::Release && m_action != Action::Cancel;
    if (isOfStep)
        command->add_option("--step", m_step, "Only if the order stands at this step");
    if (m_action == Action::Release)
        command->add_option("--hold", m_holdId, "Only this hold, not all");
    if (m_action == Action::Hold)
        command->add_option("--until", m_expiresAt, "When the hold ends by itself, e.g. 2026-03-01T08:00:00Z")
            ->check([](const std::string& text) {
                return parseRfc3339(text) ? std::string() : text + " is not an RFC 3339 time";
            });
    if (m_action == Action::Complete)
        command->add_option("--note", m_note, "What there is to say about how it was done");
    return command;
}

std::string ActionCommand::body() const
{
    JsonWriter json;
    json.beginObject()
        .member("action", actionName(m_action))
        .member("reason", m_reason)
        .memberIf("step", m_step)
        .memberIf("hold_id", m_holdId)
        .memberIf("expires_at", m_expiresAt);
    if (!m_note.empty())
        json.key("result").beginObject().member("note", m_note).endObject();
    json.endObject();
    return json.take();
}

Result<ApiAnswer> ActionCommand::act(ApiSession& session, const std::string& order) const
{
    const auto id = findOrderId(session, order, m_channel);
    if (!id)
        return tl::unexpected(id.error());
    return session.post("/v1/orders/" + pathSegment(*id) + "/actions", body());
}

ExitCode ActionCommand::run(CommandContext& context)
{
    ApiSession session = context.session();
    ProgressBar progress(context.output, context.pace);
    JsonParser parser;
    JsonWriter json;
    json.beginObject().key("results").beginArray();
    ExitCode code = ExitCode::Ok;
    std::size_t done = 0;
    for (const std::string& order : m_orders) {
        if (context.pace.isInterrupted()) {
            code = ExitCode::TryAgain;
            break;
        }
        const auto answer = act(session, order);
        writeOutcome(json, order, answer);
        progress.clear();
        if (answer)
            context.output.line(outcomeText(order, answer, parser));
        else
            context.output.note(outcomeText(order, answer, parser));
        ++done;
        if (!answer) {
            const ExitCode failed = exitCodeOf(answer.error().code);
            code = endsAll(failed) || m_orders.size() == 1 ? failed : ExitCode::Refused;
            if (endsAll(failed))
                break;
        }
        if (m_orders.size() > 1)
            progress.update(static_cast<double>(done) / static_cast<double>(m_orders.size()),
                std::to_string(done) + " of " + std::to_string(m_orders.size()) + " orders");
    }
    progress.clear();
    json.endArray().endObject();
    context.output.json(json.text());
    if (done < m_orders.size())
        context.output.note(std::to_string(m_orders.size() - done) + " orders were not tried, from "
            + printable(m_orders[done]) + " on.");
    return code;
}

} // namespace gantry::console
