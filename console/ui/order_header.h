// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QHeaderView>

namespace gantry::console {

/// The headings of a list of orders: aligned like the cells under them, the sorted one in the accent color with an arrow.
class OrderHeader : public QHeaderView {
    Q_OBJECT
public:
    explicit OrderHeader(QWidget* parent = nullptr);

protected:
    void paintSection(QPainter* painter, const QRect& rect, int logicalIndex) const override;
    [[nodiscard]] QSize sizeHint() const override;
    void contextMenuEvent(QContextMenuEvent* event) override;

Q_SIGNALS:
    /// The user showed or hid a column.
    void columnToggled();
};

} // namespace gantry::console
