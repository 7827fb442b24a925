// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/domain/order_id.h"
#include "shared/util/time.h"

#include <optional>
#include <queue>
#include <vector>

namespace gantry::engine {

/// When which order wants to be looked at again. An entry may be out of date: whoever takes it asks the order itself.
class TimerQueue {
public:
    struct Timer {
        Timestamp at;
        OrderId order;
        bool operator>(const Timer& other) const { return at > other.at; }
    };

    void add(Timestamp at, const OrderId& order) { m_queue.push({at, order}); }

    /// The time of the first entry.
    [[nodiscard]] std::optional<Timestamp> next() const
    {
        return m_queue.empty() ? std::nullopt : std::optional(m_queue.top().at);
    }

    /// Takes the first entry if its time has come.
    std::optional<Timer> takeDue(Timestamp now)
    {
        if (m_queue.empty() || m_queue.top().at > now)
            return std::nullopt;
        const Timer timer = m_queue.top();
        m_queue.pop();
        return timer;
    }

private:
    std::priority_queue<Timer, std::vector<Timer>, std::greater<>> m_queue;
};

} // namespace gantry::engine
