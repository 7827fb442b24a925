// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QStyledItemDelegate>

namespace gantry::console {

/// Paints a cell of a list of orders: the state as icon and word in its color, everything else in the tone that the model gives it.
class OrderDelegate : public QStyledItemDelegate {
    Q_OBJECT
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    void paint(
        QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;

    /// The row under the pointer, all of which is tinted; -1 for none.
    void setHoveredRow(int row) { m_hoveredRow = row; }

private:
    int m_hoveredRow = -1;
};

} // namespace gantry::console
