// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <cstdint>

namespace gantry::bus {

/// What the bus has counted since it started.
struct BusCounters {
    std::uint64_t acceptedPeers = 0; ///< handshakes that the ZAP handler let in
    std::uint64_t refusedPeers = 0; ///< handshakes that it refused
    std::uint64_t requests = 0; ///< with a number, whatever came of them
    std::uint64_t malformedRequests = 0; ///< dropped: not even a number to answer to
    std::uint64_t busyRequests = 0; ///< refused because a bound was reached
    std::uint64_t droppedAnswers = 0; ///< the peer was gone, or did not read its answers
    std::uint64_t publishedMessages = 0;
    std::uint64_t publishedEvents = 0;
    std::uint64_t droppedEvents = 0; ///< the bus lagged, or the event was too long; subscribers replay them
    std::uint64_t workers = 0; ///< with an open session, now
    std::uint64_t workerMessages = 0; ///< from workers, whatever came of them
    std::uint64_t badWorkerMessages = 0; ///< refused or dropped as a whole
    std::uint64_t handedTasks = 0; ///< sent to workers
    std::uint64_t returnedTasks = 0; ///< given back undone: the worker stopped, was gone or did not read
    std::uint64_t workerResults =
        0; ///< completions, failures and extensions that were handed to the partition
    std::uint64_t busyResults = 0; ///< refused because a bound was reached
    std::uint64_t silentWorkers = 0; ///< sessions ended because nothing was heard
    std::uint64_t droppedWorkerMessages = 0; ///< the worker was gone, or did not read
    std::uint64_t connections = 0; ///< TCP connections of all doors, now
    std::uint64_t endedConnections = 0;
    std::uint64_t fullDoors = 0; ///< handshakes refused because the door had as many connections as it may
    std::uint64_t oversizedRequests = 0; ///< refused for their size
    std::uint64_t oversizedWorkerMessages = 0; ///< refused for their size
    std::uint64_t revokedStreams = 0; ///< of events, ended because their key was not accepted any more
};

/// The counters while they count: each is written by one or several threads and read by any.
class BusMeters {
public:
    std::atomic<std::uint64_t> acceptedPeers{0};
    std::atomic<std::uint64_t> refusedPeers{0};
    std::atomic<std::uint64_t> requests{0};
    std::atomic<std::uint64_t> malformedRequests{0};
    std::atomic<std::uint64_t> busyRequests{0};
    std::atomic<std::uint64_t> droppedAnswers{0};
    std::atomic<std::uint64_t> publishedMessages{0};
    std::atomic<std::uint64_t> publishedEvents{0};
    std::atomic<std::uint64_t> droppedEvents{0};
    std::atomic<std::uint64_t> workers{0};
    std::atomic<std::uint64_t> workerMessages{0};
    std::atomic<std::uint64_t> badWorkerMessages{0};
    std::atomic<std::uint64_t> handedTasks{0};
    std::atomic<std::uint64_t> returnedTasks{0};
    std::atomic<std::uint64_t> workerResults{0};
    std::atomic<std::uint64_t> busyResults{0};
    std::atomic<std::uint64_t> silentWorkers{0};
    std::atomic<std::uint64_t> droppedWorkerMessages{0};
    std::atomic<std::uint64_t> connections{0};
    std::atomic<std::uint64_t> endedConnections{0};
    std::atomic<std::uint64_t> fullDoors{0};
    std::atomic<std::uint64_t> oversizedRequests{0};
    std::atomic<std::uint64_t> oversizedWorkerMessages{0};
    std::atomic<std::uint64_t> revokedStreams{0};

    [[nodiscard]] BusCounters read() const noexcept
    {
        return {acceptedPeers, refusedPeers, requests, malformedRequests, busyRequests, droppedAnswers,
            publishedMessages, publishedEvents, droppedEvents, workers, workerMessages, badWorkerMessages,
            handedTasks, returnedTasks, workerResults, busyResults, silentWorkers, droppedWorkerMessages,
            connections, endedConnections, fullDoors, oversizedRequests, oversizedWorkerMessages,
            revokedStreams};
    }
};

} // namespace gantry::bus
