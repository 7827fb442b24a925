// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/console/support/fake_link.h"

#include <QTimer>

namespace gantry::test {

FakeLink::FakeLink(FakeDaemon& daemon, QObject* parent)
    : Link(parent)
    , m_daemon(daemon)
{
}

void FakeLink::call(console::ApiCall call, std::function<void(Result<console::ApiAnswer>)> done)
{
    m_calls.push_back(call);
    m_waiting.push_back({std::move(call), std::move(done)});
    if (!m_silent)
        QTimer::singleShot(0, this, &FakeLink::answerAll);
}

void FakeLink::digest(std::function<void(console::ReplicaDigest)> done)
{
    done({});
}

void FakeLink::setStatus(console::LinkState state, Timestamp since, std::string detail)
{
    m_status = {state, since, std::move(detail)};
    Q_EMIT statusChanged(m_status);
}

void FakeLink::goLive(Timestamp at)
{
    Q_EMIT replicaChanged(m_daemon.snapshot());
    setStatus(console::LinkState::Live, at);
}

void FakeLink::publish()
{
    Q_EMIT replicaChanged(m_daemon.takeChange());
}

void FakeLink::answerAll()
{
    for (const Waiting& waiting : std::exchange(m_waiting, {}))
        answer(waiting);
}

void FakeLink::answer(const Waiting& waiting)
{
    if (m_planned.empty()) {
        waiting.done(m_daemon.answer(waiting.call, m_principal, m_role));
        return;
    }
    const Result<console::ApiAnswer> planned = std::move(m_planned.front());
    m_planned.pop_front();
    waiting.done(planned);
}

void FakeLink::setPrincipal(std::string name, Role role)
{
    m_principal = std::move(name);
    m_role = role;
}

std::vector<console::ApiCall> FakeLink::calls(std::string_view method, std::string_view part) const
{
    std::vector<console::ApiCall> found;
    for (const console::ApiCall& call : m_calls)
        if (call.method == method && call.target.find(part) != std::string::npos)
            found.push_back(call);
    return found;
}

} // namespace gantry::test
