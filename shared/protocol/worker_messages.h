// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/domain/order.h"
#include "shared/util/result.h"
#include "shared/util/time.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace gantry {

/// What the daemon and a worker say to each other, as values (docs/workers.md). worker_codec.h puts them into JSON and back; a task and a
/// result are the same over HTTP and ZeroMQ.

constexpr int workerProtocolVersion = 1;

/// What is taken from a worker.
struct WorkerWireLimits {
    static constexpr std::size_t nameBytes = 100; ///< of a worker, a task or a token
    static constexpr std::size_t taskNames = 64; ///< that one worker does
    static constexpr std::size_t credit = 1000; ///< tasks that one worker has at once
    static constexpr std::size_t resultsOfMessage = 1000;
    static constexpr std::size_t resultBytes = 4000; ///< of the JSON of one result
    static constexpr std::size_t textBytes = 2000; ///< of a failure's message
    static constexpr std::chrono::milliseconds wait{30'000}; ///< of a long poll
    static constexpr std::chrono::milliseconds retryAfter{7LL * 24 * 3600 * 1000};
    static constexpr std::size_t messageBytes = 1024 * 1024; ///< of one message from a worker
};

/// One attempt at a step as a worker gets it. Step and attempt are those of the order.
struct WorkerTask {
    std::string token; ///< fencing token of the attempt: every answer carries it
    std::shared_ptr<const std::string>
        task; ///< what is to be done: the step's handler, e.g. `payment.authorize`
    std::string idempotencyKey; ///< the same for every attempt of this step of this order
    std::shared_ptr<const Order> order;
    std::shared_ptr<const std::string> document; ///< the order as submitted, canonical JSON object
    Timestamp leaseUntil{}; ///< by the daemon's clock: for people
    std::chrono::milliseconds lease{}; ///< how long it is leased from when it was sent
};

/// Asks for tasks, once.
struct ClaimQuery {
    std::string worker;
    std::vector<std::string> tasks;
    std::size_t max = 1;
    std::chrono::milliseconds wait{0};
    bool operator==(const ClaimQuery&) const = default;
};

struct TaskCompletion {
    std::string result{}; ///< JSON object, or empty
    MoneyChange money{}; ///< that the result tells of
    bool operator==(const TaskCompletion&) const = default;
};

struct TaskFailure {
    std::string code{}; ///< snake_case
    std::string message{};
    bool fatal = false; ///< another attempt would be of no use
    std::optional<std::chrono::milliseconds> retryAfter{};
    bool operator==(const TaskFailure&) const = default;
};

/// Asks for more time.
struct TaskExtension {
    bool operator==(const TaskExtension&) const = default;
};

using WorkerOutcome = std::variant<TaskCompletion, TaskFailure, TaskExtension>;

/// Opens a session, or changes what it does and how much of it.
struct WorkerHello {
    int protocol = workerProtocolVersion;
    std::string worker;
    std::vector<std::string> tasks;
    std::size_t credit = 1; ///< tasks that it wants to have at once
    bool operator==(const WorkerHello&) const = default;
};

/// What became of one task.
struct WorkerResult {
    std::string token;
    WorkerOutcome outcome;
    bool operator==(const WorkerResult&) const = default;
};

struct WorkerResults {
    std::vector<WorkerResult> items;
    bool operator==(const WorkerResults&) const = default;
};

struct WorkerHeartbeat {
    bool operator==(const WorkerHeartbeat&) const = default;
};

/// The worker stops: what it has not finished goes to others.
struct WorkerGoodbye {
    bool operator==(const WorkerGoodbye&) const = default;
};

/// Everything that a worker says over ZeroMQ.
using WorkerMessage = std::variant<WorkerHello, WorkerResults, WorkerHeartbeat, WorkerGoodbye>;

/// The session is open.
struct WorkerWelcome {
    int protocol = workerProtocolVersion;
    std::string server;
    std::string principal;
    std::size_t credit = 1; ///< granted
    std::chrono::milliseconds heartbeat{1000}; ///< each side says something at least that often
    std::chrono::milliseconds silence{5000}; ///< who says nothing for that long is taken for gone
};

/// How one result was taken.
struct ResultAnswer {
    std::string token;
    std::optional<Timestamp> leaseUntil{}; ///< of an extension
    std::chrono::milliseconds lease{}; ///< of an extension
    std::optional<Error> problem{}; ///< it changed nothing
};

} // namespace gantry
