// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/engine/pickup_watch.h"

namespace gantry::engine {

void PickupWatch::forget(const OrderId& order)
{
    const auto found = m_watched.find(order);
    if (found == m_watched.end())
        return;
    m_deadlines.erase({found->second.until, order});
    m_watched.erase(found);
}

void PickupWatch::update(const Order& order, Millis now)
{
    const bool isAwaited =
        order.retry && order.retry->verdict == RetryVerdict::Pending && isMachineDue(order);
    if (!isAwaited) {
        if (!m_watched.empty())
            forget(order.id);
        return;
    }
    const auto found = m_watched.find(order.id);
    if (found != m_watched.end() && found->second.attempt == order.attempt
        && found->second.step == order.step.name)
        return;
    forget(order.id);
    m_deadlines.emplace(now + m_patience, order.id);
    m_watched.emplace(order.id, Watched{order.step.name, order.attempt, now + m_patience});
}

std::vector<PickupWatch::Overdue> PickupWatch::takeOverdue(Millis now, std::size_t limit)
{
    std::vector<Overdue> overdue;
    while (overdue.size() < limit && !m_deadlines.empty() && m_deadlines.begin()->first <= now) {
        const OrderId order = m_deadlines.begin()->second;
        Watched& watched = m_watched.at(order);
        overdue.push_back({order, watched.step, watched.attempt});
        m_deadlines.erase(m_deadlines.begin());
        watched.until = now + m_patience;
        m_deadlines.emplace(watched.until, order);
    }
    return overdue;
}

std::optional<PickupWatch::Millis> PickupWatch::next() const
{
    return m_deadlines.empty() ? std::nullopt : std::optional(m_deadlines.begin()->first);
}

} // namespace gantry::engine
