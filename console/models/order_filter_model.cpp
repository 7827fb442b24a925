// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/models/order_filter_model.h"

#include "console/models/row_spans.h"

#include <algorithm>
#include <iterator>

namespace gantry::console {

namespace {

/// More spans than this are told as one range at the end and one permutation instead: a view pays for each span.
constexpr std::size_t mostSpans = 32;

/// How many rows that are about to leave are looked past to judge whether another one stands right.
constexpr int mostSkipped = 64;

} // namespace

OrderFilterModel::OrderFilterModel(OrderTableModel& source, QObject* parent)
    : QAbstractTableModel(parent)
    , m_source(source)
{
    connect(&source, &OrderTableModel::applied, this, &OrderFilterModel::onApplied);
    connect(&source, &OrderTableModel::ticked, this, &OrderFilterModel::onTicked);
    rebuild();
}

void OrderFilterModel::setFilter(const OrderFilter& filter)
{
    if (filter == m_filter)
        return;
    m_filter = filter;
    m_matches = OrderMatcher(filter);
    rebuild();
}

void OrderFilterModel::sort(int column, Qt::SortOrder order)
{
    if (column < 0 || column >= orderColumnCount)
        return;
    m_sortColumn = static_cast<OrderColumn>(column);
    m_sortOrder = order;
    rebuild();
}

void OrderFilterModel::setFrozen(bool frozen)
{
    m_frozen = frozen;
    if (!frozen)
        catchUp();
}

void OrderFilterModel::catchUp()
{
    if (!m_pending.empty())
        settle();
}

void OrderFilterModel::onApplied(const std::vector<OrderId>& touched, bool reset)
{
    if (reset && !m_frozen) {
        rebuild();
        return;
    }
    refresh(reset ? everyId() : touched);
    if (!m_frozen)
        catchUp();
    tellPending();
}

void OrderFilterModel::onTicked()
{
    if (m_order.empty())
        return;
    Q_EMIT dataChanged(index(0, indexOf(OrderColumn::Age)),
        index(rowCount() - 1, indexOf(OrderColumn::Promise)), {Qt::DisplayRole, ToneRole});
}

/// Brings the cells of what is shown up to date, and notes what would have to come, go or move.
void OrderFilterModel::refresh(const std::vector<OrderId>& touched)
{
    numberRows();
    std::vector<Change> changes;
    std::vector<Place> suspects;
    for (const OrderId& id : touched) {
        if (const auto at = m_places.find(id); at != m_places.end()) {
            if (const auto change = refreshShown(id, at->second, suspects))
                changes.push_back(*change);
        } else {
            const OrderRowPtr row = m_source.find(id);
            setPending(id, row && m_matches(*row));
        }
    }
    // All suspects count as pending while each is judged against those that are not: what is left then is in sequence for certain.
    for (const Place suspect : suspects)
        if (isInPlace(m_shown[suspect].position))
            setPending(m_shown[suspect].row->order->id, false);
    tellChanged(std::move(changes));
}

std::optional<OrderFilterModel::Change> OrderFilterModel::refreshShown(
    const OrderId& id, Place place, std::vector<Place>& suspects)
{
    Shown& shown = m_shown[place];
    const OrderRowPtr row = m_source.find(id);
    if (row == shown.row && !shown.gone)
        return std::nullopt;
    Change change{shown.position, {0, orderColumnCount - 1}};
    if (!row) {
        shown.gone = true;
        setPending(id, true);
        return change;
    }
    if (!shown.gone)
        change.columns = changedColumns(*shown.row, *row);
    const bool hasMoved = shown.pending || compareRows(*shown.row, *row, m_sortColumn, m_sortOrder) != 0;
    shown.row = row;
    shown.gone = false;
    const bool matches = m_matches(*row);
    setPending(id, !matches || hasMoved);
    if (matches && hasMoved)
        suspects.push_back(place);
    return change;
}

bool OrderFilterModel::isInPlace(int position) const
{
    const Place self = m_order[static_cast<std::size_t>(position)];
    const auto neighbor = [&](int step) -> std::optional<Place> {
        for (int at = position + step, skipped = 0; at >= 0 && at < rowCount(); at += step, ++skipped) {
            const Place place = m_order[static_cast<std::size_t>(at)];
            if (!m_shown[place].pending)
                return place;
            if (skipped == mostSkipped)
                return self; // too far to look: nothing stands before itself, so this says out of place
        }
        return std::nullopt;
    };
    const auto before = neighbor(-1);
    const auto after = neighbor(1);
    return (!before || isBefore(*before, self)) && (!after || isBefore(self, *after));
}

void OrderFilterModel::tellChanged(std::vector<Change> changes)
{
    std::ranges::sort(changes, {}, &Change::position);
    std::vector<int> rows;
    std::ranges::transform(changes, std::back_inserter(rows), &Change::position);
    std::size_t at = 0;
    for (const RowSpan& span : spansOf(rows)) {
        ColumnSpan columns;
        for (int row = span.first; row <= span.last; ++row)
            columns.add(changes[at++].columns);
        if (columns.isEmpty())
            Q_EMIT dataChanged(index(span.first, 0), index(span.last, 0), {RowRole});
        else
            Q_EMIT dataChanged(index(span.first, columns.first), index(span.last, columns.last));
    }
}

void OrderFilterModel::settle()
{
    std::vector<Place> target;
    target.reserve(m_order.size() + m_pending.size());
    std::ranges::copy_if(
        m_order, std::back_inserter(target), [this](Place place) { return !m_shown[place].pending; });
    std::vector<Place> incoming;
    for (const OrderId& id : m_pending)
        if (const OrderRowPtr row = m_source.find(id); row && m_matches(*row))
            incoming.push_back(placeFor(row));
    sortPlaces(incoming);
    // Bisection for each that comes, then one pass: cheaper than comparing all that stay.
    std::vector<Place> merged;
    merged.reserve(target.size() + incoming.size());
    auto from = target.begin();
    for (const Place place : incoming) {
        const auto to =
            std::lower_bound(from, target.end(), place, [this](Place a, Place b) { return isBefore(a, b); });
        merged.insert(merged.end(), from, to);
        merged.push_back(place);
        from = to;
    }
    merged.insert(merged.end(), from, target.end());
    clearPending();
    present(merged);
    tellPending();
}

void OrderFilterModel::rebuild()
{
    bool stale = false;
    std::vector<Place> target;
    for (int row = 0; row < m_source.rowCount(); ++row) {
        const OrderRowPtr& each = m_source.rowAt(row);
        if (!m_matches(*each))
            continue;
        target.push_back(placeFor(each));
        Shown& shown = m_shown[target.back()];
        stale = stale || shown.row != each || shown.gone;
        shown.row = each;
        shown.gone = false;
    }
    sortPlaces(target);
    clearPending();
    present(target);
    if (stale)
        Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, orderColumnCount - 1));
    tellPending();
}

std::vector<OrderId> OrderFilterModel::everyId() const
{
    std::vector<OrderId> ids;
    ids.reserve(m_order.size());
    for (const Place place : m_order)
        ids.push_back(m_shown[place].row->order->id);
    ids.insert(ids.end(), m_pending.begin(), m_pending.end());
    for (int row = 0; row < m_source.rowCount(); ++row)
        ids.push_back(m_source.rowAt(row)->order->id);
    std::ranges::sort(ids);
    const auto same = std::ranges::unique(ids);
    ids.erase(same.begin(), same.end());
    return ids;
}

/// Makes the rows exactly `target`: takes out what is not in it, brings the rest into its sequence, puts in what is missing.
void OrderFilterModel::present(const std::vector<Place>& target)
{
    if (target == m_order)
        return;
    Q_EMIT aboutToSettle();
    std::vector<char> kept(m_shown.size(), 0);
    for (const Place place : target)
        kept[place] = 1;
    removeAllBut(kept);
    insertUpTo(target);
    Q_EMIT settled();
}

void OrderFilterModel::removeAllBut(const std::vector<char>& kept)
{
    std::vector<int> rows;
    for (std::size_t row = 0; row < m_order.size(); ++row)
        if (!kept[m_order[row]])
            rows.push_back(static_cast<int>(row));
    auto spans = spansOf(rows);
    if (spans.size() > mostSpans) {
        std::vector<Place> keptFirst = m_order;
        std::ranges::stable_partition(keptFirst, [&](Place place) { return kept[place] != 0; });
        permute(std::move(keptFirst));
        spans = {{rowCount() - static_cast<int>(rows.size()), rowCount() - 1}};
    }
    for (auto span = spans.rbegin(); span != spans.rend(); ++span) {
        beginRemoveRows({}, span->first, span->last);
        const auto first = m_order.begin() + span->first;
        const auto last = m_order.begin() + span->last + 1;
        std::for_each(first, last, [this](Place place) { drop(place); });
        m_order.erase(first, last);
        m_isNumbered = false;
        endRemoveRows();
    }
}

void OrderFilterModel::insertUpTo(const std::vector<Place>& target)
{
    std::vector<char> present(m_shown.size(), 0);
    for (const Place place : m_order)
        present[place] = 1;
    std::vector<Place> staying;
    std::vector<Place> coming;
    std::vector<int> rows;
    for (std::size_t row = 0; row < target.size(); ++row) {
        if (present[target[row]]) {
            staying.push_back(target[row]);
            continue;
        }
        coming.push_back(target[row]);
        rows.push_back(static_cast<int>(row));
    }
    auto spans = spansOf(rows);
    const bool appends = spans.size() > mostSpans;
    if (!appends)
        permute(std::move(staying));
    else
        spans = {{rowCount(), rowCount() + static_cast<int>(coming.size()) - 1}};
    auto next = coming.cbegin();
    for (const RowSpan& span : spans) {
        const auto count = span.last - span.first + 1;
        beginInsertRows({}, span.first, span.last);
        m_order.insert(m_order.begin() + span.first, next, next + count);
        m_isNumbered = false;
        endInsertRows();
        next += count;
    }
    if (appends)
        permute(target);
}

void OrderFilterModel::permute(std::vector<Place> to)
{
    if (to == m_order)
        return;
    Q_EMIT layoutAboutToBeChanged({}, QAbstractItemModel::VerticalSortHint);
    const QModelIndexList before = persistentIndexList();
    std::vector<Place> places;
    for (const QModelIndex& index : before)
        places.push_back(m_order[static_cast<std::size_t>(index.row())]);
    m_order = std::move(to);
    m_isNumbered = false;
    numberRows();
    QModelIndexList after;
    for (qsizetype i = 0; i < before.size(); ++i)
        after.append(index(m_shown[places[static_cast<std::size_t>(i)]].position, before[i].column()));
    changePersistentIndexList(before, after);
    Q_EMIT layoutChanged({}, QAbstractItemModel::VerticalSortHint);
}

void OrderFilterModel::sortPlaces(std::vector<Place>& places) const
{
    std::vector<std::pair<std::uint64_t, Place>> keyed;
    keyed.reserve(places.size());
    for (const Place place : places)
        keyed.emplace_back(sortPrefix(*m_shown[place].row, m_sortColumn, m_sortOrder), place);
    std::ranges::sort(keyed, [this](const auto& a, const auto& b) {
        return a.first != b.first ? a.first < b.first : isBefore(a.second, b.second);
    });
    std::ranges::transform(keyed, places.begin(), [](const auto& each) { return each.second; });
}

bool OrderFilterModel::isBefore(Place a, Place b) const
{
    return compareRows(*m_shown[a].row, *m_shown[b].row, m_sortColumn, m_sortOrder) < 0;
}

OrderFilterModel::Place OrderFilterModel::placeFor(const OrderRowPtr& row)
{
    const auto [at, isNew] = m_places.try_emplace(row->order->id, 0);
    if (!isNew)
        return at->second;
    if (m_free.empty()) {
        m_shown.emplace_back();
        m_free.push_back(static_cast<Place>(m_shown.size() - 1));
    }
    at->second = m_free.back();
    m_free.pop_back();
    m_shown[at->second] = Shown{.row = row};
    return at->second;
}

void OrderFilterModel::drop(Place place)
{
    m_places.erase(m_shown[place].row->order->id);
    m_shown[place] = {};
    m_free.push_back(place);
}

void OrderFilterModel::setPending(const OrderId& id, bool pending)
{
    if (pending)
        m_pending.insert(id);
    else
        m_pending.erase(id);
    if (const auto at = m_places.find(id); at != m_places.end())
        m_shown[at->second].pending = pending;
}

void OrderFilterModel::clearPending()
{
    for (const OrderId& id : m_pending)
        if (const auto at = m_places.find(id); at != m_places.end())
            m_shown[at->second].pending = false;
    m_pending.clear();
}

void OrderFilterModel::tellPending()
{
    if (m_toldPending == pendingCount())
        return;
    m_toldPending = pendingCount();
    Q_EMIT pendingCountChanged(m_toldPending);
}

void OrderFilterModel::numberRows() const
{
    if (m_isNumbered)
        return;
    for (std::size_t row = 0; row < m_order.size(); ++row)
        m_shown[m_order[row]].position = static_cast<int>(row);
    m_isNumbered = true;
}

int OrderFilterModel::rowOf(const OrderId& id) const
{
    const auto at = m_places.find(id);
    if (at == m_places.end())
        return -1;
    numberRows();
    return m_shown[at->second].position;
}

int OrderFilterModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_order.size());
}

int OrderFilterModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : orderColumnCount;
}

QVariant OrderFilterModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid))
        return {};
    const Shown& shown = m_shown[m_order[static_cast<std::size_t>(index.row())]];
    if (role == RowRole)
        return QVariant::fromValue(shown.row);
    if (shown.gone && role == GoneRole)
        return true;
    if (shown.gone && role == StateRole)
        return -1;
    if (shown.gone && role == Qt::DisplayRole && index.column() == indexOf(OrderColumn::State))
        return tr("Closed");
    return orderCell(*shown.row, static_cast<OrderColumn>(index.column()), role, m_source.now());
}

QVariant OrderFilterModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    return m_source.headerData(section, orientation, role);
}

} // namespace gantry::console
