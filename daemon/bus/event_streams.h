// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/bus/principal.h"

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>
#include <zmq.hpp>

namespace gantry::bus {

/// The streams of events that are open, and the keys they came in by, so that one whose key is taken away can be ended. ZeroMQ has no means to end one
/// connection of an XPUB, but tells with each subscription whose it is and by which descriptor it came. Bus thread only.
///
/// A descriptor may have been closed and given to something else since. So a stream is known by the kernel's cookie of its socket, which no other socket gets,
/// and is looked at through a duplicate, which nobody else can close: what is cut is that stream, or nothing.
class EventStreams {
public:
    explicit EventStreams(PrincipalLookup lookup)
        : m_lookup(std::move(lookup))
    {
    }

    /// A message that the XPUB gave. `port`: that the XPUB listens at.
    void note(zmq::message_t& subscription, std::uint16_t port);

    /// Ends every stream whose key is not accepted any more: after this it gets nothing that is sent. False: one could not be ended, and nothing may be sent.
    [[nodiscard]] bool endUnwelcome();

    /// Forgets streams that have ended by themselves.
    void forgetEnded();

    [[nodiscard]] std::size_t count() const noexcept { return m_streams.size(); }
    [[nodiscard]] std::uint64_t ended() const noexcept { return m_ended; }

private:
    struct Stream {
        int descriptor = -1;
        std::vector<std::string> keys; ///< one; more where a descriptor was given anew before it was noted
    };
    [[nodiscard]] bool isWelcome(const Stream& stream) const;

    PrincipalLookup m_lookup;
    std::unordered_map<std::uint64_t, Stream> m_streams; ///< by cookie
    bool m_isBlind = false; ///< a subscription came whose descriptor is not known
    std::uint64_t m_ended = 0;
};

} // namespace gantry::bus
