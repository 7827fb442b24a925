// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace prometheus {
class Registry;
}

namespace gantry::observe {

/// Time since it was made.
class Stopwatch {
public:
    [[nodiscard]] std::chrono::duration<double> elapsed() const
    {
        return std::chrono::steady_clock::now() - m_start;
    }

private:
    std::chrono::steady_clock::time_point m_start = std::chrono::steady_clock::now();
};

/// A count that a room keeps by itself, as it stands now.
struct CounterReading {
    std::string name; ///< `gantry_…_total`, or without `_total` a gauge's
    std::string help;
    std::uint64_t value = 0;
    bool isGauge = false; ///< goes down as well as up
};
using CounterSource = std::function<std::vector<CounterReading>()>;

/// Every metric of the process. Made once by the app and handed to the rooms; safe from any thread.
class Metrics {
public:
    Metrics();
    ~Metrics();
    Metrics(const Metrics&) = delete;
    Metrics& operator=(const Metrics&) = delete;

    [[nodiscard]] prometheus::Registry& registry() noexcept { return *m_registry; }

    /// Counts that are read whenever the metrics are told, on the thread that asks. To be added before anybody asks.
    void addSource(CounterSource source) { m_sources.push_back(std::move(source)); }

    /// All metrics in the text format of Prometheus (version 0.0.4).
    [[nodiscard]] std::string text() const;

private:
    std::shared_ptr<prometheus::Registry> m_registry;
    std::vector<CounterSource> m_sources;
};

} // namespace gantry::observe
