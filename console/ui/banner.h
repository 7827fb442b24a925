// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "console/models/session.h"

#include <QLabel>
#include <QWidget>

namespace gantry::console {

/// A strip above everything that stands while what is shown is not of the present, and says what that means.
class Banner : public QWidget {
    Q_OBJECT
public:
    /// `session` must outlive it.
    explicit Banner(Session& session, QWidget* parent = nullptr);

    [[nodiscard]] QString text() const { return m_text->text(); }

private:
    void refresh();

    Session& m_session;
    QLabel* m_icon = nullptr;
    QLabel* m_text = nullptr;
};

} // namespace gantry::console
