// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "console/models/order_row.h"
#include "shared/util/time.h"

#include <QVariant>
#include <Qt>

namespace gantry::console {

/// The columns of every list of orders, left to right.
enum class OrderColumn { State, Order, Channel, Customer, Step, Age, Promise, Total, Cause };
constexpr int orderColumnCount = 9;

constexpr int indexOf(OrderColumn column)
{
    return static_cast<int>(column);
}

/// What a cell gives beside Qt's own roles.
enum OrderRole : int {
    IdRole = Qt::UserRole + 1, ///< the id's text
    RowRole, ///< OrderRowPtr
    StateRole, ///< int of OrderState; of a row that has left the list: -1
    SortRole, ///< what the column sorts by
    ToneRole, ///< int of Tone
    GoneRole, ///< bool: no longer in the list, shown until the list may move
};

/// The heading of a column.
QVariant orderHeader(OrderColumn column, int role);

/// One cell of an order's row.
QVariant orderCell(const OrderRow& row, OrderColumn column, int role, Timestamp now);

/// Compares two rows by one column; what is equal there compares by promise (State only) and then by id, so that the sequence is always
/// one and the same. Negative, or positive; 0 only for the same order.
int compareRows(const OrderRow& a, const OrderRow& b, OrderColumn column, Qt::SortOrder order);

/// The first 64 bits of that comparison: of two rows the one with the smaller prefix comes first; equal prefixes decide nothing.
std::uint64_t sortPrefix(const OrderRow& row, OrderColumn column, Qt::SortOrder order);

/// The columns in which two versions of one order look different, as a span; empty (first > last) when they look the same.
struct ColumnSpan {
    int first = orderColumnCount;
    int last = -1;
    [[nodiscard]] bool isEmpty() const { return first > last; }
    void add(OrderColumn column);
    void add(ColumnSpan other);
};
ColumnSpan changedColumns(const OrderRow& before, const OrderRow& after);

/// Where a state stands when sorted: what needs a person first.
int urgencyOf(OrderState state);

} // namespace gantry::console

Q_DECLARE_METATYPE(gantry::console::OrderRowPtr)
