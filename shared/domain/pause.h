// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/util/time.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gantry {

/// What a pause is put on.
enum class PauseScope : std::uint8_t {
    Step, ///< all that stands at a step of that name, in any workflow
    Task, ///< a handler, or a task of workers: what does the step
    Channel, ///< the orders of a channel
    Worker, ///< a worker, by the name it gives itself
};
constexpr std::array<PauseScope, 4> allPauseScopes{
    PauseScope::Step, PauseScope::Task, PauseScope::Channel, PauseScope::Worker};

constexpr std::string_view pauseScopeName(PauseScope scope) noexcept
{
    switch (scope) {
    case PauseScope::Step: return "step";
    case PauseScope::Task: return "task";
    case PauseScope::Channel: return "channel";
    case PauseScope::Worker: return "worker";
    }
    return "step";
}

constexpr std::optional<PauseScope> pauseScopeFromName(std::string_view name) noexcept
{
    for (const PauseScope scope : allPauseScopes)
        if (pauseScopeName(scope) == name)
            return scope;
    return std::nullopt;
}

/// Nothing of its slice is handed out from `since` on.
struct Pause {
    PauseScope scope = PauseScope::Step;
    std::string name{};
    Timestamp since{};
    std::string by{}; ///< the principal
    std::string reason{};
    bool operator==(const Pause&) const = default;
};

/// How a pause was ended.
struct PauseEnd {
    Timestamp at{};
    std::string by{};
    std::string reason{};
    bool operator==(const PauseEnd&) const = default;
};

} // namespace gantry
