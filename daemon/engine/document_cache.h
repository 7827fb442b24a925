// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/domain/order_id.h"

#include <cstddef>
#include <list>
#include <memory>
#include <string>
#include <unordered_map>

namespace gantry::engine {

/// The documents of orders that workers are at, so that a step after the first costs no look into the store. Bounded; what was not used for longest goes first. Used
/// on one thread.
class DocumentCache {
public:
    using Document = std::shared_ptr<const std::string>;

    explicit DocumentCache(std::size_t maxBytes)
        : m_maxBytes(maxBytes)
    {
    }

    /// Null if it is not here.
    [[nodiscard]] Document find(const OrderId& order);

    void put(const OrderId& order, Document document);
    void erase(const OrderId& order);

    [[nodiscard]] std::size_t bytes() const noexcept { return m_bytes; }

private:
    struct Entry {
        OrderId order;
        Document document;
    };
    static std::size_t costOf(const Entry& entry);

    std::size_t m_maxBytes;
    std::size_t m_bytes = 0;
    std::list<Entry> m_entries; ///< last used first
    std::unordered_map<OrderId, std::list<Entry>::iterator> m_byOrder;
};

} // namespace gantry::engine
