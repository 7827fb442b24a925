// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/client/partition_replica.h"

#include "shared/domain/event.h"

#include <algorithm>

namespace gantry::console {

PartitionReplica::PartitionReplica(
    const PartitionPosition& position, ChangeCollector& changes, ReplicaLimits limits)
    : m_position(position)
    , m_known(position.sequence)
    , m_changes(changes)
    , m_limits(limits)
{
}

void PartitionReplica::restart(std::uint64_t epoch)
{
    m_buffer.clear();
    m_buffered = 0;
    m_known = 0;
    m_phase = Phase::Loading;
    m_position.epoch = epoch;
    m_staging.clear();
    m_loadedUpTo.reset();
    m_hasPart = false;
    m_completeAt = 0;
}

void PartitionReplica::take(EventMessage message)
{
    if (message.epoch < m_position.epoch || message.events.empty())
        return;
    if (message.epoch > m_position.epoch)
        restart(message.epoch);
    m_known = std::max(m_known, message.last);
    keep(std::move(message));
    drain();
}

void PartitionReplica::take(const PartitionPosition& position)
{
    if (position.epoch < m_position.epoch)
        return;
    if (position.epoch > m_position.epoch)
        restart(position.epoch);
    m_known = std::max(m_known, position.sequence);
    drain();
}

bool PartitionReplica::take(const SnapshotAnswer& answer)
{
    if (m_phase != Phase::Loading || answer.position.epoch < m_position.epoch)
        return false;
    if (answer.position.epoch > m_position.epoch) {
        const bool isFirstPart = !m_hasPart;
        restart(answer.position.epoch);
        if (!isFirstPart)
            return false;
    }
    if (answer.orders.empty() && !answer.isLast)
        return false; // would go round for ever
    if (!m_hasPart)
        m_position.sequence = answer.position.sequence;
    m_hasPart = true;
    m_completeAt = std::max(m_completeAt, answer.position.sequence);
    m_known = std::max(m_known, answer.position.sequence);
    for (const auto& order : answer.orders)
        m_staging[order->id] = order;
    if (!answer.orders.empty())
        m_loadedUpTo = answer.orders.back()->id;
    if (answer.isLast) {
        m_phase = Phase::Completing;
        drain();
    }
    return true;
}

bool PartitionReplica::take(ReplayAnswer answer)
{
    if (m_phase == Phase::Loading || answer.epoch < m_position.epoch)
        return false;
    if (answer.isTooOld || answer.epoch > m_position.epoch) {
        restart(answer.epoch);
        return true;
    }
    const std::uint64_t before = m_position.sequence;
    if (!answer.events.empty()) {
        m_known = std::max(m_known, answer.last);
        keep({answer.partition, answer.epoch, answer.first, answer.last, std::move(answer.events)});
    }
    drain();
    return m_phase == Phase::Loading || m_position.sequence > before;
}

std::optional<BusQuery> PartitionReplica::wanted() const
{
    if (m_phase == Phase::Loading)
        return SnapshotQuery{.partition = m_position.partition, .after = m_loadedUpTo};
    if (m_known > m_position.sequence)
        return ReplayQuery{
            .partition = m_position.partition, .epoch = m_position.epoch, .after = m_position.sequence};
    return std::nullopt;
}

void PartitionReplica::keep(EventMessage message)
{
    if (m_phase != Phase::Loading && message.last <= m_position.sequence)
        return;
    EventMessage& kept = m_buffer[message.first];
    if (message.events.size() <= kept.events.size())
        return; // a repeat
    m_buffered += message.events.size() - kept.events.size();
    kept = std::move(message);
    // A replay brings again what is dropped here; what is about to be applied stays.
    const bool isWaiting = m_phase == Phase::Loading || m_buffer.begin()->first > m_position.sequence + 1;
    if (m_buffered > m_limits.mostBuffered && isWaiting) {
        m_buffer.clear();
        m_buffered = 0;
    }
}

void PartitionReplica::drain()
{
    if (m_phase == Phase::Loading)
        return;
    while (!m_buffer.empty() && m_buffer.begin()->first <= m_position.sequence + 1) {
        const auto node = m_buffer.extract(m_buffer.begin());
        m_buffered -= node.mapped().events.size();
        if (!applyFrom(node.mapped())) {
            restart(m_position.epoch); // an order's history has a hole: only a snapshot can mend that
            return;
        }
    }
    showIfComplete();
    if (m_phase == Phase::Following && m_known - std::min(m_known, m_position.sequence) > m_limits.mostGap)
        restart(m_position.epoch);
}

bool PartitionReplica::applyFrom(const EventMessage& message)
{
    for (const LoggedEvent& event : message.events) {
        if (event.sequence <= m_position.sequence)
            continue;
        if (!apply(event))
            return false;
        m_position.sequence = event.sequence;
        showIfComplete();
    }
    return true;
}

bool PartitionReplica::apply(const LoggedEvent& logged)
{
    const bool isShown = m_phase == Phase::Following;
    Orders& orders = isShown ? m_orders : m_staging;
    const auto found = orders.find(logged.order);
    const std::uint32_t version = found == orders.end() ? 0 : found->second->version;
    if (isShown)
        m_changes.happened(logged);
    if (found == orders.end() && logged.event.version > 1)
        return true; // it had closed before its part of the snapshot was taken
    if (logged.event.version <= version)
        return true; // its part was taken later
    if (logged.event.version != version + 1)
        return false;
    const bool isNew = found == orders.end();
    auto order = std::make_shared<const Order>(
        gantry::apply(isNew ? Order{.id = logged.order} : *found->second, logged.event));
    if (order->outcome != Outcome::Open) {
        orders.erase(logged.order);
        if (isShown)
            m_changes.removed(logged.order);
        return true;
    }
    if (isShown)
        m_changes.changed(order, isNew);
    if (isNew)
        orders.emplace(logged.order, std::move(order));
    else
        found->second = std::move(order);
    return true;
}

void PartitionReplica::showIfComplete()
{
    if (m_phase != Phase::Completing || m_position.sequence < m_completeAt)
        return;
    m_phase = Phase::Following;
    m_orders = std::move(m_staging);
    m_staging.clear();
    m_wasComplete = true;
    m_changes.reset();
}

} // namespace gantry::console
