// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/util/result.h"

#include <cstddef>

namespace gantry::bench {

/// What the command line says; zero: what suits the bench.
struct Options {
    std::size_t orders = 0;
    std::size_t batch = 1; ///< orders a request
    std::size_t connections = 0;
    std::size_t consoles = 1;
    std::size_t slowClients = 0; ///< at the limit of connections, beside those that send orders
    bool tls = false; ///< the same over TLS, beside plain HTTP
    bool latency =
        false; ///< as many orders a second as half the full rate, for the latency of a daemon that is not full
    bool limits = false; ///< what limits of steps cost that keep no order
};

/// Orders over HTTP, beside a server that answers a constant (or, in batches, beside the bare rows).
Result<void> benchIntake(const Options& options);

/// Six built-in steps through the engine on the embedded store, beside the bare rows.
Result<void> benchLifecycle(const Options& options);

/// Six steps by a no-op worker process over ZeroMQ, beside the bare rows; and the memory of an open order.
Result<void> benchWorkerLifecycle(const Options& options);

/// Events to consoles over CURVE while orders come in, beside the bare sockets.
Result<void> benchEvents(const Options& options);

/// Lists, counts and searches over many stored orders, alone and while more come in.
Result<void> benchLists(const Options& options);

/// kill -9 with many open orders, until the daemon is ready again.
Result<void> benchRecovery(const Options& options);

} // namespace gantry::bench
