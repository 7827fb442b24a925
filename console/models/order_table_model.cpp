// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/models/order_table_model.h"

#include "console/models/row_spans.h"

#include <algorithm>

namespace gantry::console {

namespace {

std::size_t stateIndex(const OrderRow& row)
{
    return static_cast<std::size_t>(row.state);
}

const QList<int>& visibleRoles()
{
    static const QList<int> roles{Qt::DisplayRole, Qt::ToolTipRole, RowRole, StateRole, SortRole, ToneRole};
    return roles;
}

} // namespace

OrderTableModel::OrderTableModel(const Clock& clock, QObject* parent)
    : QAbstractTableModel(parent)
    , m_clock(clock)
    , m_now(clock.now())
{
}

void OrderTableModel::applyChange(const ReplicaChange& change)
{
    m_now = m_clock.now();
    std::vector<OrderId> touched;
    touched.reserve(change.changed.size() + change.removed.size());
    if (change.reset) {
        replaceAll(change);
        Q_EMIT applied(touched, true);
        return;
    }
    std::vector<OrderRowPtr> updates;
    std::vector<OrderRowPtr> added;
    for (const auto& order : change.changed) {
        touched.push_back(order->id);
        (rowOf(order->id) >= 0 ? updates : added).push_back(m_maker.make(order));
    }
    std::vector<int> gone;
    for (const OrderId& id : change.removed) {
        touched.push_back(id);
        if (const int row = rowOf(id); row >= 0)
            gone.push_back(row);
    }
    if (updates.size() + added.size() + gone.size() > resetThreshold) {
        beginResetModel();
        for (OrderRowPtr& row : updates) {
            OrderRowPtr& place = m_store[m_rows[static_cast<std::size_t>(rowOf(row->order->id))]];
            --m_counts[stateIndex(*place)];
            ++m_counts[stateIndex(*row)];
            place = std::move(row);
        }
        mergeQuietly(added, gone);
        endResetModel();
    } else {
        updateRows(std::move(updates));
        removeRows(gone);
        insertRows(std::move(added));
    }
    std::sort(touched.begin(), touched.end());
    Q_EMIT applied(touched, false);
}

void OrderTableModel::replaceAll(const ReplicaChange& change)
{
    beginResetModel();
    m_store.clear();
    m_free.clear();
    m_rows.clear();
    m_counts = {};
    m_store.reserve(change.changed.size());
    m_rows.reserve(change.changed.size());
    for (const auto& order : change.changed)
        m_rows.push_back(put(m_maker.make(order)));
    endResetModel();
}

void OrderTableModel::updateRows(std::vector<OrderRowPtr> updates)
{
    std::vector<int> rows;
    std::vector<ColumnSpan> looks;
    for (OrderRowPtr& row : updates) {
        rows.push_back(rowOf(row->order->id));
        OrderRowPtr& place = m_store[m_rows[static_cast<std::size_t>(rows.back())]];
        looks.push_back(changedColumns(*place, *row));
        --m_counts[stateIndex(*place)];
        ++m_counts[stateIndex(*row)];
        place = std::move(row);
    }
    std::size_t at = 0;
    for (const RowSpan& span : spansOf(rows)) {
        ColumnSpan columns;
        for (int row = span.first; row <= span.last; ++row)
            columns.add(looks[at++]);
        // A change that shows in no cell (a new version, say) still gives RowRole another value.
        if (columns.isEmpty())
            Q_EMIT dataChanged(index(span.first, 0), index(span.last, 0), {RowRole});
        else
            Q_EMIT dataChanged(
                index(span.first, columns.first), index(span.last, columns.last), visibleRoles());
    }
}

void OrderTableModel::removeRows(const std::vector<int>& rows)
{
    const auto spans = spansOf(rows);
    for (auto span = spans.rbegin(); span != spans.rend(); ++span) {
        beginRemoveRows({}, span->first, span->last);
        for (int row = span->first; row <= span->last; ++row)
            take(m_rows[static_cast<std::size_t>(row)]);
        m_rows.erase(m_rows.begin() + span->first, m_rows.begin() + span->last + 1);
        endRemoveRows();
    }
}

void OrderTableModel::insertRows(std::vector<OrderRowPtr> added)
{
    // From the end, so that the places found for the earlier ones stay right.
    for (auto end = added.end(); end != added.begin();) {
        const int at = lowerBound((*std::prev(end))->order->id);
        auto begin = std::prev(end);
        while (begin != added.begin() && lowerBound((*std::prev(begin))->order->id) == at)
            --begin;
        beginInsertRows({}, at, at + static_cast<int>(end - begin) - 1);
        std::vector<Place> places;
        std::transform(
            begin, end, std::back_inserter(places), [this](OrderRowPtr& row) { return put(std::move(row)); });
        m_rows.insert(m_rows.begin() + at, places.begin(), places.end());
        endInsertRows();
        end = begin;
    }
}

void OrderTableModel::mergeQuietly(const std::vector<OrderRowPtr>& added, const std::vector<int>& removed)
{
    constexpr Place none = std::numeric_limits<Place>::max();
    for (const int row : removed) {
        take(m_rows[static_cast<std::size_t>(row)]);
        m_rows[static_cast<std::size_t>(row)] = none;
    }
    std::erase(m_rows, none);
    const auto middle = static_cast<std::ptrdiff_t>(m_rows.size());
    for (const OrderRowPtr& row : added)
        m_rows.push_back(put(row));
    std::inplace_merge(m_rows.begin(), m_rows.begin() + middle, m_rows.end(),
        [this](Place a, Place b) { return m_store[a]->order->id < m_store[b]->order->id; });
}

OrderTableModel::Place OrderTableModel::put(OrderRowPtr row)
{
    ++m_counts[stateIndex(*row)];
    if (m_free.empty()) {
        m_store.push_back(std::move(row));
        return static_cast<Place>(m_store.size() - 1);
    }
    const Place place = m_free.back();
    m_free.pop_back();
    m_store[place] = std::move(row);
    return place;
}

void OrderTableModel::take(Place place)
{
    --m_counts[stateIndex(*m_store[place])];
    m_store[place].reset();
    m_free.push_back(place);
}

int OrderTableModel::lowerBound(const OrderId& id) const
{
    const auto found = std::lower_bound(m_rows.begin(), m_rows.end(), id,
        [this](Place place, const OrderId& value) { return m_store[place]->order->id < value; });
    return static_cast<int>(found - m_rows.begin());
}

int OrderTableModel::rowOf(const OrderId& id) const
{
    const int row = lowerBound(id);
    return row < rowCount() && rowAt(row)->order->id == id ? row : -1;
}

OrderRowPtr OrderTableModel::find(const OrderId& id) const
{
    const int row = rowOf(id);
    return row < 0 ? nullptr : rowAt(row);
}

void OrderTableModel::tick()
{
    m_now = m_clock.now();
    if (!m_rows.empty())
        Q_EMIT dataChanged(index(0, indexOf(OrderColumn::Age)),
            index(rowCount() - 1, indexOf(OrderColumn::Promise)), {Qt::DisplayRole, ToneRole});
    Q_EMIT ticked();
}

int OrderTableModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int OrderTableModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : orderColumnCount;
}

QVariant OrderTableModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid))
        return {};
    if (role == RowRole)
        return QVariant::fromValue(rowAt(index.row()));
    return orderCell(*rowAt(index.row()), static_cast<OrderColumn>(index.column()), role, m_now);
}

QVariant OrderTableModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || section < 0 || section >= orderColumnCount)
        return {};
    return orderHeader(static_cast<OrderColumn>(section), role);
}

} // namespace gantry::console
