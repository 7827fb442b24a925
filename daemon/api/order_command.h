// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/api/api_types.h"
#include "daemon/api/call.h"
#include "daemon/api/services.h"
#include "shared/domain/command.h"

namespace gantry::api {

/// Sends what the caller asks of the order in the path, under the caller's name and role, with If-Match and Idempotency-Key as they came, and answers
/// with the order after it.
void sendCommand(const Services& services, const Call& call, CommandBody body, const ApiReply& reply);

/// The `reason` of a body, which must say something.
std::string readReason(ObjectReader& reader);

} // namespace gantry::api
