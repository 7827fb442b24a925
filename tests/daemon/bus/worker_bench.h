// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/protocol/json_reader.h"
#include "tests/support/bus/bus_fixture.h"
#include "tests/support/bus/raw_peer.h"

#include <atomic>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace gantry::test {

/// A bus whose engine is the test: what workers ask of it is kept, and answered when the test says so.
class WorkerBench {
public:
    WorkerBench();
    ~WorkerBench();

    BusFixture fixture;

    void start();

    /// A peer of the workers' socket that speaks the protocol by hand.
    std::unique_ptr<RawPeer> peer(int receiveHighWater = 1000);

    /// A peer whose session is open.
    std::unique_ptr<RawPeer> worker(std::size_t credit);

    /// The next thing asked of the engine; waits for it.
    std::optional<engine::Message> next();

    /// The same, if it is of that kind; waits for it.
    template <typename Kind>
    std::optional<Kind> asked()
    {
        auto message = next();
        if (auto* found = message ? std::get_if<Kind>(&*message) : nullptr)
            return std::move(*found);
        return std::nullopt;
    }

    /// How much has been asked and not looked at.
    [[nodiscard]] std::size_t waiting();

    /// Tasks with leases of that length, numbered on from the last; of `bytes` each at least.
    std::vector<engine::LeasedTask> tasks(
        std::size_t count, std::chrono::milliseconds lease = std::chrono::seconds(30), std::size_t bytes = 0);

    /// The next message for a peer; empty: none came.
    static std::string hear(RawPeer& peer, std::chrono::milliseconds timeout = std::chrono::seconds(10));
    /// The same, heartbeats left out.
    static std::string hearNews(RawPeer& peer);

    /// The texts of all members of that name in a message.
    static std::vector<std::string> textsOf(const std::string& message, const std::string& member);

    std::atomic<bool> isFull{false}; ///< the inbox takes nothing more

private:
    std::mutex m_mutex;
    std::deque<engine::Message> m_asked;
    std::shared_ptr<const Order> m_order;
    std::string m_document;
    std::uint64_t m_lastLease = 0;
};

} // namespace gantry::test
