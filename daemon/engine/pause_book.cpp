// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/engine/pause_book.h"

#include <algorithm>
#include <limits>

namespace gantry::engine {

namespace {

// How often what has gathered is let go on: ten times a second is even enough, and wakes nobody for nothing.
constexpr std::chrono::milliseconds rampTick{100};

} // namespace

void PauseBook::begin(const Pause& pause)
{
    if (pause.scope == PauseScope::Worker) {
        m_workers[pause.name] = pause;
        return;
    }
    auto& gate = m_gates[{pause.scope, pause.name}];
    if (!gate)
        gate = std::make_unique<Gate>();
    gate->pause = pause;
    gate->endedAt.reset();
    gate->released = 0;
}

bool PauseBook::end(PauseScope scope, const std::string& name)
{
    if (scope == PauseScope::Worker)
        return m_workers.erase(name) > 0;
    const auto found = m_gates.find({scope, name});
    if (found == m_gates.end() || found->second->endedAt)
        return false;
    if (found->second->parked.empty())
        m_gates.erase(found);
    else
        found->second->endedAt = m_clock.monotonic();
    return true;
}

const Pause* PauseBook::find(PauseScope scope, std::string_view name) const
{
    if (scope == PauseScope::Worker) {
        const auto worker = m_workers.find(name);
        return worker == m_workers.end() ? nullptr : &worker->second;
    }
    const auto found = m_gates.find({scope, std::string(name)});
    return found == m_gates.end() || found->second->endedAt ? nullptr : &found->second->pause;
}

PauseBook::Gate* PauseBook::gateFor(const Order& order, std::string_view handler, bool isReleased) const
{
    if (m_gates.empty())
        return nullptr;
    // First what holds: what is ending lets the order go on before the other does.
    Gate* ending = nullptr;
    const auto look = [&](PauseScope scope, std::string_view name) -> Gate* {
        const auto found = m_gates.find({scope, std::string(name)});
        if (found == m_gates.end())
            return nullptr;
        if (!found->second->endedAt)
            return found->second.get();
        ending = ending ? ending : found->second.get();
        return nullptr;
    };
    if (Gate* gate = look(PauseScope::Step, order.step.name))
        return gate;
    if (Gate* gate = look(PauseScope::Task, handler))
        return gate;
    if (Gate* gate = look(PauseScope::Channel, order.summary->channel))
        return gate;
    return isReleased ? nullptr : ending;
}

bool PauseBook::stops(const Order& order, std::string_view handler) const
{
    return gateFor(order, handler, false) != nullptr;
}

bool PauseBook::park(const Order& order, std::string_view handler, bool isReleased)
{
    Gate* gate = gateFor(order, handler, isReleased);
    const DueKey key = dueKeyOf(order);
    const auto found = m_places.find(order.id);
    if (found != m_places.end() && found->second.gate == gate && found->second.key == key)
        return true;
    leave(order.id);
    if (!gate)
        return false;
    gate->parked.insert(key);
    m_places.emplace(order.id, Place{gate, key});
    return true;
}

void PauseBook::leave(const OrderId& order)
{
    const auto found = m_places.find(order);
    if (found == m_places.end())
        return;
    Gate* gate = found->second.gate;
    gate->parked.erase(found->second.key);
    m_places.erase(found);
    if (gate->endedAt && gate->parked.empty())
        m_gates.erase({gate->pause.scope, std::string(gate->pause.name)});
}

std::int64_t PauseBook::allowance(const Gate& gate) const
{
    const std::int64_t passed = std::max((m_clock.monotonic() - *gate.endedAt).count(), std::int64_t{0});
    const std::int64_t second = passed / 1000;
    if (second >= rampSeconds)
        return std::numeric_limits<std::int64_t>::max();
    // One at once, then evenly: rampStart · 2^second in this second, on top of those before it.
    const std::int64_t before = rampStart * ((std::int64_t{1} << second) - 1);
    return 1 + before + (rampStart << second) * (passed % 1000) / 1000;
}

std::vector<OrderId> PauseBook::release()
{
    std::vector<OrderId> free;
    for (auto next = m_gates.begin(); next != m_gates.end() && free.size() < mostAtOnce;) {
        const auto each = next++;
        Gate& gate = *each->second;
        if (!gate.endedAt)
            continue;
        for (const std::int64_t allowed = allowance(gate);
             gate.released < allowed && !gate.parked.empty() && free.size() < mostAtOnce; ++gate.released) {
            const OrderId order = gate.parked.begin()->order;
            gate.parked.erase(gate.parked.begin());
            m_places.erase(order);
            free.push_back(order);
        }
        if (gate.parked.empty())
            m_gates.erase(each);
    }
    return free;
}

std::optional<std::chrono::milliseconds> PauseBook::next() const
{
    std::optional<Millis> next;
    for (const auto& [name, gate] : m_gates) {
        if (!gate->endedAt)
            continue;
        if (gate->released < allowance(*gate))
            return Millis(0); // there was more than goes at once
        next = rampTick;
    }
    return next;
}

std::optional<PauseState> PauseBook::holding(const OrderId& order) const
{
    const auto found = m_places.find(order);
    if (found == m_places.end())
        return std::nullopt;
    const Gate& gate = *found->second.gate;
    return PauseState{gate.pause, gate.parked.size(), gate.endedAt.has_value()};
}

std::vector<PauseState> PauseBook::list() const
{
    std::vector<PauseState> all;
    for (const auto& [name, gate] : m_gates)
        all.push_back({gate->pause, gate->parked.size(), gate->endedAt.has_value()});
    for (const auto& [name, pause] : m_workers)
        all.push_back({pause, 0, false});
    return all;
}

std::size_t PauseBook::waitingBehind(PauseScope scope, const std::string& name) const
{
    const auto found = m_gates.find({scope, name});
    return found == m_gates.end() ? 0 : found->second->parked.size();
}

std::set<std::string, std::less<>> PauseBook::pausedWorkers() const
{
    std::set<std::string, std::less<>> names;
    for (const auto& [name, pause] : m_workers)
        names.insert(name);
    return names;
}

std::size_t PauseBook::count() const
{
    const auto holding =
        std::count_if(m_gates.begin(), m_gates.end(), [](const auto& gate) { return !gate.second->endedAt; });
    return static_cast<std::size_t>(holding) + m_workers.size();
}

} // namespace gantry::engine
