// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/engine/lanes.h"

namespace gantry::engine {

bool Lanes::enter(const std::string& lane, const DueKey& key)
{
    Lane& wanted = m_lanes[lane];
    if (const auto known = m_places.find(key.order); known != m_places.end()) {
        if (known->second.lane == &wanted)
            return known->second.isInHand;
        leave(key.order);
    }
    const bool isInHand = wanted.hasRoom() && wanted.waiting.empty();
    m_places.emplace(key.order, Place{&wanted, key, isInHand});
    if (isInHand) {
        ++wanted.inHand;
    } else {
        wanted.waiting.insert(key);
        ++m_waiting;
    }
    return isInHand;
}

void Lanes::leave(const OrderId& order)
{
    const auto known = m_places.find(order);
    if (known == m_places.end())
        return;
    Place& place = known->second;
    if (place.isInHand) {
        --place.lane->inHand;
    } else {
        place.lane->waiting.erase(place.key);
        --m_waiting;
    }
    m_places.erase(known);
}

std::optional<OrderId> Lanes::next()
{
    if (m_waiting == 0)
        return std::nullopt;
    auto lane = m_lanes.upper_bound(m_lastServed);
    for (std::size_t tried = 0; tried < m_lanes.size(); ++tried, ++lane) {
        if (lane == m_lanes.end())
            lane = m_lanes.begin();
        Lane& each = lane->second;
        if (!each.hasRoom() || each.waiting.empty())
            continue;
        const OrderId order = each.waiting.begin()->order;
        each.waiting.erase(each.waiting.begin());
        --m_waiting;
        ++each.inHand;
        m_places[order].isInHand = true;
        m_lastServed = lane->first;
        return order;
    }
    return std::nullopt;
}

} // namespace gantry::engine
