// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/steps/circuit_breaker.h"

#include <algorithm>

namespace gantry::steps {

bool CircuitBreaker::advance(Millis now)
{
    if (m_state != State::Open || now < m_openUntil)
        return false;
    turn(State::HalfOpen);
    return true;
}

std::optional<CircuitBreaker::Permit> CircuitBreaker::begin(Millis now)
{
    advance(now);
    if (m_state == State::Open || (m_state == State::HalfOpen && m_probesInHand >= m_settings.probes))
        return std::nullopt;
    if (m_state == State::HalfOpen)
        ++m_probesInHand;
    return m_life;
}

bool CircuitBreaker::end(Permit permit, bool worked, Millis now)
{
    if (permit != m_life)
        return false;
    count(worked, now);
    if (m_state == State::HalfOpen) {
        --m_probesInHand;
        if (!worked) {
            open(now);
            return true;
        }
        if (++m_probesWorked < m_settings.probes)
            return false;
        turn(State::Closed);
        m_slots = {};
        return true;
    }
    const Counts counted = counts(now);
    const bool isTooMuch = counted.failures >= m_settings.failures
        && static_cast<double>(counted.failures)
            >= m_settings.failureRate * static_cast<double>(counted.calls);
    if (worked || !isTooMuch)
        return false;
    open(now);
    return true;
}

void CircuitBreaker::abandon(Permit permit)
{
    if (permit == m_life && m_state == State::HalfOpen)
        --m_probesInHand;
}

std::optional<CircuitBreaker::Millis> CircuitBreaker::nextProbe() const
{
    return m_state == State::Open ? std::optional(m_openUntil) : std::nullopt;
}

CircuitBreaker::Counts CircuitBreaker::counts(Millis now) const
{
    Counts sum;
    const std::int64_t newest = slotNumber(now);
    for (const Slot& slot : m_slots)
        if (slot.number > newest - slots && slot.number <= newest) {
            sum.calls += slot.counts.calls;
            sum.failures += slot.counts.failures;
        }
    return sum;
}

void CircuitBreaker::turn(State state)
{
    m_state = state;
    ++m_life;
    m_probesInHand = 0;
    m_probesWorked = 0;
}

void CircuitBreaker::open(Millis now)
{
    turn(State::Open);
    m_openUntil = now + m_settings.open;
}

std::int64_t CircuitBreaker::slotNumber(Millis now) const
{
    return now.count() / std::max<std::int64_t>(1, m_settings.window.count() / slots);
}

void CircuitBreaker::count(bool worked, Millis now)
{
    const std::int64_t number = slotNumber(now);
    Slot& slot = m_slots[static_cast<std::size_t>(number % slots)];
    if (slot.number != number)
        slot = {number, {}};
    ++slot.counts.calls;
    slot.counts.failures += worked ? 0 : 1;
}

} // namespace gantry::steps
