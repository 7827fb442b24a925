// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/domain/order.h"

#include <chrono>
#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace gantry::engine {

/// Knows the orders whose retry by a person is pending and whose attempt is due, and since when: so that nobody waits for ever for an attempt that no
/// hand takes. In memory only: after a restart the time begins anew, as nobody could take anything meanwhile. Used on the partition's thread; the caller
/// says what time it is, by a clock that does not jump.
class PickupWatch {
public:
    using Millis = std::chrono::milliseconds;

    /// `patience`: how long an attempt may be due without being taken.
    explicit PickupWatch(Millis patience)
        : m_patience(patience)
    {
    }

    /// Takes notice of an order as it is now committed. The time of an attempt that is watched already goes on.
    void update(const Order& order, Millis now);

    /// An attempt whose time is over.
    struct Overdue {
        OrderId order;
        std::string step;
        std::uint32_t attempt = 1;
    };
    /// Those whose time is over, at most `limit`. Each gets as much time again: for the case that it is in somebody's hands.
    std::vector<Overdue> takeOverdue(Millis now, std::size_t limit);

    /// When the next one's time is over.
    [[nodiscard]] std::optional<Millis> next() const;

private:
    struct Watched {
        std::string step;
        std::uint32_t attempt = 1;
        Millis until{};
    };
    void forget(const OrderId& order);

    Millis m_patience;
    std::unordered_map<OrderId, Watched> m_watched;
    std::set<std::pair<Millis, OrderId>> m_deadlines;
};

} // namespace gantry::engine
