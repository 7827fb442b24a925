// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/ui/banner.h"

#include "console/models/wording.h"
#include "console/ui/icons.h"
#include "console/ui/status_line.h"
#include "console/ui/theme.h"

#include <QHBoxLayout>
#include <QStyle>

namespace gantry::console {

using namespace Qt::StringLiterals;

Banner::Banner(Session& session, QWidget* parent)
    : QWidget(parent)
    , m_session(session)
    , m_icon(new QLabel(this))
    , m_text(new QLabel(this))
{
    setObjectName(u"banner"_s);
    setAttribute(Qt::WA_StyledBackground);
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(2 * gridUnit, gridUnit, 2 * gridUnit, gridUnit);
    layout->setSpacing(gridUnit);
    layout->addWidget(m_icon);
    layout->addWidget(m_text, 1);
    m_text->setTextFormat(Qt::PlainText);
    m_text->setWordWrap(true);
    connect(&session, &Session::linkChanged, this, &Banner::refresh);
    connect(&session, &Session::ticked, this, &Banner::refresh);
    refresh();
}

void Banner::refresh()
{
    const LinkStatus status = m_session.status();
    // Without any data there is nothing that could be taken for the present: the list says what is going on.
    const bool shows = m_session.hasData() && status.state != LinkState::Live;
    setVisible(shows);
    if (!shows)
        return;
    const Theme theme = Theme::current();
    const Tone tone = status.state == LinkState::Stale ? Tone::Danger : Tone::Notice;
    m_icon->setPixmap(
        tintedPixmap(linkIconName(status.state), theme.toneColor(tone), 16, devicePixelRatioF()));
    const QString since = clockTime(status.since, m_session.now());
    QString text = status.state == LinkState::Stale
        ? tr("The daemon has been silent since %1 (%2). What you see is as of then, and nothing can be done "
             "until it "
             "answers again. The console goes on trying by itself.")
              .arg(since, ageText(m_session.now() - status.since))
        : tr("Catching up with the daemon. What you see may be behind; nothing can be done until it is live "
             "again.");
    if (!status.detail.empty())
        text += u' ' + toText(status.detail);
    m_text->setText(text);
    const QString style =
        u"#banner { background: %1; border-bottom: 1px solid %2; } QLabel { color: %2; }"_s.arg(
            theme.banner(tone).name(), theme.toneColor(tone).name());
    if (styleSheet() != style)
        setStyleSheet(style);
}

} // namespace gantry::console
