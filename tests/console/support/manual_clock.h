// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/util/clock.h"

namespace gantry::test {

/// A clock that stands until it is moved.
class ManualClock final : public Clock {
public:
    explicit ManualClock(Timestamp now)
        : m_now(now)
    {
    }
    [[nodiscard]] Timestamp now() const override { return m_now; }
    void advance(std::chrono::milliseconds by) { m_now += by; }

private:
    Timestamp m_now;
};

/// 2026-03-02T10:15:30Z, a Monday: the present of the console's tests.
constexpr Timestamp testNow = fromMillis(1'772'446'530'000);

} // namespace gantry::test
