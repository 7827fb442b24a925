// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/ui/padded_delegate.h"

namespace gantry::console {

namespace {

/// What the headings have over the padding that the style gives cells.
constexpr int extra = 5;

} // namespace

void PaddedDelegate::paint(
    QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const
{
    QStyleOptionViewItem inner = option;
    inner.rect.adjust(extra, 0, -extra, 0);
    QStyledItemDelegate::paint(painter, inner, index);
}

QSize PaddedDelegate::sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const
{
    return QStyledItemDelegate::sizeHint(option, index) + QSize(2 * extra, 0);
}

} // namespace gantry::console
