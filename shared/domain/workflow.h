// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/domain/condition.h"
#include "shared/domain/http_call.h"
#include "shared/domain/order.h"
#include "shared/domain/text_field.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gantry {

/// How a step is done.
enum class StepKind {
    Builtin, ///< in process, inside the transaction
    Service, ///< the daemon calls a service
    Manual, ///< a person, in the console
    Worker, ///< a worker that leases it: the handler is the task's name, the time-out the length of a lease
    Timer, ///< nobody: the order waits for a time
    Approval, ///< one or more persons, each of them another one, who say yes or no
    Http, ///< the daemon calls a service over HTTP: the handler is the service's name
};

/// Who has to act for a step of that kind to go on.
Performer performerOf(StepKind kind) noexcept;

/// What happens after a failed attempt: exponential back-off with full jitter, then an incident.
/// See "Exponential Backoff And Jitter" (Brooker, 2015).
struct RetryPolicy {
    int maxAttempts = 5; ///< at least 1
    std::chrono::milliseconds initial{1000};
    double factor = 2.0; ///< at least 1
    std::chrono::milliseconds max{60'000};
    std::vector<std::string> fatalCodes{}; ///< failure codes that are never retried
    bool operator==(const RetryPolicy&) const = default;
};

/// The failure code of an approval that was refused.
constexpr std::string_view rejectedCode = "rejected";

/// The failure code of an attempt that nobody was there to make: nothing has been begun.
constexpr std::string_view noHandlerCode = "no_handler";

/// In StepDefinition::cancelCodes: every failure code.
constexpr std::string_view anyCode = "*";

/// How many attempts of a step may be under way at once, and how many may begin in a time: for each value of a field of the orders, over all orders that
/// the step's handler is at.
struct StepLimit {
    std::optional<TextField> key{}; ///< without: one for the whole step
    std::uint32_t concurrency = 0; ///< attempts in hand at once; 0: any number
    std::uint32_t rate = 0; ///< attempts that may begin within `per`; 0: any number
    std::chrono::milliseconds per{1000};
    bool operator==(const StepLimit&) const = default;
};

/// One step of a workflow.
struct StepDefinition {
    std::string name;
    StepKind kind = StepKind::Builtin;
    std::string handler{}; ///< what does it: `validate`, `allocate`, `payment.capture`; empty for a person
    std::string compensation{}; ///< the handler that undoes it; empty if nothing is to be undone
    Role role = Role::Admin; ///< who may complete it by hand
    RetryPolicy retry{};
    /// Of one attempt; for a worker: the longest time between two signs of life, which is the length of a lease.
    std::chrono::milliseconds timeout{30'000};
    std::chrono::milliseconds startTimeout{}; ///< how long an attempt may wait for a worker; 0: any time
    std::chrono::milliseconds
        runTimeout{}; ///< how long a worker may have an attempt in all, however often it extends; 0: any time
    std::optional<Condition> when{}; ///< which orders it is for; without: all
    std::chrono::milliseconds delay{}; ///< of a timer: how long from when the order comes to it
    /// Of a timer: instead of `delay`, how long before the order's promise it goes on; at once if that is over, or nothing is promised.
    std::optional<std::chrono::milliseconds> beforePromise{};
    std::uint8_t approvals = 1; ///< of an approval: how many persons must say yes
    std::chrono::milliseconds
        target{}; ///< how long the step should take at most, from when the order comes to it; 0: not said
    /// Failure codes that cancel the order where no further attempt follows, instead of leaving an incident; `*` stands for every code.
    std::vector<std::string> cancelCodes{};
    std::optional<StepLimit> limit{}; ///< of steps that are done outside
    /// Of a step that reserves stock: how long it stays reserved until the step after is done; 0: until the order ends.
    std::chrono::milliseconds reserveFor{};

    std::optional<HttpCall> call{}; ///< of kind Http: what does it
    std::optional<HttpCall>
        undoCall{}; ///< what undoes it, where a call does; `compensation` is then its service

    /// What does the step, or undoes it.
    [[nodiscard]] const std::string& handlerFor(bool compensating) const noexcept
    {
        return compensating ? compensation : handler;
    }

    /// The call that does the step, or undoes it; null if a call does not.
    [[nodiscard]] const HttpCall* callFor(bool compensating) const noexcept
    {
        const std::optional<HttpCall>& chosen = compensating ? undoCall : call;
        return chosen ? &*chosen : nullptr;
    }

    bool operator==(const StepDefinition&) const = default;
};

/// A versioned definition: steps, done one after the other. Immutable once used.
struct Workflow {
    std::string name;
    int version = 1;
    std::vector<StepDefinition> steps{};
    std::string description{}; ///< for people

    /// The place of a step, or empty.
    [[nodiscard]] std::optional<std::size_t> indexOf(std::string_view step) const noexcept;

    /// The steps that an order of that document passes by, because their conditions do not hold. Judged once, when it comes in: documents
    /// never change.
    [[nodiscard]] std::vector<std::string> skippedFor(const OrderDocument& document) const;

    /// The step before `step`, of those not in `skipped`, if it reserves stock for a time; else null.
    [[nodiscard]] const StepDefinition* reservingBefore(
        std::string_view step, const std::vector<std::string>& skipped) const noexcept;

    bool operator==(const Workflow&) const = default;
};

/// The built-in handler that reserves stock.
constexpr std::string_view allocateHandler = "allocate";

/// validate, pay, allocate, pick, pack, ship: what every order runs through unless told otherwise.
Workflow standardWorkflow();

} // namespace gantry
