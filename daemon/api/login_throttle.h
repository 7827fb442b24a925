// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/util/clock.h"

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace gantry::api {

/// Makes whoever guesses passwords wait, longer with each failure: by the name that is tried, whether there is one or not, and by the address that tries. Never
/// for good: nobody can be shut out by another's guesses for longer than `longest`. In memory, bounded. Any thread.
class LoginThrottle {
public:
    using Millis = std::chrono::milliseconds;

    static constexpr int freeOfName = 3; ///< failures in a row that cost nothing
    static constexpr int freeOfPeer = 20; ///< more: many people may sit behind one address
    static constexpr Millis longest = std::chrono::minutes(1);
    static constexpr Millis memory =
        std::chrono::hours(1); ///< a failure is forgotten so long after the last one
    static constexpr std::size_t mostKept = 10'000; ///< of names, and of addresses; beyond it the oldest goes

    /// `clock` outlives it.
    explicit LoginThrottle(const Clock& clock)
        : m_clock(clock)
    {
    }

    /// How long until another try is let through; empty: it is now.
    [[nodiscard]] std::optional<Millis> waitOf(std::string_view name, std::string_view peer) const;

    void failed(std::string_view name, std::string_view peer);

    /// Forgets the failures by that name. Those of the address stay: whoever has one password may guess others.
    void succeeded(std::string_view name);

private:
    struct Failures {
        int count = 0;
        Millis last{}; ///< on the monotonic clock
    };
    using Book = std::map<std::string, Failures, std::less<>>;

    [[nodiscard]] Millis left(const Book& book, std::string_view who, int free) const;
    void note(Book& book, std::string_view who);

    const Clock& m_clock;
    mutable std::mutex m_mutex;
    Book m_names;
    Book m_peers;
};

} // namespace gantry::api
