// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/bus/outbox.h"

#include <cerrno>

namespace gantry::bus {

namespace {

constexpr std::size_t mostBytesOfPeer = 4 * 1024 * 1024;
constexpr std::size_t mostBytes = 64 * 1024 * 1024;

std::size_t sizeOf(const Answer& answer) noexcept
{
    return answer.head.size() + (answer.body ? answer.body->size() : 0);
}

} // namespace

bool Outbox::send(Answer answer)
{
    if (isWaitingFor(answer.peer))
        return keep(std::move(answer)); // never overtakes an earlier one
    switch (trySend(answer)) {
    case Outcome::Sent: return true;
    case Outcome::Full: return keep(std::move(answer));
    case Outcome::Gone: break;
    }
    ++m_dropped;
    return false;
}

void Outbox::retry()
{
    for (auto it = m_backlogs.begin(); it != m_backlogs.end();)
        it = drain(it->second) ? m_backlogs.erase(it) : std::next(it);
}

bool Outbox::drain(Backlog& backlog)
{
    while (!backlog.answers.empty()) {
        const Outcome outcome = trySend(backlog.answers.front());
        if (outcome == Outcome::Full)
            return false;
        if (outcome == Outcome::Gone)
            ++m_dropped;
        const std::size_t size = sizeOf(backlog.answers.front());
        backlog.bytes -= size;
        m_bytes -= size;
        backlog.answers.pop_front();
    }
    return true;
}

bool Outbox::keep(Answer answer)
{
    const std::size_t size = sizeOf(answer);
    const auto found = m_backlogs.find(answer.peer);
    // One answer is always kept, however long: a peer that reads gets it.
    const bool isOver = found != m_backlogs.end() && found->second.bytes + size > mostBytesOfPeer;
    if (isOver || (m_bytes > 0 && m_bytes + size > mostBytes)) {
        ++m_dropped;
        return false;
    }
    Backlog& backlog = m_backlogs[answer.peer];
    backlog.bytes += size;
    m_bytes += size;
    backlog.answers.push_back(std::move(answer));
    return true;
}

Outbox::Outcome Outbox::trySend(const Answer& answer)
{
    constexpr auto more = zmq::send_flags::sndmore | zmq::send_flags::dontwait;
    try {
        if (!m_router.send(zmq::buffer(answer.peer), more))
            return Outcome::Full;
        if (!answer.number.empty())
            m_router.send(zmq::buffer(answer.number), more);
        m_router.send(zmq::buffer(answer.head), answer.body ? more : zmq::send_flags::dontwait);
        if (answer.body)
            m_router.send(zmq::buffer(*answer.body), zmq::send_flags::dontwait);
        return Outcome::Sent;
    } catch (const zmq::error_t& error) {
        if (error.num() == EHOSTUNREACH)
            return Outcome::Gone;
        throw;
    }
}

} // namespace gantry::bus
