// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/observe/engine_metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

namespace gantry::observe {

namespace {

prometheus::Counter& counter(Metrics& metrics, const char* name, const char* help)
{
    return prometheus::BuildCounter().Name(name).Help(help).Register(metrics.registry()).Add({});
}

prometheus::Gauge& gauge(Metrics& metrics, const char* name, const char* help)
{
    return prometheus::BuildGauge().Name(name).Help(help).Register(metrics.registry()).Add({});
}

prometheus::Histogram& histogram(Metrics& metrics, const char* name, const char* help,
    const prometheus::Histogram::BucketBoundaries& buckets)
{
    return prometheus::BuildHistogram().Name(name).Help(help).Register(metrics.registry()).Add({}, buckets);
}

const prometheus::Histogram::BucketBoundaries seconds{
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};
const prometheus::Histogram::BucketBoundaries sizes{1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000};

} // namespace

EngineMetrics::EngineMetrics(Metrics& metrics)
    : m_events(counter(metrics, "gantry_events_total", "Events committed."))
    , m_accepted(counter(metrics, "gantry_orders_accepted_total", "Orders taken in and on disk."))
    , m_batchSize(histogram(metrics, "gantry_commit_batch_events", "Events in a batch.", sizes))
    , m_commitSeconds(histogram(
          metrics, "gantry_commit_duration_seconds", "From a batch's begin until it is on disk.", seconds))
    , m_inHand(gauge(metrics, "gantry_attempts_in_hand", "Attempts that services are at."))
    , m_waiting(gauge(metrics, "gantry_attempts_waiting", "Attempts that are due and wait for a hand."))
    , m_tasksDue(gauge(metrics, "gantry_tasks_due", "Attempts that wait for a worker."))
    , m_tasksLeased(gauge(metrics, "gantry_tasks_leased", "Attempts that workers have."))
    , m_claims(gauge(metrics, "gantry_claims_waiting", "Claims of workers that wait for an attempt."))
    , m_expired(counter(metrics, "gantry_leases_expired_total", "Leases that ended without a report."))
    , m_limited(
          gauge(metrics, "gantry_attempts_limited", "Attempts that the limit of their step holds back."))
    , m_paused(gauge(metrics, "gantry_orders_paused", "Orders that wait behind a pause."))
    , m_pauses(gauge(metrics, "gantry_pauses", "Steps, tasks, channels and workers that are paused."))
    , m_deliveries(prometheus::BuildCounter()
                       .Name("gantry_intake_deliveries_total")
                       .Help("Deliveries of webhooks by what came of them.")
                       .Register(metrics.registry()))
{
    m_deliveries.Add({{"outcome", "accepted"}}); // a family without a member is not told
}

void EngineMetrics::batchCommitted(
    std::size_t events, std::size_t newOrders, std::chrono::duration<double> took)
{
    m_events.Increment(static_cast<double>(events));
    m_accepted.Increment(static_cast<double>(newOrders));
    m_batchSize.Observe(static_cast<double>(events));
    m_commitSeconds.Observe(took.count());
}

void EngineMetrics::deliverySettled(const std::string& outcome)
{
    m_deliveries.Add({{"outcome", outcome}}).Increment();
}

void EngineMetrics::inHand(std::size_t inHand, std::size_t waiting)
{
    m_inHand.Set(static_cast<double>(inHand));
    m_waiting.Set(static_cast<double>(waiting));
}

void EngineMetrics::workers(std::size_t due, std::size_t leased, std::size_t claims)
{
    m_tasksDue.Set(static_cast<double>(due));
    m_tasksLeased.Set(static_cast<double>(leased));
    m_claims.Set(static_cast<double>(claims));
}

void EngineMetrics::heldBack(std::size_t limited, std::size_t paused, std::size_t pauses)
{
    m_limited.Set(static_cast<double>(limited));
    m_paused.Set(static_cast<double>(paused));
    m_pauses.Set(static_cast<double>(pauses));
}

void EngineMetrics::leasesExpired(std::size_t count)
{
    m_expired.Increment(static_cast<double>(count));
}

} // namespace gantry::observe
