// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/util/result.h"

#include <cstddef>
#include <filesystem>

namespace gantry::bench {

/// Which rows an order makes, and in how many commits.
enum class RowPlan {
    Intake, ///< document, state, one event: one batch
    LifecycleAtOnce, ///< document, final state and the eight events of six steps: one batch, as built-in steps do
    LifecycleByStep, ///< the same events and a new state for each step in a batch of its own, as external workers do
};

struct BareRowsSettings {
    std::filesystem::path directory; ///< an empty one; the data file is made there
    RowPlan plan = RowPlan::Intake;
    std::size_t orders = 100'000;
    std::size_t batch = 500; ///< orders a commit
    std::size_t documentBytes = 1024;
};

struct RowRate {
    double seconds = 0;
    double ordersPerSecond = 0;
    double rowsPerSecond = 0;
    double commitsPerSecond = 0;
    double cpuSecondsPerThousand = 0; ///< orders
};

/// CPU time of this process so far, in seconds.
double cpuSeconds() noexcept;

/// The limit that the store is compared with: the same rows by plain prepared statements into the same layout with the same durability and the
/// same checkpoints; no engine, no encoding, no look-ups.
Result<RowRate> writeBareRows(const BareRowsSettings& settings);

/// The same rows through the driver: changes made beforehand, handed over batch by batch. Only the driver's time counts.
Result<RowRate> writeDriverRows(const BareRowsSettings& settings);

} // namespace gantry::bench
