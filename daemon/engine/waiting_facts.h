// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/engine/limit_book.h"
#include "daemon/engine/pause_book.h"
#include "shared/util/result.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace gantry::engine {

/// Where an open order's attempt is, as far as handing out goes.
enum class WaitingStage : std::uint8_t {
    NotDue, ///< it is not due for a machine: the order itself says what it waits for
    Paused, ///< behind a pause, or one that is ending
    ForWorker, ///< on the desk: no worker has taken it, or a limit keeps it
    WithWorker, ///< leased
    ForService, ///< waits for a hand, or a limit keeps it
    WithService, ///< a service is at it
    Builtin, ///< Gantry does it itself, in the next batch
};

/// What an order waits for, in facts: for whoever says why it is stuck. What is counted is counted since the daemon was started.
struct WaitingFacts {
    std::shared_ptr<const Order> order{}; ///< as the book has it
    WaitingStage stage = WaitingStage::NotDue;
    std::string
        handler{}; ///< what is to do the step: a worker's task, a service, a built-in step; empty if NotDue
    std::size_t othersWaiting =
        0; ///< other orders that wait for the same handler, but for those behind pauses; of an incident: those with the same cause
    std::size_t workersAsking = 0; ///< claims for that task that wait now and may be served
    std::size_t pausedWorkersAsking = 0; ///< claims of paused workers for it
    std::optional<Timestamp> lastAsked{}; ///< when a worker last asked for that task, or got one
    std::optional<Timestamp> lastSuccess{}; ///< when that handler last did its work well
    std::string worker{}; ///< who has it, if known
    std::optional<std::chrono::milliseconds> leaseLeft{}; ///< of WithWorker
    std::optional<std::chrono::milliseconds>
        startLeft{}; ///< of ForWorker: how long it may wait still, if that is said
    std::optional<PauseState> pause{}; ///< of Paused
    std::optional<LimitState>
        limit{}; ///< where the step's limit stands for this order's key; holds it if it has no room
};

/// Asks for the facts of one open order. Errors: NotFound (it is not open, or not known).
struct WaitingFactsRequest {
    OrderId order;
    std::function<void(const Result<WaitingFacts>&)> reply;
};

} // namespace gantry::engine
