// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/domain/event.h"
#include "shared/protocol/json_reader.h"
#include "shared/protocol/json_writer.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace gantry {

/// An event with its place in its partition's log: what the store keeps and the bus carries.
struct LoggedEvent {
    std::uint64_t sequence = 0; ///< gap-free in the partition, from 1
    OrderId order;
    Event event;
};

/// Appends what is particular to the event's type, as one object: the `data` member.
void writeEventData(JsonWriter& json, const EventBody& body);

/// Reads it back by the type's wire name. Errors: Corrupt.
Result<EventBody> readEventData(std::string_view type, simdjson::dom::element data);

/// A whole event: `{"sequence","order_id","version","type","at","actor","data"}`.
void writeEvent(JsonWriter& json, const LoggedEvent& event);

/// Reads what writeEvent() wrote. Errors: Corrupt.
Result<LoggedEvent> readEvent(simdjson::dom::element json);

} // namespace gantry
