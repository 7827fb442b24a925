// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/util/result.h"

#include <chrono>
#include <string>
#include <zmq.hpp>

namespace gantry::bus {

/// Knocks at a listening socket with a key made for the purpose and makes sure that it is turned away by the ZAP handler: what protects
/// the bus is tried before it is relied on. `type` is the peer that such a socket expects. Errors: Forbidden (it was let in), Unavailable (no answer
/// in time).
Result<void> checkStrangerIsRefused(const std::string& endpoint, zmq::socket_type type,
    const std::string& serverPublicKey, std::chrono::milliseconds timeout);

} // namespace gantry::bus
