// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/bulk/bulk_runner.h"

#include <memory>
#include <thread>

namespace gantry::bulk {

/// Runs bulk actions on a thread of their own until it is destroyed.
class BulkThread {
public:
    /// The queue outlives the thread, and every partition that was given a command.
    BulkThread(std::unique_ptr<BulkRunner> runner, BulkQueue& queue, const Clock& clock);

    /// Closes the queue, answers whoever waits, and joins. What is not on disk is found again at the next start.
    ~BulkThread();

    BulkThread(const BulkThread&) = delete;
    BulkThread& operator=(const BulkThread&) = delete;

private:
    void loop();

    std::unique_ptr<BulkRunner> m_runner;
    BulkQueue& m_queue;
    const Clock& m_clock;
    std::thread m_thread;
};

} // namespace gantry::bulk
