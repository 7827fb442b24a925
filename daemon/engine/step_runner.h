// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/domain/order.h"
#include "shared/domain/workflow.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace gantry::engine {

/// One attempt at a step, handed to whatever does it.
struct Task {
    std::shared_ptr<const Order> order; ///< as it was when the attempt became due
    std::string document; ///< the order as submitted, canonical JSON
    std::string step;
    std::uint32_t attempt = 1;
    std::string handler; ///< the step's handler, or its compensation while compensating
    std::chrono::milliseconds timeout{};
    std::string idempotencyKey; ///< the same for every attempt of this step of this order
    const HttpCall* call =
        nullptr; ///< what is to be called, at steps that a call does or undoes; the definition's, and lives as long
};

/// What came of it: success with a JSON object, or a failure.
struct TaskResult {
    bool succeeded = false;
    std::string result{}; ///< JSON object or empty
    MoneyChange money{}; ///< of a success: what it did with the order's money
    std::string code{}; ///< of the failure, snake_case
    std::string message{};
    bool fatal = false;
    std::optional<std::chrono::milliseconds> retryAfter{};
    bool isHandedBack =
        false; ///< the attempt was not made: nothing is recorded, and it waits in its lane again
    bool reserves = false; ///< of a success: the order holds stock for it from now on
};

/// Called exactly once, from any thread.
using TaskDone = std::function<void(TaskResult)>;

/// Does steps outside the partition's thread: calls services, hands out to workers.
class StepRunner {
public:
    virtual ~StepRunner() = default;

    /// Starts an attempt and returns at once; bounded by the task's time-out. Called on the partition's thread.
    virtual void start(Task task, TaskDone done) = 0;
};

/// How many attempts a runner takes at once in one of its lanes. A lane is a service: what waits for one keeps nobody else waiting.
struct LaneLimit {
    std::string lane;
    std::size_t limit = 0; ///< 0: none until told otherwise
};

} // namespace gantry::engine
