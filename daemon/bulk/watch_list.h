// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/store/bulk_records.h"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace gantry::bulk {

/// A member of a bulk action of which it is not known yet what came of it.
struct Watched {
    std::uint64_t bulk = 0;
    std::uint32_t member = 0;
    std::uint32_t versionAfter = 0; ///< of the order, right after it was acted on
    std::uint32_t round = 0; ///< in which it was sent
    store::MemberResult result = store::MemberResult::Running; ///< as it is known now
};

/// The orders that are waited for, and those of them that are to be looked at: each once when it comes in, and whenever it has changed. All that is kept of a member
/// of a bulk action that has ended. A value; used by one thread.
class WatchList {
public:
    /// Adds a member, or replaces what was known of it. A new one is to be looked at: at once if its attempt is running, else when there is time.
    void put(const OrderId& order, const Watched& watched);
    void remove(const OrderId& order, std::uint64_t bulk, std::uint32_t member);

    /// The order has changed: it is to be looked at at once, if it is waited for.
    void changed(const OrderId& order);

    /// Nobody knows what has changed: all are to be looked at.
    void lookAtAll();

    /// It could not be looked at: again when there is time.
    void postpone(const OrderId& order);

    /// Orders to look at now, at most `most`: first those that are urgent, then, with time, the others.
    std::vector<OrderId> take(std::size_t most, bool hasTime);

    /// Whose members wait for that order.
    [[nodiscard]] std::vector<Watched> of(const OrderId& order) const;

    [[nodiscard]] bool isEmpty() const noexcept { return m_watched.empty(); }
    [[nodiscard]] bool hasUrgent() const noexcept { return !m_urgent.empty(); }
    [[nodiscard]] bool hasOthers() const noexcept { return !m_others.empty(); }

private:
    void enqueue(const OrderId& order, bool isUrgent);

    std::unordered_multimap<OrderId, Watched> m_watched;
    std::deque<OrderId> m_urgent;
    std::unordered_set<OrderId> m_isUrgent; ///< those in m_urgent
    std::deque<OrderId> m_others;
};

} // namespace gantry::bulk
