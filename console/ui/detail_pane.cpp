// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/ui/detail_pane.h"

#include "console/models/retry_line.h"
#include "console/models/situation.h"
#include "console/ui/icons.h"
#include "console/ui/theme.h"

#include <QHBoxLayout>
#include <QTabBar>
#include <QVBoxLayout>
#include <map>

namespace gantry::console {

namespace {

using namespace Qt::StringLiterals;

Tone toneOf(OrderState state)
{
    switch (state) {
    case OrderState::Failed:
    case OrderState::CompensationFailed: return Tone::Danger;
    case OrderState::Waiting: return Tone::Warning;
    case OrderState::Completed: return Tone::Good;
    case OrderState::Canceled: return Tone::Muted;
    case OrderState::Received:
    case OrderState::Running:
    case OrderState::Compensating: return Tone::Notice;
    }
    return Tone::Plain;
}

constexpr int boxPadding = 12;

QString boxStyle(const QColor& background, const QColor& text, const QColor& edge)
{
    return u"background: %1; color: %2; border-left: 3px solid %3; padding: 8px %4px;"_s.arg(
        background.name(), text.name(), edge.name(), QString::number(boxPadding));
}

QString subtitleOf(const Order& order)
{
    const OrderSummary& summary = *order.summary;
    QString money = moneyText(summary.total, summary.currency);
    if (const QString books = booksText(order.money, summary.currency); !books.isEmpty())
        money += u", "_s + books;
    QStringList parts{
        stateWord(stateOf(order)), money, toText(summary.customerName), toText(summary.channel)};
    parts.removeAll(QString());
    return parts.join(u"  ·  "_s);
}

QString countsByState(const std::vector<std::shared_ptr<const Order>>& orders)
{
    std::map<int, int> counts;
    for (const auto& order : orders)
        ++counts[static_cast<int>(stateOf(*order))];
    QStringList parts;
    for (const auto& [state, count] : counts)
        parts << u"%1 %2"_s.arg(count).arg(stateWord(static_cast<OrderState>(state)).toLower());
    return parts.join(u", "_s);
}

} // namespace

DetailPane::DetailPane(Session& session, QWidget* parent)
    : QWidget(parent)
    , m_session(session)
    , m_stack(new QStackedWidget(this))
    , m_nothing(new MessageView(this))
    , m_content(new QStackedWidget(this))
    , m_tabs(new QTabWidget(this))
    , m_message(new MessageView(this))
    , m_timeline(new TimelineView(session.detail().timeline(), this))
    , m_lines(new LinesView(this))
    , m_document(new DocumentView(this))
    , m_holds(new HoldsView(this))
{
    setAutoFillBackground(true);
    setBackgroundRole(QPalette::Base);
    setMinimumWidth(45 * gridUnit);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_stack);
    auto* page = new QWidget(this);
    auto* pageLayout = new QVBoxLayout(page);
    pageLayout->setContentsMargins(0, 0, 0, 0);
    pageLayout->setSpacing(gridUnit);
    pageLayout->addWidget(makeHead());
    pageLayout->addWidget(m_content, 1);
    m_content->addWidget(m_tabs);
    m_content->addWidget(m_message);
    m_tabs->setDocumentMode(true);
    m_tabs->tabBar()->setDrawBase(false);
    m_tabs->addTab(m_timeline, tr("Timeline"));
    m_tabs->addTab(m_lines, tr("Lines"));
    m_tabs->addTab(m_document, tr("Document"));
    m_tabs->addTab(m_holds, tr("Holds"));
    m_stack->addWidget(m_nothing);
    m_stack->addWidget(page);
    m_nothing->setMessage(u"gantry-line"_s, tr("No order chosen"),
        tr("Choose one to see why it stands where it stands and what can be done. Choose several with Ctrl "
           "or Shift to "
           "act on all of them."));
    connect(m_actions, &ActionBar::chosen, this, [this](Action action) { Q_EMIT actionChosen(action, {}); });
    connect(m_holds, &HoldsView::releaseRequested, this,
        [this](const QString& id) { Q_EMIT actionChosen(Action::Release, id.toStdString()); });
    connect(m_message, &MessageView::pressed, &session.detail(), &OrderDetail::reload);
    connect(&session.detail(), &OrderDetail::orderChanged, this, [this] {
        if (m_selection.size() == 1 && m_session.detail().order())
            m_selection.front() = m_session.detail().order();
        refresh();
    });
    connect(&session.detail(), &OrderDetail::reasonChanged, this, &DetailPane::refresh);
    connect(&session.detail(), &OrderDetail::contentChanged, this, &DetailPane::refreshContent);
    connect(&session, &Session::linkChanged, this, &DetailPane::refresh);
    connect(&session, &Session::ticked, this, &DetailPane::refresh);
}

QWidget* DetailPane::makeHead()
{
    auto* head = new QWidget(this);
    auto* layout = new QVBoxLayout(head);
    layout->setContentsMargins(2 * gridUnit, 2 * gridUnit, 2 * gridUnit, 0);
    layout->setSpacing(gridUnit);
    m_icon = new QLabel(head);
    m_title = new ClampedLabel(1, head);
    m_subtitle = new ClampedLabel(1, head);
    m_situation = new ClampedLabel(5, head);
    m_actions = new ActionBar(head);
    m_retry = new ClampedLabel(1, head);
    m_retry->setProperty("muted", true);
    QFont large = font();
    large.setPointSizeF(large.pointSizeF() * 1.5);
    large.setWeight(QFont::DemiBold);
    m_title->setFont(large);
    m_subtitle->setProperty("muted", true);
    // Room for five lines always, so that the buttons under it stay where they are.
    m_situation->setPadding(boxPadding * 2 + 3, 2 * gridUnit);
    m_situation->setAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    auto* line = new QHBoxLayout;
    line->setSpacing(gridUnit);
    line->addWidget(m_icon);
    line->addWidget(m_title, 1);
    layout->addLayout(line);
    layout->addWidget(m_subtitle);
    layout->addWidget(m_situation);
    layout->addWidget(m_actions);
    layout->addWidget(m_retry); // under the buttons: it comes and goes
    return head;
}

void DetailPane::setSelection(std::vector<std::shared_ptr<const Order>> orders)
{
    m_selection = std::move(orders);
    if (m_selection.size() == 1)
        m_session.detail().show(m_selection.front());
    else
        m_session.detail().clear();
    refresh();
    refreshContent();
}

QString DetailPane::blockedBy() const
{
    return m_session.isLive() ? QString() : tr("Nothing can be done until the console is live again.");
}

void DetailPane::refresh()
{
    m_stack->setCurrentIndex(m_selection.empty() ? 0 : 1);
    if (m_selection.empty())
        return;
    if (m_selection.size() == 1)
        refreshOne(*m_selection.front());
    else
        refreshMany();
    m_actions->setOrders(m_selection, m_session.role(), blockedBy());
}

void DetailPane::refreshOne(const Order& order)
{
    const Theme theme = Theme::current();
    const OrderState state = stateOf(order);
    m_icon->setPixmap(tintedPixmap(stateIconName(state), theme.stateColor(state), 24, devicePixelRatioF()));
    m_title->setFullText(toText(order.summary->externalId));
    m_subtitle->setFullText(subtitleOf(order));
    m_situation->setFullText(situationText(order));
    const QString retry = retryLineOf(order, m_session.orders().now());
    m_retry->setFullText(retry);
    m_retry->setVisible(!retry.isEmpty());
    const Tone tone = toneOf(state);
    const QString style = boxStyle(theme.banner(tone), theme.toneColor(tone), theme.toneColor(tone));
    if (m_situation->styleSheet() != style)
        m_situation->setStyleSheet(style);
    m_tabs->setTabText(m_tabs->indexOf(m_holds),
        order.holds.empty() ? tr("Holds") : tr("Holds (%1)").arg(order.holds.size()));
    refreshHolds();
}

/// What the daemon says, and until then what follows from the order alone.
QString DetailPane::situationText(const Order& order) const
{
    const auto& reason = m_session.detail().reason();
    if (!reason)
        return situationOf(order, m_session.orders().now());
    const QString help = toText(reason->help);
    return help.isEmpty() ? toText(reason->sentence) : toText(reason->sentence) + u' ' + help;
}

void DetailPane::refreshMany()
{
    const Theme theme = Theme::current();
    m_icon->setPixmap(tintedPixmap(u"action-filter"_s, theme.muted(), 24, devicePixelRatioF()));
    m_title->setFullText(tr("%1 orders chosen").arg(countText(m_selection.size())));
    m_subtitle->setFullText(countsByState(m_selection));
    m_retry->setVisible(false);
    m_situation->setFullText(
        tr("An action goes to every chosen order that allows it now. You see how many before it starts."));
    m_situation->setStyleSheet(boxStyle(theme.window(), theme.text(), theme.border()));
    m_message->setMessage(
        u"action-filter"_s, tr("Several orders"), tr("Choose a single one to see its history."));
}

void DetailPane::refreshHolds()
{
    const Order& order = *m_selection.front();
    const bool canRelease =
        blockedBy().isEmpty() && refusalOf(Action::Release, order, m_session.role()).isEmpty();
    m_holds->setHolds(order.holds, m_session.now(), canRelease);
}

void DetailPane::refreshContent()
{
    const OrderDetail& detail = m_session.detail();
    switch (detail.phase()) {
    case OrderDetail::Phase::Empty: m_content->setCurrentWidget(m_message); return;
    case OrderDetail::Phase::Loading:
        m_message->setMessage(u"link-resyncing"_s, tr("Loading the order"), tr("This takes a moment."));
        m_content->setCurrentWidget(m_message);
        return;
    case OrderDetail::Phase::Failed:
        m_message->setMessage(
            u"state-failed"_s, tr("The order could not be loaded"), detail.failure(), tr("Try again"));
        m_content->setCurrentWidget(m_message);
        return;
    case OrderDetail::Phase::Ready: break;
    }
    m_lines->setDocument(*detail.document());
    m_document->setDocument(*detail.document(), *detail.order(), detail.json());
    m_tabs->setTabText(m_tabs->indexOf(m_lines), tr("Lines (%1)").arg(detail.document()->lines.size()));
    m_content->setCurrentWidget(m_tabs);
}

void DetailPane::focusContent()
{
    if (m_content->currentWidget() == m_tabs)
        m_tabs->currentWidget()->setFocus(Qt::ShortcutFocusReason);
}

} // namespace gantry::console
