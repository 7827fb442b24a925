// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/store/sqlite/sqlite_batch.h"

#include "daemon/store/sqlite/audit_rows.h"
#include "daemon/store/sqlite/intake_rows.h"
#include "daemon/store/sqlite/order_rows.h"

namespace gantry::store {

namespace {

constexpr int eventParameters = 8;

/// "(?1, …, ?8), (?9, …" for so many rows.
std::string eventsSql(std::size_t rows)
{
    // No savepoint is made for the statement: should one row fail, the batch is given up anyhow.
    std::string sql = "INSERT OR ROLLBACK INTO event (position, order_id, version, previous, type, at, "
                      "actor, data) VALUES ";
    for (std::size_t row = 0; row < rows; ++row)
        for (int column = 0; column < eventParameters; ++column)
            sql += (column > 0       ? ","
                           : row > 0 ? "),("
                                     : "(")
                + ("?" + std::to_string(static_cast<int>(row) * eventParameters + column + 1));
    return sql + ')';
}

} // namespace

BatchStatements::BatchStatements(Connection& connection)
    : renewPartition(connection,
        "UPDATE partition SET sequence = ?3 WHERE partition = ?1 AND epoch = ?2 AND sequence = ?4")
    , insertDocument(connection,
          "INSERT INTO order_document (document, id, fingerprint, channel, external_id, customer_name, "
          "currency, total, "
          "line_count, quantity, priority, promise_at, created_at, workflow, workflow_version, body, "
          "skipped_steps) "
          "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)")
    , insertState(connection,
          "INSERT INTO order_state (id, document, state, step, performer, role, version, last_sequence, "
          "attempt, "
          "attempts_spent, step_since, updated_at, retry_at, incident_code, facts, authorized, captured, "
          "refunded) "
          "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)")
    , updateState(connection,
          "UPDATE order_state SET state = ?2, step = ?3, performer = ?4, role = ?5, version = ?6, "
          "last_sequence = ?7, "
          "attempt = ?8, attempts_spent = ?9, step_since = ?10, updated_at = ?11, retry_at = ?12, "
          "incident_code = ?13, "
          "facts = ?14, authorized = ?15, captured = ?16, refunded = ?17 WHERE id = ?1")
    , insertEvent(connection, eventsSql(1))
    , insertEvents(connection, eventsSql(eventsAtOnce))
    , insertKey(connection,
          "INSERT INTO idempotency (principal, key, fingerprint, order_id, version, at) "
          "VALUES (?1, ?2, ?3, ?4, ?5, ?6)")
    , addCounter(connection,
          "INSERT INTO counter (name, value) VALUES (?1 || ?2, ?3) "
          "ON CONFLICT (name) DO UPDATE SET value = value + excluded.value")
    , findByExternalId(
          connection, "SELECT id, fingerprint FROM order_document WHERE external_id = ?1 AND channel = ?2")
    , findKey(connection,
          "SELECT fingerprint, order_id, version, at FROM idempotency WHERE principal = ?1 AND key = ?2")
    , findOrder(connection,
          "SELECT " + std::string(orderColumns)
              + " FROM order_state s JOIN order_document d ON d.document = s.document WHERE s.id = ?1")
    , readDocument(connection,
          "SELECT body FROM order_document WHERE document = (SELECT document FROM order_state WHERE id = ?1)")
{
}

SqliteBatch::SqliteBatch(Writer& writer, BatchStatements& statements, PartitionInfo& info) noexcept
    : m_writer(writer)
    , m_sql(statements)
    , m_info(info)
{
}

SqliteBatch::~SqliteBatch()
{
    m_writer.rollback();
}

Result<std::optional<KnownOrder>> SqliteBatch::findByExternalId(
    std::string_view channel, std::string_view externalId)
{
    std::optional<KnownOrder> found;
    Rows rows(m_sql.findByExternalId.with(externalId, channel));
    if (rows.next()) {
        found.emplace();
        const auto id = OrderId::fromBytes(rows->text(0));
        if (!id || !readFingerprint(rows->text(1), found->fingerprint))
            return damaged("an order's keys");
        found->id = *id;
    }
    if (auto done = m_writer.connection().check("looking for an external id"); !done)
        return tl::unexpected(std::move(done.error()));
    return found;
}

Result<std::optional<IdempotencyRecord>> SqliteBatch::findIdempotencyKey(
    std::string_view principal, std::string_view key)
{
    std::optional<IdempotencyRecord> found;
    Rows rows(m_sql.findKey.with(principal, key));
    if (rows.next()) {
        found.emplace();
        const auto id = OrderId::fromBytes(rows->text(1));
        if (!id || !readFingerprint(rows->text(0), found->fingerprint))
            return damaged("an idempotency key");
        found->principal = principal;
        found->key = key;
        found->order = *id;
        found->version = static_cast<std::uint32_t>(rows->integer(2));
        found->at = rows->time(3);
    }
    if (auto done = m_writer.connection().check("looking for an idempotency key"); !done)
        return tl::unexpected(std::move(done.error()));
    return found;
}

Result<std::optional<OrderRecord>> SqliteBatch::findOrder(const OrderId& id)
{
    Rows rows(m_sql.findOrder.with(Blob{id.bytes()}));
    if (rows.next()) {
        auto record = readOrderColumns(*rows, m_writer.parser());
        if (!record)
            return tl::unexpected(std::move(record.error()));
        return std::optional<OrderRecord>(std::move(*record));
    }
    if (auto done = m_writer.connection().check("looking for an order"); !done)
        return tl::unexpected(std::move(done.error()));
    return std::optional<OrderRecord>();
}

Result<std::string> SqliteBatch::readDocument(const OrderId& id)
{
    Rows rows(m_sql.readDocument.with(Blob{id.bytes()}));
    if (rows.next())
        return std::string(rows->text(0));
    if (auto done = m_writer.connection().check("reading a document"); !done)
        return tl::unexpected(std::move(done.error()));
    return failure(ErrorCode::NotFound, "There is no order " + id.text() + ". Check the id.");
}

Result<std::vector<ReservationAnswer>> SqliteBatch::reserve(const std::vector<ReservationRequest>& requests)
{
    return m_writer.stock().reserve(requests);
}

Result<std::optional<DeliveryRecord>> SqliteBatch::findDelivery(
    std::string_view source, std::string_view deliveryId)
{
    return selectDelivery(m_writer.connection(), source, deliveryId);
}

Result<std::optional<DeliveryRecord>> SqliteBatch::findDelivery(std::uint64_t number)
{
    return selectDelivery(m_writer.connection(), number);
}

Result<std::vector<DeliveryRecord>> SqliteBatch::listWaiting(
    std::string_view source, std::string_view externalId)
{
    return selectWaiting(m_writer.connection(), source, externalId);
}

Result<std::size_t> SqliteBatch::countWaiting(std::string_view source)
{
    return store::countWaiting(m_writer.connection(), source);
}

Result<void> SqliteBatch::expireDeliveries(Timestamp waitingBefore, Timestamp before)
{
    return store::expireDeliveries(m_writer.connection(), waitingBefore, before);
}

Result<void> SqliteBatch::settle(const std::vector<StockOutcome>& outcomes)
{
    return m_writer.stock().settle(outcomes);
}

Result<void> SqliteBatch::commit(const BatchChanges& changes)
{
    auto done = write(changes);
    if (done)
        done = m_writer.commit();
    if (!done) {
        m_writer.rollback();
        return done;
    }
    if (!changes.events.empty())
        m_info.sequence = changes.events.back().logged.sequence;
    m_writer.documentsAdded(changes.newOrders.size());
    return {};
}

Result<void> SqliteBatch::write(const BatchChanges& changes)
{
    if (auto done = renewPartition(changes); !done)
        return done;
    writeDocuments(changes.newOrders);
    if (auto done = writeOrders(changes.orders); !done)
        return done;
    writeEvents(changes.events);
    writeKeys(changes.idempotency);
    writeCounters(changes.counters);
    if (auto done = m_writer.connection().check("writing a batch"); !done)
        return done;
    if (auto done = writeDeliveries(m_writer.connection(), changes.deliveries); !done)
        return done;
    if (auto done = appendAudit(m_writer.connection(), m_info.partition, changes.audit); !done)
        return done;
    return m_writer.stock().settle(changes.stock);
}

Result<void> SqliteBatch::renewPartition(const BatchChanges& changes)
{
    std::uint64_t sequence = m_info.sequence;
    for (const EventRecord& event : changes.events)
        if (event.logged.sequence != ++sequence)
            return failure(ErrorCode::Internal,
                "Event " + std::to_string(event.logged.sequence) + " does not follow "
                    + std::to_string(sequence - 1) + " in the log: this is a defect of Gantry.");
    m_sql.renewPartition.with(m_info.partition, m_info.epoch, sequence, m_info.sequence).run();
    if (auto done = m_writer.connection().check("renewing the partition"); !done)
        return done;
    if (m_writer.connection().changes() != 1)
        return failure(ErrorCode::StaleToken,
            "Partition " + std::to_string(m_info.partition) + " was taken over since epoch "
                + std::to_string(m_info.epoch) + ". Nothing was written; this owner must stop.");
    return {};
}

void SqliteBatch::writeDocuments(const std::vector<NewOrder>& orders)
{
    std::int64_t document = m_writer.lastDocument();
    m_newDocuments.reserve(orders.size());
    for (const NewOrder& order : orders) {
        const OrderSummary& summary = *order.summary;
        m_newDocuments.emplace(order.id, ++document);
        const std::string skipped = joinSteps(summary.skippedSteps);
        m_sql.insertDocument
            .with(document, Blob{order.id.bytes()}, Blob{bytesOf(order.fingerprint)}, summary.channel,
                summary.externalId, summary.customerName, summary.currency.code(), summary.total,
                summary.lineCount, summary.quantity, summary.priority, summary.promiseAt, summary.createdAt,
                summary.workflow, summary.workflowVersion, *order.document, orNull(skipped))
            .run();
    }
}

Result<void> SqliteBatch::writeOrders(const std::vector<OrderRecord>& orders)
{
    for (const OrderRecord& record : orders) {
        const Order& order = record.order;
        const auto state = static_cast<int>(stateOf(order));
        const auto performer = static_cast<int>(order.step.performer);
        const auto role = static_cast<int>(order.step.role);
        const auto facts = orNull(encodeFacts(m_writer.json(), order));
        const auto incident = order.incident ? orNull(order.incident->code) : std::nullopt;
        if (const auto document = m_newDocuments.find(order.id); document != m_newDocuments.end()) {
            m_sql.insertState
                .with(Blob{order.id.bytes()}, document->second, state, order.step.name, performer, role,
                    order.version, record.lastSequence, order.attempt, order.attemptsSpent, order.stepSince,
                    order.updatedAt, order.retryAt, incident, facts, order.money.authorized,
                    order.money.captured, order.money.refunded)
                .run();
            continue;
        }
        m_sql.updateState
            .with(Blob{order.id.bytes()}, state, order.step.name, performer, role, order.version,
                record.lastSequence, order.attempt, order.attemptsSpent, order.stepSince, order.updatedAt,
                order.retryAt, incident, facts, order.money.authorized, order.money.captured,
                order.money.refunded)
            .run();
        if (m_writer.connection().isSound() && m_writer.connection().changes() != 1)
            return failure(ErrorCode::Internal,
                "Order " + order.id.text()
                    + " changed but was never stored. Nothing was written: this is a defect of Gantry.");
    }
    return {};
}

void SqliteBatch::writeEvents(const std::vector<EventRecord>& events)
{
    const auto bind = [this](Statement& statement, std::size_t row, const EventRecord& record) {
        const Event& event = record.logged.event;
        statement.bindFrom(static_cast<int>(row) * eventParameters + 1,
            logPosition(m_info.partition, record.logged.sequence), Blob{record.logged.order.bytes()},
            event.version, record.previousSequence, typeNumber(event.body), event.at, event.actor,
            orNull(encodeEventData(m_sql.eventData[row], event.body)));
    };
    std::size_t at = 0;
    for (; at + eventsAtOnce <= events.size(); at += eventsAtOnce) {
        m_sql.insertEvents.reset();
        for (std::size_t row = 0; row < eventsAtOnce; ++row)
            bind(m_sql.insertEvents, row, events[at + row]);
        m_sql.insertEvents.run();
    }
    for (; at < events.size(); ++at) {
        m_sql.insertEvent.reset();
        bind(m_sql.insertEvent, 0, events[at]);
        m_sql.insertEvent.run();
    }
}

void SqliteBatch::writeKeys(const std::vector<IdempotencyRecord>& keys)
{
    for (const IdempotencyRecord& key : keys)
        m_sql.insertKey
            .with(key.principal, key.key, Blob{bytesOf(key.fingerprint)}, Blob{key.order.bytes()},
                key.version, key.at)
            .run();
}

void SqliteBatch::writeCounters(const CounterChanges& changes)
{
    for (std::size_t i = 0; i < changes.byState.size(); ++i)
        if (changes.byState[i] != 0)
            m_sql.addCounter.with("state/", stateName(static_cast<OrderState>(i)), changes.byState[i]).run();
    for (const auto& [step, change] : changes.openByStep)
        if (change != 0)
            m_sql.addCounter.with("step/", step, change).run();
}

} // namespace gantry::store
