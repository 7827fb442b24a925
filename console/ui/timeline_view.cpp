// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/ui/timeline_view.h"

#include "console/ui/icons.h"
#include "console/ui/theme.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QKeyEvent>
#include <QPainter>
#include <QScrollBar>

namespace gantry::console {

namespace {

constexpr int railCenter = 3 * gridUnit;
constexpr int textLeft = 6 * gridUnit;
constexpr int groupHeight = 3 * gridUnit;
constexpr int padding = 6;

/// Where the parts of an event go, for painting and for measuring alike.
struct Layout {
    Layout(const QStyleOptionViewItem& option, const QModelIndex& index, int viewWidth)
        : line(QFontMetrics(option.font).lineSpacing())
        , width(std::max(viewWidth - textLeft - 2 * gridUnit, 10 * gridUnit))
        , top(index.data(TimelineModel::StartsGroupRole).toBool() ? groupHeight : 0)
        , detail(index.data(TimelineModel::DetailRole).toString())
    {
        if (!detail.isEmpty())
            detailHeight = QFontMetrics(option.font)
                               .boundingRect(QRect(0, 0, width, 10'000), Qt::TextWordWrap, detail)
                               .height();
    }
    [[nodiscard]] int height() const { return top + padding + 2 * line + detailHeight + padding; }

    int line;
    int width;
    int top;
    QString detail;
    int detailHeight = 0;
};

void paintRail(QPainter& painter, const QRect& area, const QModelIndex& index, const Layout& layout)
{
    const Theme theme = Theme::current();
    const bool isFirst = index.row() == 0;
    const bool isLast = index.row() == index.model()->rowCount() - 1;
    const int center = area.top() + layout.top + padding + layout.line / 2;
    painter.setPen(QPen(theme.border(), 2));
    const int x = area.left() + railCenter;
    painter.drawLine(x, isFirst ? center : area.top(), x, isLast ? center : area.bottom() + 1);
    const auto tone = static_cast<Tone>(index.data(TimelineModel::ToneRole).toInt());
    painter.setPen(Qt::NoPen);
    painter.setBrush(theme.surface());
    painter.setRenderHint(QPainter::Antialiasing);
    painter.drawEllipse(QPoint(x, center), 12, 12);
    painter.setBrush(theme.banner(tone));
    painter.drawEllipse(QPoint(x, center), 11, 11);
    painter.drawPixmap(x - 7, center - 7,
        tintedPixmap(index.data(TimelineModel::IconRole).toString(), theme.toneColor(tone), 14,
            painter.device()->devicePixelRatioF()));
}

QString byline(const QModelIndex& index)
{
    const QString gap = index.data(TimelineModel::GapRole).toString();
    const QString actor = index.data(TimelineModel::ActorRole).toString();
    return gap.isEmpty() ? actor : TimelineDelegate::tr("%1, %2 later").arg(actor, gap);
}

} // namespace

void TimelineDelegate::paint(
    QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const
{
    const Theme theme = Theme::current();
    const Layout layout(option, index, option.rect.width());
    painter->save();
    if (option.state & QStyle::State_Selected)
        painter->fillRect(option.rect.adjusted(0, layout.top, 0, 0), theme.hover());
    paintRail(*painter, option.rect, index, layout);
    QFont bold = option.font;
    bold.setWeight(QFont::DemiBold);
    QRect at(option.rect.left() + textLeft, option.rect.top(), layout.width, groupHeight);
    if (layout.top > 0) {
        painter->setFont(option.font);
        painter->setPen(theme.accent());
        painter->drawText(
            at, Qt::AlignLeft | Qt::AlignBottom, index.data(TimelineModel::GroupRole).toString());
    }
    at.moveTop(option.rect.top() + layout.top + padding);
    at.setHeight(layout.line);
    const QString time = index.data(TimelineModel::TimeRole).toString();
    painter->setFont(option.font);
    painter->setPen(theme.muted());
    painter->drawText(at, Qt::AlignRight | Qt::AlignVCenter, time);
    painter->setFont(bold);
    painter->setPen(theme.text());
    const int titleWidth = layout.width - QFontMetrics(option.font).horizontalAdvance(time) - gridUnit;
    painter->drawText(at, Qt::AlignLeft | Qt::AlignVCenter,
        QFontMetrics(bold).elidedText(index.data().toString(), Qt::ElideRight, titleWidth));
    painter->setFont(option.font);
    painter->setPen(theme.muted());
    at.translate(0, layout.line);
    painter->drawText(at, Qt::AlignLeft | Qt::AlignVCenter, byline(index));
    painter->setPen(theme.text());
    at.translate(0, layout.line);
    at.setHeight(layout.detailHeight);
    painter->drawText(at, Qt::AlignLeft | Qt::TextWordWrap, layout.detail);
    painter->restore();
}

QSize TimelineDelegate::sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const
{
    const auto* view = qobject_cast<const QListView*>(option.widget);
    const int width = view ? view->viewport()->width() : option.rect.width();
    return {width, Layout(option, index, width).height()};
}

TimelineView::TimelineView(TimelineModel& model, QWidget* parent)
    : QListView(parent)
    , m_timeline(model)
{
    setModel(&model);
    setItemDelegate(new TimelineDelegate(this));
    setResizeMode(Adjust);
    setVerticalScrollMode(ScrollPerPixel);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setFrameShape(QFrame::NoFrame);
    connect(verticalScrollBar(), &QScrollBar::valueChanged, this,
        [this](int value) { m_followsEnd = value == verticalScrollBar()->maximum(); });
    connect(verticalScrollBar(), &QScrollBar::rangeChanged, this, [this] {
        if (m_followsEnd)
            scrollToBottom();
    });
    connect(&model, &QAbstractItemModel::modelReset, this, [this] { m_followsEnd = true; });
}

void TimelineView::keyPressEvent(QKeyEvent* event)
{
    if (event->matches(QKeySequence::Copy))
        QGuiApplication::clipboard()->setText(m_timeline.toPlainText());
    else
        QListView::keyPressEvent(event);
}

} // namespace gantry::console
