// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/store/records.h"
#include "shared/domain/audit.h"
#include "shared/util/result.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gantry::store {

/// What a verification starts from: all of one moment. What the log holds up to there never changes again.
struct VerifyStart {
    struct Log {
        PartitionInfo partition;
        std::uint64_t newest =
            0; ///< sequence of the last event that lies there; the partition's own, if all is well
    };
    std::vector<Log> logs;
    Counters counters;
    std::vector<AuditChain> audit;
};

/// An event in an order's chain, as far as it can be read.
struct RawEvent {
    std::uint64_t sequence = 0;
    std::uint32_t version = 0;
    Result<Event> event;
};

/// Where an order's chain of events ends too early.
struct ChainBreak {
    std::uint32_t version = 0; ///< of the event that should be there
    std::uint64_t sequence = 0; ///< where it should be
    std::string found; ///< what is there instead, in words
};

/// One order with everything that is kept of it, all of one moment.
struct RawOrder {
    OrderId id{};
    std::uint32_t version = 0; ///< as its row says
    std::uint64_t lastSequence = 0; ///< likewise
    std::uint32_t partition = 0;
    Result<Order> row; ///< Corrupt where it can't be read
    std::shared_ptr<const OrderSummary> summary{}; ///< as it came in; null where its columns can't be read
    std::optional<std::string> document{}; ///< none: it is not there
    std::vector<RawEvent> events{}; ///< the chain, first to last; behind a break, what is left of it
    std::optional<ChainBreak> gap{};
};

/// An event by its place in the log.
struct RawPlace {
    std::uint64_t sequence = 0;
    std::uint32_t version = 0;
    OrderId order{};
    bool hasOrder = false; ///< there is such an order
};

struct RawReservation {
    OrderId order{};
    std::string sku{};
    std::string warehouse{};
    std::int64_t quantity = 0;
    bool isOrderOpen = false; ///< there is such an order, and it has not ended
};

/// Of one SKU in one warehouse: what its stock record says is reserved (none: there is no record), and what the reservations add up to.
struct ReservedBalance {
    std::optional<std::int64_t> recorded{};
    std::int64_t sum = 0;
};

/// SKU and warehouse.
using StockPlace = std::pair<std::string, std::string>;

/// Of one SKU in one warehouse: what its stock record says, and what its movements add up to.
struct RawStock {
    std::string sku{};
    std::string warehouse{};
    bool hasRecord = false;
    std::int64_t onHand = 0; ///< as the record says; 0 without one
    std::int64_t reserved = 0; ///< likewise
    std::int64_t onHandMoved = 0;
    std::int64_t reservedMoved = 0;
};

/// Reads a store for its verification: what is damaged comes as a value, and reading goes on behind it. On a read-only connection of its own, used by one
/// thread at a time. Each call is one read transaction: what it gives is of one moment, and between two calls the store's log can be moved.
/// Errors of all: Unavailable, Corrupt (a page can't be read), Busy.
class VerifyReader {
public:
    virtual ~VerifyReader() = default;

    virtual Result<VerifyStart> start() = 0;

    /// At most `limit` orders by id, after `after`.
    virtual Result<std::vector<RawOrder>> orders(const std::optional<OrderId>& after, std::size_t limit) = 0;

    /// At most `limit` events of a partition's log, with sequences over `after` up to `last`.
    virtual Result<std::vector<RawPlace>> log(
        std::uint32_t partition, std::uint64_t after, std::uint64_t last, std::size_t limit) = 0;

    /// At most `limit` reservations by order, SKU and warehouse, after `after`.
    virtual Result<std::vector<RawReservation>> reservations(
        const std::optional<RawReservation>& after, std::size_t limit) = 0;

    /// Every SKU that has stock or reservations, by warehouse. One look over all reservations.
    virtual Result<std::map<StockPlace, ReservedBalance>> reservedBalances() = 0;

    /// The next `skus` SKUs over `afterSku` that have a stock record or a movement, in each of their warehouses. Empty: there is none.
    virtual Result<std::vector<RawStock>> stock(std::string_view afterSku, std::size_t skus) = 0;

    /// At most `limit` entries of a partition's audit by sequence, over `after` up to `last`. A hash that can't be read is zeros.
    virtual Result<std::vector<AuditEntry>> audit(
        std::uint32_t partition, std::uint64_t after, std::uint64_t last, std::size_t limit) = 0;
};

} // namespace gantry::store
