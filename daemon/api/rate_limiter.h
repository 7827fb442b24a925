// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace gantry::api {

/// How many requests a principal may make.
struct RateLimit {
    std::uint32_t perSecond = 0; ///< in the long run; 0: no limit
    std::uint32_t burst = 1; ///< at once, after a pause
};

/// What a principal is told of its limit with each answer.
struct RateVerdict {
    std::optional<std::chrono::milliseconds>
        wait{}; ///< empty: it may go on; else how long until there is a token
    std::uint32_t remaining = 0; ///< tokens left
    std::chrono::seconds untilFull{0}; ///< when it may make a whole burst again
};

/// One token bucket for each principal, whichever of its connections and keys it uses. Knows no clock. Any thread.
class RateLimiter {
public:
    using TimePoint = std::chrono::steady_clock::time_point;

    /// `onRefusal`: called for each request that is over the limit, on the thread that asks; may be empty.
    explicit RateLimiter(RateLimit limit, std::function<void()> onRefusal = {});

    /// Whether there is a limit at all.
    [[nodiscard]] bool isOn() const noexcept { return m_limit.perSecond > 0; }
    [[nodiscard]] const RateLimit& limit() const noexcept { return m_limit; }

    /// Takes a token for one request, if there is one. `principal` must be one that is known, for a bucket is kept for each.
    [[nodiscard]] RateVerdict take(std::string_view principal, TimePoint now);

private:
    /// Kept as the moment at which it would be full again: one number, and nothing to refill.
    using Buckets = std::unordered_map<std::string, TimePoint>;

    const RateLimit m_limit;
    const std::chrono::nanoseconds m_perToken;
    const std::chrono::nanoseconds m_whole; ///< from empty to full
    const std::function<void()> m_onRefusal;
    std::mutex m_mutex;
    Buckets m_fullAt;
};

} // namespace gantry::api
