// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/models/throughput_series.h"

#include <algorithm>

namespace gantry::console {

namespace {

std::int64_t secondOf(Timestamp time)
{
    return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

} // namespace

ThroughputSeries::ThroughputSeries(Timestamp now)
    : m_start(secondOf(now))
    , m_present(m_start)
{
}

void ThroughputSeries::add(std::uint64_t received, std::uint64_t closed, Timestamp now)
{
    advance(now);
    at(m_present).received += received;
    at(m_present).closed += closed;
}

void ThroughputSeries::advance(Timestamp now)
{
    const std::int64_t second = secondOf(now);
    if (second <= m_present)
        return;
    // After a long sleep every place of the ring is cleared once, not once for each second slept.
    const auto length = static_cast<std::int64_t>(m_ring.size());
    for (std::int64_t each = std::max(m_present + 1, second - length + 1); each <= second; ++each)
        at(each) = {};
    m_present = second;
}

void ThroughputSeries::clear(Timestamp now)
{
    *this = ThroughputSeries(now);
}

std::vector<ThroughputSeries::Second> ThroughputSeries::points() const
{
    std::vector<Second> points;
    const auto length = static_cast<std::int64_t>(span);
    for (std::int64_t second = std::max(m_start, m_present - length); second < m_present; ++second)
        points.push_back(at(second));
    return points;
}

ThroughputSeries::Rates ThroughputSeries::rates(std::size_t seconds) const
{
    const auto all = points();
    const std::size_t count = std::min(seconds, all.size());
    if (count == 0)
        return {};
    Rates sum;
    for (auto point = all.end() - static_cast<std::ptrdiff_t>(count); point != all.end(); ++point) {
        sum.received += static_cast<double>(point->received);
        sum.closed += static_cast<double>(point->closed);
    }
    return {sum.received / static_cast<double>(count), sum.closed / static_cast<double>(count)};
}

} // namespace gantry::console
