// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/models/lines_model.h"

#include "console/models/plain_text.h"
#include "console/models/wording.h"

namespace gantry::console {

namespace {

QVariant alignmentOf(int column)
{
    const bool isNumber = column >= LinesModel::QuantityColumn;
    return QVariant::fromValue<Qt::Alignment>((isNumber ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
}

} // namespace

void LinesModel::setLines(std::vector<OrderLine> lines, Currency currency)
{
    beginResetModel();
    m_lines = std::move(lines);
    m_currency = currency;
    endResetModel();
}

int LinesModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_lines.size());
}

int LinesModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : columnTotal;
}

QString LinesModel::cell(const OrderLine& line, int column) const
{
    switch (column) {
    case SkuColumn: return toText(line.sku);
    case NameColumn: return toText(line.name);
    case QuantityColumn: return countText(static_cast<std::uint64_t>(line.quantity));
    case PriceColumn: return moneyText(line.unitPrice, *m_currency);
    case SumColumn: {
        const auto sum = multiplyChecked(line.quantity, line.unitPrice);
        return sum ? moneyText(*sum, *m_currency) : tr("too large");
    }
    default: return {};
    }
}

QVariant LinesModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid))
        return {};
    if (role == Qt::DisplayRole || role == Qt::ToolTipRole) {
        const QString text = cell(m_lines[static_cast<std::size_t>(index.row())], index.column());
        return role == Qt::ToolTipRole ? plainTip(text) : text;
    }
    if (role == Qt::TextAlignmentRole)
        return alignmentOf(index.column());
    return {};
}

QVariant LinesModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole)
        return alignmentOf(section);
    if (role != Qt::DisplayRole)
        return {};
    switch (section) {
    case SkuColumn: return tr("SKU");
    case NameColumn: return tr("Item");
    case QuantityColumn: return tr("Qty");
    case PriceColumn: return tr("Price");
    case SumColumn: return tr("Sum");
    default: return {};
    }
}

} // namespace gantry::console
