// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "console/ui/main_window.h"

#include <QObject>
#include <QTimer>

namespace gantry::console {

/// Draws the window into a file once it is live and has come to rest, and tells how that went.
class Screenshot : public QObject {
    Q_OBJECT
public:
    /// How long to wait for a live link before giving up, and for how long nothing must change.
    static constexpr std::chrono::seconds patience{30};
    static constexpr std::chrono::milliseconds calm{1500};

    /// `select`: the external id of an order to choose first; empty: none. `session` and `window` must outlive it.
    Screenshot(Session& session, MainWindow& window, QString file, QString select, QObject* parent = nullptr);

Q_SIGNALS:
    /// `fault` is empty when the picture is written.
    void finished(const QString& fault);

private:
    void onChange();
    void onCalm();
    void finish(const QString& fault);

    Session& m_session;
    MainWindow& m_window;
    QString m_file;
    QString m_select;
    QTimer m_patience;
    QTimer m_calm;
    bool m_wasSelected = false;
};

} // namespace gantry::console
