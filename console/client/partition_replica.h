// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "console/client/change_collector.h"
#include "shared/protocol/bus_messages.h"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <unordered_map>

namespace gantry::console {

/// When a replica gives up catching up by events.
struct ReplicaLimits {
    std::uint64_t mostGap = 50'000; ///< a longer one is jumped by a new snapshot
    std::size_t mostBuffered = 100'000; ///< events kept while they can't be applied; then replayed instead
};

/// The open orders of one partition, kept equal to the daemon's by the rules of docs/protocol.md ("Joining"). Says what it needs next in wanted(); knows nothing of
/// sockets, time or repetition. Whatever comes, in whatever sequence, it ends up exact once it gets what it asks for. One thread.
class PartitionReplica {
public:
    using Orders = std::unordered_map<OrderId, std::shared_ptr<const Order>>;

    /// Begins with a snapshot. `changes` gathers what happens to orders(), and outlives the replica.
    PartitionReplica(const PartitionPosition& position, ChangeCollector& changes, ReplicaLimits limits = {});

    /// Everything the daemon may say of this partition. False: it did not bring the replica further (so that asking again at once is no use).
    void take(EventMessage message);
    void take(const PartitionPosition& position);
    bool take(const SnapshotAnswer& answer);
    bool take(ReplayAnswer answer);

    /// Begins anew with a snapshot; orders() stays as it was until that is complete.
    void restart(std::uint64_t epoch);

    /// What it needs from the daemon now, if anything.
    [[nodiscard]] std::optional<BusQuery> wanted() const;

    /// The open orders: as of position() when isCurrent(), else perhaps of an earlier time; none until a snapshot was complete.
    [[nodiscard]] const Orders& orders() const noexcept { return m_orders; }

    /// Where it stands in the log.
    [[nodiscard]] const PartitionPosition& position() const noexcept { return m_position; }

    /// Whether it was complete once since its making.
    [[nodiscard]] bool wasComplete() const noexcept { return m_wasComplete; }

    /// Whether it has everything that is known to exist.
    [[nodiscard]] bool isCurrent() const noexcept
    {
        return m_phase == Phase::Following && m_known <= m_position.sequence;
    }

    /// How many orders a snapshot under way has brought so far.
    [[nodiscard]] std::size_t loadedCount() const noexcept { return m_staging.size(); }

private:
    enum class Phase {
        Loading, ///< takes a snapshot in
        Completing, ///< has it, but its parts are of different moments yet
        Following, ///< exact as of position()
    };

    void keep(EventMessage message);
    void drain();
    [[nodiscard]] bool applyFrom(const EventMessage& message);
    [[nodiscard]] bool apply(const LoggedEvent& event);
    void showIfComplete();

    Phase m_phase = Phase::Loading;
    PartitionPosition m_position;
    std::uint64_t m_known; ///< the last sequence that is known to exist
    Orders m_orders;
    Orders m_staging; ///< the snapshot until it is complete
    std::optional<OrderId> m_loadedUpTo;
    bool m_hasPart = false;
    std::uint64_t m_completeAt = 0; ///< the latest part's sequence: from there on the snapshot is exact
    std::map<std::uint64_t, EventMessage> m_buffer; ///< by first sequence: what can't be applied yet
    std::size_t m_buffered = 0; ///< events in it
    bool m_wasComplete = false;
    ChangeCollector& m_changes;
    ReplicaLimits m_limits;
};

} // namespace gantry::console
