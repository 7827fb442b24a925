// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/util/time.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace gantry::engine {

/// Whether a service is called.
enum class BreakerState {
    Closed, ///< it is
    Open, ///< it has failed too often: nobody calls it for a while
    HalfOpen, ///< a few calls find out whether it works again
};

/// How it stands with a service that workflows call.
struct ServiceStatus {
    std::string name;
    std::string url; ///< without secrets
    BreakerState state = BreakerState::Closed;
    Timestamp since{}; ///< of the state
    std::uint32_t calls = 0; ///< that ended lately: within the breaker's window
    std::uint32_t failures = 0; ///< of those
    std::size_t callsInHand = 0;
    std::size_t maxInFlight = 0;
    std::optional<Timestamp> lastSuccess{};
    std::optional<Timestamp> lastFailure{};
    std::string lastError{}; ///< code and message
    std::optional<Timestamp> nextProbe{}; ///< while open
};

/// As of one moment, by name.
using ServiceStatusList = std::shared_ptr<const std::vector<ServiceStatus>>;

} // namespace gantry::engine
