// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/ui/status_line.h"

#include "console/models/plain_text.h"
#include "console/models/wording.h"
#include "console/ui/icons.h"
#include "console/ui/theme.h"

#include <QHBoxLayout>

namespace gantry::console {

namespace {

using namespace Qt::StringLiterals;

Tone toneOf(LinkState state)
{
    switch (state) {
    case LinkState::Live: return Tone::Good;
    case LinkState::Connecting:
    case LinkState::Resyncing: return Tone::Notice;
    case LinkState::Stale: return Tone::Danger;
    }
    return Tone::Plain;
}

QString partitionsTip(const std::vector<PartitionPosition>& partitions)
{
    QStringList lines;
    for (const PartitionPosition& position : partitions)
        lines << StatusLine::tr("Partition %1: epoch %2, sequence %3")
                     .arg(position.partition)
                     .arg(position.epoch)
                     .arg(countText(position.sequence));
    return lines.isEmpty() ? StatusLine::tr("The daemon has not told its partitions yet") : lines.join(u'\n');
}

} // namespace

QString linkSentence(const LinkStatus& status, Timestamp now)
{
    const QString since = clockTime(status.since, now);
    switch (status.state) {
    case LinkState::Connecting: return StatusLine::tr("Connecting");
    case LinkState::Live: return StatusLine::tr("Live since %1").arg(since);
    case LinkState::Resyncing: return StatusLine::tr("Resyncing since %1").arg(since);
    case LinkState::Stale:
        return StatusLine::tr("Stale since %1, %2 ago").arg(since, ageText(now - status.since));
    }
    return {};
}

QString linkIconName(LinkState state)
{
    switch (state) {
    case LinkState::Live: return u"link-live"_s;
    case LinkState::Connecting:
    case LinkState::Resyncing: return u"link-resyncing"_s;
    case LinkState::Stale: return u"link-stale"_s;
    }
    return {};
}

StatusLine::StatusLine(Session& session, QWidget* parent)
    : QWidget(parent)
    , m_session(session)
    , m_icon(new QLabel(this))
    , m_link(new QLabel(this))
    , m_words(new QLabel(this))
    , m_identity(new QLabel(this))
{
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(2 * gridUnit, 0, 2 * gridUnit, 0);
    layout->setSpacing(6);
    setFixedHeight(4 * gridUnit);
    layout->addWidget(m_icon);
    layout->addWidget(m_link);
    layout->addSpacing(3 * gridUnit);
    layout->addWidget(m_words, 1);
    layout->addWidget(m_identity);
    for (QLabel* label : {m_link, m_words, m_identity})
        label->setTextFormat(Qt::PlainText);
    m_identity->setProperty("muted", true);
    const Profile& profile = session.profile();
    m_identity->setText(
        tr("%1, role %2  ·  %3").arg(toText(profile.principal), toText(profile.role), toText(profile.name)));
    m_identity->setToolTip(
        tr("Commands: %1\nEvents: %2").arg(toText(profile.commands), toText(profile.events)));
    m_forget.setSingleShot(true);
    m_forget.setInterval(std::chrono::seconds(8));
    connect(&m_forget, &QTimer::timeout, m_words, &QLabel::clear);
    connect(&session, &Session::linkChanged, this, &StatusLine::refresh);
    connect(&session, &Session::countsChanged, this, &StatusLine::refresh);
    connect(&session, &Session::ticked, this, &StatusLine::refresh);
    refresh();
}

void StatusLine::say(const QString& words)
{
    m_words->setText(words);
    m_forget.start();
}

void StatusLine::refresh()
{
    const LinkStatus status = m_session.status();
    const Theme theme = Theme::current();
    const QColor color = theme.toneColor(toneOf(status.state));
    m_icon->setPixmap(tintedPixmap(linkIconName(status.state), color, 16, devicePixelRatioF()));
    const QString text = linkSentence(status, m_session.now());
    if (m_link->text() != text) {
        m_link->setText(text);
        m_link->setStyleSheet(u"color: %1"_s.arg(color.name()));
    }
    QString tip = partitionsTip(m_session.partitions());
    if (!status.detail.empty())
        tip = toText(status.detail) + u'\n' + tip;
    m_link->setToolTip(plainTip(tip));
    m_icon->setToolTip(plainTip(tip));
}

} // namespace gantry::console
