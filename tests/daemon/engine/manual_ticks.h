// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/util/clock.h"

namespace gantry::test {

/// A clock that stands still until a test sets it: the wall's time and the monotonic one apart.
class ManualTicks final : public Clock {
public:
    [[nodiscard]] Timestamp now() const override { return wall; }
    [[nodiscard]] std::chrono::milliseconds monotonic() const override { return ticks; }
    Timestamp wall = fromMillis(1'770'000'000'000);
    std::chrono::milliseconds ticks{5'000'000};
};

} // namespace gantry::test
