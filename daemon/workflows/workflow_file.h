// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/workflows/handlers.h"
#include "shared/domain/workflow.h"
#include "shared/util/result.h"

#include <cstddef>
#include <string>
#include <string_view>

namespace gantry::workflows {

/// How far a workflow file may go. docs/workflows.md tells the same.
struct WorkflowLimits {
    static constexpr std::size_t bytes = 64 * 1024;
    static constexpr std::size_t steps = 100;
    static constexpr std::size_t nameBytes = 64;
    static constexpr std::size_t descriptionBytes = 1000;
    static constexpr std::size_t codes = 50; ///< of any list of failure codes
    static constexpr int version = 1'000'000;
    static constexpr int attempts = 100;
    static constexpr std::int64_t shortestTimeoutMs = 100;
    static constexpr std::int64_t longestTimeoutMs =
        3'600'000; ///< one hour: an attempt in hand that long is lost
    static constexpr std::int64_t longestWaitMs = 7 * 24 * 3'600'000LL;
    static constexpr std::int64_t longestTimerMs = 366 * 24 * 3'600'000LL;
    static constexpr std::int64_t shortestReservationMs =
        60'000; ///< one minute: each that is over is two events at least
    static constexpr int approvals = 10;
    static constexpr std::int64_t concurrency = 100'000;
    static constexpr std::int64_t rate = 1'000'000;
    static constexpr std::int64_t longestPerMs = 24 * 3'600'000LL;
    static constexpr double factor = 100.0;
};

/// Reads a workflow file (docs/workflows.md) and checks it whole. `file` stands for it in messages. `handlers`: what a step may name; null for a
/// definition that was checked when it came. Errors: InvalidValue, with every mistake found as a field: file, line, column, what is wrong and what
/// to do.
Result<Workflow> readWorkflow(std::string_view toml, const std::string& file, const Handlers* handlers);

/// Whether a name of a workflow or a step is well formed: lower-case letters, digits, _ and -, beginning with a letter.
bool isWellFormedName(std::string_view name) noexcept;

} // namespace gantry::workflows
