// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/protocol/event_codec.h"

#include <cstdint>
#include <string_view>

namespace gantry::api {

/// Of a JSON array of CloudEvents, as in the batch mode of their HTTP binding.
constexpr std::string_view cloudEventsType = "application/cloudevents-batch+json";

/// Appends an event with the attributes of CloudEvents 1.0. `partition`: of the log that it stands in. docs/protocol.md says what each attribute is.
void writeCloudEvent(JsonWriter& json, std::uint32_t partition, const LoggedEvent& event);

} // namespace gantry::api
