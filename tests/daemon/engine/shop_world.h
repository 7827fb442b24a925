// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/daemon/engine/worker_world.h"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace gantry::test {

/// What really happened outside, as services see it that heed idempotency keys: kept apart from the engine, so that its records can be held against it.
class OutsideWorld {
public:
    /// Something is done under a key of engine::idempotencyKeyOf(); done again, nothing more happens.
    void perform(const std::string& key);

    /// Whether the step was done for the order, undone or not; and whether it was undone.
    [[nodiscard]] bool wasDone(const OrderId& order, const std::string& step) const;
    [[nodiscard]] bool wasUndone(const OrderId& order, const std::string& step) const;

    /// The steps that were undone for the order, in their sequence.
    [[nodiscard]] std::vector<std::string> undone(const OrderId& order) const;

    /// What was done after it had been undone: effects that nobody will take back.
    [[nodiscard]] const std::vector<std::string>& tooLate() const noexcept { return m_tooLate; }

    /// How often something was asked for under a key.
    [[nodiscard]] int calls(const std::string& key) const;

private:
    std::map<std::string, int> m_calls;
    std::vector<std::string> m_sequence; ///< keys, as they happened first
    std::vector<std::string> m_tooLate;
};

/// A world with every kind of step, people, services and workers that do what they are asked, and the world outside.
class ShopWorld : public WorkerWorld {
public:
    explicit ShopWorld(Workflow workflow = shopWorkflow(), std::uint64_t seed = 1);

    /// validate, authorize (worker, undone by `payment.void`), review (two approvals), cool-off (timer), pay (service, undone), allocate, pick (by hand), label
    /// (worker, undone by `label.void`), pack and ship (workers).
    static Workflow shopWorkflow();

    [[nodiscard]] const Workflow& workflow() const noexcept { return m_workflow; }
    [[nodiscard]] const StepDefinition& stepOf(const Order& order) const;

    /// Every name that a worker's task has here.
    [[nodiscard]] std::vector<std::string> workerTasks() const;

    /// Leases the order's task, and gives all others back; empty if it is not to be had.
    std::optional<LeasedTask> claimFor(const OrderId& order);

    /// The service's call for the order; empty if there is none.
    std::optional<FakeService::Call> callFor(const OrderId& order);

    /// Does what the order waits for, all going well: mends, releases, lets time pass, works, decides. False: nothing could be done.
    bool goOn(const OrderId& order);

    /// Goes on until the order stands there and is not done. False: it never did.
    bool goTo(const OrderId& order, std::string_view step);

    /// Goes on until the order has ended. False: it never did.
    bool finish(const OrderId& order);

    OutsideWorld outside;

private:
    bool work(const Order& order);
    bool decide(const Order& order);

    Workflow m_workflow;
    int m_persons = 0; ///< so many have acted
};

} // namespace gantry::test
