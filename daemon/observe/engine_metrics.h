// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/observe/metrics.h"

#include <chrono>
#include <cstddef>
#include <string>

namespace prometheus {
class Counter;
class Gauge;
class Histogram;
template <typename T>
class Family;
}

namespace gantry::observe {

/// What a partition tells of itself. Any thread.
class EngineMetrics {
public:
    explicit EngineMetrics(Metrics& metrics);

    /// A batch is on disk: how many events and new orders it held, and how long it took from begin to commit.
    void batchCommitted(std::size_t events, std::size_t newOrders, std::chrono::duration<double> took);

    /// What has come of a webhook's delivery is on disk: the outcome's name.
    void deliverySettled(const std::string& outcome);

    /// How many attempts are handed out, and how many wait for a hand.
    void inHand(std::size_t inHand, std::size_t waiting);

    /// How many attempts wait for a worker, are leased, and how many claims wait for attempts.
    void workers(std::size_t due, std::size_t leased, std::size_t claims);

    /// How many attempts limits hold back, how many orders wait behind pauses, and how many pauses there are.
    void heldBack(std::size_t limited, std::size_t paused, std::size_t pauses);

    /// A lease came to its end without a report.
    void leasesExpired(std::size_t count);

private:
    prometheus::Counter& m_events;
    prometheus::Counter& m_accepted;
    prometheus::Histogram& m_batchSize;
    prometheus::Histogram& m_commitSeconds;
    prometheus::Gauge& m_inHand;
    prometheus::Gauge& m_waiting;
    prometheus::Gauge& m_tasksDue;
    prometheus::Gauge& m_tasksLeased;
    prometheus::Gauge& m_claims;
    prometheus::Counter& m_expired;
    prometheus::Gauge& m_limited;
    prometheus::Gauge& m_paused;
    prometheus::Gauge& m_pauses;
    prometheus::Family<prometheus::Counter>& m_deliveries;
};

} // namespace gantry::observe
