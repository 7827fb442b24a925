// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "console/client/link.h"

#include <deque>
#include <map>
#include <memory>

namespace gantry::console {

/// Gathers what happens to a replica until somebody wants to know: many changes of one order become one. One thread.
class ChangeCollector {
public:
    /// An open order is as given now.
    void changed(std::shared_ptr<const Order> order, bool isNew);

    /// An order is no longer open.
    void removed(const OrderId& id);

    void happened(const LoggedEvent& event);

    /// Everything is different: the change will be the whole set.
    void reset();

    [[nodiscard]] bool isReset() const noexcept { return m_isReset; }
    [[nodiscard]] bool isEmpty() const noexcept
    {
        return !m_isReset && m_entries.empty() && m_events.empty();
    }

    /// What has gathered, and begins anew. After a reset() the caller fills in `changed`.
    [[nodiscard]] ReplicaChange take();

private:
    struct Entry {
        std::shared_ptr<const Order> order; ///< null: removed
        bool isNew = false; ///< since the last take()
    };

    std::map<OrderId, Entry> m_entries;
    std::deque<LoggedEvent> m_events;
    std::uint64_t m_received = 0;
    std::uint64_t m_closed = 0;
    bool m_isReset = false;
};

} // namespace gantry::console
