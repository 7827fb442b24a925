// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/bulk/bulk_queue.h"

#include <utility>

namespace gantry::bulk {

bool BulkQueue::post(BulkMessage message)
{
    const bool isRequest =
        std::holds_alternative<CreateBulk>(message) || std::holds_alternative<SteerBulk>(message);
    {
        const std::lock_guard lock(m_mutex);
        if (isRequest && (m_isClosed || m_requests >= BulkLimits::waiting))
            return false;
        m_requests += isRequest ? 1 : 0;
        m_messages.push_back(std::move(message));
    }
    m_wake.notify_one();
    return true;
}

engine::BatchListener BulkQueue::listener()
{
    return [this](const std::shared_ptr<const engine::CommittedBatch>& batch) {
        if (m_wantsChanges)
            note(*batch);
    };
}

void BulkQueue::note(const engine::CommittedBatch& batch)
{
    {
        const std::lock_guard lock(m_mutex);
        auto& orders = m_changes.orders;
        for (const LoggedEvent& logged : batch.events)
            if (orders.empty() || orders.back() != logged.order)
                orders.push_back(logged.order);
        if (orders.size() > BulkLimits::changes) {
            orders.clear();
            m_changes.isAll = true;
        }
    }
    m_wake.notify_one();
}

std::vector<BulkMessage> BulkQueue::take(std::chrono::steady_clock::time_point deadline)
{
    std::unique_lock lock(m_mutex);
    m_wake.wait_until(
        lock, deadline, [this] { return !m_messages.empty() || !m_changes.isEmpty() || m_isClosed; });
    m_requests = 0;
    if (!m_changes.isEmpty())
        m_messages.emplace_back(std::exchange(m_changes, {}));
    return std::exchange(m_messages, {});
}

void BulkQueue::close()
{
    {
        const std::lock_guard lock(m_mutex);
        m_isClosed = true;
    }
    m_wake.notify_one();
}

bool BulkQueue::isClosed() const
{
    const std::lock_guard lock(m_mutex);
    return m_isClosed;
}

} // namespace gantry::bulk
