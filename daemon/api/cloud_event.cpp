// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/api/cloud_event.h"

#include <algorithm>
#include <string>

namespace gantry::api {

namespace {

constexpr std::size_t sequenceDigits = 14; // of the highest sequence that a store can number

/// As many digits for each sequence, so that their texts sort as they do.
std::string padded(std::uint64_t sequence)
{
    const std::string digits = std::to_string(sequence);
    return std::string(sequenceDigits - std::min(sequenceDigits, digits.size()), '0') + digits;
}

} // namespace

void writeCloudEvent(JsonWriter& json, std::uint32_t partition, const LoggedEvent& logged)
{
    const std::string order = logged.order.text();
    json.beginObject()
        .member("specversion", "1.0")
        .member("id", std::to_string(partition) + '-' + std::to_string(logged.sequence))
        .member("source", "/v1/events")
        .member("type", "io.gantry.order." + std::string(typeName(logged.event.body)))
        .member("subject", order)
        .member("time", logged.event.at)
        .member("datacontenttype", "application/json")
        .member("partitionkey", order)
        .member("sequence", padded(logged.sequence))
        .member("orderversion", logged.event.version)
        .member("actor", logged.event.actor)
        .key("data");
    writeEventData(json, logged.event.body);
    json.endObject();
}

} // namespace gantry::api
