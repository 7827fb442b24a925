// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/util/result.h"

#include <string>

namespace gantry::bench {

/// How a worker finds its daemon, and where it leaves what it measured.
struct NoOpWorkerSettings {
    std::string profile; ///< as a worker's profile file
    std::string report; ///< written at the end: JSON
    std::string ready; ///< written once the session is open
    std::size_t credit = 1000;
};

/// A worker that completes every task at once, until SIGTERM. The whole of a process: takes over its signals.
Result<void> runNoOpWorker(const NoOpWorkerSettings& settings);

/// What it measured.
struct WorkerFigures {
    std::uint64_t tasks = 0;
    double p50Ms = 0; ///< from a result sent to the order's next task received, the commit between
    double p99Ms = 0;
};

/// Reads a report. Errors: Corrupt.
Result<WorkerFigures> readWorkerFigures(const std::string& path);

} // namespace gantry::bench
