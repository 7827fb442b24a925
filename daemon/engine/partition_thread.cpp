// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/engine/partition_thread.h"

#include "daemon/engine/lull.h"

#include <algorithm>
#include <pthread.h>

namespace gantry::engine {

namespace {

// The longest sleep: bounds how late a jump of the wall clock is noticed, and paces the store's housekeeping.
constexpr std::chrono::milliseconds longestSleep{500};

} // namespace

PartitionThread::PartitionThread(std::unique_ptr<Partition> partition, MessageQueue& queue,
    const Clock& clock, GroupCommitPolicy policy, std::function<void(const Error&)> onFailure)
    : m_partition(std::move(partition))
    , m_queue(queue)
    , m_clock(clock)
    , m_policy(policy)
    , m_onFailure(std::move(onFailure))
    , m_thread([this] { loop(); })
{
    pthread_setname_np(m_thread.native_handle(), "partition");
}

PartitionThread::~PartitionThread()
{
    m_queue.close();
    m_thread.join();
}

std::chrono::steady_clock::time_point PartitionThread::nextWake() const
{
    std::chrono::milliseconds sleep = longestSleep;
    if (const auto timer = m_partition->nextTimer())
        sleep = std::clamp(*timer - m_clock.now(), std::chrono::milliseconds(0), longestSleep);
    return std::chrono::steady_clock::now() + sleep;
}

void PartitionThread::loop()
{
    Lull lull;
    bool hasMoreToMaintain = false;
    while (!m_queue.isFinished()) {
        Intake intake = m_queue.take(m_policy, lull.waitUntil(nextWake(), hasMoreToMaintain));
        const bool hasWork = !intake.isEmpty();
        auto done = m_partition->run(std::move(intake));
        const auto now = std::chrono::steady_clock::now();
        if (hasWork)
            lull.noteWork(now);
        if (done)
            done = maintain(lull.moment(now), hasMoreToMaintain);
        if (!done) {
            m_queue.close();
            m_onFailure(done.error());
            return;
        }
    }
}

Result<void> PartitionThread::maintain(store::Moment moment, bool& hasMore)
{
    const auto maintained = m_partition->maintain(moment);
    hasMore = maintained && *maintained;
    // A full disk is no reason to stop: what is committed stays, and the next batch tells its callers.
    if (!maintained && maintained.error().code != ErrorCode::StorageFull)
        return tl::unexpected(maintained.error());
    return {};
}

} // namespace gantry::engine
