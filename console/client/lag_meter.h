// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/util/time.h"

#include <algorithm>
#include <chrono>
#include <optional>

namespace gantry::console {

/// How much later than usual messages come. The clocks of both sides need not agree: what counts is how much longer the way was than the
/// quickest of the last one to two minutes, so that drift does no harm.
class LagMeter {
public:
    /// A message written at `at` by the sender's clock came at `tick` of ours. Gives the lag.
    std::chrono::milliseconds note(Timestamp at, std::chrono::milliseconds tick)
    {
        const std::chrono::milliseconds offset = tick - at.time_since_epoch();
        if (!m_windowStart || tick - *m_windowStart >= window) {
            m_previous = m_current;
            m_current.reset();
            m_windowStart = tick;
        }
        m_current = m_current ? std::min(*m_current, offset) : offset;
        return offset - (m_previous ? std::min(*m_previous, *m_current) : *m_current);
    }

    /// Forgets everything: after a pause the old measure says nothing.
    void reset() { *this = {}; }

private:
    static constexpr std::chrono::milliseconds window{60'000};
    std::optional<std::chrono::milliseconds> m_windowStart;
    std::optional<std::chrono::milliseconds> m_current; ///< the least offset of this window
    std::optional<std::chrono::milliseconds> m_previous; ///< and of the one before
};

} // namespace gantry::console
