// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "console/models/session.h"
#include "console/ui/message_view.h"
#include "console/ui/order_table.h"

#include <QPushButton>
#include <QStackedWidget>
#include <QWidget>

namespace gantry::console {

/// The list of open orders, or of ended ones when such a state is chosen, or what to say when there is nothing to list.
class OrderPane : public QWidget {
    Q_OBJECT
public:
    /// `session` must outlive it.
    explicit OrderPane(Session& session, QWidget* parent = nullptr);

    [[nodiscard]] OrderTable& table() { return *m_table; }

    /// Lists open orders, or those of the search in the daemon.
    void showClosed(bool closed);
    [[nodiscard]] bool showsClosed() const { return m_showsClosed; }

    /// Chooses list or words anew.
    void refresh();

Q_SIGNALS:
    void clearFilterRequested();

private:
    void showTable();
    void refreshOpen();
    void refreshClosed();
    void refreshPending();
    void placePending();
    void say(const QString& icon, const QString& title, const QString& text, const QString& button = {});
    void onPressed();
    void resizeEvent(QResizeEvent* event) override;

    Session& m_session;
    QStackedWidget* m_stack = nullptr;
    OrderTable* m_table = nullptr;
    MessageView* m_message = nullptr;
    QPushButton* m_pending = nullptr; ///< floats over the list: what waits to move
    QPushButton* m_more = nullptr;
    bool m_showsClosed = false;
};

} // namespace gantry::console
