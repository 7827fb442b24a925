// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "console/models/session.h"

#include <QComboBox>
#include <QDialog>
#include <QLabel>
#include <QLineEdit>
#include <QProgressBar>
#include <QPushButton>
#include <QTableView>
#include <memory>

namespace gantry::console {

/// Asks for the reason of an action, says what it will do, does it, and tells what became of each order. The orders are those chosen when it
/// opened, as they stood then; nothing is added later.
class ActionDialog : public QDialog {
    Q_OBJECT
public:
    /// `orders`: all that were chosen; those that do not allow the action are left out, and it is said how many. `holdId`: for Release,
    /// which hold; empty means all. `session` must outlive it.
    ActionDialog(Session& session, Action action, std::vector<std::shared_ptr<const Order>> orders,
        const std::string& holdId, QWidget* parent = nullptr);

    [[nodiscard]] QLineEdit& reason() { return *m_reason; }
    [[nodiscard]] QPushButton& goButton() { return *m_go; }
    [[nodiscard]] QString failureText() const { return m_failure->text(); }
    [[nodiscard]] QString noticeText() const { return m_notice->text(); }
    [[nodiscard]] ActionRun& run() { return *m_run; }

Q_SIGNALS:
    /// All that was asked for is done, for the status line: `W-48211: retry asked for`.
    void done(const QString& words);

private:
    void addTexts();
    void addInputs();
    void addResults();
    void addButtons();
    [[nodiscard]] QString introText() const;
    [[nodiscard]] std::optional<Timestamp> expiry() const;
    void go();
    void refresh();
    void onFinished();
    void checkForChange();
    void tellFailure(const QString& words);

    Session& m_session;
    Action m_action;
    std::vector<std::shared_ptr<const Order>> m_orders;
    std::unique_ptr<ActionRun> m_run;
    QLabel* m_notice = nullptr;
    QLineEdit* m_reason = nullptr;
    QComboBox* m_until = nullptr;
    QTableView* m_results = nullptr;
    QProgressBar* m_progress = nullptr;
    QLabel* m_failure = nullptr;
    QPushButton* m_go = nullptr;
    QPushButton* m_close = nullptr;
    bool m_wasStarted = false;
};

} // namespace gantry::console
