// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/bus/bus_meters.h"
#include "daemon/bus/listener_keys.h"
#include "daemon/bus/principal.h"
#include "daemon/bus/wake_up.h"

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <zmq.hpp>

namespace gantry::bus {

/// Decides who may connect (ZeroMQ RFC 27): lets in the CURVE keys that the look-up knows, and nobody else. One thread; bound when
/// the constructor returns, which must be before any socket of the context is bound. The message's User-Id is the peer's public key.
class ZapHandler {
public:
    /// The domain of the socket whose keys are kept.
    static constexpr const char* eventsDomain = "events";

    /// Throws zmq::error_t if the context has a handler already. `meters` outlives the handler. `listeners`: gets the keys let in to the event socket; may be
    /// null.
    ZapHandler(zmq::context_t& context, PrincipalLookup lookup, BusMeters& meters,
        std::shared_ptr<ListenerKeys> listeners = nullptr);
    ~ZapHandler();
    ZapHandler(const ZapHandler&) = delete;
    ZapHandler& operator=(const ZapHandler&) = delete;

    /// Whether its thread came by within that time. Any thread.
    [[nodiscard]] bool isAlive(std::chrono::milliseconds within) const noexcept;

private:
    void run();
    void answerOne();
    [[nodiscard]] bool isAccepted(
        const std::string& mechanism, const zmq::message_t& credentials, std::string& key) const noexcept;

    zmq::socket_t m_socket;
    PrincipalLookup m_lookup;
    BusMeters& m_meters;
    std::shared_ptr<ListenerKeys> m_listeners;
    WakeUp m_wakeUp;
    std::atomic<bool> m_isStopping{false};
    std::atomic<std::chrono::steady_clock::rep> m_lastTick{0};
    std::thread m_thread;
};

} // namespace gantry::bus
