// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/engine/messages.h"
#include "daemon/store/bulk_records.h"
#include "shared/util/result.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace gantry::bulk {

/// Bounds of bulk actions.
struct BulkLimits {
    static constexpr std::size_t members = 100'000; ///< of one
    static constexpr std::size_t active = 20; ///< bulk actions that have not ended, at once
    static constexpr std::size_t waiting = 16; ///< requests that may wait for the runner
    static constexpr std::size_t changes = 100'000; ///< of orders, that may wait for the runner
    static constexpr std::uint32_t rate = 1000; ///< members a second
    static constexpr std::uint32_t canary = 1000;
};

/// An order as it was when the list was frozen.
struct FrozenOrder {
    OrderId order;
    std::uint32_t version = 0; ///< 0: there is none of that id
};

/// What creating gave.
struct Created {
    store::BulkRecord record;
    bool replayed = false; ///< it had been asked for under that key before
};

/// Store a bulk action with its members, and begin. The runner gives number, id, times and state.
struct CreateBulk {
    store::BulkRecord record;
    std::vector<FrozenOrder> orders;
    /// Called exactly once, on the runner's thread, when everything is on disk. Errors: InvalidValue (no orders), Busy (too many are active),
    /// IdempotencyKeyReused, IdempotencyInProgress, StorageFull, ShuttingDown.
    std::function<void(const Result<Created>&)> reply;
};

/// What a person can do to a bulk action.
enum class Steer : std::uint8_t { Pause, Resume, Cancel };

/// What steering gave.
struct Steered {
    store::BulkRecord record;
    bool replayed = false; ///< it had been done under that key before
};

struct SteerBulk {
    std::string id;
    Steer steer = Steer::Pause;
    std::string actor;
    RoleRef role{};
    std::string reason;
    std::optional<std::string>
        key{}; ///< the caller's Idempotency-Key: asked for again under it, nothing is done twice
    std::string fingerprint{}; ///< of the request, raw bytes; empty without a key
    /// Called exactly once, on the runner's thread, when it is on disk. Errors: NotFound, Forbidden (the role may not take the bulk's action),
    /// ActionNotAllowed, IdempotencyKeyReused, IdempotencyInProgress, StorageFull, ShuttingDown.
    std::function<void(const Result<Steered>&)> reply;
    bool isRehearsal = false; ///< only to be told what it would do
};

/// A member's command has been decided.
struct MemberAnswer {
    std::uint64_t bulk = 0;
    std::uint32_t member = 0;
    Result<engine::CommandOutcome> outcome;
};

/// A write is done, or is not.
struct WriteAnswer {
    Result<void> done;
};

/// Orders have changed, whoever changed them.
struct OrdersChanged {
    std::vector<OrderId> orders{};
    bool isAll = false; ///< too many to say which

    [[nodiscard]] bool isEmpty() const noexcept { return orders.empty() && !isAll; }
};

/// What stands in the runner's queue.
using BulkMessage = std::variant<CreateBulk, SteerBulk, MemberAnswer, WriteAnswer, OrdersChanged>;

/// Where requests go in. Callable from any thread, never blocks. False: too many wait; the message was not taken and its reply is not called.
class BulkInbox {
public:
    virtual ~BulkInbox() = default;
    [[nodiscard]] virtual bool post(BulkMessage message) = 0;
};

} // namespace gantry::bulk
