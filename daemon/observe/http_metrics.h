// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/observe/metrics.h"

#include <array>
#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace prometheus {
class Counter;
class Histogram;
}

namespace gantry::observe {

/// What the HTTP door tells of itself. Any thread.
class HttpMetrics {
public:
    /// `limits`: the names of all limits there are. Each is told from the start, so that its first hit shows as a rise.
    HttpMetrics(Metrics& metrics, const std::vector<std::string>& limits);

    /// A request was answered with that status (0: the connection ended without an answer).
    void answered(int status, std::chrono::duration<double> took);

    /// A limit refused a request or ended a connection. One that was not named is not counted.
    void limitHit(std::string_view limit);

private:
    std::array<prometheus::Counter*, 6> m_byClass{}; ///< none, 1xx … 5xx
    prometheus::Histogram& m_seconds;
    std::map<std::string, prometheus::Counter*, std::less<>> m_limits;
};

} // namespace gantry::observe
