// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/domain/order_document.h"

#include <QAbstractTableModel>

namespace gantry::console {

/// The lines of one order's document.
class LinesModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column { SkuColumn, NameColumn, QuantityColumn, PriceColumn, SumColumn, columnTotal };

    using QAbstractTableModel::QAbstractTableModel;

    void setLines(std::vector<OrderLine> lines, Currency currency);

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    [[nodiscard]] QString cell(const OrderLine& line, int column) const;

    std::vector<OrderLine> m_lines;
    std::optional<Currency> m_currency;
};

} // namespace gantry::console
