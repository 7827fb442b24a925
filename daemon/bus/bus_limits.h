// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/protocol/worker_messages.h"

#include <chrono>
#include <cstddef>

namespace gantry::bus {

/// What each of the three doors lets in at once, and how long it waits for a stranger.
struct DoorLimits {
    std::size_t connections = 1'000; ///< of one door, those that have yet to show their key included
    std::chrono::milliseconds handshake{
        2'000}; ///< TCP connection to accepted key; over it the connection is cut
    bool operator==(const DoorLimits&) const = default;
};

/// What requests at the command door may cost.
struct DeskLimits {
    std::size_t callsOfPeer = 512; ///< under way
    std::size_t partsOfPeer = 8; ///< snapshot and replay queries under way
    std::size_t bytes = 64 * 1024 * 1024; ///< of all requests under way
    std::size_t requestBytes = 16 * 1024 * 1024; ///< of one request: its JSON, and its body
    bool operator==(const DeskLimits&) const = default;
};

/// What workers may cost.
struct WorkerDeskLimits {
    std::size_t workers = 1000; ///< sessions at once
    std::size_t resultsOfWorker = 4000; ///< under way
    std::size_t bytes = 64 * 1024 * 1024; ///< of all results under way
    std::size_t messageBytes = WorkerWireLimits::messageBytes; ///< of one message
    std::chrono::milliseconds heartbeat{1'000};
    int silentHeartbeats = 5; ///< who says nothing for so many is gone
    bool operator==(const WorkerDeskLimits&) const = default;
};

} // namespace gantry::bus
