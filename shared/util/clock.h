// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/util/time.h"

namespace gantry {

/// Where time comes from. Passed in wherever time matters, so that a test decides what time it is. Callable from any thread.
class Clock {
public:
    virtual ~Clock() = default;
    [[nodiscard]] virtual Timestamp now() const = 0;

    /// Time since some moment in the past, for measuring spans: on a real machine it never jumps. Unless told otherwise it goes with now().
    [[nodiscard]] virtual std::chrono::milliseconds monotonic() const { return now().time_since_epoch(); }
};

/// The machine's own clock.
class SystemClock final : public Clock {
public:
    [[nodiscard]] Timestamp now() const override
    {
        return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
    }
    [[nodiscard]] std::chrono::milliseconds monotonic() const override
    {
        return std::chrono::floor<std::chrono::milliseconds>(
            std::chrono::steady_clock::now().time_since_epoch());
    }
};

} // namespace gantry
