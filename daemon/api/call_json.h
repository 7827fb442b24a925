// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/domain/http_call.h"
#include "shared/protocol/json_writer.h"

namespace gantry::api {

/// Appends a call of a workflow as one object, by the names that its file has for the parts.
void writeCall(JsonWriter& body, const HttpCall& call);

} // namespace gantry::api
