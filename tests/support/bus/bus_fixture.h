// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/bus/bus.h"
#include "tests/support/bus/order_source.h"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

namespace gantry::test {

/// A bus on free ports of this machine, before an OrderSource instead of an engine. Snapshots and replays are answered at once; calls go to `handler`.
class BusFixture final : public engine::Inbox {
public:
    explicit BusFixture(std::uint64_t seed = 1);
    ~BusFixture() override;

    /// Role of the principal. Before start().
    Role role = Role::Admin;

    /// Bounds and times. Before start().
    bus::WorkerDeskLimits workerLimits{};
    bus::DeskLimits limits{};
    bus::DoorLimits doors{};

    /// Starts the bus; again after stop() with a new epoch, at the same addresses.
    Result<void> start(std::chrono::milliseconds heartbeat = std::chrono::milliseconds(50));
    void stop();

    /// Commits a batch and tells the bus; `isLost`: does not tell it, as if its message had been dropped on the way.
    void commit(std::size_t events, bool isLost = false);

    [[nodiscard]] engine::DigestAnswer digest() const;
    [[nodiscard]] bus::Bus& bus() { return *m_bus; }
    [[nodiscard]] const bus::CurveKeyPair& serverKeys() const { return m_serverKeys; }

    /// The key of the principal `admin`, known from the start.
    [[nodiscard]] const bus::CurveKeyPair& adminKeys() const { return m_adminKeys; }

    /// The key of another principal, `guest`, that stays known.
    [[nodiscard]] const bus::CurveKeyPair& guestKeys() const { return m_guestKeys; }

    /// Makes the admin's key unknown from now on, or known again. The bus is not told.
    void revoke(bool isRevoked) { m_isRevoked = isRevoked; }

    /// Takes the fixture's place for calls of the REST API. Before start().
    api::ApiHandler handler;

    /// When set, the inbox is full.
    std::atomic<bool> isFull{false};

    /// Runs before each part of a snapshot is given, e.g. to change orders between parts. Called on the bus thread.
    std::function<void()> beforePart;

    /// Takes what workers ask of the engine. Called on the workers' thread. False: the inbox is full. Before start().
    std::function<bool(engine::Message)> onWork;

    [[nodiscard]] bool post(engine::Message message) override;

    bus::BusSettings settings();

    /// What tokens are written and read with.
    static engine::TokenSeal seal() { return engine::TokenSeal::fromSecret("of the fixture"); }

private:
    bus::CurveKeyPair m_serverKeys;
    bus::CurveKeyPair m_adminKeys;
    bus::CurveKeyPair m_guestKeys;
    std::atomic<bool> m_isRevoked{false};
    SystemClock m_clock;
    mutable std::mutex m_mutex;
    OrderSource m_source;
    std::string m_commands = "127.0.0.1:0";
    std::string m_events = "127.0.0.1:0";
    std::string m_workers = "127.0.0.1:0";
    std::unique_ptr<bus::Bus> m_bus;
    engine::BatchListener m_listener;
    bool m_wasStarted = false;
};

/// The memory that this process holds, in bytes.
[[nodiscard]] std::int64_t residentBytes();

/// Waits until a condition holds, looking every millisecond; false when the time is over.
[[nodiscard]] bool waitFor(
    const std::function<bool()>& condition, std::chrono::milliseconds timeout = std::chrono::seconds(10));

} // namespace gantry::test
