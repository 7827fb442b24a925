// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/domain/rank.h"

#include <algorithm>
#include <array>

namespace gantry {

namespace {

using std::chrono::minutes;

// By priority. Each may wait about twice as long as the one before it.
constexpr std::array<minutes, 10> allowances{minutes(0), minutes(15), minutes(30), minutes(60), minutes(120),
    minutes(240), minutes(480), minutes(960), minutes(1440), minutes(2880)};

} // namespace

std::chrono::milliseconds allowanceOf(std::uint8_t priority) noexcept
{
    return allowances[std::min<std::size_t>(priority, allowances.size() - 1)];
}

Timestamp rankOf(const OrderSummary& summary) noexcept
{
    const Timestamp latest = summary.createdAt + allowanceOf(summary.priority);
    // A promise that was broken before the order came in puts nobody before those who were here first.
    return summary.promiseAt ? std::min(std::max(*summary.promiseAt, summary.createdAt), latest) : latest;
}

DueKey dueKeyOf(const Order& order) noexcept
{
    return {rankOf(*order.summary), order.id};
}

} // namespace gantry
