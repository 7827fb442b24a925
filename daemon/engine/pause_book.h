// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/domain/pause.h"
#include "shared/domain/rank.h"
#include "shared/util/clock.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace gantry::engine {

/// A pause as it stands now.
struct PauseState {
    Pause pause{};
    std::size_t waiting = 0; ///< orders behind it; one that several pauses stop is counted with one of them
    bool isEnding = false; ///< ended, and what has gathered goes on bit by bit
};

/// What is paused in a partition, and the orders that wait behind it. When a pause has ended, what has gathered goes on at a ramp, best first: `rampStart` in the first second,
/// twice as many in each second after it, and all that is left after `rampSeconds`. Who comes to it meanwhile stands in the same line. Spans count
/// by the monotonic clock. In memory; the store keeps the pauses themselves. Used on the partition's thread alone.
class PauseBook {
public:
    static constexpr std::int64_t rampStart = 10;
    static constexpr int rampSeconds = 10;

    explicit PauseBook(const Clock& clock)
        : m_clock(clock)
    {
    }

    /// Nothing is paused, and nobody waits here.
    [[nodiscard]] bool isIdle() const noexcept { return m_gates.empty() && m_workers.empty(); }

    /// A pause holds from now on. One of the same scope and name that is ending begins anew.
    void begin(const Pause& pause);

    /// It is over; false: there is none.
    bool end(PauseScope scope, const std::string& name);

    /// The pause that holds now; null if none does.
    [[nodiscard]] const Pause* find(PauseScope scope, std::string_view name) const;

    /// Whether an attempt at the order's step, which `handler` does, may not be begun.
    [[nodiscard]] bool stops(const Order& order, std::string_view handler) const;

    /// Puts the order behind what stops it. `isReleased`: it comes from release(), so that only pauses that hold stop it. False: nothing does, and it
    /// is not here. Call whenever an order that is due has changed, but while its attempt is in hand.
    bool park(const Order& order, std::string_view handler, bool isReleased = false);

    /// The order is not due any more.
    void leave(const OrderId& order);

    /// The orders that may go on now; they are not here any more, and may be stopped by another pause.
    [[nodiscard]] std::vector<OrderId> release();

    /// When release() may have something.
    [[nodiscard]] std::optional<std::chrono::milliseconds> next() const;

    /// What the order waits behind.
    [[nodiscard]] std::optional<PauseState> holding(const OrderId& order) const;

    /// Everything that is paused or ending, by scope and name.
    [[nodiscard]] std::vector<PauseState> list() const;

    /// Orders behind one pause, or what is left of it.
    [[nodiscard]] std::size_t waitingBehind(PauseScope scope, const std::string& name) const;

    [[nodiscard]] std::set<std::string, std::less<>> pausedWorkers() const;

    /// Orders that wait behind all pauses.
    [[nodiscard]] std::size_t waiting() const noexcept { return m_places.size(); }

    /// Pauses that hold.
    [[nodiscard]] std::size_t count() const;

private:
    using Millis = std::chrono::milliseconds;
    using Name = std::pair<PauseScope, std::string>;

    /// What orders wait behind: a pause, or what is left of one.
    struct Gate {
        Pause pause;
        std::set<DueKey> parked;
        std::optional<Millis> endedAt; ///< set once it is ending
        std::int64_t released = 0; ///< since then
    };
    struct Place {
        Gate* gate = nullptr;
        DueKey key;
    };

    [[nodiscard]] Gate* gateFor(const Order& order, std::string_view handler, bool isReleased) const;
    [[nodiscard]] std::int64_t allowance(const Gate& gate) const;

    const Clock& m_clock;
    std::map<Name, std::unique_ptr<Gate>> m_gates; ///< of steps, tasks and channels
    std::map<std::string, Pause, std::less<>> m_workers;
    std::unordered_map<OrderId, Place> m_places;
};

} // namespace gantry::engine
