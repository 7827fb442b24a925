// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/util/result.h"
#include "tests/bench/latencies.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <string>

namespace gantry::bench {

/// What to send, and how.
struct LoadPlan {
    std::uint16_t port = 0;
    std::size_t connections = 64;
    std::size_t requests = 0;
    std::string
        head; ///< request line and headers, each with its line end, but Content-Length and the empty line
    std::function<std::string(std::size_t)> body; ///< of request 0, 1, …
    std::string ca{}; ///< a file in PEM that vouches for the server: TLS; empty: plain
    double requestsPerSecond = 0; ///< zero: each connection sends its next as soon as it has its answer
};

struct LoadResult {
    double seconds = 0; ///< first byte out to last answer in
    Latencies latencies;
    std::map<int, std::size_t> statuses;
    std::string lastBody; ///< of the last answer
    double requestsPerSecond = 0;
};

/// Sends all requests over keep-alive connections to 127.0.0.1 from one thread and waits for their answers. At a fixed rate, a request's time counts
/// from when it was due, not from when a connection was free. Errors: Unavailable (a connection was refused, cut or silent for 30 s).
Result<LoadResult> runLoad(const LoadPlan& plan);

} // namespace gantry::bench
