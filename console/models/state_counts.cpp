// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/models/state_counts.h"

#include "shared/protocol/json_reader.h"

namespace gantry::console {

namespace {

StateCounts readCounts(simdjson::dom::element byState)
{
    StateCounts counts;
    for (std::size_t i = 0; i < orderStateCount; ++i) {
        std::uint64_t count = 0;
        if (byState[stateName(static_cast<OrderState>(i))].get(count) == simdjson::SUCCESS)
            counts.byState[i] = count;
    }
    return counts;
}

} // namespace

std::uint64_t StateCounts::open() const
{
    std::uint64_t sum = 0;
    for (const OrderState state : openStates())
        sum += (*this)[state];
    return sum;
}

Result<DaemonStats> readStats(std::string_view json)
{
    JsonParser parser;
    const auto root = parser.parse(json);
    if (!root)
        return tl::unexpected(root.error());
    simdjson::dom::element byState;
    if ((*root)["orders"]["by_state"].get(byState) != simdjson::SUCCESS)
        return failure(ErrorCode::MissingField, "The statistics of the daemon have no counts by state.");
    DaemonStats stats;
    stats.counts = readCounts(byState);
    simdjson::dom::array partitions;
    if ((*root)["partitions"].get(partitions) == simdjson::SUCCESS)
        for (const auto element : partitions) {
            PartitionPosition position;
            if (element["partition"].get(position.partition) == simdjson::SUCCESS
                && element["epoch"].get(position.epoch) == simdjson::SUCCESS
                && element["sequence"].get(position.sequence) == simdjson::SUCCESS)
                stats.partitions.push_back(position);
        }
    return stats;
}

} // namespace gantry::console
