// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "console/client/link.h"
#include "console/models/action_run.h"
#include "console/models/closed_search.h"
#include "console/models/order_detail.h"
#include "console/models/order_filter_model.h"
#include "console/models/order_table_model.h"
#include "console/models/state_counts.h"
#include "console/models/throughput_series.h"

#include <QObject>
#include <QTimer>
#include <functional>

namespace gantry::console {

/// What all panes of the console share: the link, the models that it feeds, and the second hand.
class Session : public QObject {
    Q_OBJECT
public:
    /// `link` and `clock` must outlive it. `makeKey` gives a new idempotency key each time.
    Session(Link& link, const Clock& clock, Profile profile, std::function<std::string()> makeKey,
        QObject* parent = nullptr);

    /// Begins to tick, once a second.
    void start() { m_timer.start(); }

    /// One tick: ages, rates, and counters if they are out of date.
    void tick();

    /// An action on these orders, as they stand now; to be started by whoever asked for a reason. Orders that the action is not possible on
    /// are left out.
    [[nodiscard]] std::unique_ptr<ActionRun> planAction(Action action,
        const std::vector<std::shared_ptr<const Order>>& orders, const std::string& holdId = {});

    [[nodiscard]] OrderTableModel& orders() { return m_orders; }
    [[nodiscard]] OrderFilterModel& list() { return m_list; }
    [[nodiscard]] ClosedSearch& closed() { return m_closed; }
    [[nodiscard]] OrderDetail& detail() { return m_detail; }
    [[nodiscard]] const ThroughputSeries& throughput() const { return m_throughput; }
    [[nodiscard]] const Profile& profile() const { return m_profile; }
    [[nodiscard]] Role role() const { return m_role; }
    [[nodiscard]] LinkStatus status() const { return m_link.status(); }
    [[nodiscard]] bool isLive() const { return m_link.status().state == LinkState::Live; }
    [[nodiscard]] Timestamp now() const { return m_clock.now(); }

    /// Whether any orders, or the knowledge that there are none, have come yet.
    [[nodiscard]] bool hasData() const { return m_hasData; }

    /// Open states from the replica, ended ones as the daemon last told.
    [[nodiscard]] StateCounts counts() const;

    /// Whether the daemon has told how many orders have ended.
    [[nodiscard]] bool hasClosedCounts() const { return m_hasStats; }
    [[nodiscard]] const std::vector<PartitionPosition>& partitions() const { return m_stats.partitions; }

Q_SIGNALS:
    void countsChanged();
    void linkChanged();
    void ticked();

private:
    void onReplica(const std::shared_ptr<const ReplicaChange>& change);
    void onStatus();
    void readCounters();

    Link& m_link;
    const Clock& m_clock;
    Profile m_profile;
    Role m_role;
    std::function<std::string()> m_makeKey;
    OrderTableModel m_orders;
    OrderFilterModel m_list;
    ClosedSearch m_closed;
    OrderDetail m_detail;
    ThroughputSeries m_throughput;
    DaemonStats m_stats;
    QTimer m_timer;
    bool m_hasData = false;
    bool m_hasStats = false;
    bool m_isReading = false; ///< counters are being read
    bool m_isOutOfDate = true; ///< orders came or ended since the counters were read
};

} // namespace gantry::console
