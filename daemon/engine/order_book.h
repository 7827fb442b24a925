// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/engine/incident_index.h"
#include "daemon/engine/messages.h"
#include "shared/domain/order.h"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>

namespace gantry::engine {

/// A partition's open orders as of its last commit, by id, with their digest. Used on the partition's thread alone.
class OrderBook {
public:
    struct Entry {
        std::shared_ptr<const Order> order;
        std::uint64_t lastSequence = 0;
    };

    /// Null if the order is not open (or not known).
    [[nodiscard]] const Entry* find(const OrderId& id) const;

    /// Takes a committed order in; a closed one leaves the book.
    void put(std::shared_ptr<const Order> order, std::uint64_t lastSequence);

    [[nodiscard]] std::size_t size() const noexcept { return m_orders.size(); }

    /// Sum of digestOf() over the open orders.
    [[nodiscard]] std::uint64_t digest() const;

    /// The open orders with an id over `after`, at most `limit`, by ascending id; and whether they are the last.
    [[nodiscard]] SnapshotPart part(const std::optional<OrderId>& after, std::size_t limit) const;

    /// Calls `visit` with every entry, by ascending id. It must not change the book.
    template <typename Visit>
    void forEach(const Visit& visit) const
    {
        for (const auto& [id, entry] : m_orders)
            visit(entry);
    }

    /// The open incidents of these orders.
    [[nodiscard]] const IncidentIndex& incidents() const noexcept { return m_incidents; }

private:
    std::map<OrderId, Entry> m_orders;
    IncidentIndex m_incidents;
};

} // namespace gantry::engine
