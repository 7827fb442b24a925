// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/ui/action_dialog.h"

#include "console/models/situation.h"
#include "console/models/wording.h"
#include "console/ui/icons.h"
#include "console/ui/padded_delegate.h"
#include "console/ui/theme.h"

#include <QDateTime>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QVBoxLayout>

namespace gantry::console {

namespace {

using namespace Qt::StringLiterals;

/// What became of an order in the color and with the icon that say so.
class ResultDelegate : public PaddedDelegate {
public:
    using PaddedDelegate::PaddedDelegate;
    void initStyleOption(QStyleOptionViewItem* option, const QModelIndex& index) const override
    {
        PaddedDelegate::initStyleOption(option, index);
        const auto stand = static_cast<ActionRun::Stand>(index.data(ActionRun::StandRole).toInt());
        const QColor color = Theme::current().toneColor(toneOf(stand));
        option->palette.setColor(QPalette::Text, color);
        const QString icon = iconOf(stand);
        if (icon.isEmpty())
            return;
        option->features |= QStyleOptionViewItem::HasDecoration;
        option->icon = tintedIcon(icon, color);
        option->decorationSize = QSize(16, 16);
    }

private:
    static Tone toneOf(ActionRun::Stand stand)
    {
        switch (stand) {
        case ActionRun::Stand::Waiting:
        case ActionRun::Stand::Sent: return Tone::Muted;
        case ActionRun::Stand::Done: return Tone::Good;
        case ActionRun::Stand::Refused: return Tone::Danger;
        case ActionRun::Stand::Unknown: return Tone::Warning;
        }
        return Tone::Plain;
    }
    static QString iconOf(ActionRun::Stand stand)
    {
        switch (stand) {
        case ActionRun::Stand::Waiting: return {};
        case ActionRun::Stand::Sent: return u"state-running"_s;
        case ActionRun::Stand::Done: return u"state-completed"_s;
        case ActionRun::Stand::Refused: return u"state-failed"_s;
        case ActionRun::Stand::Unknown: return u"link-stale"_s;
        }
        return {};
    }
};

QString boxStyle(Tone tone)
{
    const Theme theme = Theme::current();
    return u"background: %1; color: %2; border-left: 3px solid %2; padding: 8px 12px;"_s.arg(
        theme.banner(tone).name(), theme.toneColor(tone).name());
}

QLabel* makeBox(Tone tone, QWidget* parent)
{
    auto* label = new QLabel(parent);
    label->setWordWrap(true);
    label->setTextFormat(Qt::PlainText);
    label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    label->setStyleSheet(boxStyle(tone));
    label->hide();
    return label;
}

QString ordersText(int count)
{
    return counted(
        static_cast<std::uint64_t>(count), ActionDialog::tr("1 order"), ActionDialog::tr("%1 orders"));
}

/// Eight in the morning of the next day.
Timestamp nextMorning(Timestamp now)
{
    const QDateTime local = QDateTime::fromMSecsSinceEpoch(toMillis(now));
    return fromMillis(QDateTime(local.date().addDays(1), QTime(8, 0)).toMSecsSinceEpoch());
}

} // namespace

ActionDialog::ActionDialog(Session& session, Action action, std::vector<std::shared_ptr<const Order>> orders,
    const std::string& holdId, QWidget* parent)
    : QDialog(parent)
    , m_session(session)
    , m_action(action)
    , m_orders(std::move(orders))
    , m_run(session.planAction(action, m_orders, holdId))
{
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(3 * gridUnit, 3 * gridUnit, 3 * gridUnit, 2 * gridUnit);
    layout->setSpacing(2 * gridUnit);
    addTexts();
    addInputs();
    addResults();
    addButtons();
    connect(m_run.get(), &ActionRun::progressed, this, &ActionDialog::refresh);
    connect(m_run.get(), &ActionRun::finished, this, &ActionDialog::onFinished);
    connect(&session.orders(), &OrderTableModel::applied, this, &ActionDialog::checkForChange);
    refresh();
    m_reason->setFocus();
}

QString ActionDialog::introText() const
{
    if (m_orders.size() == 1)
        return situationOf(*m_orders.front(), m_session.now());
    const QString frozen = tr("%1 orders chosen, as they stand now.").arg(countText(m_orders.size()));
    const std::size_t left = m_orders.size() - static_cast<std::size_t>(m_run->total());
    if (left == 0)
        return frozen;
    return frozen + u' '
        + counted(left, tr("1 of them does not allow it and stays as it is."),
            tr("%1 of them do not allow it and stay as they are."));
}

void ActionDialog::addTexts()
{
    const bool isSingle = m_orders.size() == 1;
    const QString what =
        isSingle ? toText(m_orders.front()->summary->externalId) : ordersText(m_run->total());
    setWindowTitle(u"%1: %2"_s.arg(actionWord(m_action), what));
    auto* title = new QLabel(windowTitle(), this);
    QFont large = font();
    large.setPointSizeF(large.pointSizeF() * 1.35);
    large.setWeight(QFont::DemiBold);
    title->setFont(large);
    auto* intro = new QLabel(introText(), this);
    intro->setWordWrap(true);
    intro->setProperty("muted", true);
    auto* consequence = new QLabel(
        isSingle ? consequenceOf(m_action, *m_orders.front()) : consequenceForMany(m_action), this);
    consequence->setWordWrap(true);
    m_notice = makeBox(Tone::Warning, this);
    auto* texts = new QVBoxLayout;
    texts->setSpacing(gridUnit);
    for (QLabel* label : {title, intro, consequence, m_notice})
        label->setTextFormat(Qt::PlainText);
    for (QLabel* label : {title, intro, consequence, m_notice})
        texts->addWidget(label);
    static_cast<QVBoxLayout*>(layout())->addLayout(texts);
}

void ActionDialog::addInputs()
{
    m_reason = new QLineEdit(this);
    m_reason->setMaxLength(250);
    m_reason->setPlaceholderText(tr("Why? It stands on the order's record."));
    m_reason->setAccessibleName(tr("Reason"));
    layout()->addWidget(m_reason);
    connect(m_reason, &QLineEdit::textChanged, this, &ActionDialog::refresh);
    m_until = new QComboBox(this);
    m_until->setAccessibleName(tr("How long"));
    const Timestamp now = m_session.now();
    m_until->addItem(tr("Until someone releases it"));
    for (const int hours : {1, 4, 24})
        m_until->addItem(counted(static_cast<std::uint64_t>(hours), tr("For an hour"), tr("For %1 hours")),
            static_cast<qlonglong>(toMillis(now + std::chrono::hours(hours))));
    m_until->addItem(tr("Until tomorrow, 08:00"), static_cast<qlonglong>(toMillis(nextMorning(now))));
    m_until->setVisible(m_action == Action::Hold);
    layout()->addWidget(m_until);
}

void ActionDialog::addResults()
{
    m_results = new QTableView(this);
    m_results->setModel(m_run.get());
    m_results->setShowGrid(false);
    m_results->setSelectionMode(QTableView::NoSelection);
    m_results->setFocusPolicy(Qt::NoFocus);
    m_results->verticalHeader()->hide();
    m_results->verticalHeader()->setDefaultSectionSize(3 * gridUnit + 4);
    m_results->horizontalHeader()->setStretchLastSection(true);
    m_results->setColumnWidth(ActionRun::OrderColumn, 12 * gridUnit);
    m_results->setColumnWidth(ActionRun::SituationColumn, 40 * gridUnit);
    m_results->setWordWrap(false);
    m_results->setMinimumHeight(32 * gridUnit);
    m_results->horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    m_results->setItemDelegate(new PaddedDelegate(this));
    m_results->setItemDelegateForColumn(ActionRun::ResultColumn, new ResultDelegate(this));
    m_results->setVisible(m_orders.size() > 1);
    m_progress = new QProgressBar(this);
    m_progress->setTextVisible(false);
    m_progress->setRange(0, std::max(1, m_run->total()));
    m_progress->setVisible(m_orders.size() > 1);
    m_failure = makeBox(Tone::Danger, this);
    layout()->addWidget(m_results);
    layout()->addWidget(m_progress);
    layout()->addWidget(m_failure);
    setMinimumWidth((m_orders.size() > 1 ? 108 : 64) * gridUnit);
}

void ActionDialog::addButtons()
{
    m_go = new QPushButton(this);
    m_go->setDefault(true);
    m_close = new QPushButton(tr("Leave it"), this);
    m_close->setAutoDefault(false);
    auto* buttons = new QHBoxLayout;
    buttons->setSpacing(gridUnit);
    buttons->addStretch(1);
    buttons->addWidget(m_close);
    buttons->addWidget(m_go);
    static_cast<QVBoxLayout*>(layout())->addLayout(buttons);
    connect(m_go, &QPushButton::clicked, this, &ActionDialog::go);
    connect(m_close, &QPushButton::clicked, this, [this] {
        if (m_run->isRunning())
            m_run->stop();
        else
            reject();
    });
}

std::optional<Timestamp> ActionDialog::expiry() const
{
    const QVariant until = m_until->currentData();
    return m_action == Action::Hold && until.isValid() ? std::optional(fromMillis(until.toLongLong()))
                                                       : std::nullopt;
}

void ActionDialog::go()
{
    m_failure->hide();
    if (m_wasStarted) {
        m_run->repeatUnknown();
    } else {
        m_wasStarted = true;
        m_run->start(m_reason->text().trimmed().toStdString(), expiry());
    }
    refresh();
}

void ActionDialog::refresh()
{
    const bool isRunning = m_run->isRunning();
    const int finished =
        m_run->total() - m_run->count(ActionRun::Stand::Waiting) - m_run->count(ActionRun::Stand::Sent);
    m_progress->setValue(finished);
    m_reason->setEnabled(!m_wasStarted);
    m_until->setEnabled(!m_wasStarted);
    const bool mayGo = m_wasStarted ? m_run->mayRepeatAny() : !m_reason->text().trimmed().isEmpty();
    m_go->setEnabled(!isRunning && mayGo && m_run->total() > 0);
    m_go->setVisible(!m_wasStarted || isRunning || m_run->mayRepeatAny());
    if (m_wasStarted && !isRunning)
        m_go->setText(tr("Try again"));
    else if (m_orders.size() == 1)
        m_go->setText(isRunning ? tr("Being done…") : actionWord(m_action));
    else
        m_go->setText(isRunning ? tr("%1 of %2 done").arg(finished).arg(m_run->total())
                                : tr("%1: %2").arg(actionWord(m_action), ordersText(m_run->total())));
    if (m_wasStarted)
        m_close->setText(isRunning ? tr("Stop") : tr("Close"));
    if (m_run->total() == 0)
        tellFailure(tr("None of the chosen orders allows this now. Nothing was done."));
}

void ActionDialog::onFinished()
{
    refresh();
    const int doneCount = m_run->count(ActionRun::Stand::Done);
    if (m_orders.size() == 1 && doneCount == 1) {
        Q_EMIT done(u"%1: %2"_s.arg(toText(m_orders.front()->summary->externalId), actionDoneWord(m_action)));
        accept();
        return;
    }
    const int notDone = m_run->total() - doneCount;
    if (m_orders.size() == 1) {
        tellFailure(m_run->firstFailure());
        return;
    }
    Q_EMIT done(tr("%1: %2 done, %3 not").arg(actionWord(m_action)).arg(doneCount).arg(notDone));
    if (notDone > 0)
        tellFailure(tr("%1 done, %2 not; the list says why. First: %3")
                        .arg(doneCount)
                        .arg(notDone)
                        .arg(m_run->firstFailure().isEmpty() ? tr("stopped by you") : m_run->firstFailure()));
    else
        m_close->setText(tr("All %1 done: close").arg(doneCount));
}

/// Says so when the one order moves on while its person still writes a reason: what was decided may no longer fit.
void ActionDialog::checkForChange()
{
    if (m_orders.size() != 1 || m_wasStarted)
        return;
    const OrderRowPtr row = m_session.orders().find(m_orders.front()->id);
    if (row && row->order->version == m_orders.front()->version)
        return;
    const QString now = row ? situationOf(*row->order, m_session.now()) : tr("It has ended.");
    m_notice->setText(
        tr("The order has changed since you opened this, so it will be refused. Close this, look again, "
           "decide again. Now: %1")
            .arg(now));
    m_notice->show();
}

void ActionDialog::tellFailure(const QString& words)
{
    m_failure->setText(words);
    m_failure->show();
}

} // namespace gantry::console
