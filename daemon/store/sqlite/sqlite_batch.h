// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/store/sqlite/writer.h"
#include "daemon/store/store.h"

#include <array>
#include <cstdint>
#include <memory>
#include <unordered_map>

namespace gantry::store {

/// Events that one statement writes: most of what a statement costs is spent once, however many rows it has.
constexpr std::size_t eventsAtOnce = 8;

/// The prepared statements of batches, made once for a partition.
struct BatchStatements {
    explicit BatchStatements(Connection& connection);

    Statement renewPartition;
    Statement insertDocument;
    Statement insertState;
    Statement updateState;
    Statement insertEvent;
    Statement insertEvents; ///< eventsAtOnce of them
    Statement insertKey;
    Statement addCounter;
    Statement findByExternalId;
    Statement findKey;
    Statement findOrder;
    Statement readDocument;

    std::array<JsonWriter, eventsAtOnce> eventData; ///< what the statement's rows refer to until it has run
};

/// A batch on the writer's open transaction.
class SqliteBatch final : public Batch {
public:
    /// The transaction has begun. All three outlive the batch.
    SqliteBatch(Writer& writer, BatchStatements& statements, PartitionInfo& info) noexcept;
    ~SqliteBatch() override;

    Result<std::optional<KnownOrder>> findByExternalId(
        std::string_view channel, std::string_view externalId) override;
    Result<std::optional<IdempotencyRecord>> findIdempotencyKey(
        std::string_view principal, std::string_view key) override;
    Result<std::optional<OrderRecord>> findOrder(const OrderId& id) override;
    Result<std::string> readDocument(const OrderId& id) override;
    Result<std::vector<ReservationAnswer>> reserve(const std::vector<ReservationRequest>& requests) override;
    Result<std::optional<DeliveryRecord>> findDelivery(
        std::string_view source, std::string_view deliveryId) override;
    Result<std::optional<DeliveryRecord>> findDelivery(std::uint64_t number) override;
    Result<std::vector<DeliveryRecord>> listWaiting(
        std::string_view source, std::string_view externalId) override;
    Result<std::size_t> countWaiting(std::string_view source) override;
    Result<void> expireDeliveries(Timestamp waitingBefore, Timestamp before) override;
    Result<void> settle(const std::vector<StockOutcome>& outcomes) override;
    Result<void> commit(const BatchChanges& changes) override;

private:
    Result<void> write(const BatchChanges& changes);
    Result<void> renewPartition(const BatchChanges& changes);
    void writeDocuments(const std::vector<NewOrder>& orders);
    Result<void> writeOrders(const std::vector<OrderRecord>& orders);
    void writeEvents(const std::vector<EventRecord>& events);
    void writeKeys(const std::vector<IdempotencyRecord>& keys);
    void writeCounters(const CounterChanges& changes);

    Writer& m_writer;
    BatchStatements& m_sql;
    PartitionInfo& m_info;
    std::unordered_map<OrderId, std::int64_t> m_newDocuments;
};

} // namespace gantry::store
