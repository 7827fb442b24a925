// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/domain/command.h"
#include "shared/domain/order.h"
#include "shared/domain/workflow.h"
#include "shared/util/result.h"

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <utility>

namespace gantry::bulk {

/// What would come of an action on many orders: counts and consequences. Decides for each order by the very function that decides when it is done, and keeps
/// nothing of it. A value.
class BulkPreview {
public:
    /// Finds an order's workflow; null if it is not known.
    using Workflows = std::function<const Workflow*(const std::string& name, int version)>;

    /// `command`: the action with actor, role and time, as each order would get it.
    BulkPreview(Command command, Workflows workflows);

    /// One more order of the selection; null: there is none of that id.
    void add(const Order* order);

    using Place = std::pair<OrderState, std::string>; ///< state and step
    using Work = std::pair<std::string, std::string>; ///< step, and what does or undoes it; empty: a person

    [[nodiscard]] std::size_t selected() const noexcept { return m_selected; }
    [[nodiscard]] std::size_t acted() const noexcept { return m_acted; } ///< on which it would be done
    [[nodiscard]] const std::map<Place, std::size_t>& places() const noexcept { return m_places; }
    [[nodiscard]] const std::map<ErrorCode, std::size_t>& refused() const noexcept { return m_refused; }
    /// By currency's code, of the orders on which it would be done. Stays at the largest number if the sum is beyond it.
    [[nodiscard]] const std::map<std::string, MinorUnits>& atStake() const noexcept { return m_atStake; }
    /// What would be done next, at once.
    [[nodiscard]] const std::map<Work, std::size_t>& runs() const noexcept { return m_runs; }
    /// What would be undone, over time.
    [[nodiscard]] const std::map<Work, std::size_t>& undoes() const noexcept { return m_undoes; }
    /// Which orders would end at once.
    [[nodiscard]] const std::map<OrderState, std::size_t>& ends() const noexcept { return m_ends; }

private:
    void addConsequences(const Order& order, const std::vector<Event>& events, const Workflow& workflow);

    Command m_command;
    Workflows m_workflows;
    std::size_t m_selected = 0;
    std::size_t m_acted = 0;
    std::map<Place, std::size_t> m_places;
    std::map<ErrorCode, std::size_t> m_refused;
    std::map<std::string, MinorUnits> m_atStake;
    std::map<Work, std::size_t> m_runs;
    std::map<Work, std::size_t> m_undoes;
    std::map<OrderState, std::size_t> m_ends;
};

} // namespace gantry::bulk
