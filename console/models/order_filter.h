// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "console/models/order_row.h"

#include <QString>
#include <QStringList>
#include <bitset>

namespace gantry::console {

/// Which orders a list shows: everything that is set must fit. A value.
struct OrderFilter {
    QString text; ///< words that must all be found in an order's search text; case does not matter
    std::bitset<orderStateCount> states; ///< any of them; none set means every state
    QString step; ///< empty: any
    QString channel; ///< empty: any

    bool operator==(const OrderFilter&) const = default;

    /// Whether it lets everything through.
    [[nodiscard]] bool isEmpty() const;
};

/// A filter made ready for many rows.
class OrderMatcher {
public:
    explicit OrderMatcher(const OrderFilter& filter);
    [[nodiscard]] bool operator()(const OrderRow& row) const;

private:
    OrderFilter m_filter;
    QStringList m_words; ///< case-folded
};

} // namespace gantry::console
