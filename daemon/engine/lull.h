// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/store/store.h"

#include <algorithm>
#include <chrono>

namespace gantry::engine {

/// Tells a real pause from the gap between two batches: callers that wait for their answers leave the inbox empty for a moment after every batch, and
/// housekeeping that took each such moment for idleness would sync the disk several times a batch.
class Lull {
public:
    using TimePoint = std::chrono::steady_clock::time_point;

    /// So long nothing may have come before the partition counts as idle: longer than a batch and its answers take on a busy machine.
    static constexpr std::chrono::milliseconds quiet{100};

    /// Something was taken out of the inbox.
    void noteWork(TimePoint now) noexcept { m_idleFrom = now + quiet; }

    [[nodiscard]] store::Moment moment(TimePoint now) const noexcept
    {
        return now >= m_idleFrom ? store::Moment::Idle : store::Moment::UnderLoad;
    }

    /// When to stop waiting for messages: at `wake`, or as soon as it is idle if housekeeping has more to do.
    [[nodiscard]] TimePoint waitUntil(TimePoint wake, bool hasMoreToMaintain) const noexcept
    {
        return hasMoreToMaintain ? std::min(wake, m_idleFrom) : wake;
    }

private:
    TimePoint m_idleFrom{};
};

} // namespace gantry::engine
