// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/observe/feed_metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>

namespace gantry::observe {

FeedMetrics::FeedMetrics(Metrics& metrics)
    : m_waiting(prometheus::BuildGauge()
                    .Name("gantry_feed_waiting_requests")
                    .Help("Requests for the change feed that wait for more of the log.")
                    .Register(metrics.registry())
                    .Add({}))
    , m_served(prometheus::BuildCounter()
                   .Name("gantry_feed_events_total")
                   .Help("Events that went out by the change feed.")
                   .Register(metrics.registry())
                   .Add({}))
    , m_refused(prometheus::BuildCounter()
                    .Name("gantry_feed_refused_waits_total")
                    .Help("Requests for the change feed refused because too many wait.")
                    .Register(metrics.registry())
                    .Add({}))
{
}

void FeedMetrics::waiting(std::size_t requests)
{
    m_waiting.Set(static_cast<double>(requests));
}

void FeedMetrics::served(std::size_t events)
{
    m_served.Increment(static_cast<double>(events));
}

void FeedMetrics::refused()
{
    m_refused.Increment();
}

} // namespace gantry::observe
