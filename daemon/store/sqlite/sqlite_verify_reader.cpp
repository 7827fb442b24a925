// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/store/sqlite/sqlite_verify_reader.h"

#include "daemon/store/sqlite/audit_rows.h"
#include "daemon/store/sqlite/counter_rows.h"
#include "daemon/store/sqlite/order_rows.h"
#include "daemon/store/sqlite/pragmas.h"
#include "daemon/store/sqlite/read_transaction.h"

#include <algorithm>

namespace gantry::store {

namespace {

constexpr std::chrono::milliseconds noDeadline{0};

constexpr int bodyColumn = orderColumnCount; // stands behind an order's columns
constexpr int versionColumn = 6;
constexpr int lastSequenceColumn = 1;

bool isOpenState(std::int64_t state)
{
    return state >= 0 && state < static_cast<std::int64_t>(orderStateCount)
        && !isFinal(static_cast<OrderState>(state));
}

std::uint32_t partitionOf(const std::vector<PartitionInfo>& partitions, Slot slot)
{
    for (const PartitionInfo& each : partitions)
        if (slot >= each.firstSlot && slot <= each.lastSlot)
            return each.partition;
    return 0;
}

/// What lies where an event of that order should be.
std::string foundAt(const Statement& row)
{
    const auto id = OrderId::fromBytes(row.text(1));
    return "event " + std::to_string(row.integer(2)) + " of "
        + (id ? "order " + id->text() : std::string("an id that can't be read"));
}

} // namespace

Result<std::unique_ptr<VerifyReader>> SqliteVerifyReader::open(const SqliteSettings& settings)
{
    auto connection = openReaderConnection(settings);
    if (!connection)
        return tl::unexpected(std::move(connection.error()));
    std::unique_ptr<SqliteVerifyReader> reader(new SqliteVerifyReader(std::move(*connection)));
    if (auto prepared = reader->m_connection->check("preparing the verification"); !prepared)
        return tl::unexpected(std::move(prepared.error()));
    return reader;
}

SqliteVerifyReader::SqliteVerifyReader(std::unique_ptr<Connection> connection)
    : m_connection(std::move(connection))
    , m_orders(*m_connection,
          "SELECT " + std::string(orderColumns)
              + ", d.body FROM order_state s LEFT JOIN order_document d ON d.document = s.document "
                "WHERE s.id > ?1 ORDER BY s.id LIMIT ?2")
    , m_event(*m_connection, "SELECT " + std::string(eventColumns) + " FROM event WHERE position = ?1")
    , m_log(*m_connection,
          "SELECT e.position, e.version, e.order_id, s.version FROM event e LEFT JOIN order_state s ON s.id "
          "= e.order_id WHERE e.position > ?1 AND e.position <= ?2 ORDER BY e.position LIMIT ?3")
    , m_reservations(*m_connection,
          "SELECT r.order_id, r.sku, r.warehouse, r.quantity, s.state FROM reservation r LEFT JOIN "
          "order_state s "
          "ON s.id = r.order_id WHERE (r.order_id, r.sku, r.warehouse) > (?1, ?2, ?3) "
          "ORDER BY r.order_id, r.sku, r.warehouse LIMIT ?4")
    , m_nextSku(*m_connection,
          "SELECT min(sku) FROM (SELECT min(sku) AS sku FROM stock WHERE sku > ?1 "
          "UNION ALL SELECT min(sku) FROM stock_movement WHERE sku > ?1)")
    , m_stock(*m_connection,
          "SELECT warehouse, max(is_record), sum(on_hand), sum(reserved), sum(on_hand_moved), "
          "sum(reserved_moved) "
          "FROM (SELECT warehouse, 1 AS is_record, on_hand, reserved, 0 AS on_hand_moved, 0 AS "
          "reserved_moved "
          "FROM stock WHERE sku = ?1 UNION ALL "
          "SELECT warehouse, 0, 0, 0, on_hand_change, reserved_change FROM stock_movement WHERE sku = ?1) "
          "GROUP BY warehouse ORDER BY warehouse")
{
}

Result<VerifyStart> SqliteVerifyReader::start()
{
    const ReadTransaction transaction(*m_connection, noDeadline);
    VerifyStart start;
    auto counters = selectCounters(*m_connection);
    if (!counters)
        return tl::unexpected(std::move(counters.error()));
    start.counters = std::move(*counters);
    const auto partitions = selectPartitions(*m_connection);
    if (!partitions)
        return tl::unexpected(partitions.error());
    Statement newest(*m_connection,
        "SELECT position FROM event WHERE position > ?1 AND position < ?2 ORDER BY position DESC LIMIT 1");
    for (const PartitionInfo& partition : *partitions) {
        Rows rows(newest.with(logPosition(partition.partition, 0), logPosition(partition.partition + 1, 0)));
        start.logs.push_back({partition, rows.next() ? sequenceOf(rows->integer(0)) : 0});
    }
    auto chains = selectAuditChains(*m_connection);
    if (!chains)
        return tl::unexpected(std::move(chains.error()));
    start.audit = std::move(*chains);
    if (auto done = m_connection->check("starting the verification"); !done)
        return tl::unexpected(std::move(done.error()));
    return start;
}

Result<std::vector<RawOrder>> SqliteVerifyReader::orders(
    const std::optional<OrderId>& after, std::size_t limit)
{
    const ReadTransaction transaction(*m_connection, noDeadline);
    const auto partitions = selectPartitions(*m_connection);
    if (!partitions)
        return tl::unexpected(partitions.error());
    std::vector<RawOrder> orders;
    orders.reserve(limit);
    Rows rows(m_orders.with(Blob{after ? after->bytes() : std::string_view()}, limit));
    while (rows.next()) {
        auto order = readOrder(*rows);
        if (!order)
            return damaged("an order's id");
        order->partition = partitionOf(*partitions, order->id.slot());
        readChain(*order);
        orders.push_back(std::move(*order));
    }
    if (auto done = m_connection->check("reading orders for the verification"); !done)
        return tl::unexpected(std::move(done.error()));
    return orders;
}

std::optional<RawOrder> SqliteVerifyReader::readOrder(const Statement& row)
{
    const auto id = OrderId::fromBytes(row.text(0));
    if (!id)
        return std::nullopt;
    RawOrder order{.id = *id,
        .version = static_cast<std::uint32_t>(row.integer(versionColumn)),
        .lastSequence = row.natural(lastSequenceColumn),
        .row = failure(ErrorCode::Corrupt, "Its document is missing.")};
    if (row.isNull(bodyColumn))
        return order;
    order.document = std::string(row.text(bodyColumn));
    if (auto summary = readSummaryColumns(row, summaryStart))
        order.summary = std::make_shared<const OrderSummary>(std::move(*summary));
    auto record = readOrderColumns(row, m_parser);
    if (record)
        order.row = std::move(record->order);
    else
        order.row = tl::unexpected(std::move(record.error()));
    return order;
}

void SqliteVerifyReader::readChain(RawOrder& order)
{
    std::uint64_t sequence = order.lastSequence;
    for (std::uint32_t version = order.version; version > 0; --version) {
        Rows rows(m_event.with(logPosition(order.partition, sequence)));
        if (!rows.next()) {
            order.gap = {version, sequence, "nothing"};
            break;
        }
        if (rows->text(1) != order.id.bytes() || rows->integer(2) != std::int64_t{version}) {
            order.gap = {version, sequence, foundAt(*rows)};
            break;
        }
        order.events.push_back({sequence, version, readEvent(*rows, order)});
        sequence = rows->natural(3);
    }
    std::reverse(order.events.begin(), order.events.end());
}

Result<Event> SqliteVerifyReader::readEvent(const Statement& row, const RawOrder& order)
{
    auto record = readEventColumns(row, m_parser);
    if (!record)
        return tl::unexpected(std::move(record.error()));
    Event event = std::move(record->logged.event);
    if (auto* received = std::get_if<OrderReceived>(&event.body))
        received->summary = order.summary;
    return event;
}

Result<std::vector<RawPlace>> SqliteVerifyReader::log(
    std::uint32_t partition, std::uint64_t after, std::uint64_t last, std::size_t limit)
{
    const ReadTransaction transaction(*m_connection, noDeadline);
    std::vector<RawPlace> places;
    places.reserve(limit);
    Rows rows(m_log.with(logPosition(partition, after), logPosition(partition, last), limit));
    while (rows.next())
        places.push_back({sequenceOf(rows->integer(0)), static_cast<std::uint32_t>(rows->integer(1)),
            OrderId::fromBytes(rows->text(2)).value_or(OrderId()), !rows->isNull(3)});
    if (auto done = m_connection->check("reading the log for the verification"); !done)
        return tl::unexpected(std::move(done.error()));
    return places;
}

Result<std::vector<RawReservation>> SqliteVerifyReader::reservations(
    const std::optional<RawReservation>& after, std::size_t limit)
{
    const ReadTransaction transaction(*m_connection, noDeadline);
    std::vector<RawReservation> reservations;
    const RawReservation from = after.value_or(RawReservation{});
    const std::string_view order = after ? from.order.bytes() : std::string_view();
    Rows rows(m_reservations.with(Blob{order}, from.sku, from.warehouse, limit));
    while (rows.next())
        reservations.push_back({OrderId::fromBytes(rows->text(0)).value_or(OrderId()),
            std::string(rows->text(1)), std::string(rows->text(2)), rows->integer(3),
            !rows->isNull(4) && isOpenState(rows->integer(4))});
    if (auto done = m_connection->check("reading reservations for the verification"); !done)
        return tl::unexpected(std::move(done.error()));
    return reservations;
}

Result<std::map<StockPlace, ReservedBalance>> SqliteVerifyReader::reservedBalances()
{
    const ReadTransaction transaction(*m_connection, noDeadline);
    std::map<StockPlace, ReservedBalance> balances;
    const auto balanceOf = [&balances](const Statement& row) -> ReservedBalance& {
        return balances[{std::string(row.text(0)), std::string(row.text(1))}];
    };
    Statement stock(*m_connection, "SELECT sku, warehouse, reserved FROM stock");
    while (stock.next())
        balanceOf(stock).recorded = stock.integer(2);
    Statement sums(
        *m_connection, "SELECT sku, warehouse, sum(quantity) FROM reservation GROUP BY sku, warehouse");
    while (sums.next())
        balanceOf(sums).sum = sums.integer(2);
    if (auto done = m_connection->check("adding reservations up for the verification"); !done)
        return tl::unexpected(std::move(done.error()));
    return balances;
}

Result<std::vector<RawStock>> SqliteVerifyReader::stock(std::string_view afterSku, std::size_t skus)
{
    const ReadTransaction transaction(*m_connection, noDeadline);
    std::vector<RawStock> found;
    std::string sku(afterSku);
    for (std::size_t i = 0; i < skus; ++i) {
        {
            Rows next(m_nextSku.with(sku));
            if (!next.next() || next->isNull(0))
                break;
            sku = next->text(0);
        }
        Rows rows(m_stock.with(sku));
        while (rows.next())
            found.push_back({sku, std::string(rows->text(0)), rows->integer(1) == 1, rows->integer(2),
                rows->integer(3), rows->integer(4), rows->integer(5)});
    }
    if (auto done = m_connection->check("adding stock movements up for the verification"); !done)
        return tl::unexpected(std::move(done.error()));
    return found;
}

Result<std::vector<AuditEntry>> SqliteVerifyReader::audit(
    std::uint32_t partition, std::uint64_t after, std::uint64_t last, std::size_t limit)
{
    const ReadTransaction transaction(*m_connection, noDeadline);
    return selectAuditRange(*m_connection, partition, after, last, limit);
}

} // namespace gantry::store
