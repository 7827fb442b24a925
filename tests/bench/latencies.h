// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <vector>

namespace gantry::bench {

/// Times of many like things, for their percentiles. One thread.
class Latencies {
public:
    void add(std::chrono::nanoseconds time) { m_times.push_back(time); }
    void clear() { m_times.clear(); }
    [[nodiscard]] std::size_t count() const noexcept { return m_times.size(); }

    /// The time in milliseconds that this share (0 to 1) of all stays below; zero if there are none.
    [[nodiscard]] double milliseconds(double share)
    {
        if (m_times.empty())
            return 0;
        const auto index = static_cast<std::size_t>(share * static_cast<double>(m_times.size() - 1));
        const auto place = m_times.begin() + static_cast<std::ptrdiff_t>(index);
        std::nth_element(m_times.begin(), place, m_times.end());
        return std::chrono::duration<double, std::milli>(*place).count();
    }

private:
    std::vector<std::chrono::nanoseconds> m_times;
};

} // namespace gantry::bench
