// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "console/models/order_filter.h"
#include "console/models/order_table_model.h"

#include <QAbstractTableModel>
#include <optional>
#include <set>
#include <unordered_map>
#include <vector>

namespace gantry::console {

/// The orders that a person looks at: filtered and sorted, and able to hold still.
///
/// Keeps its own sorted index over an OrderTableModel instead of being a QSortFilterProxyModel: that one moves rows whenever a value
/// changes, one signal a row, and can't be told to wait. Here a change costs what it touches, and a large one at most three signals whatever
/// its size (append, permute, cut off), so that selection and scroll position survive.
///
/// While frozen, cells go on showing the present, but no row comes, goes or moves: those that should go are marked gone, and what waits is
/// counted. Unfreezing catches up at once.
class OrderFilterModel : public QAbstractTableModel {
    Q_OBJECT
public:
    /// `source` must outlive the model.
    explicit OrderFilterModel(OrderTableModel& source, QObject* parent = nullptr);

    void setFilter(const OrderFilter& filter);
    [[nodiscard]] const OrderFilter& filter() const { return m_filter; }

    void sort(int column, Qt::SortOrder order) override;
    [[nodiscard]] OrderColumn sortColumn() const { return m_sortColumn; }
    [[nodiscard]] Qt::SortOrder sortOrder() const { return m_sortOrder; }

    /// Holds all rows where they are, or lets them go.
    void setFrozen(bool frozen);
    [[nodiscard]] bool isFrozen() const { return m_frozen; }

    /// Applies what waits now, frozen or not.
    void catchUp();

    /// How many orders would come, go or move if it were not frozen.
    [[nodiscard]] int pendingCount() const { return static_cast<int>(m_pending.size()); }

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

    /// The row of that number; it must exist.
    [[nodiscard]] const OrderRowPtr& rowAt(int row) const
    {
        return m_shown[m_order[static_cast<std::size_t>(row)]].row;
    }

    /// The number of an order's row, or -1 if it is not shown.
    [[nodiscard]] int rowOf(const OrderId& id) const;

Q_SIGNALS:
    /// Rows are about to come, go or move, and: they have. For whoever keeps a scroll position.
    void aboutToSettle();
    void settled();
    void pendingCountChanged(int count);

private:
    using Place = std::uint32_t;
    struct Shown {
        OrderRowPtr row;
        int position = -1;
        bool gone = false; ///< no longer in the source
        bool pending = false; ///< should go or move
    };
    struct Change {
        int position = 0;
        ColumnSpan columns;
    };

    void onApplied(const std::vector<OrderId>& touched, bool reset);
    void onTicked();
    void refresh(const std::vector<OrderId>& touched);
    std::optional<Change> refreshShown(const OrderId& id, Place place, std::vector<Place>& suspects);
    [[nodiscard]] bool isInPlace(int position) const;
    void tellChanged(std::vector<Change> changes);
    void settle();
    void rebuild();
    [[nodiscard]] std::vector<OrderId> everyId() const;
    void present(const std::vector<Place>& target);
    void removeAllBut(const std::vector<char>& kept);
    void insertUpTo(const std::vector<Place>& target);
    void permute(std::vector<Place> to);
    void sortPlaces(std::vector<Place>& places) const;
    [[nodiscard]] bool isBefore(Place a, Place b) const;
    Place placeFor(const OrderRowPtr& row);
    void drop(Place place);
    void setPending(const OrderId& id, bool pending);
    void clearPending();
    void tellPending();
    void numberRows() const;

    OrderTableModel& m_source;
    OrderFilter m_filter;
    OrderMatcher m_matches{m_filter};
    OrderColumn m_sortColumn = OrderColumn::State;
    Qt::SortOrder m_sortOrder = Qt::AscendingOrder;
    bool m_frozen = false;
    mutable std::vector<Shown>
        m_shown; ///< what is shown, each at a place that it keeps; mutable for the positions
    std::vector<Place> m_free; ///< places in m_shown without a row
    std::vector<Place> m_order; ///< by row number
    std::unordered_map<OrderId, Place> m_places;
    mutable bool m_isNumbered = true; ///< whether the positions in m_shown are right
    std::set<OrderId> m_pending;
    int m_toldPending = 0;
};

} // namespace gantry::console
