// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/engine/messages.h"
#include "shared/domain/workflow.h"
#include "shared/protocol/bus_messages.h"
#include "tests/shared/support/property.h"

#include <cstdint>
#include <map>
#include <memory>
#include <vector>

namespace gantry::test {

/// The truth that replicas are held against: orders that change at random, by the domain's own rules, and the log of their events. One thread.
class OrderSource {
public:
    explicit OrderSource(std::uint64_t seed, std::uint32_t partition = 0);

    /// A batch of about that many events, at least one.
    std::shared_ptr<const engine::CommittedBatch> commit(std::size_t events);

    /// As after a restart of the daemon.
    void beginEpoch() { ++m_epoch; }

    [[nodiscard]] PartitionPosition position() const { return {m_partition, m_epoch, m_log.size()}; }

    /// A part of the open orders as they are now.
    [[nodiscard]] engine::SnapshotPart part(const std::optional<OrderId>& after, std::size_t limit) const;

    /// The events over `after`, as the log's reader gives them.
    [[nodiscard]] std::vector<LoggedEvent> read(std::uint64_t after, std::size_t limit) const;

    [[nodiscard]] engine::DigestAnswer digest() const;
    [[nodiscard]] const std::vector<LoggedEvent>& log() const { return m_log; }
    [[nodiscard]] const std::map<OrderId, std::shared_ptr<const Order>>& open() const { return m_open; }

private:
    void take(engine::CommittedBatch& batch, Order order, const std::vector<Event>& events);
    void submitOne(engine::CommittedBatch& batch);
    void changeOne(engine::CommittedBatch& batch);
    [[nodiscard]] const Workflow& workflowOf(const Order& order) const;

    Dice m_dice;
    std::uint32_t m_partition;
    std::uint64_t m_epoch = 1;
    Timestamp m_now = fromMillis(1'770'000'000'000);
    Workflow m_workflow;
    std::shared_ptr<const Workflow> m_other; ///< another version, to which orders move at times
    std::map<OrderId, std::shared_ptr<const Order>> m_open;
    std::vector<LoggedEvent> m_log;
};

} // namespace gantry::test
