// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/ui/order_delegate.h"

#include "console/models/order_columns.h"
#include "console/ui/icons.h"
#include "console/ui/theme.h"

#include <QPainter>

namespace gantry::console {

namespace {

QColor textColor(const Theme& theme, const QModelIndex& index)
{
    if (index.data(GoneRole).toBool())
        return theme.muted();
    if (index.column() == indexOf(OrderColumn::State))
        return theme.stateColor(static_cast<OrderState>(index.data(StateRole).toInt()));
    return theme.toneColor(static_cast<Tone>(index.data(ToneRole).toInt()));
}

QString iconName(const QModelIndex& index)
{
    const int state = index.data(StateRole).toInt();
    return stateIconName(state < 0 ? OrderState::Canceled : static_cast<OrderState>(state));
}

} // namespace

void OrderDelegate::paint(
    QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const
{
    const Theme theme = Theme::current();
    painter->save();
    if (option.state & QStyle::State_Selected)
        painter->fillRect(option.rect, theme.selection());
    else if (index.row() == m_hoveredRow)
        painter->fillRect(option.rect, theme.hover());
    painter->setPen(theme.border());
    painter->drawLine(option.rect.bottomLeft(), option.rect.bottomRight());

    QRect area = option.rect.adjusted(gridUnit, 0, -gridUnit, -1);
    const QColor color = textColor(theme, index);
    if (index.column() == indexOf(OrderColumn::State)) {
        const int top = area.top() + (area.height() - 16) / 2;
        painter->drawPixmap(area.left(), top,
            tintedPixmap(iconName(index), color, 16, painter->device()->devicePixelRatioF()));
        area.setLeft(area.left() + 16 + 6);
    }
    QFont font = option.font;
    font.setItalic(index.data(GoneRole).toBool());
    font.setWeight(index.column() == indexOf(OrderColumn::Order) ? QFont::DemiBold : QFont::Normal);
    painter->setFont(font);
    painter->setPen(color);
    // Order numbers differ at their ends more than in their middles.
    const auto elide = index.column() == indexOf(OrderColumn::Order) ? Qt::ElideMiddle : Qt::ElideRight;
    const QString text = QFontMetrics(font).elidedText(index.data().toString(), elide, area.width());
    const auto alignment = index.data(Qt::TextAlignmentRole).value<Qt::Alignment>();
    painter->drawText(area, static_cast<int>(alignment) | Qt::TextSingleLine, text);
    const auto marked = QStyle::State_HasFocus | QStyle::State_Selected;
    if ((option.state & marked) == marked && index.column() == 0)
        painter->fillRect(
            QRect(option.rect.left(), option.rect.top(), 3, option.rect.height()), theme.accent());
    painter->restore();
}

} // namespace gantry::console
