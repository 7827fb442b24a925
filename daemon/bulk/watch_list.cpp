// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/bulk/watch_list.h"

#include <algorithm>

namespace gantry::bulk {

void WatchList::enqueue(const OrderId& order, bool isUrgent)
{
    if (!isUrgent)
        m_others.push_back(order);
    else if (m_isUrgent.insert(order).second)
        m_urgent.push_back(order);
}

void WatchList::put(const OrderId& order, const Watched& watched)
{
    const auto [first, last] = m_watched.equal_range(order);
    const auto known = std::find_if(first, last, [&watched](const auto& entry) {
        return entry.second.bulk == watched.bulk && entry.second.member == watched.member;
    });
    if (known != last) {
        known->second = watched;
        return;
    }
    m_watched.emplace(order, watched);
    enqueue(order, watched.result == store::MemberResult::Running);
}

void WatchList::remove(const OrderId& order, std::uint64_t bulk, std::uint32_t member)
{
    const auto [first, last] = m_watched.equal_range(order);
    const auto known = std::find_if(first, last, [bulk, member](const auto& entry) {
        return entry.second.bulk == bulk && entry.second.member == member;
    });
    if (known != last)
        m_watched.erase(known);
}

void WatchList::changed(const OrderId& order)
{
    if (m_watched.contains(order))
        enqueue(order, true);
}

void WatchList::lookAtAll()
{
    m_others.clear();
    for (const auto& [order, watched] : m_watched)
        enqueue(order, watched.result == store::MemberResult::Running);
}

void WatchList::postpone(const OrderId& order)
{
    enqueue(order, false);
}

std::vector<OrderId> WatchList::take(std::size_t most, bool hasTime)
{
    std::vector<OrderId> taken;
    for (; taken.size() < most && !m_urgent.empty(); m_urgent.pop_front()) {
        m_isUrgent.erase(m_urgent.front());
        taken.push_back(m_urgent.front());
    }
    for (; hasTime && taken.size() < most && !m_others.empty(); m_others.pop_front())
        if (m_watched.contains(m_others.front()))
            taken.push_back(m_others.front());
    return taken;
}

std::vector<Watched> WatchList::of(const OrderId& order) const
{
    std::vector<Watched> members;
    const auto [first, last] = m_watched.equal_range(order);
    for (auto entry = first; entry != last; ++entry)
        members.push_back(entry->second);
    return members;
}

} // namespace gantry::bulk
