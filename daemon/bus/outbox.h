// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/bus/mailbox.h"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <unordered_map>
#include <zmq.hpp>

namespace gantry::bus {

/// Sends answers through the ROUTER without ever waiting. What a peer does not take in at once is kept for it, up to 4 MiB a peer and 64 MiB in all;
/// beyond that its answers are dropped and counted: it asks again, or goes without. The router's thread only.
class Outbox {
public:
    /// Both outlive the outbox. `dropped` counts.
    Outbox(zmq::socket_t& router, std::atomic<std::uint64_t>& dropped)
        : m_router(router)
        , m_dropped(dropped)
    {
    }

    /// False: dropped.
    bool send(Answer answer);

    /// Tries again what waits.
    void retry();

    [[nodiscard]] bool isWaiting() const noexcept { return !m_backlogs.empty(); }
    [[nodiscard]] bool isWaitingFor(const std::string& peer) const { return m_backlogs.contains(peer); }

private:
    enum class Outcome { Sent, Full, Gone };
    struct Backlog {
        std::deque<Answer> answers;
        std::size_t bytes = 0;
    };

    Outcome trySend(const Answer& answer);
    bool keep(Answer answer);
    /// True: nothing is left to send.
    bool drain(Backlog& backlog);

    zmq::socket_t& m_router;
    std::atomic<std::uint64_t>& m_dropped;
    std::unordered_map<std::string, Backlog> m_backlogs; ///< by peer; none is empty
    std::size_t m_bytes = 0;
};

} // namespace gantry::bus
