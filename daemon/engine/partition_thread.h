// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/engine/partition.h"

#include <functional>
#include <thread>

namespace gantry::engine {

/// Runs a partition on a thread of its own until it is stopped or can't go on.
class PartitionThread {
public:
    /// `onFailure`: called once on that thread if the partition can't go on; the process must then stop.
    PartitionThread(std::unique_ptr<Partition> partition, MessageQueue& queue, const Clock& clock,
        GroupCommitPolicy policy, std::function<void(const Error&)> onFailure);

    /// Closes the queue, does what is left in it, and joins.
    ~PartitionThread();

    PartitionThread(const PartitionThread&) = delete;
    PartitionThread& operator=(const PartitionThread&) = delete;

private:
    void loop();
    Result<void> maintain(store::Moment moment, bool& hasMore);
    [[nodiscard]] std::chrono::steady_clock::time_point nextWake() const;

    std::unique_ptr<Partition> m_partition;
    MessageQueue& m_queue;
    const Clock& m_clock;
    GroupCommitPolicy m_policy;
    std::function<void(const Error&)> m_onFailure;
    std::thread m_thread;
};

} // namespace gantry::engine
