// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/util/result.h"

#include <cstddef>
#include <string>
#include <vector>

namespace gantry::bench {

struct FanOutRate {
    double eventsPerSecond = 0; ///< got by each subscriber
    double megabytesPerSecond = 0; ///< sent to all together
};

/// The limit of the event feed: these messages from a bare PUB socket over CURVE and TCP to as many bare subscribers, as fast as it goes with
/// none lost, in this process. Errors: Unavailable.
Result<FanOutRate> measureFanOut(const std::vector<std::string>& messages, std::size_t subscribers);

} // namespace gantry::bench
