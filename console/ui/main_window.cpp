// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/ui/main_window.h"

#include "console/models/wording.h"
#include "console/ui/icons.h"
#include "console/ui/theme.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QMenu>
#include <QMessageBox>
#include <QSet>
#include <QShortcut>
#include <QVBoxLayout>
#include <unordered_set>

namespace gantry::console {

namespace {

using namespace Qt::StringLiterals;

QFrame* makeRule(QWidget* parent)
{
    auto* rule = new QFrame(parent);
    rule->setProperty("rule", true);
    return rule;
}

bool isClosedChoice(const CounterBar::States& states)
{
    return states.test(static_cast<std::size_t>(OrderState::Completed))
        || states.test(static_cast<std::size_t>(OrderState::Canceled));
}

CounterBar::States statesWithIncidents()
{
    CounterBar::States states;
    for (std::size_t i = 0; i < states.size(); ++i)
        states.set(i, hasIncident(static_cast<OrderState>(i)));
    return states;
}

/// The states as one number, for keeping.
int toNumber(const CounterBar::States& states)
{
    return static_cast<int>(states.to_ulong());
}

} // namespace

MainWindow::MainWindow(Session& session, LayoutStore* layout, QWidget* parent)
    : QWidget(parent)
    , m_session(session)
    , m_layout(layout)
    , m_banner(new Banner(session, this))
    , m_counters(new CounterBar(this))
    , m_filters(new FilterBar(this))
    , m_orders(new OrderPane(session, this))
    , m_chart(new ThroughputChart(this))
    , m_detail(new DetailPane(session, this))
    , m_status(new StatusLine(session, this))
    , m_splitter(new QSplitter(Qt::Horizontal, this))
{
    setObjectName(u"window"_s);
    setWindowTitle(tr("Gantry"));
    setWindowIcon(programIcon());
    arrange();
    connectPanes();
    addShortcuts();
    restoreLayout();
    refreshCounts();
    m_orders->setFocus();
}

void MainWindow::arrange()
{
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_banner);
    layout->addWidget(m_counters);
    layout->addWidget(makeRule(this));
    layout->addWidget(m_filters);
    layout->addWidget(makeRule(this));
    layout->addWidget(m_splitter, 1);
    layout->addWidget(makeRule(this));
    layout->addWidget(m_status);
    auto* left = new QWidget(this);
    auto* leftLayout = new QVBoxLayout(left);
    leftLayout->setContentsMargins(0, 0, 0, 0);
    leftLayout->setSpacing(0);
    leftLayout->addWidget(m_orders, 1);
    leftLayout->addWidget(makeRule(left));
    leftLayout->addWidget(m_chart);
    m_splitter->addWidget(left);
    m_splitter->addWidget(m_detail);
    m_splitter->setHandleWidth(1);
    m_splitter->setChildrenCollapsible(false);
    m_splitter->setStretchFactor(0, 3);
    m_splitter->setStretchFactor(1, 1);
    resize(160 * gridUnit, 100 * gridUnit);
    m_splitter->setSizes({111 * gridUnit, 49 * gridUnit});
    m_chart->show(m_session.throughput(), m_session.isLive());
}

void MainWindow::connectPanes()
{
    connect(m_counters, &CounterBar::statesChosen, this, &MainWindow::applyFilter);
    connect(m_filters, &FilterBar::changed, this, &MainWindow::applyFilter);
    connect(m_filters, &FilterBar::clearRequested, this, &MainWindow::clearFilter);
    connect(m_filters, &FilterBar::leaveRequested, this, [this] { m_orders->table().setFocus(); });
    connect(m_orders, &OrderPane::clearFilterRequested, this, &MainWindow::clearFilter);
    OrderTable& table = m_orders->table();
    connect(&table, &OrderTable::selectionChangedTo, this, &MainWindow::onSelection);
    connect(&table, &OrderTable::opened, m_detail, &DetailPane::focusContent);
    connect(&table, &OrderTable::menuRequested, this, &MainWindow::showMenu);
    connect(m_detail, &DetailPane::actionChosen, this, &MainWindow::act);
    connect(&m_session, &Session::countsChanged, this, &MainWindow::refreshCounts);
    connect(&m_session, &Session::linkChanged, this, &MainWindow::refreshCounts);
    connect(&m_session.orders(), &OrderTableModel::applied, this, &MainWindow::onReplica);
    connect(&m_session.closed(), &ClosedSearch::phaseChanged, this, &MainWindow::refreshCounts);
    connect(&m_session, &Session::ticked, this, [this] {
        m_chart->show(m_session.throughput(), m_session.isLive());
        refreshChoices();
    });
}

void MainWindow::addShortcut(const QKeySequence& keys, std::function<void()> then)
{
    connect(new QShortcut(keys, this), &QShortcut::activated, this, std::move(then));
}

void MainWindow::addShortcuts()
{
    addShortcut(Qt::Key_Slash, [this] { m_filters->focusSearch(); });
    addShortcut(QKeySequence::Find, [this] { m_filters->focusSearch(); });
    addShortcut(Qt::Key_U, [this] { m_orders->table().catchUp(); });
    addShortcut(Qt::Key_F, [this] { m_counters->toggle(statesWithIncidents()); });
    addShortcut(Qt::Key_Escape, [this] { m_orders->table().setFocus(); });
    addShortcut(Qt::Key_F1, [this] { showKeys(); });
    addShortcut(Qt::Key_Question, [this] { showKeys(); });
    for (int i = 0; i < m_detail->tabs().count(); ++i)
        addShortcut(QKeySequence(Qt::ALT | static_cast<Qt::Key>(Qt::Key_1 + i)),
            [this, i] { m_detail->tabs().setCurrentIndex(i); });
    for (const Action action : allActions)
        addShortcut(actionKey(action), [this, action] {
            if (m_detail->actions().button(action).isEnabled() && !m_detail->selection().empty())
                act(action, {});
        });
}

void MainWindow::applyFilter()
{
    const CounterBar::States states = m_counters->states();
    const bool closed = isClosedChoice(states);
    m_filters->setListsEnabled(!closed);
    if (closed)
        m_session.closed().search(states.test(static_cast<std::size_t>(OrderState::Completed))
                ? OrderState::Completed
                : OrderState::Canceled,
            m_filters->text());
    else
        m_session.list().setFilter({m_filters->text(), states, m_filters->step(), m_filters->channel()});
    m_orders->showClosed(closed);
    refreshCounts();
    onSelection();
}

void MainWindow::clearFilter()
{
    m_counters->setStates({});
    m_filters->setChoice({}, {}, {});
    applyFilter();
}

void MainWindow::refreshCounts()
{
    m_counters->setCounts(m_session.counts(), m_session.hasData(), m_session.hasClosedCounts());
    m_counters->setLive(m_session.isLive());
    if (m_orders->showsClosed()) {
        const auto ended = m_session.counts()[m_session.closed().state()];
        m_filters->setCounts(m_session.closed().list().rowCount(), static_cast<int>(ended), true);
    } else {
        m_filters->setCounts(
            m_session.list().rowCount(), m_session.orders().rowCount(), !m_session.list().filter().isEmpty());
    }
}

void MainWindow::refreshChoices()
{
    QSet<QString> steps;
    QSet<QString> channels;
    // Rows share these texts, so nearly always it is enough to look at where a text lies.
    std::unordered_set<const QChar*> seen;
    for (int row = 0; row < m_session.orders().rowCount(); ++row) {
        const OrderRow& each = *m_session.orders().rowAt(row);
        if (seen.insert(each.step.constData()).second)
            steps.insert(each.step);
        if (seen.insert(each.channel.constData()).second)
            channels.insert(each.channel);
    }
    m_filters->setSteps({steps.begin(), steps.end()});
    m_filters->setChannels({channels.begin(), channels.end()});
}

void MainWindow::onSelection()
{
    m_detail->setSelection(m_orders->table().selectedOrders());
}

void MainWindow::onReplica()
{
    // One order is kept up to date by its detail; of several, what they allow may have changed.
    if (m_detail->selection().size() > 1)
        onSelection();
    refreshCounts();
}

void MainWindow::act(Action action, const std::string& holdId)
{
    if (m_dialog)
        return;
    auto* dialog = new ActionDialog(m_session, action, m_detail->selection(), holdId, this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &ActionDialog::done, m_status, &StatusLine::say);
    m_dialog = dialog;
    dialog->open();
}

void MainWindow::showMenu(const QPoint& position)
{
    if (m_detail->selection().empty())
        return;
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    for (const Action action : allActions) {
        const QPushButton& button = m_detail->actions().button(action);
        QAction* item =
            menu->addAction(button.icon(), actionWord(action), this, [this, action] { act(action, {}); });
        item->setShortcut(actionKey(action));
        item->setEnabled(button.isEnabled());
    }
    menu->popup(position);
}

void MainWindow::showKeys()
{
    QString text;
    const std::pair<QString, QString> keys[]{{u"/"_s, tr("Search")},
        {u"Enter"_s, tr("On to the order's history")}, {u"Esc"_s, tr("Back to the list")},
        {u"F"_s, tr("Orders that failed only, or all again")},
        {u"U"_s, tr("Show what waits to come, go or move")},
        {u"Alt+1 … 4"_s, tr("Timeline, lines, document, holds")},
        {u"Shift+↑ ↓, Ctrl+A"_s, tr("Choose several")}};
    for (const auto& [key, words] : keys)
        text += u"<tr><td><b>%1</b>&nbsp;&nbsp;</td><td>%2</td></tr>"_s.arg(key, words);
    for (const Action action : allActions)
        text +=
            u"<tr><td><b>%1</b></td><td>%2</td></tr>"_s.arg(actionKey(action).toString(), actionWord(action));
    auto* box = new QMessageBox(QMessageBox::NoIcon, tr("Keys"),
        u"<table cellpadding=3>%1</table>"_s.arg(text), QMessageBox::Close, this);
    box->setAttribute(Qt::WA_DeleteOnClose);
    box->open();
}

bool MainWindow::selectExternalId(const QString& externalId)
{
    for (int row = 0; row < m_session.list().rowCount(); ++row)
        if (m_session.list().rowAt(row)->externalId == externalId)
            return m_orders->table().selectOrder(m_session.list().rowAt(row)->order->id);
    return false;
}

void MainWindow::restoreLayout()
{
    if (!m_layout)
        return;
    restoreGeometry(m_layout->value(u"geometry"_s));
    m_splitter->restoreState(m_layout->value(u"splitter"_s));
    m_orders->table().setColumns(m_layout->value(u"columns"_s));
    const QJsonObject filter = QJsonDocument::fromJson(m_layout->value(u"filter"_s)).object();
    m_filters->setChoice(
        filter[u"text"].toString(), filter[u"step"].toString(), filter[u"channel"].toString());
    const CounterBar::States states(static_cast<unsigned long>(filter[u"states"].toInt()));
    if (!isClosedChoice(states))
        m_counters->setStates(states);
    applyFilter();
}

void MainWindow::keepLayout()
{
    if (!m_layout)
        return;
    m_layout->setValue(u"geometry"_s, saveGeometry());
    m_layout->setValue(u"splitter"_s, m_splitter->saveState());
    m_layout->setValue(u"columns"_s, m_orders->table().columns());
    const QJsonObject filter{{u"text"_s, m_filters->text()}, {u"step"_s, m_filters->step()},
        {u"channel"_s, m_filters->channel()}, {u"states"_s, toNumber(m_counters->states())}};
    m_layout->setValue(u"filter"_s, QJsonDocument(filter).toJson(QJsonDocument::Compact));
}

void MainWindow::closeEvent(QCloseEvent* event)
{
    keepLayout();
    QWidget::closeEvent(event);
}

} // namespace gantry::console
