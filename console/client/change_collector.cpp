// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/client/change_collector.h"

#include <iterator>

namespace gantry::console {

namespace {

constexpr std::size_t mostEvents = 1'000;

} // namespace

void ChangeCollector::changed(std::shared_ptr<const Order> order, bool isNew)
{
    m_received += isNew ? 1 : 0;
    if (m_isReset)
        return;
    Entry& entry = m_entries[order->id];
    entry.isNew = entry.isNew || isNew;
    entry.order = std::move(order);
}

void ChangeCollector::removed(const OrderId& id)
{
    ++m_closed;
    if (m_isReset)
        return;
    const auto [entry, isFresh] = m_entries.try_emplace(id);
    if (!isFresh && entry->second.isNew)
        m_entries.erase(entry); // came and went unseen
    else
        entry->second.order = nullptr;
}

void ChangeCollector::happened(const LoggedEvent& event)
{
    if (m_events.size() == mostEvents)
        m_events.pop_front();
    m_events.push_back(event);
}

void ChangeCollector::reset()
{
    *this = {};
    m_isReset = true;
}

ReplicaChange ChangeCollector::take()
{
    ReplicaChange change{.reset = m_isReset,
        .changed = {},
        .removed = {},
        .events = {std::make_move_iterator(m_events.begin()), std::make_move_iterator(m_events.end())},
        .closedCount = m_closed,
        .receivedCount = m_received};
    for (auto& [id, entry] : m_entries) {
        if (entry.order)
            change.changed.push_back(std::move(entry.order));
        else
            change.removed.push_back(id);
    }
    *this = {};
    return change;
}

} // namespace gantry::console
