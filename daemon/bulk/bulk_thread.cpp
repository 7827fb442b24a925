// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/bulk/bulk_thread.h"

#include <algorithm>
#include <pthread.h>

namespace gantry::bulk {

namespace {

constexpr std::chrono::milliseconds longestSleep{1000};

} // namespace

BulkThread::BulkThread(std::unique_ptr<BulkRunner> runner, BulkQueue& queue, const Clock& clock)
    : m_runner(std::move(runner))
    , m_queue(queue)
    , m_clock(clock)
    , m_thread([this] { loop(); })
{
    pthread_setname_np(m_thread.native_handle(), "bulk");
}

BulkThread::~BulkThread()
{
    m_queue.close();
    m_thread.join();
}

void BulkThread::loop()
{
    while (!m_queue.isClosed()) {
        std::chrono::milliseconds sleep = longestSleep;
        if (const auto next = m_runner->next())
            sleep = std::clamp(*next - m_clock.monotonic(), std::chrono::milliseconds(0), longestSleep);
        m_runner->run(m_queue.take(std::chrono::steady_clock::now() + sleep));
    }
    m_runner->run(m_queue.take(std::chrono::steady_clock::now()));
    m_runner->stop();
}

} // namespace gantry::bulk
