// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/ui/order_table.h"

#include "console/ui/order_header.h"
#include "console/ui/theme.h"

#include <QContextMenuEvent>
#include <QGuiApplication>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QScrollBar>
#include <algorithm>

namespace gantry::console {

namespace {

constexpr int rowPixels = 3 * gridUnit + 4;

// By column: what fits a usual value, in a narrow list and in a wide one. The cause gets what is left.
constexpr std::array<int, orderColumnCount> narrowWidths{112, 96, 96, 128, 72, 96, 112, 104, 120};
constexpr std::array<int, orderColumnCount> wideWidths{136, 160, 112, 208, 96, 104, 128, 128, 240};
constexpr int wideFrom = 1200;

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
    setVerticalScrollMode(ScrollPerPixel);
    setHorizontalScrollMode(ScrollPerPixel);
    setTabKeyNavigation(false);
    setFrameShape(QFrame::NoFrame);
    verticalHeader()->setVisible(false);
    verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    verticalHeader()->setDefaultSectionSize(rowPixels);
    auto* header = new OrderHeader(this);
    setHorizontalHeader(header);
    header->setStretchLastSection(true);
    setSortingEnabled(true);
    m_idle.setSingleShot(true);
    m_idle.setInterval(idleAfter);
    connect(&m_idle, &QTimer::timeout, this, &OrderTable::rest);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    // A section that changes its width under a pressed button is being dragged; else it follows the window.
    connect(header, &QHeaderView::sectionResized, this, [this] {
        if (QGuiApplication::mouseButtons() != Qt::NoButton && !m_isFitting)
            keepColumns();
    });
    connect(header, &OrderHeader::columnToggled, this, &OrderTable::keepColumns);
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
        fitColumns();
    connect(&model, &OrderFilterModel::aboutToSettle, this, &OrderTable::remember);
    connect(&model, &OrderFilterModel::settled, this, &OrderTable::restore);
    connect(selectionModel(), &QItemSelectionModel::selectionChanged, this,
        [this] { Q_EMIT selectionChangedTo(static_cast<int>(selectionModel()->selectedRows().size())); });
    Q_EMIT selectionChangedTo(0);
}

QByteArray OrderTable::columns() const
{
    return m_ownWidths ? horizontalHeader()->saveState() : QByteArray();
}

void OrderTable::setColumns(const QByteArray& columns)
{
    if (columns.isEmpty() || !horizontalHeader()->restoreState(columns))
        return;
    keepColumns();
    m_orders->sort(horizontalHeader()->sortIndicatorSection(), horizontalHeader()->sortIndicatorOrder());
}

void OrderTable::keepColumns()
{
    m_ownWidths = true;
    setHorizontalScrollBarPolicy(Qt::ScrollBarAsNeeded);
}

/// Until the user says otherwise, the columns follow the width there is; the channel, which the number mostly tells too, is the first to go.
void OrderTable::fitColumns()
{
    if (m_ownWidths || !m_orders)
        return;
    m_isFitting = true;
    const bool isWide = viewport()->width() >= wideFrom;
    for (int column = 0; column + 1 < orderColumnCount; ++column)
        setColumnWidth(column, (isWide ? wideWidths : narrowWidths)[static_cast<std::size_t>(column)]);
    setColumnHidden(indexOf(OrderColumn::Channel), !isWide);
    m_isFitting = false;
}

void OrderTable::resizeEvent(QResizeEvent* event)
{
    fitColumns();
    QTableView::resizeEvent(event);
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
