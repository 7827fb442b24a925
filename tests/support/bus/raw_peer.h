// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/bus/curve_keys.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>
#include <zmq.hpp>

namespace gantry::test {

/// How a raw peer shows itself: with keys of its own or none.
struct RawIdentity {
    std::string serverKey; ///< empty: no CURVE at all
    bus::CurveKeyPair keys{};
};

/// A bare socket of the client's side, which sends what no client of ours would. One thread.
class RawPeer {
public:
    RawPeer(zmq::socket_type type, const std::string& endpoint, const RawIdentity& identity,
        int receiveHighWater = 1000);

    void subscribe(const std::string& topic) { m_socket.set(zmq::sockopt::subscribe, topic); }

    /// Sends frames as one message; false when there is nobody to send to within the time.
    bool send(const std::vector<std::string>& frames);

    /// Sends one request of the protocol.
    bool request(std::uint64_t number, const std::string& json);

    /// The next message's frames, or nothing within the time.
    std::optional<std::vector<std::string>> receive(
        std::chrono::milliseconds timeout = std::chrono::seconds(10));

    /// Whether the next event of the handshake was its success; empty within the time.
    std::optional<bool> isLetIn(std::chrono::milliseconds timeout = std::chrono::seconds(5));

private:
    zmq::context_t m_context{1};
    zmq::socket_t m_socket;
    zmq::socket_t m_monitor;
};

/// 8 bytes, big endian.
std::string numberFrame(std::uint64_t number);

} // namespace gantry::test
