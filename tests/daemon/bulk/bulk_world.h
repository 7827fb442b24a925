// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/bulk/bulk_runner.h"
#include "tests/daemon/engine/worker_world.h"

namespace gantry::test {

using bulk::BulkState;
using bulk::MemberResult;

/// Keeps what is posted until the test hands it over.
class HeldInbox final : public engine::Inbox {
public:
    [[nodiscard]] bool post(engine::Message message) override
    {
        if (messages.size() >= room)
            return false;
        messages.push_back(std::move(message));
        return true;
    }
    std::vector<engine::Message> messages;
    std::size_t room = 1'000'000;
};

/// A world of workers with a runner of bulk actions, whose every message the test sees go by.
struct BulkWorld : WorkerWorld {
    explicit BulkWorld(std::uint64_t seed = 1);

    /// Loses everything in memory, messages on their way too, and starts again on what is on disk.
    void crash();

    /// What waits for the runner, with what the partition has committed.
    std::vector<bulk::BulkMessage> takeWaiting();

    /// One round of the runner; then the partition takes what it has posted.
    void round();

    /// Rounds, a tenth of a second each.
    void go(milliseconds time);

    /// The same until the bulk action has ended; false if it takes too long.
    bool goToEnd(const std::string& id);

    /// Orders that failed at their first step with that code.
    std::vector<OrderId> failedOrders(std::size_t count, const std::string& code = "refused");

    /// Workers do, or fail at, everything that is due; gives how many.
    std::size_t serve(const std::string& failure = {});

    /// Asks for a bulk action; what the answer was.
    Result<bulk::Created> create(store::BulkRecord record, const std::vector<OrderId>& orders);
    /// The same for a retry at that pace; its id.
    std::string retry(const std::vector<OrderId>& orders, bulk::Pace pace = {.rate = 1000});

    Result<store::BulkRecord> steer(const std::string& id, bulk::Steer steer, Role role = Role::Support,
        std::optional<std::string> key = {});

    store::BulkRecord record(const std::string& id);
    std::vector<store::BulkMember> members(const std::string& id);
    std::int64_t count(const std::string& id, MemberResult result)
    {
        return record(id).counts[static_cast<std::size_t>(result)];
    }

    /// How many events of that type the order has.
    std::size_t eventsOf(const OrderId& id, const std::string& type);

    HeldInbox inbox;
    std::vector<std::unique_ptr<bulk::BulkQueue>>
        queues; ///< answers to a runner that is gone still find theirs
    std::unique_ptr<bulk::BulkRunner> runner;

private:
    void startRunner();

    SeededRandom m_random;
    int m_orders = 0;
    std::size_t m_told = 0; ///< batches that the runner was told of
};

} // namespace gantry::test
