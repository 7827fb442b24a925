// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/engine/partition.h"
#include "daemon/steps/allocate_step.h"
#include "daemon/steps/validate_step.h"
#include "daemon/store/sqlite/sqlite_store.h"
#include "shared/protocol/order_codec.h"

#include <QTemporaryDir>
#include <deque>

namespace gantry::test {

/// A clock that stands still until it is told.
class ManualClock final : public Clock {
public:
    [[nodiscard]] Timestamp now() const override { return m_now; }
    [[nodiscard]] std::chrono::milliseconds monotonic() const override { return m_ticks; }

    void advance(std::chrono::milliseconds by)
    {
        m_now += by;
        m_ticks += by;
    }
    /// Somebody sets the wall clock.
    void jump(std::chrono::milliseconds by) { m_now += by; }

private:
    Timestamp m_now = fromMillis(1'770'000'000'000);
    std::chrono::milliseconds m_ticks = m_now.time_since_epoch();
};

/// A service under the test's control: keeps what it is handed until the test says what came of it.
class FakeService final : public engine::StepRunner {
public:
    void start(engine::Task task, engine::TaskDone done) override
    {
        if (onStart)
            onStart(task);
        m_calls.push_back({std::move(task), std::move(done)});
    }

    std::function<void(const engine::Task&)> onStart; ///< sees each call as it begins; may be empty

    struct Call {
        engine::Task task;
        engine::TaskDone done;
    };
    [[nodiscard]] std::size_t waiting() const { return m_calls.size(); }
    Call take(std::size_t index = 0)
    {
        const auto place = m_calls.begin() + static_cast<std::ptrdiff_t>(index);
        Call call = std::move(*place);
        m_calls.erase(place);
        return call;
    }
    [[nodiscard]] const engine::Task& peek(std::size_t index) const { return m_calls.at(index).task; }

private:
    std::deque<Call> m_calls;
};

/// A store that fails when it is told to, and passes everything else on to a real one.
struct FaultPlan {
    std::optional<Error> nextBegin{}; ///< the next batch can't begin, once
    std::optional<Error> nextCommit{}; ///< the next commit fails so, once
    std::optional<Error> afterCommit{}; ///< the next commit is written, and fails so all the same, once
    std::optional<Error> nextBulkWrite{}; ///< the next write of a bulk action fails so, once
};

/// A partition on a real embedded store, with everything else injected. Restart keeps the store's file and nothing else.
class EngineWorld {
public:
    explicit EngineWorld(std::uint64_t seed = 1, Workflow workflow = standardWorkflow());

    /// Lets go of everything in memory and opens the store again.
    void restart();

    /// From now on nothing is handed out to workers.
    void drain() { m_queue->drain(); }

    /// So many attempts may be in hand in a lane from the next round on.
    void limitLane(engine::LaneLimit limit) { m_queue->limitLane(std::move(limit)); }

    /// One round with these messages and whatever has been reported; runs on until nothing is left to take.
    Result<void> run(std::vector<engine::Message> messages = {});

    /// Takes orders in, in one batch. One outcome each.
    std::vector<Result<engine::CommandOutcome>> submit(std::vector<OrderDocument> documents,
        const std::vector<std::optional<engine::IdempotencyKey>>& keys = {});
    Result<engine::CommandOutcome> submit(OrderDocument document)
    {
        return submit(std::vector{std::move(document)}).front();
    }

    /// A person acts.
    Result<engine::CommandOutcome> act(
        const OrderId& order, Action action, Role role = Role::Admin, const std::string& actor = "tester");

    /// Sets what is on hand of a SKU, in a round of its own.
    void setStock(const std::string& sku, std::int64_t onHand);

    /// The service's answer to its oldest call.
    void succeed(const std::string& result = {});
    void fail(const std::string& code, bool fatal = false);

    /// Another reader of the same store; it must go before a restart.
    [[nodiscard]] std::unique_ptr<store::StoreReader> openReader();

    /// The order as the book has it; null if it is not open.
    [[nodiscard]] std::shared_ptr<const Order> open(const OrderId& id) const;

    /// The order as the store has it.
    [[nodiscard]] Order stored(const OrderId& id);

    /// The order as its events tell it.
    [[nodiscard]] Order replayed(const OrderId& id);

    ManualClock clock;
    FaultPlan faults;
    std::shared_ptr<FakeService> service = std::make_shared<FakeService>();
    std::vector<std::shared_ptr<const engine::CommittedBatch>> published;
    std::unique_ptr<store::StoreReader> reader;
    std::unique_ptr<engine::Partition> partition;
    std::size_t maxInHand = 64;
    engine::WorkflowCatalog workflows;
    bool hasStopped = false; ///< a round has failed for good: restart

private:
    QTemporaryDir m_folder;
    SeededRandom m_random;
    engine::StepRegistry m_steps;
    std::unique_ptr<engine::MessageQueue> m_queue;
    std::unique_ptr<store::Store> m_store;
};

/// A sound order of one line, to be changed by the test.
OrderDocument sampleOrder(
    const std::string& externalId, const std::string& sku = "plain", std::int64_t quantity = 1);

} // namespace gantry::test
