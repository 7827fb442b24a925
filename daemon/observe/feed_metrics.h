// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/observe/metrics.h"

#include <cstddef>

namespace prometheus {
class Counter;
class Gauge;
}

namespace gantry::observe {

/// What the change feed tells of itself. Any thread.
class FeedMetrics {
public:
    explicit FeedMetrics(Metrics& metrics);

    /// So many requests wait for more of the log.
    void waiting(std::size_t requests);

    /// So many events went out to readers.
    void served(std::size_t events);

    /// A request was not let wait: too many do.
    void refused();

private:
    prometheus::Gauge& m_waiting;
    prometheus::Counter& m_served;
    prometheus::Counter& m_refused;
};

} // namespace gantry::observe
