// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/bulk/bulk_messages.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <vector>

namespace gantry::bulk {

/// The runner's queue: bounded for what people ask; answers to what the runner itself sent are always taken. Any number of senders, one receiver.
class BulkQueue final : public BulkInbox {
public:
    [[nodiscard]] bool post(BulkMessage message) override;

    /// Tells the runner which orders have changed, if it waits for any. For the threads of partitions: quick, and bounded: of more than `BulkLimits::changes`
    /// only that there were too many is told.
    [[nodiscard]] engine::BatchListener listener();

    /// Whether the runner waits for orders. What was committed before this was called is the runner's to look for.
    void wantChanges(bool isWaiting) { m_wantsChanges = isWaiting; }

    /// Takes all there is; waits for the first until `deadline`.
    std::vector<BulkMessage> take(std::chrono::steady_clock::time_point deadline);

    /// Refuses all further requests and wakes the receiver.
    void close();

    [[nodiscard]] bool isClosed() const;

private:
    void note(const engine::CommittedBatch& batch);

    mutable std::mutex m_mutex;
    std::condition_variable m_wake;
    std::vector<BulkMessage> m_messages;
    std::size_t m_requests = 0; ///< of those, from people
    OrdersChanged m_changes;
    std::atomic<bool> m_wantsChanges{false};
    bool m_isClosed = false;
};

} // namespace gantry::bulk
