// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/verify/counter_check.h"

namespace gantry::verify {

namespace {

void compare(const std::string& counter, std::int64_t counted, std::int64_t maintained, Report& report)
{
    if (counted == maintained)
        return;
    report.add({.check = "counter",
        .expected = std::to_string(counted),
        .found = std::to_string(maintained),
        .message = "The counter " + counter + " says " + std::to_string(maintained) + ", and there are "
            + std::to_string(counted) + " such orders."});
}

} // namespace

CounterCheck::CounterCheck(const store::VerifyStart& start, std::shared_ptr<const Census> census)
    : m_maintained(start.counters)
    , m_census(std::move(census))
{
}

Result<bool> CounterCheck::next(store::VerifyReader&, Report& report)
{
    if (m_census->uncounted > 0)
        return false;
    const store::Counters& counted = m_census->counted;
    for (std::size_t i = 0; i < orderStateCount; ++i)
        compare("state/" + std::string(stateName(static_cast<OrderState>(i))), counted.byState[i],
            m_maintained.byState[i], report);
    for (const auto& [step, count] : counted.openByStep) {
        const auto found = m_maintained.openByStep.find(step);
        compare("step/" + step, count, found == m_maintained.openByStep.end() ? 0 : found->second, report);
    }
    for (const auto& [step, count] : m_maintained.openByStep)
        if (!counted.openByStep.contains(step))
            compare("step/" + step, 0, count, report);
    return false;
}

} // namespace gantry::verify
