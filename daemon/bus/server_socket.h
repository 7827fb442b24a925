// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/bus/curve_keys.h"
#include "shared/util/result.h"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <zmq.hpp>

namespace gantry::bus {

/// What one listening socket may cost.
struct SocketLimits {
    int sendHighWater = 0; ///< messages for each peer
    int receiveHighWater = 0; ///< messages from each peer
    std::int64_t messageBytes = 0; ///< of one frame coming in; over it the peer is cut off
    std::chrono::milliseconds handshake{
        2'000}; ///< TCP connection to accepted key; over it the peer is cut off
};

/// Sets every option that a listening socket of ours must have, before it is bound: CURVE server, ZAP domain (enforced: without a ZAP
/// handler nobody gets in), limits, time-outs, heartbeats. Throws zmq::error_t.
void configureServer(
    zmq::socket_t& socket, std::string_view domain, const CurveKeyPair& keys, const SocketLimits& limits);

/// Binds to `HOST:PORT` over TCP; HOST is an IP address or `localhost`, port 0 takes a free one. Gives the endpoint,
/// `tcp://HOST:PORT`. Errors: InvalidValue (not an address), Unavailable (in use, or not ours).
Result<std::string> bindTcp(zmq::socket_t& socket, std::string_view address);

/// A property of the connection that a message came by, such as `User-Id` (ZAP) or `Peer-Address`; empty if it has none.
std::string propertyOf(zmq::message_t& message, const char* name);

} // namespace gantry::bus
