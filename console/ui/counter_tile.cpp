// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/ui/counter_tile.h"

#include "console/models/wording.h"
#include "console/ui/icons.h"
#include "console/ui/theme.h"

#include <QPainter>

namespace gantry::console {

using namespace Qt::StringLiterals;

CounterTile::CounterTile(std::optional<OrderState> state, QWidget* parent)
    : QAbstractButton(parent)
    , m_state(state)
{
    setCheckable(true);
    setText(state ? stateWord(*state) : tr("All open"));
    setAttribute(Qt::WA_Hover);
    setFocusPolicy(Qt::TabFocus);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setAccessibleName(text());
}

void CounterTile::setCount(std::optional<std::uint64_t> count)
{
    if (m_count == count)
        return;
    m_count = count;
    setAccessibleDescription(numberText());
    update();
}

void CounterTile::setLive(bool live)
{
    m_isLive = live;
    update();
}

QFont CounterTile::numberFont() const
{
    QFont large = font();
    large.setPointSizeF(large.pointSizeF() * 1.6);
    large.setWeight(QFont::DemiBold);
    return large;
}

QString CounterTile::numberText() const
{
    return m_count ? countText(*m_count) : u"–"_s;
}

QSize CounterTile::sizeHint() const
{
    return {14 * gridUnit, 8 * gridUnit};
}

QSize CounterTile::minimumSizeHint() const
{
    const int word = fontMetrics().horizontalAdvance(text()) + 5 * gridUnit;
    return {std::max(word, QFontMetrics(numberFont()).horizontalAdvance(u"000,000"_s) + 2 * gridUnit),
        8 * gridUnit};
}

void CounterTile::paintEvent(QPaintEvent*)
{
    const Theme theme = Theme::current();
    QPainter painter(this);
    painter.fillRect(
        rect(), isChecked() ? theme.selection() : (underMouse() ? theme.hover() : theme.surface()));
    if (isChecked())
        painter.fillRect(QRect(0, height() - 2, width(), 2), theme.accent());
    const bool isQuiet = m_count == 0;
    const QColor color = m_state && !isQuiet ? theme.stateColor(*m_state) : theme.muted();
    int left = 2 * gridUnit;
    if (m_state) {
        painter.drawPixmap(left, 13, tintedPixmap(stateIconName(*m_state), color, 16, devicePixelRatioF()));
        left += 16 + 6;
    }
    painter.setPen(m_state && !isQuiet ? color : theme.muted());
    painter.drawText(QRect(left, gridUnit, width() - left, 26), Qt::AlignVCenter | Qt::AlignLeft, text());
    painter.setFont(numberFont());
    painter.setPen(m_isLive && !isQuiet && m_count ? theme.text() : theme.muted());
    painter.drawText(
        QRect(2 * gridUnit, 32, width() - 2 * gridUnit, 26), Qt::AlignVCenter | Qt::AlignLeft, numberText());
    if (hasFocus()) {
        painter.setPen(QPen(theme.accent(), 1));
        painter.drawRect(rect().adjusted(1, 1, -2, -2));
    }
}

} // namespace gantry::console
