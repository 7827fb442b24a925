// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/ui/screenshot.h"

#include "console/models/wording.h"

namespace gantry::console {

Screenshot::Screenshot(Session& session, MainWindow& window, QString file, QString select, QObject* parent)
    : QObject(parent)
    , m_session(session)
    , m_window(window)
    , m_file(std::move(file))
    , m_select(std::move(select))
{
    m_patience.setSingleShot(true);
    m_calm.setSingleShot(true);
    connect(&m_patience, &QTimer::timeout, this, [this] {
        if (m_session.isLive()) // live, but never calm: a busy daemon is a picture, too
            onCalm();
        else
            finish(tr("The console did not get live within %1 s. %2")
                       .arg(patience.count())
                       .arg(toText(m_session.status().detail)));
    });
    connect(&m_calm, &QTimer::timeout, this, &Screenshot::onCalm);
    connect(&session, &Session::linkChanged, this, &Screenshot::onChange);
    connect(&session.detail(), &OrderDetail::contentChanged, this, &Screenshot::onChange);
    m_patience.start(patience);
    onChange();
}

/// Waits for calm anew when the link or the chosen order changes; orders may go on changing.
void Screenshot::onChange()
{
    if (m_session.isLive())
        m_calm.start(calm);
    else
        m_calm.stop();
}

void Screenshot::onCalm()
{
    if (!m_select.isEmpty() && !m_wasSelected) {
        m_wasSelected = true;
        if (!m_window.selectExternalId(m_select)) {
            finish(tr("There is no open order with the number %1.").arg(m_select));
            return;
        }
        onChange();
        return;
    }
    finish(m_window.grab().save(m_file, "PNG") ? QString()
                                               : tr("The picture could not be written to %1.").arg(m_file));
}

void Screenshot::finish(const QString& fault)
{
    m_patience.stop();
    m_calm.stop();
    Q_EMIT finished(fault);
}

} // namespace gantry::console
