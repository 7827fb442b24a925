// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/bus/bus_meters.h"
#include "daemon/bus/wake_up.h"
#include "daemon/engine/messages.h"

#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace gantry::bus {

/// An answer on its way back to the peer that asked.
struct Answer {
    std::string peer; ///< routing id
    std::string number; ///< the request's, 8 bytes; empty where messages have none
    std::string head; ///< JSON
    std::optional<std::string> body{}; ///< for calls
    std::function<void(Answer&)> encode{}; ///< if set: makes head and body, on the bus thread
    std::size_t requestBytes = 0; ///< what the request held in memory until now
    bool isPart = false; ///< answers a snapshot or replay query
};

/// Where a partition's log stands, and the events that got it there.
using Batch = std::shared_ptr<const engine::CommittedBatch>;

/// What other threads hand to the bus thread. Answers are bounded by the requests under way; batches by the number of their events: if
/// the bus thread lags beyond that, what is queued is dropped and counted, and the gap in the sequence makes subscribers replay.
class Mailbox {
public:
    /// `meters` outlives the mailbox.
    Mailbox(std::size_t mostEvents, std::shared_ptr<BusMeters> meters)
        : m_mostEvents(mostEvents)
        , m_meters(std::move(meters))
    {
    }

    /// Any thread; never blocks for longer than it takes to append.
    void post(Batch batch);
    void post(Answer answer);

    /// Tells the bus thread that other keys are accepted from now on. Any thread.
    void recheckKeys();

    /// Tells the bus thread to end; everything posted later is dropped.
    void close();

    struct Contents {
        std::vector<Batch> batches;
        std::vector<Answer> answers;
        bool hasNewKeys = false; ///< what was accepted before may not be any more
        bool isClosed = false;
    };

    /// The bus thread: swaps what has gathered with the (cleared) contents given.
    void take(Contents& contents);

    [[nodiscard]] int descriptor() const noexcept { return m_wakeUp.descriptor(); }

private:
    void ringOnce(std::unique_lock<std::mutex> lock);

    std::mutex m_mutex;
    Contents m_contents;
    std::size_t m_queuedEvents = 0;
    bool m_isRung = false;
    const std::size_t m_mostEvents;
    std::shared_ptr<BusMeters> m_meters;
    WakeUp m_wakeUp;
};

} // namespace gantry::bus
