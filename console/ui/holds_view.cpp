// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/ui/holds_view.h"

#include "console/models/wording.h"
#include "console/ui/icons.h"
#include "console/ui/theme.h"

#include <QGridLayout>
#include <QLabel>
#include <QPushButton>

namespace gantry::console {

HoldsView::HoldsView(QWidget* parent)
    : QWidget(parent)
    , m_layout(new QVBoxLayout(this))
{
    setAutoFillBackground(true);
    setBackgroundRole(QPalette::Base);
    m_layout->setContentsMargins(2 * gridUnit, 2 * gridUnit, 2 * gridUnit, 2 * gridUnit);
}

void HoldsView::setHolds(const std::vector<Hold>& holds, Timestamp now, bool canRelease)
{
    const std::int64_t minute = toMillis(now) / 60'000;
    if (m_content && holds == m_holds && canRelease == m_canRelease && minute == m_minute)
        return;
    m_holds = holds;
    m_canRelease = canRelease;
    m_minute = minute;
    // Not at once: one of its buttons may be the one that was just pressed.
    if (m_content) {
        m_content->hide();
        m_content->deleteLater();
    }
    m_content = new QWidget(this);
    auto* layout = new QVBoxLayout(m_content);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(2 * gridUnit);
    if (holds.empty()) {
        auto* none =
            new QLabel(tr("No hold stands. Hold (H) keeps the order from going on until it is released."));
        none->setProperty("muted", true);
        none->setWordWrap(true);
        layout->addWidget(none);
    }
    for (const Hold& hold : holds)
        layout->addWidget(makeHold(hold, now, canRelease));
    layout->addStretch(1);
    m_layout->addWidget(m_content);
}

QWidget* HoldsView::makeHold(const Hold& hold, Timestamp now, bool canRelease)
{
    auto* widget = new QWidget;
    auto* layout = new QGridLayout(widget);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setHorizontalSpacing(gridUnit);
    layout->setVerticalSpacing(2);
    layout->setColumnStretch(0, 1);
    auto* reason = new QLabel(toText(hold.reason));
    reason->setTextFormat(Qt::PlainText);
    reason->setWordWrap(true);
    layout->addWidget(reason, 0, 0);
    QString when = tr("by %1, %2 ago").arg(toText(hold.owner), ageText(now - hold.placedAt));
    if (hold.expiresAt)
        when += tr(", ends by itself in %1").arg(ageText(*hold.expiresAt - now));
    auto* since = new QLabel(when);
    since->setProperty("muted", true);
    since->setWordWrap(true);
    since->setToolTip(exactTime(hold.placedAt));
    layout->addWidget(since, 1, 0);
    auto* release = new QPushButton(tr("Release"));
    release->setIcon(tintedIcon(actionIconName(Action::Release), Theme::current().text()));
    release->setEnabled(canRelease);
    layout->addWidget(release, 0, 1, 2, 1, Qt::AlignTop);
    connect(
        release, &QPushButton::clicked, this, [this, id = toText(hold.id)] { Q_EMIT releaseRequested(id); });
    return widget;
}

} // namespace gantry::console
