// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/ui/filter_bar.h"

#include "console/models/wording.h"
#include "console/ui/icons.h"
#include "console/ui/theme.h"

#include <QAction>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QSignalBlocker>

namespace gantry::console {

namespace {

/// How long typing has to rest before the list follows.
constexpr std::chrono::milliseconds typingPause(120);

} // namespace

FilterBar::FilterBar(QWidget* parent)
    : QWidget(parent)
    , m_search(new QLineEdit(this))
    , m_step(new QComboBox(this))
    , m_channel(new QComboBox(this))
    , m_counts(new QLabel(this))
    , m_clear(new QPushButton(tr("Clear filter"), this))
{
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(2 * gridUnit, gridUnit, 2 * gridUnit, gridUnit);
    layout->setSpacing(gridUnit);
    layout->addWidget(m_search, 1);
    layout->addWidget(m_step);
    layout->addWidget(m_channel);
    layout->addWidget(m_clear);
    layout->addWidget(m_counts);

    m_search->setPlaceholderText(tr("Search by order number, customer, channel, id or cause  ( / )"));
    m_search->setAccessibleName(tr("Search"));
    m_search->setClearButtonEnabled(true);
    m_search->addAction(
        tintedIcon(QStringLiteral("action-search"), Theme::current().muted()), QLineEdit::LeadingPosition);
    m_search->setMinimumWidth(30 * gridUnit);
    m_search->setMaximumWidth(70 * gridUnit);
    m_search->installEventFilter(this);
    setSteps({});
    setChannels({});
    m_step->setAccessibleName(tr("Step"));
    m_channel->setAccessibleName(tr("Channel"));
    for (QComboBox* box : {m_step, m_channel}) {
        box->setMinimumWidth(16 * gridUnit);
        connect(box, &QComboBox::currentIndexChanged, this, &FilterBar::changed);
    }
    layout->setStretchFactor(m_search, 1);
    layout->insertStretch(layout->indexOf(m_counts), 0);
    m_counts->setProperty("muted", true);
    m_counts->setMinimumWidth(20 * gridUnit);
    m_counts->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    m_clear->setEnabled(false);

    m_pause.setSingleShot(true);
    m_pause.setInterval(typingPause);
    connect(m_search, &QLineEdit::textEdited, &m_pause, qOverload<>(&QTimer::start));
    connect(m_search, &QLineEdit::textChanged, this, [this](const QString& text) {
        if (text.isEmpty())
            m_pause.start(); // the clear button counts as typing
    });
    connect(&m_pause, &QTimer::timeout, this, &FilterBar::changed);
    connect(m_clear, &QPushButton::clicked, this, &FilterBar::clearRequested);
}

bool FilterBar::eventFilter(QObject* watched, QEvent* event)
{
    const bool isKey = event->type() == QEvent::KeyPress || event->type() == QEvent::ShortcutOverride;
    if (watched != m_search || !isKey)
        return QWidget::eventFilter(watched, event);
    const int key = static_cast<QKeyEvent*>(event)->key();
    if (event->type() == QEvent::ShortcutOverride) {
        // Here Escape is the box's own key first, not the window's.
        event->setAccepted(key == Qt::Key_Escape);
        return key == Qt::Key_Escape;
    }
    if (key == Qt::Key_Escape && !m_search->text().isEmpty()) {
        m_search->clear();
        return true;
    }
    if (key != Qt::Key_Escape && key != Qt::Key_Return && key != Qt::Key_Enter && key != Qt::Key_Down)
        return false;
    if (m_pause.isActive()) {
        m_pause.stop();
        Q_EMIT changed();
    }
    Q_EMIT leaveRequested();
    return true;
}

void FilterBar::setItems(QComboBox& box, const QStringList& items, const QString& any)
{
    const QString chosen = box.currentData().toString();
    QStringList wanted = items;
    if (!chosen.isEmpty() && !wanted.contains(chosen))
        wanted << chosen;
    wanted.sort();
    QStringList present;
    for (int i = 1; i < box.count(); ++i)
        present << box.itemData(i).toString();
    if (box.count() > 0 && present == wanted)
        return;
    const QSignalBlocker blocker(box);
    box.clear();
    box.addItem(any, QString());
    for (const QString& item : wanted)
        box.addItem(stepWord(item.toStdString()), item);
    box.setCurrentIndex(std::max(0, box.findData(chosen)));
}

void FilterBar::setChoice(const QString& text, const QString& step, const QString& channel)
{
    const QSignalBlocker blockSearch(m_search);
    m_pause.stop();
    m_search->setText(text);
    for (const auto& [box, value] : {std::pair(m_step, step), std::pair(m_channel, channel)}) {
        const QSignalBlocker blocker(box);
        if (!value.isEmpty() && box->findData(value) < 0)
            box->addItem(stepWord(value.toStdString()), value);
        box->setCurrentIndex(std::max(0, box->findData(value)));
    }
}

void FilterBar::setCounts(int shown, int total, bool hasFilter)
{
    const auto text = [](int count) { return countText(static_cast<std::uint64_t>(count)); };
    m_counts->setText(
        hasFilter ? tr("%1 of %2 orders").arg(text(shown), text(total)) : tr("%1 orders").arg(text(total)));
    m_clear->setEnabled(hasFilter);
}

void FilterBar::setListsEnabled(bool enabled)
{
    m_step->setEnabled(enabled);
    m_channel->setEnabled(enabled);
}

void FilterBar::focusSearch()
{
    m_search->setFocus(Qt::ShortcutFocusReason);
    m_search->selectAll();
}

} // namespace gantry::console
