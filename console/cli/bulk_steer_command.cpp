// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/cli/bulk_steer_command.h"

#include "console/cli/bulk_view.h"
#include "console/cli/printable.h"
#include "shared/protocol/json_writer.h"

#include <CLI/CLI.hpp>

namespace gantry::console {

ExitCode steerBulk(
    CommandContext& context, const std::string& id, const std::string& action, const std::string& reason)
{
    JsonWriter body;
    body.beginObject().member("action", action).member("reason", reason).endObject();
    ApiSession session = context.session();
    const auto answer = session.post("/v1/bulk-actions/" + pathSegment(id) + "/actions", body.take());
    if (!answer)
        return context.output.failure(answer.error());
    const auto bulk = parseBulkView(answer->body);
    if (!bulk)
        return context.output.failure(bulk.error());
    context.output.json(answer->body);
    context.output.line(printable(bulk->id + "  " + situationText(*bulk)));
    return ExitCode::Ok;
}

CLI::App* BulkSteerCommand::declare(CLI::App& parent)
{
    CLI::App* command = m_purpose == Purpose::Pause
        ? parent.add_subcommand("pause", "Stop sending; what was sent goes on")
        : parent.add_subcommand("resume", "Go on, also after it has stopped; failures are counted anew");
    command->add_option("ID", m_id, "The bulk action (blk_…)")->required();
    command->add_option("--reason", m_reason, "Why; goes on the record")->required();
    return command;
}

ExitCode BulkSteerCommand::run(CommandContext& context)
{
    return steerBulk(context, m_id, m_purpose == Purpose::Pause ? "pause" : "resume", m_reason);
}

} // namespace gantry::console
