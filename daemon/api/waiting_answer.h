// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/engine/service_status.h"
#include "daemon/engine/waiting_facts.h"

#include <string>

namespace gantry::api {

/// Why an open order does not go on, for people.
struct WaitingAnswer {
    std::string sentence; ///< what it waits for, since when, and what stands behind that
    std::string help; ///< what would help; empty where nobody has to do anything
};

/// Puts the facts into words. `service`: the state of the service that the order's step calls; null if it calls none. Pure.
WaitingAnswer explainWaiting(
    const engine::WaitingFacts& facts, const engine::ServiceStatus* service, Timestamp now);

std::string_view waitingStageName(engine::WaitingStage stage) noexcept;

} // namespace gantry::api
