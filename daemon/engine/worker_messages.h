// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/engine/lease_token.h"
#include "shared/domain/order.h"
#include "shared/util/result.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace gantry::engine {

/// Bounds of what a worker may ask at once. Whoever builds a message sees to them; the engine cuts `max` and `wait` to them.
struct WorkerLimits {
    static constexpr std::size_t workerBytes = 100; ///< of a worker's name
    static constexpr std::size_t tasks = 64; ///< task names in a claim
    static constexpr std::size_t taskBytes = 100; ///< of a task's name
    static constexpr std::uint32_t max = 1000; ///< tasks in a claim
    static constexpr std::chrono::milliseconds wait{30'000}; ///< of a claim that is not standing
    static constexpr std::size_t resultBytes = 4000; ///< of a result, as JSON
    static constexpr std::size_t outcomes = 1000; ///< in one report
    static constexpr std::size_t waitingClaims = 4096; ///< in one partition; over it: Busy
};

/// One attempt in a worker's hands. Everything is shared and immutable: encode it on your own thread.
struct LeasedTask {
    LeaseToken token;
    std::shared_ptr<const std::string> task; ///< the step's handler, or its compensation while compensating
    std::shared_ptr<const Order>
        order; ///< as it was when it was handed out; its `step` and `attempt` are the task's
    std::shared_ptr<const std::string> document; ///< the order as submitted, canonical JSON
    Timestamp leaseUntil{}; ///< by the daemon's wall clock: for people; trust the duration
    std::chrono::milliseconds lease{}; ///< how long it is leased from now, unless extended
};

/// What a service must take to do a task once: the same for every attempt of this step of this order in this direction.
std::string idempotencyKeyOf(const Order& order);

/// Gets the tasks of a claim, after the commit that made them due, on the partition's thread: hand over and return. An empty list means that nothing
/// came due in time (or that the claim was withdrawn). Errors: Busy, ShuttingDown. An empty list and an error are always the last answer.
/// False: the caller is gone; the tasks are due again at once and their tokens stale.
using ClaimReply = std::function<bool(Result<std::vector<LeasedTask>>)>;

/// Asks for tasks. Answered once: with 1 to `max` tasks as soon as some are due (best priority first, then the oldest order), or empty after `wait`.
/// A standing claim is credit: it is answered whenever some are due until `max` have been handed out in all, and only then gone.
struct ClaimRequest {
    std::shared_ptr<const std::string> worker; ///< its name, for people
    std::vector<std::string> tasks; ///< names of tasks that it does
    std::uint32_t max = 1;
    std::chrono::milliseconds wait{0};
    bool isStanding = false; ///< `wait` does not matter then
    std::uint64_t client =
        0; ///< by which WithdrawClaims finds it; the transport chooses, 0: it can't be withdrawn
    ClaimReply reply;
};

/// Ends all waiting claims of a client: each is answered with an empty list. What is leased stays leased.
struct WithdrawClaims {
    std::uint64_t client = 0;
};

/// What came of a leased task.
struct TaskOutcome {
    LeaseToken token;
    bool succeeded = false;
    std::string result{}; ///< of a success: a JSON object of at most WorkerLimits::resultBytes, or empty
    MoneyChange money{}; ///< of a success
    std::string code{}; ///< of a failure; any bytes, cut to CommandLimits
    std::string message{};
    bool fatal = false; ///< never try again by itself
    std::optional<std::chrono::milliseconds> retryAfter{};
};

/// Where the order stood right after an outcome was recorded.
struct TaskReceipt {
    OrderState state = OrderState::Running;
    std::uint32_t version = 0;
};

/// One verdict an outcome, in their sequence, after the commit and on the partition's thread. Errors: StaleToken (nothing was recorded: drop it; also the
/// answer to a repeat of what was recorded), StorageFull and Unavailable (not recorded; may be sent again with the same token).
using ReportReply = std::function<void(std::vector<Result<TaskReceipt>>)>;

/// Many outcomes at once, one commit. `actor` is who is on record: the principal.
struct WorkerReport {
    std::string actor;
    std::vector<TaskOutcome> outcomes; ///< at most WorkerLimits::outcomes
    ReportReply reply; ///< may be empty
};

/// A lease that was renewed.
struct LeaseExtension {
    Timestamp leaseUntil{};
    std::chrono::milliseconds lease{};
};

/// A worker is still at it (a heartbeat): each lease starts anew, from now and at its full length, or what is left of the time that the attempt may take in all.
/// One answer a token, in their sequence. Errors: StaleToken (the task is no longer the worker's, or all of its time is over: stop).
struct ExtendLeases {
    std::vector<LeaseToken> tokens; ///< at most WorkerLimits::outcomes
    std::function<void(std::vector<Result<LeaseExtension>>)> reply; ///< may be empty
};

/// Gives tasks back undone: due again at once, as the same attempt. Stale tokens are passed over.
struct ReleaseLeases {
    std::vector<LeaseToken> tokens;
};

/// The one answer to an outcome or an extension that comes too late.
Error staleToken();

} // namespace gantry::engine
