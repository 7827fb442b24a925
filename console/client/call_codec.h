// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "console/client/command_client.h"
#include "shared/protocol/bus_codec.h"

#include <cstdint>
#include <optional>
#include <string>
#include <zmq.hpp>

namespace gantry::console {

/// A call as it goes over the command socket, behind its number.
struct CallFrames {
    std::string head;
    std::string body;
};

/// Errors: BodyTooLarge, which the daemon would answer by hanging up.
Result<CallFrames> encodeCall(const ApiCall& call);

/// Sends without waiting; false if nobody is connected or the socket is full.
bool sendCall(zmq::socket_t& socket, std::uint64_t number, const CallFrames& frames);
bool sendQuery(zmq::socket_t& socket, std::uint64_t number, const BusQuery& query);

/// An answer to any request.
struct NumberedAnswer {
    std::uint64_t number = 0;
    BusAnswer answer;
    std::string body; ///< of a call
};

/// The next answer that has come, if any; messages that are none are passed over.
std::optional<NumberedAnswer> receiveAnswer(zmq::socket_t& socket, JsonParser& parser);

/// The answer to a call, a problem as the document that HTTP would give.
ApiAnswer toApiAnswer(NumberedAnswer answer);

} // namespace gantry::console
