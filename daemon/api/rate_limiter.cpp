// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/api/rate_limiter.h"

#include <algorithm>
#include <utility>

namespace gantry::api {

RateLimiter::RateLimiter(RateLimit limit, std::function<void()> onRefusal)
    : m_limit(limit)
    , m_perToken(limit.perSecond > 0 ? std::chrono::nanoseconds(std::chrono::seconds(1)) / limit.perSecond
                                     : std::chrono::nanoseconds(0))
    , m_whole(m_perToken * std::max(limit.burst, 1U))
    , m_onRefusal(std::move(onRefusal))
{
}

RateVerdict RateLimiter::take(std::string_view principal, TimePoint now)
{
    if (!isOn())
        return {};
    const auto told = [&](TimePoint fullAt) {
        const auto missing = std::max(fullAt - now, TimePoint::duration(0));
        return RateVerdict{{},
            static_cast<std::uint32_t>(std::max(m_whole - missing, TimePoint::duration(0)) / m_perToken),
            std::chrono::ceil<std::chrono::seconds>(missing)};
    };
    std::unique_lock lock(m_mutex);
    auto& fullAt = m_fullAt[std::string(principal)];
    const auto next = std::max(fullAt, now) + m_perToken;
    const auto late = next - now - m_whole;
    if (late <= std::chrono::nanoseconds(0)) {
        fullAt = next;
        return told(fullAt);
    }
    RateVerdict refused = told(fullAt);
    lock.unlock();
    if (m_onRefusal)
        m_onRefusal();
    refused.wait = std::chrono::ceil<std::chrono::milliseconds>(late);
    return refused;
}

} // namespace gantry::api
