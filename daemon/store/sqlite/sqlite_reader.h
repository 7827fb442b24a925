// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/store/sqlite/connection.h"
#include "daemon/store/sqlite/sqlite_store.h"
#include "daemon/store/sqlite/statement.h"
#include "daemon/store/store.h"
#include "shared/protocol/json_reader.h"

#include <memory>

namespace gantry::store {

/// A reader on a connection of its own. Every call is one read transaction of bounded length: an open one pins the log.
class SqliteReader final : public StoreReader {
public:
    /// Errors: Unavailable, Corrupt.
    static Result<std::unique_ptr<StoreReader>> open(const SqliteSettings& settings);

    Result<StoredOrder> readOrder(const OrderId& id) override;
    Result<std::vector<EventRecord>> readEventsOfOrder(
        const OrderId& id, std::uint32_t afterVersion, std::size_t limit) override;
    Result<std::vector<EventRecord>> readLog(
        std::uint32_t partition, std::uint64_t after, std::size_t limit) override;
    Result<OrderPage> listOrders(const OrderFilter& filter, const PageRequest& page) override;
    Result<Counters> readCounters() override;
    Result<std::optional<StockLevel>> readStock(std::string_view sku) override;
    Result<std::vector<StockLevel>> listStock(std::string_view afterSku, std::size_t limit) override;
    Result<std::vector<StockMovement>> listMovements(
        std::string_view sku, std::optional<std::uint64_t> before, std::size_t limit) override;
    Result<std::vector<Warehouse>> listWarehouses() override;
    Result<std::vector<PrincipalRecord>> listPrincipals() override;
    Result<std::vector<PrincipalLogEntry>> listPrincipalLog(
        std::string_view principal, std::optional<std::uint64_t> before, std::size_t limit) override;
    Result<std::optional<PrincipalLogEntry>> findPrincipalAct(
        std::string_view actor, std::string_view key) override;
    Result<std::vector<WorkflowRecord>> listWorkflows() override;
    Result<std::vector<WorkflowChoice>> listWorkflowChoices() override;
    Result<std::vector<Pause>> listPauses() override;
    Result<std::vector<EndedPause>> listEndedPauses(std::size_t limit) override;
    Result<std::vector<PartitionInfo>> listPartitions() override;
    Result<std::vector<AuditEntry>> listAudit(
        const AuditFilter& filter, std::optional<std::uint64_t> before, std::size_t limit) override;
    Result<std::vector<AuditChain>> listAuditChains() override;
    Result<std::optional<IntakeSource>> findIntakeSource(std::string_view name) override;
    Result<std::vector<IntakeSource>> listIntakeSources() override;
    Result<std::vector<DeliveryRecord>> listDeliveries(
        const DeliveryFilter& filter, std::optional<std::uint64_t> before, std::size_t limit) override;
    Result<std::optional<DeliveryRecord>> findDelivery(std::uint64_t number) override;
    Result<std::optional<BulkRecord>> findBulk(std::string_view id) override;
    Result<std::optional<BulkRecord>> findBulkByKey(
        std::string_view createdBy, std::string_view key) override;
    Result<std::vector<BulkRecord>> listBulks(
        std::optional<std::uint64_t> before, std::size_t limit) override;
    Result<std::vector<BulkRecord>> listUnfinishedBulks() override;
    Result<std::vector<BulkMember>> listBulkMembers(std::uint64_t bulk, std::optional<MemberResult> result,
        std::uint32_t from, std::size_t limit) override;
    Result<std::vector<BulkLogEntry>> listBulkLog(std::uint64_t bulk) override;

private:
    SqliteReader(std::unique_ptr<Connection> connection, std::chrono::milliseconds deadline);
    Result<std::vector<std::int64_t>> walkChain(const OrderId& id, std::uint32_t afterVersion);
    Result<EventRecord> readEvent(const Statement& row);

    std::unique_ptr<Connection> m_connection;
    std::chrono::milliseconds m_deadline;
    JsonParser m_parser;
    Statement m_order;
    Statement m_event;
    Statement m_chain;
    Statement m_head;
    Statement m_log;
    Statement m_summary;
};

} // namespace gantry::store
