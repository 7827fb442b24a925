// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/engine/step_runner.h"
#include "shared/domain/rank.h"

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>

namespace gantry::engine {

/// Orders that wait for a service, each in the lane of its own: a service that is slow, or is not called for a while, keeps only those waiting that want it.
/// In each lane the best rank goes first. On the partition's thread alone.
class Lanes {
public:
    /// What a lane may have in hand before anybody has set its limit.
    static constexpr std::size_t unknownLimit = 16;

    /// Sets how many attempts a lane may have. More than that may be in hand for a while when it is lowered.
    void limit(const LaneLimit& limit) { m_lanes[limit.lane].limit = limit.limit; }

    /// The order wants an attempt in that lane. True: it may have it, and counts as in hand until it leaves. False: it waits. An order
    /// that waits or counts in another lane leaves that one first.
    bool enter(const std::string& lane, const DueKey& key);

    /// The order wants nothing, or its attempt has ended. It may not be here at all.
    void leave(const OrderId& order);

    /// The next order that waits in a lane with room; it counts as in hand there from now on. The lanes take turns.
    std::optional<OrderId> next();

    [[nodiscard]] std::size_t waiting() const noexcept { return m_waiting; }

private:
    struct Lane {
        std::size_t limit = unknownLimit;
        std::size_t inHand = 0;
        std::set<DueKey> waiting;
        [[nodiscard]] bool hasRoom() const noexcept { return inHand < limit; }
    };
    struct Place {
        Lane* lane = nullptr;
        DueKey key;
        bool isInHand = false;
    };

    std::map<std::string, Lane, std::less<>> m_lanes;
    std::unordered_map<OrderId, Place> m_places;
    std::size_t m_waiting = 0;
    std::string m_lastServed; ///< the lane that next() gave from
};

} // namespace gantry::engine
