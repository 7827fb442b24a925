// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/engine/delivery_messages.h"
#include "daemon/intake/webhook.h"
#include "daemon/store/intake_records.h"
#include "shared/protocol/json_writer.h"

#include <simdjson.h>
#include <string>

namespace gantry::api {

/// Reads a webhook's body for the engine. `root`: the body, parsed.
engine::Delivery readDelivery(const store::IntakeSource& source, const intake::DeliveryName& name,
    std::string body, simdjson::dom::element root, Timestamp receivedAt);

/// Appends the members of a delivery, without the braces and the body; the number where there is one.
void writeDeliveryMembers(JsonWriter& json, const store::DeliveryRecord& record);

/// A delivery as an object of its own.
std::string deliveryJson(const store::DeliveryRecord& record);

} // namespace gantry::api
