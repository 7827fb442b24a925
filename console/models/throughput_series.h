// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/util/time.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace gantry::console {

/// Orders received and closed per second over the last two minutes: a ring of whole seconds. A value.
class ThroughputSeries {
public:
    static constexpr std::size_t span = 120; ///< seconds kept

    struct Second {
        std::uint64_t received = 0;
        std::uint64_t closed = 0;
        bool operator==(const Second&) const = default;
    };

    /// Starts counting at `now`.
    explicit ThroughputSeries(Timestamp now);

    /// Counts what happened at `now`. A clock that went backwards counts into the newest second.
    void add(std::uint64_t received, std::uint64_t closed, Timestamp now);

    /// Lets time move on to `now`: seconds in which nothing happened count zero.
    void advance(Timestamp now);

    /// Forgets everything.
    void clear(Timestamp now);

    /// The whole seconds before the present one, oldest first: at most `span`, and none from before the counting started.
    [[nodiscard]] std::vector<Second> points() const;

    /// Per second over the last `seconds` whole ones (1 to span); zero when none has passed.
    struct Rates {
        double received = 0;
        double closed = 0;
    };
    [[nodiscard]] Rates rates(std::size_t seconds) const;

private:
    [[nodiscard]] Second& at(std::int64_t second)
    {
        return m_ring[static_cast<std::size_t>(second) % m_ring.size()];
    }
    [[nodiscard]] const Second& at(std::int64_t second) const
    {
        return m_ring[static_cast<std::size_t>(second) % m_ring.size()];
    }

    std::array<Second, span + 1> m_ring{}; ///< and the present second
    std::int64_t m_start = 0;
    std::int64_t m_present = 0; ///< seconds since 1970
};

} // namespace gantry::console
