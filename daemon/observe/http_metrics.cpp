// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/observe/http_metrics.h"

#include <algorithm>
#include <prometheus/counter.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

namespace gantry::observe {

HttpMetrics::HttpMetrics(Metrics& metrics, const std::vector<std::string>& limits)
    : m_seconds(prometheus::BuildHistogram()
                    .Name("gantry_http_request_duration_seconds")
                    .Help("From a request's first byte until its answer is handed to the socket.")
                    .Register(metrics.registry())
                    .Add({},
                        prometheus::Histogram::BucketBoundaries{
                            0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10}))
{
    auto& hits = prometheus::BuildCounter()
                     .Name("gantry_http_limit_hits_total")
                     .Help("Requests refused or connections ended by a limit.")
                     .Register(metrics.registry());
    for (const std::string& limit : limits)
        m_limits[limit] = &hits.Add({{"limit", limit}});
    auto& requests = prometheus::BuildCounter()
                         .Name("gantry_http_requests_total")
                         .Help("Requests by class of status; none: the connection ended without an answer.")
                         .Register(metrics.registry());
    const std::array<std::string, 6> classes{"none", "1xx", "2xx", "3xx", "4xx", "5xx"};
    for (std::size_t i = 0; i < classes.size(); ++i)
        m_byClass[i] = &requests.Add({{"class", classes[i]}});
}

void HttpMetrics::answered(int status, std::chrono::duration<double> took)
{
    const auto index = static_cast<std::size_t>(std::clamp(status / 100, 0, 5));
    m_byClass[index]->Increment();
    m_seconds.Observe(took.count());
}

void HttpMetrics::limitHit(std::string_view limit)
{
    if (const auto found = m_limits.find(limit); found != m_limits.end())
        found->second->Increment();
}

} // namespace gantry::observe
