// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/bus/outbox.h"
#include "daemon/bus/worker_desk.h"

#include <atomic>
#include <chrono>
#include <memory>
#include <thread>
#include <zmq.hpp>

namespace gantry::bus {

/// The one thread that uses the workers' socket: takes what they say, sends them tasks, answers and heartbeats. Apart from the bus thread, so that work does
/// not hold up the consoles.
class WorkerThread {
public:
    /// `socket`: a bound ROUTER; becomes the thread's own.
    WorkerThread(zmq::socket_t socket, WorkerDeskSettings settings, std::chrono::milliseconds heartbeat,
        std::shared_ptr<BusMeters> meters);
    /// Tells all workers that the daemon stops, and waits for the thread.
    ~WorkerThread();
    WorkerThread(const WorkerThread&) = delete;
    WorkerThread& operator=(const WorkerThread&) = delete;

    /// Whether the thread came by within that time. Any thread.
    [[nodiscard]] bool isAlive(std::chrono::milliseconds within) const noexcept;

private:
    using SteadyTime = std::chrono::steady_clock::time_point;

    void run() noexcept;
    void loop();
    void takeMail(SteadyTime now);
    void takeMessages(SteadyTime now);
    bool takeMessage(SteadyTime now);

    zmq::socket_t m_socket;
    std::chrono::milliseconds m_heartbeat;
    std::shared_ptr<BusMeters> m_meters;
    std::shared_ptr<WorkerMailbox> m_mailbox;
    Outbox m_outbox;
    WorkerDesk m_desk;
    WorkerMailbox::Contents m_mail;
    SteadyTime m_nextTick{};
    std::atomic<std::chrono::steady_clock::rep> m_lastTick{0};
    std::thread m_thread;
};

} // namespace gantry::bus
