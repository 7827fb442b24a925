// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/app/config.h"
#include "shared/util/result.h"

#include <string>
#include <string_view>
#include <vector>

namespace gantry::app {

/// Whether only this machine reaches that address. What is no numeric address is none, but for `localhost`.
bool isLoopback(std::string_view host) noexcept;

/// Refuses to speak plain HTTP beyond this machine, where keys and orders would go over the wire for all to read. The doors of ZeroMQ have no plain
/// form. Errors: InvalidValue, with what to do.
Result<void> checkExposure(const Config& config);

/// What is allowed and should still be said at each start.
std::vector<std::string> exposureWarnings(const Config& config);

} // namespace gantry::app
