// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <memory>
#include <string>

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

/// Every metric of the process. Made once by the app and handed to the rooms; safe from any thread.
class Metrics {
public:
    Metrics();
    ~Metrics();
    Metrics(const Metrics&) = delete;
    Metrics& operator=(const Metrics&) = delete;

    [[nodiscard]] prometheus::Registry& registry() noexcept { return *m_registry; }

    /// All metrics in the text format of Prometheus (version 0.0.4).
    [[nodiscard]] std::string text() const;

private:
    std::shared_ptr<prometheus::Registry> m_registry;
};

} // namespace gantry::observe
