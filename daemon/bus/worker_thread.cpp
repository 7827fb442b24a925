// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/bus/worker_thread.h"

#include "daemon/bus/connection_counter.h"
#include "daemon/bus/server_socket.h"

#include <algorithm>
#include <array>
#include <pthread.h>

namespace gantry::bus {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr int messagesPerRound = 256;
constexpr milliseconds retryInterval{2};

} // namespace

WorkerThread::WorkerThread(zmq::socket_t socket, WorkerDeskSettings settings, milliseconds heartbeat,
    std::shared_ptr<BusMeters> meters)
    : m_socket(std::move(socket))
    , m_heartbeat(heartbeat)
    , m_meters(std::move(meters))
    , m_mailbox(std::make_shared<WorkerMailbox>())
    , m_outbox(m_socket, m_meters->droppedWorkerMessages)
    , m_desk(std::move(settings), m_outbox, m_mailbox, *m_meters)
    , m_nextTick(steady_clock::now() + heartbeat)
    , m_lastTick(steady_clock::now().time_since_epoch().count())
    , m_thread([this] { run(); })
{
    pthread_setname_np(m_thread.native_handle(), "workers");
}

WorkerThread::~WorkerThread()
{
    m_mailbox->close();
    m_thread.join();
}

bool WorkerThread::isAlive(milliseconds within) const noexcept
{
    const SteadyTime last{steady_clock::duration(m_lastTick.load())};
    return steady_clock::now() - last <= within;
}

void WorkerThread::run() noexcept
{
    try {
        loop();
        m_desk.stop();
    } catch (const zmq::error_t&) {
        // Nothing of ours explains an error here. The thread ends, isAlive() tells, and whoever watches restarts the process.
    }
    stopCounting(m_socket);
    m_socket.close();
}

void WorkerThread::loop()
{
    std::array<zmq::pollitem_t, 2> items{
        {{nullptr, m_mailbox->descriptor(), ZMQ_POLLIN, 0}, {m_socket.handle(), 0, ZMQ_POLLIN, 0}}};
    while (true) {
        const auto untilTick =
            std::max(std::chrono::ceil<milliseconds>(m_nextTick - steady_clock::now()), milliseconds(0));
        zmq::poll(items.data(), items.size(),
            m_outbox.isWaiting() ? std::min(untilTick, retryInterval) : untilTick);
        const SteadyTime now = steady_clock::now();
        m_lastTick = now.time_since_epoch().count();
        m_mailbox->take(m_mail);
        takeMail(now);
        if (m_mail.isClosed)
            return;
        takeMessages(now);
        if (now >= m_nextTick) {
            m_desk.tick(now);
            m_nextTick = now + m_heartbeat;
        }
    }
}

void WorkerThread::takeMail(SteadyTime now)
{
    if (m_outbox.isWaiting()) {
        m_outbox.retry();
        if (!m_outbox.isWaiting())
            m_desk.resume();
    }
    // Answers first: a worker learns that a task is done before it gets the order's next one.
    for (AnswerMail& mail : m_mail.answers)
        m_desk.deliver(std::move(mail), now);
    for (ClaimMail& mail : m_mail.claims)
        m_desk.deliver(std::move(mail), now);
}

void WorkerThread::takeMessages(SteadyTime now)
{
    for (int taken = 0; taken < messagesPerRound; ++taken)
        if (!takeMessage(now))
            return;
}

bool WorkerThread::takeMessage(SteadyTime now)
{
    zmq::message_t peer;
    if (!m_socket.recv(peer, zmq::recv_flags::dontwait))
        return false;
    zmq::message_t content;
    std::size_t count = 1;
    for (bool more = peer.more(); more; ++count) {
        zmq::message_t frame;
        if (!m_socket.recv(frame))
            return false; // can't be: messages come whole
        more = frame.more();
        if (count == 1)
            content = std::move(frame);
    }
    if (count != 2) {
        ++m_meters->workerMessages;
        ++m_meters->badWorkerMessages;
        return true;
    }
    // The content's User-Id, not the routing id's: libzmq 4.3.4 loses it there.
    m_desk.handle(peer.to_string(), propertyOf(content, "User-Id"), content.to_string_view(), now);
    return true;
}

} // namespace gantry::bus
