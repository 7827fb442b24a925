// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/store/audit.h"
#include "daemon/store/sqlite/connection.h"
#include "daemon/store/sqlite/sqlite_store.h"
#include "daemon/store/sqlite/statement.h"
#include "shared/protocol/json_reader.h"

#include <memory>

namespace gantry::store {

/// The audit's look at the embedded store.
class SqliteAudit final : public AuditReader {
public:
    /// Errors: Unavailable, Corrupt.
    static Result<std::unique_ptr<AuditReader>> open(const SqliteSettings& settings);

    Result<AuditStart> start() override;
    Result<std::vector<AuditedOrder>> orders(const std::optional<OrderId>& after, std::size_t limit) override;
    Result<std::vector<AuditedPlace>> log(
        std::uint32_t partition, std::uint64_t after, std::uint64_t last, std::size_t limit) override;
    Result<std::vector<AuditedReservation>> reservations(
        const std::optional<AuditedReservation>& after, std::size_t limit) override;
    Result<std::map<StockPlace, ReservedBalance>> reservedBalances() override;
    Result<std::vector<AuditedStock>> stock(std::string_view afterSku, std::size_t skus) override;

private:
    explicit SqliteAudit(std::unique_ptr<Connection> connection);
    std::optional<AuditedOrder> readOrder(const Statement& row);
    void readChain(AuditedOrder& order);
    Result<Event> readEvent(const Statement& row, const AuditedOrder& order);

    std::unique_ptr<Connection> m_connection;
    JsonParser m_parser;
    Statement m_orders;
    Statement m_event;
    Statement m_log;
    Statement m_reservations;
    Statement m_nextSku;
    Statement m_stock;
};

} // namespace gantry::store
