// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/store/sqlite/sqlite_reader.h"

#include "daemon/store/sqlite/audit_rows.h"
#include "daemon/store/sqlite/counter_rows.h"
#include "daemon/store/sqlite/intake_rows.h"
#include "daemon/store/sqlite/order_list.h"
#include "daemon/store/sqlite/order_rows.h"
#include "daemon/store/sqlite/pause_rows.h"
#include "daemon/store/sqlite/pragmas.h"
#include "daemon/store/sqlite/principal_rows.h"
#include "daemon/store/sqlite/read_transaction.h"
#include "daemon/store/sqlite/stock_rows.h"
#include "daemon/store/sqlite/workflow_rows.h"

#include <algorithm>

namespace gantry::store {

namespace {

tl::unexpected<Error> notFound(const OrderId& id)
{
    return failure(ErrorCode::NotFound, "There is no order " + id.text() + ". Check the id.");
}

std::string selectEvents(std::string_view rest)
{
    return "SELECT " + std::string(eventColumns) + " FROM event " + std::string(rest);
}

} // namespace

Result<std::unique_ptr<StoreReader>> SqliteReader::open(const SqliteSettings& settings)
{
    auto connection = openReaderConnection(settings);
    if (!connection)
        return tl::unexpected(std::move(connection.error()));
    std::unique_ptr<SqliteReader> reader(new SqliteReader(std::move(*connection), settings.readDeadline));
    if (auto prepared = reader->m_connection->check("preparing a reader"); !prepared)
        return tl::unexpected(std::move(prepared.error()));
    return reader;
}

SqliteReader::SqliteReader(std::unique_ptr<Connection> connection, std::chrono::milliseconds deadline)
    : m_connection(std::move(connection))
    , m_deadline(deadline)
    , m_order(*m_connection,
          "SELECT " + std::string(orderColumns)
              + ", d.body FROM order_state s JOIN order_document d ON d.document = s.document WHERE s.id = "
                "?1")
    , m_event(*m_connection, selectEvents("WHERE position = ?1"))
    , m_chain(*m_connection, "SELECT previous, version, order_id FROM event WHERE position = ?1")
    , m_head(*m_connection,
          "SELECT s.last_sequence, s.version, p.partition FROM order_state s JOIN partition p "
          "ON ?2 BETWEEN p.first_slot AND p.last_slot WHERE s.id = ?1")
    , m_log(*m_connection, selectEvents("WHERE position > ?1 AND position < ?2 ORDER BY position LIMIT ?3"))
    , m_summary(*m_connection,
          "SELECT " + std::string(summaryColumns)
              + " FROM order_document WHERE document = (SELECT document FROM order_state WHERE id = ?1)")
{
}

Result<StoredOrder> SqliteReader::readOrder(const OrderId& id)
{
    const ReadTransaction transaction(*m_connection, m_deadline);
    Rows rows(m_order.with(Blob{id.bytes()}));
    const bool exists = rows.next();
    if (auto done = m_connection->check("reading an order"); !done)
        return tl::unexpected(std::move(done.error()));
    if (!exists)
        return notFound(id);
    auto record = readOrderColumns(*rows, m_parser);
    if (!record)
        return tl::unexpected(std::move(record.error()));
    return StoredOrder{std::move(record->order), std::string(rows->text(orderColumnCount))};
}

Result<EventRecord> SqliteReader::readEvent(const Statement& row)
{
    auto record = readEventColumns(row, m_parser);
    if (!record)
        return record;
    auto* received = std::get_if<OrderReceived>(&record->logged.event.body);
    if (!received)
        return record;
    Rows rows(m_summary.with(Blob{record->logged.order.bytes()}));
    if (!rows.next()) {
        if (auto done = m_connection->check("reading a summary"); !done)
            return tl::unexpected(std::move(done.error()));
        return damaged("an event of an order that it doesn't hold");
    }
    auto summary = readSummaryColumns(*rows, 0);
    if (!summary)
        return tl::unexpected(std::move(summary.error()));
    received->summary = std::make_shared<const OrderSummary>(std::move(*summary));
    return record;
}

Result<std::vector<std::int64_t>> SqliteReader::walkChain(const OrderId& id, std::uint32_t afterVersion)
{
    Rows head(m_head.with(Blob{id.bytes()}, id.slot()));
    const bool exists = head.next();
    if (auto done = m_connection->check("reading an order's history"); !done)
        return tl::unexpected(std::move(done.error()));
    if (!exists)
        return notFound(id);
    const auto partition = static_cast<std::uint32_t>(head->integer(2));
    std::int64_t version = head->integer(1);
    std::uint64_t sequence = head->natural(0);
    std::vector<std::int64_t> positions;
    for (; version > std::int64_t{afterVersion}; --version) {
        positions.push_back(logPosition(partition, sequence));
        Rows rows(m_chain.with(positions.back()));
        const bool holds = rows.next() && rows->integer(1) == version && rows->text(2) == id.bytes();
        if (auto done = m_connection->check("reading an order's history"); !done)
            return tl::unexpected(std::move(done.error()));
        if (!holds)
            return damaged("a history with a gap");
        sequence = rows->natural(0);
    }
    std::reverse(positions.begin(), positions.end());
    return positions;
}

Result<std::vector<EventRecord>> SqliteReader::readEventsOfOrder(
    const OrderId& id, std::uint32_t afterVersion, std::size_t limit)
{
    const ReadTransaction transaction(*m_connection, m_deadline);
    auto positions = walkChain(id, afterVersion);
    if (!positions)
        return tl::unexpected(std::move(positions.error()));
    std::vector<EventRecord> events;
    for (std::size_t i = 0; i < positions->size() && i < limit; ++i) {
        Rows rows(m_event.with((*positions)[i]));
        if (!rows.next())
            break; // told by check()
        auto event = readEvent(*rows);
        if (!event)
            return tl::unexpected(std::move(event.error()));
        events.push_back(std::move(*event));
    }
    if (auto done = m_connection->check("reading an order's history"); !done)
        return tl::unexpected(std::move(done.error()));
    return events;
}

Result<std::vector<EventRecord>> SqliteReader::readLog(
    std::uint32_t partition, std::uint64_t after, std::size_t limit)
{
    const ReadTransaction transaction(*m_connection, m_deadline);
    std::vector<EventRecord> events;
    Rows rows(m_log.with(logPosition(partition, after), logPosition(partition + 1, 0), limit));
    while (rows.next()) {
        auto event = readEvent(*rows);
        if (!event)
            return tl::unexpected(std::move(event.error()));
        if (event->logged.sequence != after + events.size() + 1)
            return damaged("a log with a gap");
        events.push_back(std::move(*event));
    }
    if (auto done = m_connection->check("reading the log"); !done)
        return tl::unexpected(std::move(done.error()));
    return events;
}

Result<OrderPage> SqliteReader::listOrders(const OrderFilter& filter, const PageRequest& page)
{
    const ReadTransaction transaction(*m_connection, m_deadline);
    return store::listOrders(*m_connection, filter, page, m_parser);
}

Result<Counters> SqliteReader::readCounters()
{
    const ReadTransaction transaction(*m_connection, m_deadline);
    return selectCounters(*m_connection);
}

Result<std::optional<StockLevel>> SqliteReader::readStock(std::string_view sku)
{
    const ReadTransaction transaction(*m_connection, m_deadline);
    return selectStock(*m_connection, sku);
}

Result<std::vector<StockLevel>> SqliteReader::listStock(std::string_view afterSku, std::size_t limit)
{
    const ReadTransaction transaction(*m_connection, m_deadline);
    return selectStock(*m_connection, afterSku, limit);
}

Result<std::vector<StockMovement>> SqliteReader::listMovements(
    std::string_view sku, std::optional<std::uint64_t> before, std::size_t limit)
{
    const ReadTransaction transaction(*m_connection, m_deadline);
    return selectMovements(*m_connection, sku, before, limit);
}

Result<std::vector<Warehouse>> SqliteReader::listWarehouses()
{
    const ReadTransaction transaction(*m_connection, m_deadline);
    return selectWarehouses(*m_connection);
}

Result<std::vector<PrincipalRecord>> SqliteReader::listPrincipals()
{
    const ReadTransaction transaction(*m_connection, m_deadline);
    return selectPrincipals(*m_connection);
}

Result<std::vector<PrincipalLogEntry>> SqliteReader::listPrincipalLog(
    std::string_view principal, std::optional<std::uint64_t> before, std::size_t limit)
{
    const ReadTransaction transaction(*m_connection, m_deadline);
    return selectPrincipalLog(*m_connection, principal, before, limit);
}

Result<std::optional<PrincipalLogEntry>> SqliteReader::findPrincipalAct(
    std::string_view actor, std::string_view key)
{
    const ReadTransaction transaction(*m_connection, m_deadline);
    return selectPrincipalAct(*m_connection, actor, key);
}

Result<std::vector<WorkflowRecord>> SqliteReader::listWorkflows()
{
    const ReadTransaction transaction(*m_connection, m_deadline);
    return selectWorkflows(*m_connection);
}

Result<std::vector<WorkflowChoice>> SqliteReader::listWorkflowChoices()
{
    const ReadTransaction transaction(*m_connection, m_deadline);
    return selectChoices(*m_connection);
}

Result<std::vector<Pause>> SqliteReader::listPauses()
{
    const ReadTransaction transaction(*m_connection, m_deadline);
    return selectPauses(*m_connection);
}

Result<std::vector<EndedPause>> SqliteReader::listEndedPauses(std::size_t limit)
{
    const ReadTransaction transaction(*m_connection, m_deadline);
    return selectEndedPauses(*m_connection, limit);
}

Result<std::optional<IntakeSource>> SqliteReader::findIntakeSource(std::string_view name)
{
    const ReadTransaction transaction(*m_connection, m_deadline);
    return selectSource(*m_connection, name);
}

Result<std::vector<IntakeSource>> SqliteReader::listIntakeSources()
{
    const ReadTransaction transaction(*m_connection, m_deadline);
    return selectSources(*m_connection);
}

Result<std::vector<DeliveryRecord>> SqliteReader::listDeliveries(
    const DeliveryFilter& filter, std::optional<std::uint64_t> before, std::size_t limit)
{
    const ReadTransaction transaction(*m_connection, m_deadline);
    return selectDeliveries(*m_connection, filter, before, limit);
}

Result<std::optional<DeliveryRecord>> SqliteReader::findDelivery(std::uint64_t number)
{
    const ReadTransaction transaction(*m_connection, m_deadline);
    return selectDelivery(*m_connection, number);
}

Result<std::vector<PartitionInfo>> SqliteReader::listPartitions()
{
    const ReadTransaction transaction(*m_connection, m_deadline);
    return selectPartitions(*m_connection);
}

Result<std::vector<AuditEntry>> SqliteReader::listAudit(
    const AuditFilter& filter, std::optional<std::uint64_t> before, std::size_t limit)
{
    const ReadTransaction transaction(*m_connection, m_deadline);
    return selectAudit(*m_connection, filter, before, limit);
}

Result<std::vector<AuditChain>> SqliteReader::listAuditChains()
{
    const ReadTransaction transaction(*m_connection, m_deadline);
    return selectAuditChains(*m_connection);
}

} // namespace gantry::store
