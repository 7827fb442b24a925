// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/bus/bus_meters.h"
#include "daemon/bus/mailbox.h"

#include <cstddef>
#include <deque>
#include <string>
#include <unordered_map>
#include <zmq.hpp>

namespace gantry::bus {

/// Sends answers through the ROUTER without ever waiting. What a peer does not take in at once is kept for it, up to 4 MiB a peer and 64 MiB in all;
/// beyond that its answers are dropped and counted: it asks again, or goes without. Bus thread only.
class Outbox {
public:
    Outbox(zmq::socket_t& router, BusMeters& meters)
        : m_router(router)
        , m_meters(meters)
    {
    }

    void send(Answer answer);

    /// Tries again what waits.
    void retry();

    [[nodiscard]] bool isWaiting() const noexcept { return !m_backlogs.empty(); }

private:
    enum class Outcome { Sent, Full, Gone };
    struct Backlog {
        std::deque<Answer> answers;
        std::size_t bytes = 0;
    };

    Outcome trySend(const Answer& answer);
    void keep(Answer answer);
    /// True: nothing is left to send.
    bool drain(Backlog& backlog);

    zmq::socket_t& m_router;
    BusMeters& m_meters;
    std::unordered_map<std::string, Backlog> m_backlogs; ///< by peer; none is empty
    std::size_t m_bytes = 0;
};

} // namespace gantry::bus
