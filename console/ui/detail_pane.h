// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "console/models/session.h"
#include "console/ui/action_bar.h"
#include "console/ui/clamped_label.h"
#include "console/ui/document_view.h"
#include "console/ui/holds_view.h"
#include "console/ui/lines_view.h"
#include "console/ui/message_view.h"
#include "console/ui/timeline_view.h"

#include <QLabel>
#include <QStackedWidget>
#include <QTabWidget>
#include <QWidget>

namespace gantry::console {

/// What is chosen in the list: one order with its situation, actions, history and documents, or how many there are and what can be done to
/// all of them.
class DetailPane : public QWidget {
    Q_OBJECT
public:
    /// `session` must outlive it.
    explicit DetailPane(Session& session, QWidget* parent = nullptr);

    /// What is chosen, as it is now.
    void setSelection(std::vector<std::shared_ptr<const Order>> orders);
    [[nodiscard]] const std::vector<std::shared_ptr<const Order>>& selection() const { return m_selection; }

    [[nodiscard]] ActionBar& actions() { return *m_actions; }
    [[nodiscard]] QString situation() const { return m_situation->fullText(); }
    [[nodiscard]] QTabWidget& tabs() { return *m_tabs; }
    void focusContent();

Q_SIGNALS:
    void actionChosen(gantry::Action action, const std::string& holdId);

private:
    QWidget* makeHead();
    void refresh();
    void refreshOne(const Order& order);
    [[nodiscard]] QString situationText(const Order& order) const;
    void refreshMany();
    void refreshContent();
    void refreshHolds();
    [[nodiscard]] QString blockedBy() const;

    Session& m_session;
    std::vector<std::shared_ptr<const Order>> m_selection;
    QStackedWidget* m_stack = nullptr;
    MessageView* m_nothing = nullptr;
    QLabel* m_icon = nullptr;
    ClampedLabel* m_title = nullptr;
    ClampedLabel* m_subtitle = nullptr;
    ClampedLabel* m_situation = nullptr;
    ClampedLabel* m_retry = nullptr;
    ActionBar* m_actions = nullptr;
    QStackedWidget* m_content = nullptr;
    QTabWidget* m_tabs = nullptr;
    MessageView* m_message = nullptr;
    TimelineView* m_timeline = nullptr;
    LinesView* m_lines = nullptr;
    DocumentView* m_document = nullptr;
    HoldsView* m_holds = nullptr;
};

} // namespace gantry::console
