// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/api/feed_desk.h"

#include <algorithm>
#include <iterator>
#include <pthread.h>
#include <utility>

namespace gantry::api {

using std::chrono::steady_clock;

namespace {

bool isGone(const FeedDesk::Wait& wait)
{
    return wait.caller && wait.caller->expired();
}

} // namespace

FeedDesk::FeedDesk(observe::FeedMetrics* metrics, std::size_t capacity)
    : m_metrics(metrics)
    , m_capacity(capacity)
    , m_thread([this] { loop(); })
{
    pthread_setname_np(m_thread.native_handle(), "feed");
}

FeedDesk::~FeedDesk()
{
    stop();
    {
        const std::lock_guard lock(m_mutex);
        m_isClosing = true;
    }
    m_wake.notify_one();
    m_thread.join();
}

FeedDesk::Place FeedDesk::wait(Wait wait)
{
    {
        const std::lock_guard lock(m_mutex);
        if (m_isStopped)
            return Place::Stopped;
        const auto gone = std::count_if(m_waits.begin(), m_waits.end(), isGone);
        if (m_waits.size() - static_cast<std::size_t>(gone) >= m_capacity) {
            if (m_metrics)
                m_metrics->refused();
            return Place::Full;
        }
        m_waits.push_back(std::move(wait));
        m_hasNews = true;
        countWaiting();
    }
    m_wake.notify_one();
    return Place::Taken;
}

engine::BatchListener FeedDesk::listener()
{
    return [this](const std::shared_ptr<const engine::CommittedBatch>& batch) { note(*batch); };
}

void FeedDesk::note(const engine::CommittedBatch& batch)
{
    {
        const std::lock_guard lock(m_mutex);
        m_heads[batch.partition] = batch.events.back().sequence;
        if (m_waits.empty())
            return;
        m_hasNews = true;
    }
    m_wake.notify_one();
}

void FeedDesk::stop()
{
    {
        const std::lock_guard lock(m_mutex);
        m_isStopped = true;
        m_hasNews = true;
    }
    m_wake.notify_one();
}

void FeedDesk::noteServed(std::size_t events)
{
    if (m_metrics)
        m_metrics->served(events);
}

bool FeedDesk::isOver(const Wait& wait, steady_clock::time_point now) const
{
    if (m_isStopped || wait.until <= now || isGone(wait))
        return true;
    const auto head = m_heads.find(wait.partition);
    return head != m_heads.end() && head->second > wait.after;
}

std::vector<FeedDesk::Wait> FeedDesk::takeOver(steady_clock::time_point now)
{
    const auto over = std::stable_partition(
        m_waits.begin(), m_waits.end(), [&](const Wait& wait) { return !isOver(wait, now); });
    std::vector<Wait> taken(std::make_move_iterator(over), std::make_move_iterator(m_waits.end()));
    m_waits.erase(over, m_waits.end());
    if (!taken.empty())
        countWaiting();
    return taken;
}

std::optional<steady_clock::time_point> FeedDesk::nextEnd() const
{
    const auto next = std::min_element(
        m_waits.begin(), m_waits.end(), [](const Wait& a, const Wait& b) { return a.until < b.until; });
    return next == m_waits.end() ? std::nullopt : std::optional(next->until);
}

void FeedDesk::countWaiting()
{
    if (m_metrics)
        m_metrics->waiting(m_waits.size());
}

void FeedDesk::loop()
{
    std::unique_lock lock(m_mutex);
    while (!m_isClosing || !m_waits.empty()) {
        m_hasNews = false;
        std::vector<Wait> over = takeOver(steady_clock::now());
        if (!over.empty()) {
            lock.unlock();
            for (const Wait& wait : over)
                wait.wake();
            over.clear();
            lock.lock();
        }
        const auto hasWork = [this] { return m_hasNews || m_isClosing; };
        if (const auto until = nextEnd())
            m_wake.wait_until(lock, *until, hasWork);
        else
            m_wake.wait(lock, hasWork);
    }
}

} // namespace gantry::api
