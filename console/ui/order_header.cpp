// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/ui/order_header.h"

#include "console/ui/theme.h"

#include <QContextMenuEvent>
#include <QMenu>
#include <QPainter>

namespace gantry::console {

OrderHeader::OrderHeader(QWidget* parent)
    : QHeaderView(Qt::Horizontal, parent)
{
    setSectionsClickable(true);
    setSectionsMovable(true);
    setHighlightSections(false);
    setMinimumSectionSize(6 * gridUnit);
}

QSize OrderHeader::sizeHint() const
{
    return {QHeaderView::sizeHint().width(), 4 * gridUnit};
}

void OrderHeader::paintSection(QPainter* painter, const QRect& rect, int logicalIndex) const
{
    const Theme theme = Theme::current();
    painter->save();
    painter->fillRect(rect, theme.surface());
    painter->setPen(theme.border());
    painter->drawLine(rect.bottomLeft(), rect.bottomRight());
    const bool isSorted = isSortIndicatorShown() && sortIndicatorSection() == logicalIndex;
    const bool isDescending = sortIndicatorOrder() == Qt::DescendingOrder;
    QString text = model()->headerData(logicalIndex, Qt::Horizontal, Qt::DisplayRole).toString();
    if (isSorted)
        text += isDescending ? QStringLiteral(" ↓") : QStringLiteral(" ↑");
    const auto alignment =
        model()->headerData(logicalIndex, Qt::Horizontal, Qt::TextAlignmentRole).value<Qt::Alignment>();
    painter->setPen(isSorted ? theme.accent() : theme.muted());
    painter->drawText(
        rect.adjusted(gridUnit, 0, -gridUnit, -1), static_cast<int>(alignment) | Qt::TextSingleLine, text);
    painter->restore();
}

void OrderHeader::contextMenuEvent(QContextMenuEvent* event)
{
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    for (int section = 0; section < count(); ++section) {
        QAction* item =
            menu->addAction(model()->headerData(section, Qt::Horizontal, Qt::DisplayRole).toString());
        item->setCheckable(true);
        item->setChecked(!isSectionHidden(section));
        // One column must stay, or there is no heading left to bring the others back from.
        item->setEnabled(isSectionHidden(section) || count() - hiddenSectionCount() > 1);
        connect(item, &QAction::toggled, this, [this, section](bool shows) {
            setSectionHidden(section, !shows);
            Q_EMIT columnToggled();
        });
    }
    menu->popup(event->globalPos());
}

} // namespace gantry::console
