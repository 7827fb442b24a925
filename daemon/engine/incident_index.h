// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/domain/order.h"

#include <compare>
#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace gantry::engine {

/// What incidents have in common that one repair may mend.
struct IncidentCause {
    std::string step;
    std::string code;
    bool compensating = false; ///< it was being undone, not done
    auto operator<=>(const IncidentCause&) const = default;
};

/// What orders of one currency are worth together.
struct MoneyAtStake {
    Currency currency;
    MinorUnits total = 0; ///< stays at the largest number if the sum is beyond it
};

/// The open incidents of one cause.
struct IncidentGroup {
    IncidentCause cause;
    std::size_t count = 0;
    Timestamp firstSince{}; ///< of those that are open
    Timestamp lastSince{};
    std::vector<MoneyAtStake> atStake{}; ///< by currency's code
    OrderId example{}; ///< the order whose incident is the newest
    std::string message{}; ///< of that incident
};

/// The open incidents of a partition by cause, kept up to date order by order. Used on the partition's thread alone.
class IncidentIndex {
public:
    /// Adds an order that has an incident; any other is ignored.
    void add(const std::shared_ptr<const Order>& order);

    /// Takes an order out that was added.
    void remove(const Order& order);

    /// The causes, the most frequent first, at most `limit`.
    [[nodiscard]] std::vector<IncidentGroup> groups(std::size_t limit) const;

    /// How many orders have an incident of the same cause as that order's, with it; 0 if it has none.
    [[nodiscard]] std::size_t countLike(const Order& order) const;

    [[nodiscard]] std::size_t causeCount() const noexcept { return m_byCause.size(); }

private:
    using Key = std::pair<Timestamp, OrderId>;
    std::map<IncidentCause, std::map<Key, std::shared_ptr<const Order>>>
        m_byCause; ///< in the sequence of failing
};

} // namespace gantry::engine
