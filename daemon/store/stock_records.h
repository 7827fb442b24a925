// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/domain/order_id.h"
#include "shared/util/time.h"

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::store {

/// A digest of a request's contents, by which a repeat is told from another request.
using Fingerprint = std::array<std::uint8_t, 16>;

/// The warehouse that every store has from the start.
constexpr std::string_view mainWarehouse = "main";

/// The most pieces of a SKU that a warehouse may have on hand, and the most that one change may be about.
constexpr std::int64_t mostOnHand = 1'000'000'000'000;

/// Where goods lie. Orders are served from the lowest rank first, then by name.
struct Warehouse {
    std::string name{};
    std::int64_t rank = 0;
    bool operator==(const Warehouse&) const = default;
};

/// What an order wants of each SKU; lines of one SKU are added up.
struct ReservationRequest {
    OrderId order{};
    std::map<std::string, std::int64_t> quantities{};
    Timestamp at{};
};

/// What all warehouses together have too little of.
struct Shortage {
    std::string sku;
    std::int64_t wanted = 0;
    std::int64_t available = 0;
};

/// Empty `shortages`: reserved.
struct ReservationAnswer {
    std::vector<Shortage> shortages{};
    bool isHeld = false; ///< the order holds stock now; not so if no SKU of it has a stock record
};

/// How a reservation ends.
enum class StockEnd {
    Released, ///< the order does not want the goods any more
    Consumed, ///< the goods left: on hand goes down
    Expired, ///< its time was over
};

/// A reservation that ends.
struct StockOutcome {
    OrderId order{};
    StockEnd end = StockEnd::Released;
    Timestamp at{};
    std::string actor{};
};

/// What there is of a SKU in one warehouse.
struct WarehouseLevel {
    std::string warehouse{};
    std::int64_t onHand = 0;
    std::int64_t reserved = 0;
    [[nodiscard]] std::int64_t available() const noexcept { return onHand - reserved; }
    bool operator==(const WarehouseLevel&) const = default;
};

/// What there is of a SKU: over all warehouses, and in each that has a record of it, in the sequence in which they serve.
struct StockLevel {
    std::string sku{};
    std::int64_t onHand = 0;
    std::int64_t reserved = 0;
    std::vector<WarehouseLevel> warehouses{};
    [[nodiscard]] std::int64_t available() const noexcept { return onHand - reserved; }
    bool operator==(const StockLevel&) const = default;
};

/// Why stock changed. The numbers stand in the store.
enum class MovementKind : std::uint8_t {
    Opening, ///< was there before movements were kept
    Counted, ///< a person said what is on hand
    Received, ///< goods came in
    Adjusted, ///< a correction
    Moved, ///< from one warehouse to another: two movements
    Reserved,
    Released,
    Consumed,
    Expired
};
constexpr std::size_t movementKindCount = 9;

std::string_view movementKindName(MovementKind kind) noexcept;

/// One change of a SKU's stock in one warehouse. Never changed, never removed.
struct StockMovement {
    std::uint64_t number = 0; ///< in the sequence of writing
    Timestamp at{};
    MovementKind kind = MovementKind::Opening;
    std::string sku{};
    std::string warehouse{};
    std::int64_t onHandChange = 0;
    std::int64_t reservedChange = 0;
    std::optional<OrderId> order{}; ///< whose reservation it was
    std::string actor{};
    std::string reason{}; ///< a person's
    bool operator==(const StockMovement&) const = default;
};

/// A caller's key against changing stock twice; of the change's actor.
struct StockKey {
    std::string key{};
    Fingerprint fingerprint{}; ///< of the request as a whole
};

/// What a person or a service does to a SKU's stock.
struct StockChange {
    MovementKind kind = MovementKind::Counted; ///< Counted, Received, Adjusted or Moved
    std::string sku{};
    std::string warehouse{mainWarehouse}; ///< Moved: where from
    std::string toWarehouse{}; ///< of Moved
    std::int64_t quantity = 0; ///< Counted: what is on hand; else how many pieces; of Adjusted negative, too
    std::string reason{};
    std::string actor{};
    std::optional<StockKey> key{};
    Timestamp at{}; ///< the engine's to fill in
};

/// What came of it.
struct StockChanged {
    StockLevel level{}; ///< as it is now
    bool replayed = false; ///< its key was used for the same before: nothing was changed
};

} // namespace gantry::store
