// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/ui/order_pane.h"

#include "console/ui/icons.h"
#include "console/ui/theme.h"

#include <QVBoxLayout>

namespace gantry::console {

using namespace Qt::StringLiterals;

OrderPane::OrderPane(Session& session, QWidget* parent)
    : QWidget(parent)
    , m_session(session)
    , m_stack(new QStackedWidget(this))
    , m_table(new OrderTable(this))
    , m_message(new MessageView(this))
    , m_pending(new QPushButton(this))
    , m_more(new QPushButton(tr("Load older orders"), this))
{
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_stack, 1);
    layout->addWidget(m_more);
    m_stack->addWidget(m_table);
    m_stack->addWidget(m_message);
    m_table->setOrders(session.list());
    setFocusPolicy(Qt::StrongFocus);
    m_pending->setProperty("primary", true);
    m_pending->setFocusPolicy(Qt::NoFocus);
    m_pending->hide();
    m_more->hide();

    connect(m_pending, &QPushButton::clicked, m_table, &OrderTable::catchUp);
    connect(m_more, &QPushButton::clicked, &session.closed(), &ClosedSearch::more);
    connect(m_message, &MessageView::pressed, this, &OrderPane::onPressed);
    connect(&session.list(), &OrderFilterModel::pendingCountChanged, this, &OrderPane::refreshPending);
    connect(&session.list(), &OrderFilterModel::settled, this, &OrderPane::refresh);
    connect(&session.orders(), &OrderTableModel::applied, this, &OrderPane::refresh);
    connect(&session, &Session::linkChanged, this, &OrderPane::refresh);
    connect(&session.closed(), &ClosedSearch::phaseChanged, this, &OrderPane::refresh);
    refresh();
}

void OrderPane::showClosed(bool closed)
{
    if (closed != m_showsClosed) {
        m_showsClosed = closed;
        m_table->setOrders(closed ? m_session.closed().list() : m_session.list());
    }
    refresh();
}

void OrderPane::refresh()
{
    m_more->setVisible(m_showsClosed && m_session.closed().hasMore());
    if (m_showsClosed)
        refreshClosed();
    else
        refreshOpen();
    refreshPending();
}

void OrderPane::refreshOpen()
{
    const LinkStatus status = m_session.status();
    if (m_session.list().rowCount() > 0)
        showTable();
    else if (!m_session.hasData() && status.state == LinkState::Stale)
        say(u"link-stale"_s, tr("The daemon does not answer"),
            tr("%1\nThe console goes on trying by itself. On the daemon's machine, systemctl status gantryd "
               "says "
               "whether it runs.")
                .arg(toText(status.detail)));
    else if (!m_session.hasData())
        say(u"link-resyncing"_s,
            status.state == LinkState::Connecting ? tr("Connecting to the daemon")
                                                  : tr("Loading open orders"),
            status.detail.empty() ? tr("This takes a moment.") : toText(status.detail));
    else if (!m_session.list().filter().isEmpty() && m_session.orders().rowCount() > 0)
        say(u"action-filter"_s, tr("No open order fits the filter"),
            tr("%1 open orders are hidden by it.")
                .arg(countText(static_cast<std::uint64_t>(m_session.orders().rowCount()))),
            tr("Clear filter"));
    else
        say(u"state-completed"_s, tr("No open orders"),
            tr("New orders show up here by themselves. Completed and Canceled, above, look up those that "
               "have ended."));
}

void OrderPane::refreshClosed()
{
    const ClosedSearch& closed = m_session.closed();
    const QString word = stateWord(closed.state()).toLower();
    if (closed.phase() == ClosedSearch::Phase::Failed)
        say(u"state-failed"_s, tr("The orders could not be looked up"), closed.failure(), tr("Try again"));
    else if (m_session.closed().orders().rowCount() > 0)
        showTable();
    else if (closed.phase() == ClosedSearch::Phase::Loading)
        say(u"action-search"_s, tr("Looking up %1 orders").arg(word), tr("This takes a moment."));
    else
        say(u"action-search"_s, tr("No %1 order found").arg(word),
            tr("Search by another word, or choose another state above."), tr("Clear filter"));
}

void OrderPane::showTable()
{
    m_stack->setCurrentWidget(m_table);
    if (hasFocus()) // it was given while there was no list to take it
        m_table->setFocus();
}

void OrderPane::say(const QString& icon, const QString& title, const QString& text, const QString& button)
{
    m_message->setMessage(icon, title, text, button);
    m_stack->setCurrentWidget(m_message);
}

void OrderPane::onPressed()
{
    if (m_showsClosed && m_session.closed().phase() == ClosedSearch::Phase::Failed)
        m_session.closed().again();
    else
        Q_EMIT clearFilterRequested();
}

void OrderPane::refreshPending()
{
    const int count = m_session.list().pendingCount();
    const bool shows = !m_showsClosed && count > 0 && m_stack->currentWidget() == m_table;
    m_pending->setVisible(shows);
    if (!shows)
        return;
    m_pending->setText(counted(static_cast<std::uint64_t>(count), tr("1 change waits  ·  show (U)"),
        tr("%1 changes wait  ·  show (U)")));
    placePending();
}

void OrderPane::placePending()
{
    m_pending->adjustSize();
    m_pending->move(
        (width() - m_pending->width()) / 2, m_stack->height() - m_pending->height() - 2 * gridUnit);
    m_pending->raise();
}

void OrderPane::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    placePending();
}

} // namespace gantry::console
