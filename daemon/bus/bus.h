// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/api/api_types.h"
#include "daemon/bus/bus_limits.h"
#include "daemon/bus/bus_meters.h"
#include "daemon/bus/command_desk.h"
#include "daemon/bus/curve_keys.h"
#include "daemon/bus/principal.h"
#include "daemon/bus/worker_desk.h"
#include "daemon/engine/messages.h"
#include "daemon/observe/metrics.h"
#include "daemon/store/records.h"
#include "shared/util/clock.h"
#include "shared/util/result.h"

#include <array>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>
#include <zmq.hpp>

namespace gantry::bus {

/// A partition that this daemon owns, as acquired, and where its messages go in.
struct ServedPartition {
    store::PartitionInfo info;
    engine::Inbox* inbox = nullptr; ///< outlives the bus
};

/// What a bus is started with.
struct BusSettings {
    std::string commands = "127.0.0.1:7411"; ///< IP:PORT; port 0 takes a free one
    std::string events = "127.0.0.1:7412";
    std::string workers = "127.0.0.1:7413";
    CurveKeyPair serverKeys;
    PrincipalLookup lookup;
    api::ApiHandler handler; ///< the router; called on the bus thread
    LogReader readLog; ///< called on the bus's reading thread
    std::vector<ServedPartition> partitions;
    const Clock& clock; ///< outlives the bus
    std::string server = "gantryd " GANTRY_VERSION; ///< told to whoever says hello
    std::chrono::milliseconds heartbeatInterval{1'000};
    std::size_t mostQueuedEvents = 100'000; ///< committed and not yet published; beyond it subscribers replay
    DeskLimits limits{};
    engine::TokenSeal seal; ///< the one that every door writes and reads tokens with
    WorkerDeskLimits workerLimits{};
    DoorLimits doors{};
};

/// The daemon's end of docs/protocol.md and docs/workers.md: listens for commands, publishes events and hands out tasks, for holders of known CURVE keys and nobody else.
/// Callable from any thread.
class Bus {
public:
    /// Binds the sockets, makes sure that a stranger is refused at both, and starts. Errors: InvalidValue (an address or key that can't be
    /// used), Unavailable (port in use, self-test without answer), Forbidden (self-test got in).
    static Result<std::unique_ptr<Bus>> start(BusSettings settings);

    /// Ends all its threads. What a handler answers later is dropped.
    ~Bus();
    Bus(const Bus&) = delete;
    Bus& operator=(const Bus&) = delete;

    /// Where it listens: `tcp://IP:PORT`.
    [[nodiscard]] const std::string& commandsAddress() const noexcept { return m_commandsAddress; }
    [[nodiscard]] const std::string& eventsAddress() const noexcept { return m_eventsAddress; }
    [[nodiscard]] const std::string& workersAddress() const noexcept { return m_workersAddress; }

    /// What the partitions tell their commits to. Never blocks; may outlive the bus.
    [[nodiscard]] engine::BatchListener listener() const;

    /// To be called after other keys than before are accepted: streams of events whose key is not end at once. Never blocks; may outlive the bus.
    [[nodiscard]] std::function<void()> recheckKeys() const;

    [[nodiscard]] BusCounters counters() const noexcept { return m_meters->read(); }

    /// The same for /metrics. May outlive the bus.
    [[nodiscard]] observe::CounterSource counterSource() const;

    /// Whether every thread of the bus came by within that time: for /readyz and the watchdog. Both tick once a second.
    [[nodiscard]] bool isAlive(std::chrono::milliseconds within = std::chrono::seconds(5)) const noexcept;

private:
    struct Threads;

    Bus();
    Result<void> open(BusSettings settings);
    Result<void> bindDoors(const BusSettings& settings, std::array<zmq::socket_t, 3>& doors);

    std::shared_ptr<BusMeters> m_meters;
    std::shared_ptr<Mailbox> m_mailbox;
    std::string m_commandsAddress;
    std::string m_eventsAddress;
    std::string m_workersAddress;
    std::unique_ptr<Threads> m_threads;
};

} // namespace gantry::bus
