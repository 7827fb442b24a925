// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/observe/metrics.h"

#include <prometheus/gauge.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

namespace gantry::observe {

namespace {

prometheus::MetricFamily familyOf(CounterReading reading)
{
    prometheus::ClientMetric metric;
    (reading.isGauge ? metric.gauge.value : metric.counter.value) = static_cast<double>(reading.value);
    return {std::move(reading.name), std::move(reading.help),
        reading.isGauge ? prometheus::MetricType::Gauge : prometheus::MetricType::Counter, {metric}};
}

} // namespace

Metrics::Metrics()
    : m_registry(std::make_shared<prometheus::Registry>())
{
    prometheus::BuildGauge()
        .Name("gantry_build_info")
        .Help("Always 1; the version stands in the label.")
        .Register(*m_registry)
        .Add({{"version", GANTRY_VERSION}})
        .Set(1);
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    prometheus::BuildGauge()
        .Name("gantry_start_time_seconds")
        .Help("When the process started, in seconds since 1970.")
        .Register(*m_registry)
        .Add({})
        .Set(std::chrono::duration<double>(now).count());
}

Metrics::~Metrics() = default;

std::string Metrics::text() const
{
    auto families = m_registry->Collect();
    for (const auto& source : m_sources)
        for (auto& reading : source())
            families.push_back(familyOf(std::move(reading)));
    return prometheus::TextSerializer().Serialize(families);
}

} // namespace gantry::observe
