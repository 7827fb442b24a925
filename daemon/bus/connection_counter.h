// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_set>
#include <zmq.hpp>

namespace gantry::bus {

/// How many TCP connections a listening socket has, those included that have yet to show their key. ZeroMQ has no bound of its own, but tells
/// what comes and goes. Made before the socket is bound; then belongs to one thread, which must keep calling update().
class ConnectionCounter {
public:
    /// `domain`: the socket's ZAP domain. Throws zmq::error_t.
    ConnectionCounter(zmq::context_t& context, zmq::socket_t& server, std::string domain);

    /// Takes in what has come and gone until now.
    void update();

    [[nodiscard]] const std::string& domain() const noexcept { return m_domain; }
    [[nodiscard]] std::size_t count() const noexcept { return m_open.size(); }
    [[nodiscard]] std::uint64_t ended() const noexcept { return m_ended; }

    /// Readable when there is something to take in.
    [[nodiscard]] void* handle() noexcept { return m_events.handle(); }

private:
    std::string m_domain;
    zmq::socket_t m_events;
    std::unordered_set<std::int32_t> m_open; ///< by descriptor
    std::uint64_t m_ended = 0;
};

/// Ends the telling. Must come before the end of the counter: the library would wait for it to listen, for ever. The socket's own thread.
void stopCounting(zmq::socket_t& server) noexcept;

} // namespace gantry::bus
