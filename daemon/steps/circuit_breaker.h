// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/engine/service_status.h"

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>

namespace gantry::steps {

/// When a service is left alone, and for how long.
struct BreakerSettings {
    std::uint32_t failures = 5; ///< at least so many within the window
    double failureRate = 0.5; ///< and at least such a share of the calls
    std::chrono::milliseconds window{60'000};
    std::chrono::milliseconds open{30'000}; ///< how long nobody calls before it is tried again
    std::uint32_t probes = 1; ///< calls at once while it is tried; so many in a row must work
};

/// Decides whether a service may be called, by what became of the calls before. Pure: time comes in with each question, as time since some moment in
/// the past that never jumps. See "Release It!" (Nygard, 2007).
class CircuitBreaker {
public:
    using Millis = std::chrono::milliseconds;
    using State = engine::BreakerState;

    /// Names the state's life that a call was begun in: what becomes of a call that is older than the state says nothing about it.
    using Permit = std::uint64_t;

    explicit CircuitBreaker(const BreakerSettings& settings)
        : m_settings(settings)
    {
    }

    /// Lets time go on. True: the state has changed, from open to half-open.
    bool advance(Millis now);

    /// Asks for leave to make a call, which end() or abandon() must follow. Empty: not now.
    std::optional<Permit> begin(Millis now);

    /// A call has ended. True: the state has changed.
    bool end(Permit permit, bool worked, Millis now);

    /// The call was not made, or nobody knows what became of it.
    void abandon(Permit permit);

    [[nodiscard]] State state() const noexcept { return m_state; }

    /// When an open breaker will be half-open.
    [[nodiscard]] std::optional<Millis> nextProbe() const;

    /// What the window holds: calls that ended, and those of them that failed.
    struct Counts {
        std::uint32_t calls = 0;
        std::uint32_t failures = 0;
    };
    [[nodiscard]] Counts counts(Millis now) const;

private:
    static constexpr std::int64_t slots = 10; ///< the window moves on by a tenth

    struct Slot {
        std::int64_t number = -1; ///< of the span of time that it counts
        Counts counts;
    };

    void turn(State state);
    void open(Millis now);
    [[nodiscard]] std::int64_t slotNumber(Millis now) const;
    void count(bool worked, Millis now);

    BreakerSettings m_settings;
    State m_state = State::Closed;
    Permit m_life = 1;
    std::array<Slot, slots> m_slots{};
    Millis m_openUntil{0};
    std::uint32_t m_probesInHand = 0;
    std::uint32_t m_probesWorked = 0;
};

} // namespace gantry::steps
