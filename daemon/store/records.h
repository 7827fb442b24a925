// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/store/principal_records.h"
#include "daemon/store/stock_records.h"
#include "shared/domain/order.h"
#include "shared/domain/order_id.h"
#include "shared/domain/pause.h"
#include "shared/protocol/event_codec.h"

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::store {

/// The unit of ownership and of ordering.
struct PartitionInfo {
    std::uint32_t partition = 0;
    Slot firstSlot = 0;
    Slot lastSlot = slotCount - 1;
    std::uint64_t epoch = 0; ///< ownership generation: one more with each acquire()
    std::uint64_t sequence = 0; ///< of the last event
};

/// A document to be stored once.
struct NewOrder {
    OrderId id;
    std::shared_ptr<const OrderSummary> summary;
    std::shared_ptr<const std::string> document; ///< canonical JSON (encodeDocument)
    Fingerprint fingerprint{};
};

/// What changes of an order. `lastSequence` chains to its newest event.
struct OrderRecord {
    Order order;
    std::uint64_t lastSequence = 0;
};

/// One event as logged. `previousSequence` is the same order's event before it, 0 for the first.
struct EventRecord {
    LoggedEvent logged;
    std::uint64_t previousSequence = 0;
};

/// An order found by its natural key.
struct KnownOrder {
    OrderId id;
    Fingerprint fingerprint{};
};

struct StoredOrder {
    Order order;
    std::string document; ///< canonical JSON
};

/// A key that a caller sent, and what came of it. Lives as long as the order.
struct IdempotencyRecord {
    std::string principal;
    std::string key;
    Fingerprint fingerprint{};
    OrderId order;
    std::uint32_t version = 0; ///< of the order after the request
    Timestamp at{};
};

/// Orders by state, and open orders by step.
struct Counters {
    std::array<std::int64_t, orderStateCount> byState{};
    std::map<std::string, std::int64_t, std::less<>> openByStep;
};

/// What a batch adds to the counters (may be negative).
using CounterChanges = Counters;

/// A workflow definition as it was written. Never changed.
struct WorkflowRecord {
    std::string name{};
    int version = 1;
    std::string source{}; ///< TOML
    Timestamp storedAt{};
    std::string storedBy{};
    bool operator==(const WorkflowRecord&) const = default;
};

/// Which definition the new orders of a channel go by since when. Channel "": all that have no choice of their own. Name "": the channel gives its
/// choice up.
struct WorkflowChoice {
    std::string channel{};
    std::string name{};
    int version = 0;
    Timestamp at{};
    std::string actor{};
};

/// Which orders a list wants. Empty members do not filter.
struct OrderFilter {
    std::vector<OrderState> states{};
    std::string step{}; ///< where an open order stands; closed orders never match
    std::string channel{};
    std::string externalId{};
    std::string incidentCode{};
    std::optional<Timestamp> createdFrom{}; ///< inclusive, by the time in the order's id
    std::optional<Timestamp> createdUntil{}; ///< exclusive
    std::string query{}; ///< an id, an external id, or the beginning of a customer's name or e-mail address
    std::optional<std::vector<std::string>>
        channels{}; ///< those that may be seen, whatever else is asked; empty: all
};

/// Equal ones follow by id. By when they came in: over an index, whatever the filter. By what changed last: along the log. All others, UpdatedFirst too, take a filter
/// that leaves few enough orders to be sorted (listOrders).
enum class SortOrder {
    NewestFirst,
    OldestFirst,
    UpdatedLast, ///< what changed last comes first
    UpdatedFirst,
    PromisedFirst, ///< those without a promise come last in both
    PromisedLast,
    UrgentFirst, ///< by priority, 0 first
    UrgentLast,
    CheapestFirst, ///< by total, whatever its currency
    DearestFirst,
};

struct PageRequest {
    std::size_t limit = 50; ///< 1 to 500
    std::optional<OrderId> after{}; ///< the last id of the page before
    SortOrder sort = SortOrder::NewestFirst;
    std::int64_t afterKey = 0; ///< what the page before gave as `nextKey`
    std::uint64_t asOf = 0; ///< what the page before gave as `asOf`; 0 for the first page
};

struct OrderPage {
    std::vector<Order> orders;
    std::optional<OrderId> next; ///< to go on after, if there is more
    std::int64_t nextKey = 0; ///< what it is sorted by; for the sequences by id 0
    std::uint64_t asOf =
        0; ///< the last event there was when the first page was read: changes after it move nothing. 0 where that does not matter
};

/// A pause that is over.
struct EndedPause {
    Pause pause{};
    PauseEnd end{};
    bool operator==(const EndedPause&) const = default;
};

} // namespace gantry::store
