// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/cli/tail_command.h"

#include "console/cli/event_text.h"

#include <CLI/CLI.hpp>

namespace gantry::console {

namespace {

constexpr std::size_t pageSize = 500;
constexpr std::chrono::milliseconds pollEvery{250};
constexpr std::chrono::milliseconds retryEvery{1000};

std::string textOf(simdjson::dom::element event, std::string_view name)
{
    std::string_view text;
    return event[name].get(text) == simdjson::SUCCESS ? std::string(text) : std::string();
}

} // namespace

CLI::App* TailCommand::declare(CLI::App& parent)
{
    CLI::App* command = parent.add_subcommand("tail", "Print events as they happen, until stopped by Ctrl+C");
    command->add_option("--order", m_order, "Only events of the order with this id (ord_…)");
    command->add_option("--type", m_type, "Only events of this type, e.g. step_failed");
    command->add_option(
        "--after", m_after, "Begin after this sequence number instead of now; 0 is the beginning");
    return command;
}

Result<std::vector<TailCommand::Position>> TailCommand::readEnds(ApiSession& session) const
{
    const auto answer = session.get("/v1/stats");
    if (!answer)
        return tl::unexpected(answer.error());
    JsonParser parser;
    const auto root = parser.parse(answer->body);
    simdjson::dom::array partitions;
    if (!root || (*root)["partitions"].get(partitions) != simdjson::SUCCESS)
        return failure(ErrorCode::Internal, "The daemon's statistics do not tell where its log ends.");
    std::vector<Position> ends;
    for (const auto partition : partitions) {
        std::uint64_t number = 0;
        std::uint64_t sequence = 0;
        if (partition["partition"].get(number) == simdjson::SUCCESS
            && partition["sequence"].get(sequence) == simdjson::SUCCESS)
            ends.push_back({static_cast<std::uint32_t>(number), m_after.value_or(sequence)});
    }
    return ends;
}

Result<std::size_t> TailCommand::printNext(
    CommandContext& context, ApiSession& session, Position& position) const
{
    const auto answer = session.get(Query()
                                        .add("partition", std::to_string(position.partition))
                                        .add("after", std::to_string(position.sequence))
                                        .add("limit", std::to_string(pageSize))
                                        .on("/v1/events"));
    if (!answer)
        return tl::unexpected(answer.error());
    JsonParser parser;
    const auto root = parser.parse(answer->body);
    simdjson::dom::array items;
    if (!root || (*root)["items"].get(items) != simdjson::SUCCESS)
        return failure(ErrorCode::Internal, "The daemon's events can't be read: `items` is missing.");
    for (const auto event : items) {
        std::uint64_t sequence = 0;
        if (event["sequence"].get(sequence) != simdjson::SUCCESS)
            return failure(ErrorCode::Internal, "An event of the daemon has no sequence number.");
        position.sequence = sequence;
        if ((!m_order.empty() && textOf(event, "order_id") != m_order)
            || (!m_type.empty() && textOf(event, "type") != m_type))
            continue;
        context.output.json(simdjson::to_string(event));
        context.output.line(eventText(event, true));
    }
    return items.size();
}

ExitCode TailCommand::run(CommandContext& context)
{
    ApiSession session = context.session();
    auto positions = readEnds(session);
    if (!positions)
        return context.output.failure(positions.error());
    bool isAway = false;
    while (!context.pace.isInterrupted()) {
        bool hasMore = false;
        for (Position& position : *positions) {
            const auto count = printNext(context, session, position);
            if (!count && context.pace.isInterrupted())
                return ExitCode::Ok; // the signal cut the call short
            if (!count && !isRetryable(count.error().code))
                return context.output.failure(count.error());
            if (isAway != !count)
                context.output.note(isAway ? "gantryctl: the daemon is back."
                                           : "gantryctl: the daemon does not answer; waiting for it.");
            isAway = !count;
            hasMore = hasMore || (count && *count == pageSize);
        }
        if (!context.output.flush())
            return ExitCode::InputOutput;
        if (!hasMore)
            context.pace.pause(isAway ? retryEvery : pollEvery);
    }
    return ExitCode::Ok;
}

} // namespace gantry::console
