// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/observe/metrics.h"

#include <array>
#include <chrono>
#include <cstddef>
#include <map>
#include <string>

namespace prometheus {
class Counter;
class Gauge;
class Histogram;
template <typename T>
class Family;
}

namespace gantry::observe {

/// How a call of a service ended for the step that it was made for.
enum class CallKind { Success, Retryable, Fatal };

/// What the calls of services tell. To each service its own figures, by label. One thread.
class ServiceMetrics {
public:
    explicit ServiceMetrics(Metrics& metrics);

    /// Makes a service known; all that follows is of services that are.
    void add(const std::string& service);

    void ended(const std::string& service, CallKind kind, std::chrono::milliseconds took);
    void callsInHand(const std::string& service, std::size_t calls);

    /// The breaker is closed if it is neither.
    void breaker(const std::string& service, bool isOpen, bool isHalfOpen);

private:
    struct Figures {
        std::array<prometheus::Counter*, 3> calls{}; ///< by kind
        prometheus::Histogram* seconds = nullptr;
        prometheus::Gauge* callsInHand = nullptr;
        prometheus::Gauge* breaker = nullptr;
        prometheus::Counter* opened = nullptr;
    };

    prometheus::Family<prometheus::Counter>& m_calls;
    prometheus::Family<prometheus::Histogram>& m_seconds;
    prometheus::Family<prometheus::Gauge>& m_callsInHand;
    prometheus::Family<prometheus::Gauge>& m_breaker;
    prometheus::Family<prometheus::Counter>& m_opened;
    std::map<std::string, Figures> m_services;
};

} // namespace gantry::observe
