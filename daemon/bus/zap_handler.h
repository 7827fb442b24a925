// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/bus/bus_meters.h"
#include "daemon/bus/connection_counter.h"
#include "daemon/bus/principal.h"
#include "daemon/bus/wake_up.h"

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>
#include <zmq.hpp>

namespace gantry::bus {

/// The doors that a ZapHandler keeps, and how many connections each may have.
struct GuardedDoors {
    std::vector<ConnectionCounter> counters{};
    std::size_t mostConnections = 0; ///< of each
    std::string
        wholeDomain{}; ///< the ZAP domain of the door that gives all orders as they are: only for roles that see everything
};

/// Decides who may connect (ZeroMQ RFC 27): lets in the CURVE keys that the look-up knows, and nobody else. One thread; bound when
/// the constructor returns, which must be before any socket of the context is bound. The message's User-Id is the peer's public key.
class ZapHandler {
public:
    /// Throws zmq::error_t if the context has a handler already. `meters` outlives the handler. At a door of `doors` that is full, known keys are refused as
    /// well; a client of ZeroMQ then tries again by itself.
    ZapHandler(zmq::context_t& context, PrincipalLookup lookup, BusMeters& meters, GuardedDoors doors = {});
    ~ZapHandler();
    ZapHandler(const ZapHandler&) = delete;
    ZapHandler& operator=(const ZapHandler&) = delete;

    /// Whether its thread came by within that time. Any thread.
    [[nodiscard]] bool isAlive(std::chrono::milliseconds within) const noexcept;

private:
    void run();
    void answerOne();
    void countConnections();
    [[nodiscard]] bool isFull(std::string_view domain) const noexcept;
    /// Who it is; empty if nobody who may come in.
    [[nodiscard]] std::optional<api::Principal> find(
        const std::string& mechanism, const zmq::message_t& credentials, std::string& key) const noexcept;

    zmq::socket_t m_socket;
    PrincipalLookup m_lookup;
    BusMeters& m_meters;
    GuardedDoors m_doors;
    WakeUp m_wakeUp;
    std::atomic<bool> m_isStopping{false};
    std::atomic<std::chrono::steady_clock::rep> m_lastTick{0};
    std::thread m_thread;
};

} // namespace gantry::bus
