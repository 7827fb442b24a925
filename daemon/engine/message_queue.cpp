// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/engine/message_queue.h"

#include <algorithm>

namespace gantry::engine {

namespace {

template <typename Measure>
std::size_t sumOf(const Rehearsal& rehearsal, Measure measure)
{
    std::size_t sum = 0;
    for (const Message& each : rehearsal.messages->all)
        sum += measure(each);
    return sum;
}

std::size_t bytesOf(const Message& message)
{
    if (const auto* rehearsal = std::get_if<Rehearsal>(&message))
        return sumOf(*rehearsal, bytesOf);
    if (const auto* submission = std::get_if<Submission>(&message))
        return submission->encoded->size();
    const auto* delivery = std::get_if<Delivery>(&message);
    return delivery ? delivery->record.body.size() : 0;
}

std::size_t weightOf(const Message& message)
{
    if (const auto* rehearsal = std::get_if<Rehearsal>(&message))
        return sumOf(*rehearsal, weightOf);
    const auto* report = std::get_if<WorkerReport>(&message);
    return report ? std::max<std::size_t>(1, report->outcomes.size()) : 1;
}

} // namespace

bool MessageQueue::post(Message message)
{
    bool wasIdle = false;
    {
        const std::lock_guard lock(m_mutex);
        if (m_isClosed || m_messages.size() >= m_capacity)
            return false;
        wasIdle = m_messages.empty();
        m_messages.push_back(std::move(message));
    }
    if (wasIdle)
        m_wake.notify_one();
    return true;
}

std::size_t MessageQueue::postAll(std::vector<Message> messages)
{
    std::size_t taken = 0;
    bool wasIdle = false;
    {
        const std::lock_guard lock(m_mutex);
        wasIdle = m_messages.empty();
        while (taken < messages.size() && !m_isClosed && m_messages.size() < m_capacity)
            m_messages.push_back(std::move(messages[taken++]));
    }
    if (wasIdle && taken > 0)
        m_wake.notify_one();
    return taken;
}

void MessageQueue::report(TaskReport report)
{
    {
        const std::lock_guard lock(m_mutex);
        m_reports.push_back(std::move(report));
    }
    m_wake.notify_one();
}

void MessageQueue::limitLane(LaneLimit limit)
{
    {
        const std::lock_guard lock(m_mutex);
        std::erase_if(m_lanes, [&limit](const LaneLimit& each) { return each.lane == limit.lane; });
        m_lanes.push_back(std::move(limit));
    }
    m_wake.notify_one();
}

void MessageQueue::drain()
{
    {
        const std::lock_guard lock(m_mutex);
        m_isDraining = true;
    }
    m_wake.notify_one();
}

Intake MessageQueue::take(
    const GroupCommitPolicy& policy, std::optional<std::chrono::steady_clock::time_point> deadline)
{
    std::unique_lock lock(m_mutex);
    const auto isReady = [this] {
        return m_isClosed || !m_messages.empty() || !m_reports.empty() || !m_lanes.empty()
            || (m_isDraining && !m_isDrainTold);
    };
    if (deadline)
        m_wake.wait_until(lock, *deadline, isReady);
    else
        m_wake.wait(lock, isReady);
    Intake intake;
    intake.reports.swap(m_reports);
    intake.lanes.swap(m_lanes);
    intake.isDraining = m_isDraining;
    m_isDrainTold = m_isDraining;
    std::size_t bytes = 0;
    std::size_t weight = 0;
    while (!m_messages.empty() && weight < policy.maxMessages && bytes < policy.maxBytes) {
        bytes += bytesOf(m_messages.front());
        weight += weightOf(m_messages.front());
        intake.messages.push_back(std::move(m_messages.front()));
        m_messages.pop_front();
    }
    return intake;
}

void MessageQueue::close()
{
    {
        const std::lock_guard lock(m_mutex);
        m_isClosed = true;
    }
    m_wake.notify_all();
}

bool MessageQueue::isFinished() const
{
    const std::lock_guard lock(m_mutex);
    return m_isClosed && m_messages.empty();
}

std::size_t MessageQueue::depth() const
{
    const std::lock_guard lock(m_mutex);
    return m_messages.size();
}

} // namespace gantry::engine
