// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "console/cli/api_session.h"

#include <string>

namespace gantry::console {

/// Finds the id of an order that a person named by its id or its external id. `channel` narrows external ids down; empty means any.
/// Errors: NotFound; InvalidValue if the external id stands in several channels; those of the call.
Result<std::string> findOrderId(ApiSession& session, const std::string& named, const std::string& channel);

} // namespace gantry::console
