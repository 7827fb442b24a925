// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/engine/builtin_step.h"
#include "daemon/engine/step_runner.h"

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::engine {

/// Who does which handler. Filled once at start, by the factory in daemon/steps; used by one partition's thread.
class StepRegistry {
public:
    void add(std::string handler, std::shared_ptr<BuiltinStep> step)
    {
        m_builtin[std::move(handler)] = std::move(step);
    }
    void add(std::string handler, std::shared_ptr<StepRunner> runner)
    {
        m_runners[std::move(handler)] = std::move(runner);
    }

    /// Who makes the calls of workflows, and how many at once to each service to begin with.
    void setCaller(std::shared_ptr<StepRunner> caller, std::vector<LaneLimit> limits)
    {
        m_caller = std::move(caller);
        m_limits = std::move(limits);
    }
    [[nodiscard]] StepRunner* caller() const { return m_caller.get(); }
    [[nodiscard]] const std::vector<LaneLimit>& laneLimits() const noexcept { return m_limits; }

    /// Null if nothing does it.
    [[nodiscard]] BuiltinStep* builtin(std::string_view handler) const { return find(m_builtin, handler); }
    [[nodiscard]] StepRunner* runner(std::string_view handler) const { return find(m_runners, handler); }

private:
    template <typename Map>
    static typename Map::mapped_type::element_type* find(const Map& map, std::string_view handler)
    {
        const auto found = map.find(handler);
        return found == map.end() ? nullptr : found->second.get();
    }

    std::map<std::string, std::shared_ptr<BuiltinStep>, std::less<>> m_builtin;
    std::map<std::string, std::shared_ptr<StepRunner>, std::less<>> m_runners;
    std::shared_ptr<StepRunner> m_caller;
    std::vector<LaneLimit> m_limits;
};

} // namespace gantry::engine
