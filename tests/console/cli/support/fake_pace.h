// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "console/cli/pace.h"

#include <functional>

namespace gantry::console {

/// Time that passes only when somebody waits. May be told to interrupt after a while.
class FakePace final : public Pace {
public:
    [[nodiscard]] std::chrono::milliseconds now() const override { return m_now; }

    void pause(std::chrono::milliseconds time) override
    {
        // A pause of nothing in a loop would never end: time always passes a little.
        m_now += std::max(time, std::chrono::milliseconds(1));
    }

    [[nodiscard]] bool isInterrupted() const override { return m_now >= m_interruptAt; }

    void interruptAt(std::chrono::milliseconds time) { m_interruptAt = time; }

private:
    std::chrono::milliseconds m_now{1000};
    std::chrono::milliseconds m_interruptAt{std::chrono::milliseconds::max()};
};

} // namespace gantry::console
