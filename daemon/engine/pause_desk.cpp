// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/engine/pause_desk.h"

namespace gantry::engine {

Result<PauseOutcome> PauseDesk::change(const PauseCommand& command)
{
    return command.ends ? end(command) : begin(command);
}

Result<PauseOutcome> PauseDesk::begin(const PauseCommand& command)
{
    if (const Pause* pause = m_book.find(command.scope, command.name))
        return PauseOutcome{*pause, false, m_book.waitingBehind(command.scope, command.name)};
    if (m_book.count() >= PauseCommand::most)
        return failure(ErrorCode::Busy,
            "As many things as may be are paused: " + std::to_string(PauseCommand::most)
                + ". Resume some of them first.");
    const Pause pause{command.scope, command.name, m_clock.now(), command.actor, command.reason};
    if (const auto stored = m_store.putPause(pause); !stored)
        return tl::unexpected(stored.error());
    m_book.begin(pause);
    return PauseOutcome{pause, true, 0};
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
    m_book.end(command.scope, command.name);
    return PauseOutcome{pause, false, waiting};
}

} // namespace gantry::engine
