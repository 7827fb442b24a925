// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/api/routes.h"
#include "shared/protocol/event_codec.h"

#include <algorithm>

namespace gantry::api {

namespace {

constexpr std::size_t maxPage = 500;
constexpr std::uint64_t maxSequence = (std::uint64_t{1} << 44) - 1; // what every store can number

/// The log of a partition from a sequence on: gap-free, so a reader that goes on after the last one it saw misses nothing.
ApiResponse readLog(
    store::StoreReader& reader, std::uint32_t partition, std::uint64_t after, std::size_t limit)
{
    const auto partitions = reader.listPartitions();
    if (!partitions)
        return problem(partitions.error());
    const bool isKnown = std::any_of(partitions->begin(), partitions->end(),
        [&](const store::PartitionInfo& info) { return info.partition == partition; });
    if (!isKnown)
        return problem({ErrorCode::NotFound,
            "There is no partition " + std::to_string(partition) + ". GET /v1/stats lists those there are."});
    const auto events = reader.readLog(partition, after, limit);
    if (!events)
        return problem(events.error());
    JsonWriter body;
    body.beginObject().member("partition", partition).key("items").beginArray();
    for (const store::EventRecord& event : *events)
        writeEvent(body, event.logged);
    body.endArray().endObject();
    return json(body.take());
}

void getEvents(const Services& services, const Call& call, const ApiReply& reply)
{
    const auto partition = numberOf(call, "partition", 0, 0, slotCount - 1);
    if (!partition)
        return reply(problem(partition.error()));
    const auto after = numberOf(call, "after", 0, 0, maxSequence);
    if (!after)
        return reply(problem(after.error()));
    const auto limit = numberOf(call, "limit", maxPage, 1, maxPage);
    if (!limit)
        return reply(problem(limit.error()));
    const bool taken = services.readers.post(
        [reply, partition = static_cast<std::uint32_t>(*partition), after = *after, limit = *limit](
            store::StoreReader& reader) { reply(readLog(reader, partition, after, limit)); });
    if (!taken)
        reply(problem(inboxFull()));
}

} // namespace

void addEventRoutes(std::vector<Route>& routes, const Services& services)
{
    routes.push_back({"GET", "/v1/events", Access::Reader, {"partition", "after", "limit"},
        [services](const Call& call, const ApiReply& reply) { getEvents(services, call, reply); }});
}

} // namespace gantry::api
