// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/bus/command_desk.h"
#include "daemon/bus/demand.h"
#include "daemon/bus/event_encoder.h"
#include "daemon/bus/event_streams.h"
#include "daemon/bus/mailbox.h"
#include "daemon/bus/outbox.h"
#include "shared/util/clock.h"

#include <atomic>
#include <chrono>
#include <memory>
#include <thread>
#include <zmq.hpp>

namespace gantry::bus {

/// What the bus thread works with. The sockets are bound and become the thread's own.
struct BusThreadSettings {
    zmq::socket_t commands; ///< ROUTER
    zmq::socket_t events; ///< XPUB, verbose
    DeskSettings desk;
    Positions positions;
    const Clock& clock;
    std::chrono::milliseconds heartbeatInterval{1'000};
    std::shared_ptr<Mailbox> mailbox;
    std::shared_ptr<ReadingRoom> readingRoom;
    std::shared_ptr<BusMeters> meters;
};

/// The one thread that uses the listening sockets: takes requests, sends answers, publishes events and heartbeats.
class BusThread {
public:
    explicit BusThread(BusThreadSettings settings);
    /// Closes the mailbox and waits for the thread.
    ~BusThread();
    BusThread(const BusThread&) = delete;
    BusThread& operator=(const BusThread&) = delete;

    /// Whether the thread came by within that time. Any thread.
    [[nodiscard]] bool isAlive(std::chrono::milliseconds within) const noexcept;

private:
    using SteadyTime = std::chrono::steady_clock::time_point;

    void run() noexcept;
    void loop();
    [[nodiscard]] std::chrono::milliseconds timeToWait() const;
    void sendAnswers();
    void publishBatches();
    void publish(std::uint32_t partition, std::string_view json, std::size_t events);
    void takeSubscriptions();
    void takeRequests();
    bool takeRequest();
    void heartbeat();
    [[nodiscard]] bool endUnwelcomeStreams();

    zmq::socket_t m_commands;
    zmq::socket_t m_events;
    std::uint16_t m_eventsPort;
    EventStreams m_streams;
    Positions m_positions;
    const Clock& m_clock;
    std::chrono::milliseconds m_heartbeatInterval;
    std::shared_ptr<Mailbox> m_mailbox;
    std::shared_ptr<BusMeters> m_meters;
    CommandDesk m_desk;
    Outbox m_outbox;
    EventEncoder m_encoder;
    Demand m_demand;
    Mailbox::Contents m_mail;
    SteadyTime m_lastHeartbeat{};
    SteadyTime m_nextHeartbeat{};
    std::atomic<std::chrono::steady_clock::rep> m_lastTick{0};
    std::thread m_thread;
};

} // namespace gantry::bus
