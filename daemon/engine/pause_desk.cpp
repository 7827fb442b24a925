// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/engine/pause_desk.h"

#include <set>

namespace gantry::engine {

namespace {

using Names = std::set<std::string, std::less<>>;

/// What the stored workflows have of that scope: steps, or what does or undoes them.
Names namesOf(const WorkflowCatalog& workflows, PauseScope scope)
{
    Names names;
    workflows.forEach([&](const Workflow& workflow) {
        for (const StepDefinition& step : workflow.steps) {
            if (scope == PauseScope::Step) {
                names.insert(step.name);
                continue;
            }
            names.insert(step.handler);
            names.insert(step.compensation);
        }
    });
    names.erase(std::string()); // of steps that nothing does or undoes
    return names;
}

std::string listOf(const Names& names)
{
    constexpr std::size_t most = 50;
    std::string list;
    std::size_t count = 0;
    for (const std::string& name : names) {
        if (++count > most)
            return list + ", …";
        list.append(list.empty() ? "" : ", ").append(name);
    }
    return list;
}

} // namespace

Result<PauseOutcome> PauseDesk::change(const PauseCommand& command)
{
    return command.ends ? end(command) : begin(command);
}

Result<PauseOutcome> PauseDesk::begin(const PauseCommand& command)
{
    if (const Pause* pause = m_book.find(command.scope, command.name))
        return PauseOutcome{*pause, false, m_book.waitingBehind(command.scope, command.name)};
    if (auto unknown = checkName(command))
        return tl::unexpected(std::move(*unknown));
    if (m_book.count() >= PauseCommand::most)
        return failure(ErrorCode::Busy,
            "As many things as may be are paused: " + std::to_string(PauseCommand::most)
                + ". Resume some of them first.");
    const Pause pause{command.scope, command.name, m_clock.now(), command.actor, command.reason};
    if (const auto stored = m_store.putPause(pause); !stored)
        return tl::unexpected(stored.error());
    if (!m_store.isRehearsing())
        m_book.begin(pause);
    return PauseOutcome{pause, true, 0};
}

std::optional<Error> PauseDesk::checkName(const PauseCommand& command) const
{
    if (command.scope != PauseScope::Step && command.scope != PauseScope::Task)
        return std::nullopt; // channels and workers are known to nobody but those who name them
    const Names names = namesOf(m_workflows, command.scope);
    if (names.contains(command.name))
        return std::nullopt;
    const std::string scope(pauseScopeName(command.scope));
    return Error{ErrorCode::NotFound,
        "No stored workflow has a " + scope + ' ' + command.name + ". Choose one of " + listOf(names)
            + "; or add the workflow that has it first, and activate it then."};
}

Result<PauseOutcome> PauseDesk::end(const PauseCommand& command)
{
    const Pause* found = m_book.find(command.scope, command.name);
    if (!found)
        return failure(ErrorCode::NotFound,
            "The " + std::string(pauseScopeName(command.scope)) + ' ' + command.name
                + " is not paused. List the pauses and choose again.");
    const Pause pause = *found;
    const std::size_t waiting = m_book.waitingBehind(command.scope, command.name);
    const auto stored =
        m_store.endPause(command.scope, command.name, {m_clock.now(), command.actor, command.reason});
    if (!stored)
        return tl::unexpected(stored.error());
    if (!m_store.isRehearsing())
        m_book.end(command.scope, command.name);
    return PauseOutcome{pause, false, waiting};
}

} // namespace gantry::engine
