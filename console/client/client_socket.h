// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "console/client/profile.h"

#include <cstdint>
#include <string>
#include <zmq.hpp>

namespace gantry::console {

/// What a socket of the client's side may cost.
struct ClientSocketLimits {
    int sendHighWater = 1'000;
    int receiveHighWater = 1'000;
    std::int64_t messageBytes = 0; ///< of one frame coming in
};

/// A connecting socket with a profile's keys, every limit set, and a monitor that tells in words why it is not connected. libzmq reconnects by
/// itself except after a refusal: then it has to be made anew. One thread.
class ClientSocket {
public:
    enum class State { Connecting, Ready, Refused };

    /// Begins to connect. A DEALER takes messages only while it is connected: none is kept back and delivered long after. Throws
    /// zmq::error_t for keys or endpoints that can't be used.
    ClientSocket(zmq::context_t& context, zmq::socket_type type, const std::string& endpoint,
        const Profile& profile, const ClientSocketLimits& limits);
    ClientSocket(const ClientSocket&) = delete;
    ClientSocket& operator=(const ClientSocket&) = delete;
    ~ClientSocket();

    [[nodiscard]] zmq::socket_t& socket() noexcept { return m_socket; }

    /// Readable when takeEvents() has something to do.
    [[nodiscard]] zmq::socket_t& monitor() noexcept { return m_monitor; }

    /// Learns from the monitor what has become of the connection.
    void takeEvents();

    [[nodiscard]] State state() const noexcept { return m_state; }

    /// How often a connection was lost. What was sent before and not answered never will be.
    [[nodiscard]] unsigned losses() const noexcept { return m_losses; }

    /// Why it isn't connected, as a sentence; empty while it is, or nothing is known yet.
    [[nodiscard]] const std::string& trouble() const noexcept { return m_trouble; }

private:
    void note(std::uint16_t event);

    zmq::socket_t m_socket;
    zmq::socket_t m_monitor;
    std::string m_endpoint;
    State m_state = State::Connecting;
    unsigned m_losses = 0;
    std::string m_trouble;
};

} // namespace gantry::console
