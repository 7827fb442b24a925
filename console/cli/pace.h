// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>

namespace gantry::console {

/// Time passing, waiting, and being told to stop: injected, so that tests wait for nothing. One thread.
class Pace {
public:
    virtual ~Pace() = default;

    /// Time since some fixed moment; never goes back.
    [[nodiscard]] virtual std::chrono::milliseconds now() const = 0;

    /// Waits; shorter when interrupted.
    virtual void pause(std::chrono::milliseconds time) = 0;

    /// Whether the person at the keyboard or the system asked to stop (SIGINT, SIGTERM).
    [[nodiscard]] virtual bool isInterrupted() const = 0;
};

/// The machine's own time, and its signals.
class SystemPace final : public Pace {
public:
    /// Takes SIGINT and SIGTERM from now on; the second one ends the process at once.
    SystemPace();

    [[nodiscard]] std::chrono::milliseconds now() const override;
    void pause(std::chrono::milliseconds time) override;
    [[nodiscard]] bool isInterrupted() const override;
};

} // namespace gantry::console
