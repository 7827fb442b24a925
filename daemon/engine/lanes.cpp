// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/engine/lanes.h"

namespace gantry::engine {

bool Lanes::enter(const std::string& lane, const OrderId& order)
{
    Lane& wanted = m_lanes[lane];
    if (const auto known = m_places.find(order); known != m_places.end()) {
        if (known->second.lane == &wanted)
            return known->second.ticket == 0;
        leave(order);
    }
    if (wanted.hasRoom() && wanted.waiting.empty()) {
        ++wanted.inHand;
        m_places.emplace(order, Place{&wanted, 0});
        return true;
    }
    wanted.waiting.emplace(++m_lastTicket, order);
    m_places.emplace(order, Place{&wanted, m_lastTicket});
    ++m_waiting;
    return false;
}

void Lanes::leave(const OrderId& order)
{
    const auto known = m_places.find(order);
    if (known == m_places.end())
        return;
    Place& place = known->second;
    if (place.ticket == 0) {
        --place.lane->inHand;
    } else {
        place.lane->waiting.erase(place.ticket);
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
        const OrderId order = each.waiting.begin()->second;
        each.waiting.erase(each.waiting.begin());
        --m_waiting;
        ++each.inHand;
        m_places[order].ticket = 0;
        m_lastServed = lane->first;
        return order;
    }
    return std::nullopt;
}

} // namespace gantry::engine
