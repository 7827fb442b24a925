// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/bulk/bulk_messages.h"

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

    /// Takes all there is; waits for the first until `deadline`.
    std::vector<BulkMessage> take(std::chrono::steady_clock::time_point deadline);

    /// Refuses all further requests and wakes the receiver.
    void close();

    [[nodiscard]] bool isClosed() const;

private:
    mutable std::mutex m_mutex;
    std::condition_variable m_wake;
    std::vector<BulkMessage> m_messages;
    std::size_t m_requests = 0; ///< of those, from people
    bool m_isClosed = false;
};

} // namespace gantry::bulk
