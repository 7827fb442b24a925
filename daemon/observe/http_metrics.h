// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/observe/metrics.h"

#include <array>
#include <chrono>
#include <string>

namespace prometheus {
class Counter;
class Histogram;
template <typename T>
class Family;
}

namespace gantry::observe {

/// What the HTTP door tells of itself. Any thread.
class HttpMetrics {
public:
    explicit HttpMetrics(Metrics& metrics);

    /// A request was answered with that status (0: the connection ended without an answer).
    void answered(int status, std::chrono::duration<double> took);

    /// A limit refused a request or ended a connection.
    void limitHit(const std::string& limit);

private:
    std::array<prometheus::Counter*, 6> m_byClass{}; ///< none, 1xx … 5xx
    prometheus::Histogram& m_seconds;
    prometheus::Family<prometheus::Counter>& m_limits;
};

} // namespace gantry::observe
