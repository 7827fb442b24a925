// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/observe/service_metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

namespace gantry::observe {

namespace {

const prometheus::Histogram::BucketBoundaries seconds{
    0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60};

} // namespace

ServiceMetrics::ServiceMetrics(Metrics& metrics)
    : m_calls(prometheus::BuildCounter()
                  .Name("gantry_service_calls_total")
                  .Help("Calls of services that ended, by what they meant for the step.")
                  .Register(metrics.registry()))
    , m_seconds(prometheus::BuildHistogram()
                    .Name("gantry_service_call_duration_seconds")
                    .Help("From a call's beginning until its answer is whole, or it is given up.")
                    .Register(metrics.registry()))
    , m_callsInHand(prometheus::BuildGauge()
                        .Name("gantry_service_in_flight")
                        .Help("Calls that are being made.")
                        .Register(metrics.registry()))
    , m_breaker(prometheus::BuildGauge()
                    .Name("gantry_service_breaker_state")
                    .Help("0 closed, 1 half-open, 2 open.")
                    .Register(metrics.registry()))
    , m_opened(prometheus::BuildCounter()
                   .Name("gantry_service_breaker_opened_total")
                   .Help("How often a service was left alone because it had failed too often.")
                   .Register(metrics.registry()))
{
}

void ServiceMetrics::add(const std::string& service)
{
    Figures& figures = m_services[service];
    constexpr std::array names{"success", "retryable", "fatal"};
    for (std::size_t i = 0; i < names.size(); ++i)
        figures.calls[i] = &m_calls.Add({{"service", service}, {"outcome", names[i]}});
    figures.seconds = &m_seconds.Add({{"service", service}}, seconds);
    figures.callsInHand = &m_callsInHand.Add({{"service", service}});
    figures.breaker = &m_breaker.Add({{"service", service}});
    figures.opened = &m_opened.Add({{"service", service}});
}

void ServiceMetrics::ended(const std::string& service, CallKind kind, std::chrono::milliseconds took)
{
    const Figures& figures = m_services.at(service);
    figures.calls[static_cast<std::size_t>(kind)]->Increment();
    figures.seconds->Observe(std::chrono::duration<double>(took).count());
}

void ServiceMetrics::callsInHand(const std::string& service, std::size_t calls)
{
    m_services.at(service).callsInHand->Set(static_cast<double>(calls));
}

void ServiceMetrics::breaker(const std::string& service, bool isOpen, bool isHalfOpen)
{
    const Figures& figures = m_services.at(service);
    figures.breaker->Set(isOpen ? 2 : isHalfOpen ? 1 : 0);
    if (isOpen)
        figures.opened->Increment();
}

} // namespace gantry::observe
