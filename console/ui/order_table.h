// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "console/models/order_filter_model.h"
#include "console/ui/order_delegate.h"

#include <QTableView>
#include <QTimer>
#include <optional>

namespace gantry::console {

/// The list of orders. Keeps still what a person looks at: while the pointer moves over the rows, or keys move through them, nothing comes,
/// goes or changes place until it rests or is asked to; and what does change elsewhere does not scroll the rows in sight.
class OrderTable : public QTableView {
    Q_OBJECT
public:
    /// After this long without pointer or keys the rows may move again, even with the pointer over them.
    static constexpr std::chrono::seconds idleAfter{15};

    explicit OrderTable(QWidget* parent = nullptr);

    /// Shows another list; selection and place start anew. Must outlive the view.
    void setOrders(OrderFilterModel& model);

    /// The selected orders as they are now, top to bottom.
    [[nodiscard]] std::vector<std::shared_ptr<const Order>> selectedOrders() const;

    /// Selects one order and brings it into sight. False if it is not in the list.
    bool selectOrder(const OrderId& id);

    /// How the user arranged the columns, for keeping; empty if not at all.
    [[nodiscard]] QByteArray columns() const;
    void setColumns(const QByteArray& columns);

    /// Moves what waits to move, now.
    void catchUp();

Q_SIGNALS:
    void selectionChangedTo(int count);
    void opened(); ///< Enter or double click
    void menuRequested(const QPoint& globalPosition);

protected:
    void mouseMoveEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    bool viewportEvent(QEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    void fitColumns();
    void keepColumns();
    void touch();
    void rest();
    void hover(const QPoint& position);
    void remember();
    void restore();

    OrderFilterModel* m_orders = nullptr;
    OrderDelegate* m_delegate;
    QTimer m_idle;
    int m_hoveredRow = -1;
    bool m_ownWidths = false; ///< the user arranged the columns
    bool m_isFitting = false;
    std::optional<std::pair<OrderId, int>> m_anchor; ///< the top row in sight and where it was, in pixels
};

} // namespace gantry::console
