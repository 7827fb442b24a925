// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "console/models/session.h"
#include "console/ui/action_dialog.h"
#include "console/ui/banner.h"
#include "console/ui/counter_bar.h"
#include "console/ui/detail_pane.h"
#include "console/ui/filter_bar.h"
#include "console/ui/layout_store.h"
#include "console/ui/order_pane.h"
#include "console/ui/status_line.h"
#include "console/ui/throughput_chart.h"

#include <QPointer>
#include <QSplitter>
#include <QWidget>

namespace gantry::console {

/// The console's window: joins its panes, and holds nothing that one of them could hold.
class MainWindow : public QWidget {
    Q_OBJECT
public:
    /// `session` must outlive it, and so must `layout`, which may be null: then nothing is kept.
    MainWindow(Session& session, LayoutStore* layout, QWidget* parent = nullptr);

    /// Selects the order with that external id. False if it is not in the list.
    bool selectExternalId(const QString& externalId);

    [[nodiscard]] CounterBar& counters() { return *m_counters; }
    [[nodiscard]] FilterBar& filters() { return *m_filters; }
    [[nodiscard]] OrderPane& orders() { return *m_orders; }
    [[nodiscard]] DetailPane& detail() { return *m_detail; }
    [[nodiscard]] StatusLine& statusLine() { return *m_status; }
    [[nodiscard]] Banner& banner() { return *m_banner; }

    /// The dialog that is open, or null.
    [[nodiscard]] ActionDialog* dialog() const { return m_dialog; }

protected:
    void closeEvent(QCloseEvent* event) override;

private:
    void arrange();
    void connectPanes();
    void addShortcuts();
    void addShortcut(const QKeySequence& keys, std::function<void()> then);
    void applyFilter();
    void clearFilter();
    void refreshCounts();
    void refreshChoices();
    void onSelection();
    void onReplica();
    void act(Action action, const std::string& holdId);
    void showMenu(const QPoint& position);
    void showKeys();
    void restoreLayout();
    void keepLayout();

    Session& m_session;
    LayoutStore* m_layout;
    Banner* m_banner = nullptr;
    CounterBar* m_counters = nullptr;
    FilterBar* m_filters = nullptr;
    OrderPane* m_orders = nullptr;
    ThroughputChart* m_chart = nullptr;
    DetailPane* m_detail = nullptr;
    StatusLine* m_status = nullptr;
    QSplitter* m_splitter = nullptr;
    QPointer<ActionDialog> m_dialog;
};

} // namespace gantry::console
