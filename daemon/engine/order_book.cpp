// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/engine/order_book.h"

namespace gantry::engine {

const OrderBook::Entry* OrderBook::find(const OrderId& id) const
{
    const auto found = m_orders.find(id);
    return found == m_orders.end() ? nullptr : &found->second;
}

void OrderBook::put(std::shared_ptr<const Order> order, std::uint64_t lastSequence)
{
    const OrderId id = order->id;
    const auto known = m_orders.find(id);
    if (known != m_orders.end())
        m_incidents.remove(*known->second.order);
    if (order->outcome != Outcome::Open) {
        if (known != m_orders.end())
            m_orders.erase(known);
        return;
    }
    m_incidents.add(order);
    if (known != m_orders.end())
        known->second = Entry{std::move(order), lastSequence};
    else
        m_orders.emplace(id, Entry{std::move(order), lastSequence});
}

std::uint64_t OrderBook::digest() const
{
    std::uint64_t sum = 0;
    for (const auto& [id, entry] : m_orders)
        sum += digestOf(*entry.order);
    return sum;
}

SnapshotPart OrderBook::part(const std::optional<OrderId>& after, std::size_t limit) const
{
    SnapshotPart part;
    auto next = after ? m_orders.upper_bound(*after) : m_orders.begin();
    for (; next != m_orders.end() && part.orders.size() < limit; ++next)
        part.orders.push_back(next->second.order);
    part.isLast = next == m_orders.end();
    return part;
}

} // namespace gantry::engine
