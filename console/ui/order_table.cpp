// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/ui/order_table.h"

#include "console/ui/theme.h"

#include <QContextMenuEvent>
#include <QHeaderView>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QScrollBar>
#include <algorithm>

namespace gantry::console {

namespace {

constexpr int rowPixels = 3 * gridUnit + 4;

// By column: what fits a usual value.
constexpr std::array<int, orderColumnCount> widths{128, 88, 96, 152, 72, 96, 112, 112, 160};

} // namespace

OrderTable::OrderTable(QWidget* parent)
    : QTableView(parent)
    , m_delegate(new OrderDelegate(this))
{
    setItemDelegate(m_delegate);
    setSelectionBehavior(SelectRows);
    setSelectionMode(ExtendedSelection);
    setShowGrid(false);
    setWordWrap(false);
    setMouseTracking(true);
    setSortingEnabled(true);
    setVerticalScrollMode(ScrollPerPixel);
    setHorizontalScrollMode(ScrollPerPixel);
    setTabKeyNavigation(false);
    setFrameShape(QFrame::NoFrame);
    verticalHeader()->setVisible(false);
    verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    verticalHeader()->setDefaultSectionSize(rowPixels);
    horizontalHeader()->setHighlightSections(false);
    horizontalHeader()->setStretchLastSection(true);
    horizontalHeader()->setSectionsMovable(true);
    horizontalHeader()->setMinimumSectionSize(6 * gridUnit);
    m_idle.setSingleShot(true);
    m_idle.setInterval(idleAfter);
    connect(&m_idle, &QTimer::timeout, this, &OrderTable::rest);
    connect(this, &QTableView::doubleClicked, this, &OrderTable::opened);
}

void OrderTable::setOrders(OrderFilterModel& model)
{
    const bool isFirst = !m_orders;
    if (m_orders) {
        rest();
        disconnect(m_orders, nullptr, this, nullptr);
    }
    m_orders = &model;
    // The header would sort at once by whatever it shows: it shows what the model does.
    horizontalHeader()->setSortIndicator(indexOf(model.sortColumn()), model.sortOrder());
    setModel(&model);
    if (isFirst)
        for (int column = 0; column < orderColumnCount; ++column)
            setColumnWidth(column, widths[static_cast<std::size_t>(column)]);
    connect(&model, &OrderFilterModel::aboutToSettle, this, &OrderTable::remember);
    connect(&model, &OrderFilterModel::settled, this, &OrderTable::restore);
    connect(selectionModel(), &QItemSelectionModel::selectionChanged, this,
        [this] { Q_EMIT selectionChangedTo(static_cast<int>(selectionModel()->selectedRows().size())); });
    Q_EMIT selectionChangedTo(0);
}

std::vector<std::shared_ptr<const Order>> OrderTable::selectedOrders() const
{
    std::vector<int> rows;
    for (const QModelIndex& index : selectionModel()->selectedRows())
        rows.push_back(index.row());
    std::ranges::sort(rows);
    std::vector<std::shared_ptr<const Order>> orders;
    std::ranges::transform(
        rows, std::back_inserter(orders), [this](int row) { return m_orders->rowAt(row)->order; });
    return orders;
}

bool OrderTable::selectOrder(const OrderId& id)
{
    const int row = m_orders->rowOf(id);
    if (row < 0)
        return false;
    selectionModel()->setCurrentIndex(
        m_orders->index(row, 0), QItemSelectionModel::ClearAndSelect | QItemSelectionModel::Rows);
    scrollTo(m_orders->index(row, 0));
    return true;
}

void OrderTable::catchUp()
{
    m_orders->catchUp();
}

void OrderTable::touch()
{
    if (!m_orders)
        return;
    m_orders->setFrozen(true);
    m_idle.start();
}

void OrderTable::rest()
{
    m_idle.stop();
    if (m_orders)
        m_orders->setFrozen(false);
}

void OrderTable::hover(const QPoint& position)
{
    const int row = position.isNull() ? -1 : rowAt(position.y());
    if (row == m_hoveredRow)
        return;
    m_hoveredRow = row;
    m_delegate->setHoveredRow(row);
    viewport()->update();
}

void OrderTable::mouseMoveEvent(QMouseEvent* event)
{
    touch();
    hover(event->pos());
    QTableView::mouseMoveEvent(event);
}

void OrderTable::wheelEvent(QWheelEvent* event)
{
    touch();
    QTableView::wheelEvent(event);
    hover(viewport()->mapFromGlobal(QCursor::pos()));
}

bool OrderTable::viewportEvent(QEvent* event)
{
    if (event->type() == QEvent::Leave) {
        hover({});
        rest();
    }
    return QTableView::viewportEvent(event);
}

void OrderTable::keyPressEvent(QKeyEvent* event)
{
    touch();
    if (event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter) {
        Q_EMIT opened();
        return;
    }
    QTableView::keyPressEvent(event);
}

void OrderTable::contextMenuEvent(QContextMenuEvent* event)
{
    touch();
    Q_EMIT menuRequested(event->globalPos());
}

void OrderTable::remember()
{
    m_anchor.reset();
    const int row = rowAt(0);
    // At the very top a person wants to see what comes in on top.
    if (row >= 0 && verticalScrollBar()->value() > 0)
        m_anchor = {m_orders->rowAt(row)->order->id, rowViewportPosition(row)};
}

void OrderTable::restore()
{
    if (!m_anchor)
        return;
    const int row = m_orders->rowOf(m_anchor->first);
    if (row >= 0)
        verticalScrollBar()->setValue(row * rowPixels - m_anchor->second);
}

} // namespace gantry::console
