// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/bus/curve_keys.h"
#include "tests/bench/latencies.h"

#include <atomic>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>
#include <zmq.hpp>

namespace gantry::bench {

/// Where to subscribe, and as whom.
struct SubscriberSettings {
    std::string endpoint;
    std::string serverKey;
    bus::CurveKeyPair keys;
    std::size_t count = 1;
    std::size_t recordBytes = 0; ///< keep the messages that the first one gets, up to that many bytes
};

/// Bare subscribers over CURVE, all read by one thread, that count what comes and look for gaps.
class Subscribers {
public:
    explicit Subscribers(SubscriberSettings settings);
    Subscribers(const Subscribers&) = delete;
    Subscribers& operator=(const Subscribers&) = delete;
    ~Subscribers();

    /// Whether each has got something: from here on it gets everything.
    [[nodiscard]] bool areReady() const noexcept { return m_readyCount == m_settings.count; }

    /// Messages and events got by all of them together.
    [[nodiscard]] std::uint64_t messages() const noexcept { return m_messages; }
    [[nodiscard]] std::uint64_t events() const noexcept { return m_events; }

    /// Events that were between two messages of one subscriber.
    [[nodiscard]] std::uint64_t missed() const noexcept { return m_missed; }

    /// Ends the thread. What follows is valid afterwards.
    void stop();
    [[nodiscard]] Latencies& lags() noexcept { return m_lags; } ///< of each message's last event
    [[nodiscard]] const std::vector<std::string>& recorded() const noexcept { return m_recorded; }

private:
    struct Subscriber {
        zmq::socket_t socket;
        std::uint64_t lastSequence = 0;
        bool isReady = false;
    };

    void run();
    void take(std::size_t index);
    void note(std::size_t index, std::string_view json);

    SubscriberSettings m_settings;
    zmq::context_t m_context{1};
    std::vector<Subscriber> m_subscribers;
    std::atomic<std::uint64_t> m_messages{0};
    std::atomic<std::uint64_t> m_events{0};
    std::atomic<std::uint64_t> m_missed{0};
    std::atomic<std::size_t> m_readyCount{0};
    std::atomic<bool> m_isStopping{false};
    Latencies m_lags;
    std::vector<std::string> m_recorded;
    std::size_t m_recordedBytes = 0;
    std::thread m_thread;
};

} // namespace gantry::bench
