// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "console/client/link.h"
#include "console/models/order_columns.h"
#include "console/models/order_row.h"
#include "shared/util/clock.h"

#include <QAbstractTableModel>
#include <array>
#include <vector>

namespace gantry::console {

/// All open orders, one row each, by ascending id; a row is found by its id by bisection, so there is no map to renumber when rows come
/// and go. Applies one ReplicaChange at a time: changes as contiguous spans with their real columns, new orders and closed ones as
/// ranges from the end, a large change as one reset.
class OrderTableModel : public QAbstractTableModel {
    Q_OBJECT
public:
    /// More changes than this in one go are told as one reset.
    static constexpr std::size_t resetThreshold = 2000;

    /// `clock` must outlive the model.
    explicit OrderTableModel(const Clock& clock, QObject* parent = nullptr);

    /// Takes a change in. Orders in `changed` must have a summary.
    void applyChange(const ReplicaChange& change);

    /// Lets ages and promises move on: call once a second.
    void tick();

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

    /// The row of that number; it must exist.
    [[nodiscard]] const OrderRowPtr& rowAt(int row) const
    {
        return m_store[m_rows[static_cast<std::size_t>(row)]];
    }

    /// The row of an order, or null.
    [[nodiscard]] OrderRowPtr find(const OrderId& id) const;

    /// The number of an order's row, or -1.
    [[nodiscard]] int rowOf(const OrderId& id) const;

    /// The time that ages are told against.
    [[nodiscard]] Timestamp now() const { return m_now; }

    /// How many orders are in each state: open states only.
    [[nodiscard]] const std::array<std::uint64_t, orderStateCount>& countsByState() const { return m_counts; }

Q_SIGNALS:
    /// After a change was taken in: the orders that are new, changed or closed, by ascending id. On `reset` any other may have changed, too.
    void applied(const std::vector<gantry::OrderId>& touched, bool reset);

    /// After tick().
    void ticked();

private:
    using Place = std::uint32_t;

    void replaceAll(const ReplicaChange& change);
    void updateRows(std::vector<OrderRowPtr> updates);
    void removeRows(const std::vector<int>& rows);
    void insertRows(std::vector<OrderRowPtr> added);
    void mergeQuietly(const std::vector<OrderRowPtr>& added, const std::vector<int>& removed);
    Place put(OrderRowPtr row);
    void take(Place place);
    [[nodiscard]] int lowerBound(const OrderId& id) const;

    const Clock& m_clock;
    Timestamp m_now;
    OrderRowMaker m_maker;
    std::vector<OrderRowPtr> m_store; ///< the rows, each at a place that it keeps
    std::vector<Place> m_free; ///< places in m_store without a row
    std::vector<Place> m_rows; ///< by row number: small, so that taking rows out of the middle is quick
    std::array<std::uint64_t, orderStateCount> m_counts{};
};

} // namespace gantry::console
