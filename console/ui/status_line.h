// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "console/models/session.h"

#include <QLabel>
#include <QTimer>
#include <QWidget>

namespace gantry::console {

/// The foot of the window: how far what is shown can be trusted, what was done last, who we are.
class StatusLine : public QWidget {
    Q_OBJECT
public:
    /// `session` must outlive it.
    explicit StatusLine(Session& session, QWidget* parent = nullptr);

    /// Says something for a while.
    void say(const QString& words);

    [[nodiscard]] QString linkText() const { return m_link->text(); }

private:
    void refresh();

    Session& m_session;
    QLabel* m_icon = nullptr;
    QLabel* m_link = nullptr;
    QLabel* m_words = nullptr;
    QLabel* m_identity = nullptr;
    QTimer m_forget;
};

/// The state of a link as a sentence: `Stale since 10:14:02: the daemon is silent`.
QString linkSentence(const LinkStatus& status, Timestamp now);

QString linkIconName(LinkState state);

} // namespace gantry::console
