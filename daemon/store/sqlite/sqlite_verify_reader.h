// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/store/sqlite/connection.h"
#include "daemon/store/sqlite/sqlite_store.h"
#include "daemon/store/sqlite/statement.h"
#include "daemon/store/verify_reader.h"
#include "shared/protocol/json_reader.h"

#include <memory>

namespace gantry::store {

/// The verification's look at the embedded store.
class SqliteVerifyReader final : public VerifyReader {
public:
    /// Errors: Unavailable, Corrupt.
    static Result<std::unique_ptr<VerifyReader>> open(const SqliteSettings& settings);

    Result<VerifyStart> start() override;
    Result<std::vector<RawOrder>> orders(const std::optional<OrderId>& after, std::size_t limit) override;
    Result<std::vector<RawPlace>> log(
        std::uint32_t partition, std::uint64_t after, std::uint64_t last, std::size_t limit) override;
    Result<std::vector<RawReservation>> reservations(
        const std::optional<RawReservation>& after, std::size_t limit) override;
    Result<std::map<StockPlace, ReservedBalance>> reservedBalances() override;
    Result<std::vector<RawStock>> stock(std::string_view afterSku, std::size_t skus) override;
    Result<std::vector<AuditEntry>> audit(
        std::uint32_t partition, std::uint64_t after, std::uint64_t last, std::size_t limit) override;

private:
    explicit SqliteVerifyReader(std::unique_ptr<Connection> connection);
    std::optional<RawOrder> readOrder(const Statement& row);
    void readChain(RawOrder& order);
    Result<Event> readEvent(const Statement& row, const RawOrder& order);

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
