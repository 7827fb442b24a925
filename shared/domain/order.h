// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/domain/money.h"
#include "shared/domain/order_id.h"
#include "shared/domain/order_money.h"
#include "shared/domain/retry_check.h"
#include "shared/domain/role.h"
#include "shared/util/time.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gantry {

/// Where an order stands. Not stored as such in an Order: it follows from the facts, so that facts and state can't disagree.
enum class OrderState : std::uint8_t {
    Received,
    Running,
    Waiting,
    Failed,
    Compensating,
    Completed,
    Canceled,
    CompensationFailed ///< a step that is being undone needs a person: effects are left
};
constexpr std::size_t orderStateCount = 8;

/// Whether nothing more happens to an order in that state.
constexpr bool isFinal(OrderState state) noexcept
{
    return state == OrderState::Completed || state == OrderState::Canceled;
}

/// The states of orders that have not ended.
std::vector<OrderState> openStates();

/// Whether an order in that state has an incident: a person has to mend something.
constexpr bool hasIncident(OrderState state) noexcept
{
    return state == OrderState::Failed || state == OrderState::CompensationFailed;
}

std::string_view stateName(OrderState state) noexcept;
std::optional<OrderState> stateFromName(std::string_view name) noexcept;

/// Whether `to` may directly follow `from` (a state may always follow itself). This table is the promise of docs/architecture.md.
bool isLegalTransition(OrderState from, OrderState to) noexcept;

/// Who has to act for a step to go on.
enum class Performer : std::uint8_t {
    Machine,
    Person,
    Clock ///< nobody: it goes on when its time has come
};

std::string_view performerName(Performer performer) noexcept;
std::optional<Performer> performerFromName(std::string_view name) noexcept;

/// What a step is to whoever looks at an order standing there, so that no workflow definition is needed for it.
struct StepEntry {
    std::string name;
    Performer performer = Performer::Machine;
    Role role = Role::Admin; ///< who may complete it, if a person does
    std::uint8_t approvals = 0; ///< how many persons must approve; 0: it is not an approval
    /// For a clock: when the step is done. For anybody else: by when it should be (service-level target), if that was said.
    std::optional<Timestamp> dueAt{};
    /// Right after a step that reserves stock for a time: until when it stays reserved if this step is not done.
    std::optional<Timestamp> reservedUntil{};
    bool operator==(const StepEntry&) const = default;

    [[nodiscard]] bool isApproval() const noexcept { return approvals > 0; }
};

/// The unchanging part of an order that lists and counters need; the rest stands in OrderDocument.
struct OrderSummary {
    std::string channel;
    std::string externalId;
    std::string customerName;
    Currency currency;
    MinorUnits total = 0;
    std::uint32_t lineCount = 0;
    std::int64_t quantity = 0; ///< pieces over all lines
    std::uint8_t priority = 5;
    std::optional<Timestamp> promiseAt{};
    Timestamp createdAt{};
    std::string workflow{};
    int workflowVersion = 1;
    std::vector<std::string>
        skippedSteps{}; ///< of the workflow, in its sequence: those that are not for this order
    /// Of an order that has moved here from another definition: steps that were done there, and that this one has not or passes by. They are neither
    /// done again nor undone.
    std::vector<std::string> doneSteps{};
    bool operator==(const OrderSummary&) const = default;
};

/// A reason why an order must not go on for now.
struct Hold {
    std::string id;
    std::string owner;
    std::string reason;
    Timestamp placedAt{};
    std::optional<Timestamp> expiresAt{};
    bool operator==(const Hold&) const = default;
};

/// A step that needs a person.
struct Incident {
    std::string step;
    std::string code;
    std::string message;
    Timestamp since{};
    std::string
        service{}; ///< what failed at it: a handler or a task; empty for a person, and in facts of before
    bool operator==(const Incident&) const = default;
};

/// How an order ended, if it has.
enum class Outcome : std::uint8_t { Open, Completed, Canceled };

/// The changing part of an order: the fold of its events. A value; copy it freely, share the summary.
struct Order {
    OrderId id;
    std::uint32_t version = 0; ///< number of its last event, gap-free from 1
    std::shared_ptr<const OrderSummary> summary{};
    Outcome outcome = Outcome::Open;
    bool compensating = false;
    StepEntry step{}; ///< where it stands; while compensating: what is being undone; kept when it has ended
    /// Number of the attempt that is due or in hand: 1, 2, … in each step. While compensating, and in an order that has migrated or returned, it goes on
    /// above every number that the order has used, so that step and attempt together name one attempt for good.
    std::uint32_t attempt = 1;
    std::uint32_t attemptsSpent = 0; ///< failed attempts since the step began or a person last retried it
    std::optional<Timestamp> retryAt{}; ///< set while it waits for the next attempt
    std::string retryCode{}; ///< while it waits for the next attempt: of the failure that it waits after
    std::vector<Hold> holds{};
    std::optional<Incident> incident{};
    std::vector<std::string> toCompensate{}; ///< steps still to be undone after the present one, next first
    std::vector<std::string> approvedBy{}; ///< who has approved the present step so far
    Timestamp stepSince{}; ///< when it came to this step
    Timestamp updatedAt{};
    RetryCheckPointer retry{}; ///< the last retry that a person asked for; null if there was none
    bool isMigrated = false; ///< goes by another definition than it came in under
    bool hasReturned = false; ///< its reservation was over, and it came back to the step that reserves
    OrderMoney money{};

    bool operator==(const Order& other) const;
};

/// The state that follows from an order's facts.
OrderState stateOf(const Order& order) noexcept;

/// Whether a machine should be doing the order's step now: what the engine dispatches.
bool isMachineDue(const Order& order) noexcept;

/// A digest of everything in an order. The sum (modulo 2^64) over a set of orders is the digest of the set, whatever the sequence.
std::uint64_t digestOf(const Order& order);

} // namespace gantry
