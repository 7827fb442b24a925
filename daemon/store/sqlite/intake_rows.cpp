// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/store/sqlite/intake_rows.h"

#include "daemon/store/sqlite/order_rows.h"
#include "daemon/store/sqlite/statement.h"

namespace gantry::store {

namespace {

static_assert(static_cast<int>(IntakeKind::Standard) == 2 && static_cast<int>(DeliveryAsk::Note) == 4
        && static_cast<int>(DeliveryOutcome::Waiting) == 3 && static_cast<int>(DeliveryOutcome::Expired) == 6,
    "as the schema tells them");

constexpr std::size_t droppedAtOnce =
    20; ///< deliveries that a batch drops; more than it brings, so that all go

constexpr std::string_view sourceColumns =
    "name, kind, secret, previous_secret, previous_until, created_by, created_at, disabled_at";

/// A source from a row of sourceColumns. Errors: Corrupt.
Result<IntakeSource> readSource(const Statement& row)
{
    const std::int64_t kind = row.integer(1);
    if (kind < 0 || kind >= static_cast<std::int64_t>(allIntakeKinds.size()))
        return damaged("the kind of a source of webhooks");
    return IntakeSource{std::string(row.text(0)), static_cast<IntakeKind>(kind), std::string(row.text(2)),
        std::string(row.text(3)), row.timeIf(4), std::string(row.text(5)), row.time(6), row.timeIf(7)};
}

/// Every delivery whole; what is put behind may narrow it down.
constexpr std::string_view wholeDeliveries =
    "SELECT number, source, delivery_id, topic, external_id, received_at, ask, outcome, order_id, problem, "
    "document, body FROM intake_delivery ";
constexpr std::string_view deliveryHeads =
    "SELECT number, source, delivery_id, topic, external_id, received_at, ask, outcome, order_id, problem, "
    "NULL, NULL FROM intake_delivery ";

/// A delivery from a row of one of these. Errors: Corrupt.
Result<DeliveryRecord> readDelivery(const Statement& row)
{
    const std::int64_t ask = row.integer(6);
    const std::int64_t outcome = row.integer(7);
    if (ask < 0 || ask >= static_cast<std::int64_t>(deliveryAskCount) || outcome < 0
        || outcome >= static_cast<std::int64_t>(deliveryOutcomeCount))
        return damaged("what came of a delivery");
    DeliveryRecord record{row.natural(0), std::string(row.text(1)), std::string(row.text(2)),
        std::string(row.text(3)), std::string(row.text(4)), row.time(5), static_cast<DeliveryAsk>(ask),
        static_cast<DeliveryOutcome>(outcome), {}, std::string(row.text(9)), std::string(row.text(10)),
        std::string(row.text(11))};
    if (!row.isNull(8)) {
        record.order = OrderId::fromBytes(row.text(8));
        if (!record.order)
            return damaged("the order of a delivery");
    }
    return record;
}

/// Every delivery that a statement gives. Errors: Corrupt, those of the connection.
Result<std::vector<DeliveryRecord>> readAll(Connection& connection, Statement& select)
{
    std::vector<DeliveryRecord> records;
    while (select.next()) {
        auto record = readDelivery(select);
        if (!record)
            return tl::unexpected(std::move(record.error()));
        records.push_back(std::move(*record));
    }
    if (auto done = connection.check("reading deliveries"); !done)
        return tl::unexpected(std::move(done.error()));
    return records;
}

Result<std::optional<DeliveryRecord>> readOne(Connection& connection, Statement& select)
{
    auto records = readAll(connection, select);
    if (!records)
        return tl::unexpected(std::move(records.error()));
    return records->empty() ? std::optional<DeliveryRecord>() : std::move(records->front());
}

std::optional<Blob> blobOrNull(std::string_view bytes)
{
    return bytes.empty() ? std::nullopt : std::optional(Blob{bytes});
}

std::optional<std::string_view> textOrNull(std::string_view text)
{
    return text.empty() ? std::nullopt : std::optional(text);
}

tl::unexpected<Error> noSuchSource(const std::string& name)
{
    return failure(ErrorCode::NotFound,
        "There is no source of webhooks " + name + ". See those there are with `gantryctl intake list`.");
}

/// Whether it may be added where `known` is what has its name.
Result<void> mayAdd(
    Connection& connection, const IntakeSource& source, const std::optional<IntakeSource>& known)
{
    if (known && !known->disabledAt)
        return failure(ErrorCode::ActionNotAllowed,
            "There is a source " + source.name
                + " already. Give it another secret with `gantryctl intake "
                  "rotate`, or choose another name.");
    if (known && known->kind != source.kind)
        return failure(ErrorCode::ActionNotAllowed,
            "The source " + source.name + " that was removed is of the kind "
                + std::string(intakeKindName(known->kind)) + ", and its orders are. Choose another name.");
    if (known)
        return {};
    Statement count(connection, "SELECT count(*) FROM intake_source");
    const bool isFull = count.next() && count.natural(0) >= DeliveryLimits::sources;
    count.reset();
    if (isFull)
        return failure(ErrorCode::Busy, "There are 1000 sources of webhooks, which is as many as are taken.");
    return {};
}

void putSource(Connection& connection, const IntakeSource& source)
{
    Statement put(connection,
        "INSERT INTO intake_source (name, kind, secret, previous_secret, previous_until, created_by, "
        "created_at, disabled_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (name) DO UPDATE SET "
        "kind = excluded.kind, secret = excluded.secret, previous_secret = excluded.previous_secret, "
        "previous_until = excluded.previous_until, created_by = excluded.created_by, "
        "created_at = excluded.created_at, disabled_at = excluded.disabled_at");
    put.with(source.name, static_cast<int>(source.kind), Blob{source.secret},
        blobOrNull(source.previousSecret), source.previousUntil, source.createdBy, source.createdAt,
        source.disabledAt);
    put.run();
}

} // namespace

Result<IntakeSource> changeSource(Connection& connection, const IntakeSourceChange& change)
{
    const auto known = selectSource(connection, change.source.name);
    if (!known)
        return tl::unexpected(known.error());
    IntakeSource after = change.source;
    if (change.what == IntakeSourceChange::What::Add) {
        if (auto may = mayAdd(connection, after, *known); !may)
            return tl::unexpected(std::move(may.error()));
    } else {
        if (!*known || (*known)->disabledAt)
            return noSuchSource(change.source.name);
        after = **known;
        if (change.what == IntakeSourceChange::What::Remove) {
            after.disabledAt = change.source.disabledAt;
        } else {
            after.previousUntil = change.source.previousUntil;
            after.previousSecret = after.previousUntil ? after.secret : std::string();
            after.secret = change.source.secret;
        }
    }
    putSource(connection, after);
    if (auto done = connection.check("writing a source of webhooks"); !done)
        return tl::unexpected(std::move(done.error()));
    return after;
}

Result<std::optional<IntakeSource>> selectSource(Connection& connection, std::string_view name)
{
    Statement select(
        connection, "SELECT " + std::string(sourceColumns) + " FROM intake_source WHERE name = ?1");
    std::optional<IntakeSource> found;
    Rows rows(select.with(name));
    if (rows.next()) {
        auto source = readSource(*rows);
        if (!source)
            return tl::unexpected(std::move(source.error()));
        found = std::move(*source);
    }
    if (auto done = connection.check("looking for a source of webhooks"); !done)
        return tl::unexpected(std::move(done.error()));
    return found;
}

Result<std::vector<IntakeSource>> selectSources(Connection& connection)
{
    std::vector<IntakeSource> sources;
    Statement select(
        connection, "SELECT " + std::string(sourceColumns) + " FROM intake_source ORDER BY name");
    while (select.next()) {
        auto source = readSource(select);
        if (!source)
            return tl::unexpected(std::move(source.error()));
        sources.push_back(std::move(*source));
    }
    if (auto done = connection.check("listing sources of webhooks"); !done)
        return tl::unexpected(std::move(done.error()));
    return sources;
}

Result<void> writeDeliveries(Connection& connection, const std::vector<DeliveryRecord>& deliveries)
{
    if (deliveries.empty())
        return {}; // the usual batch
    Statement insert(connection,
        "INSERT INTO intake_delivery (source, delivery_id, topic, external_id, received_at, ask, outcome, "
        "order_id, problem, document, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)");
    Statement update(connection,
        "UPDATE intake_delivery SET topic = ?2, external_id = ?3, ask = ?4, outcome = ?5, order_id = ?6, "
        "problem = ?7, document = ?8, body = ?9 WHERE number = ?1");
    for (const DeliveryRecord& record : deliveries) {
        const int ask = static_cast<int>(record.ask);
        const int outcome = static_cast<int>(record.outcome);
        const auto order = record.order ? blobOrNull(record.order->bytes()) : std::nullopt;
        if (record.number == 0)
            insert
                .with(record.source, record.deliveryId, record.topic, record.externalId, record.receivedAt,
                    ask, outcome, order, record.problem, textOrNull(record.document), textOrNull(record.body))
                .run();
        else
            update
                .with(record.number, record.topic, record.externalId, ask, outcome, order, record.problem,
                    textOrNull(record.document), textOrNull(record.body))
                .run();
    }
    return connection.check("writing deliveries");
}

Result<std::optional<DeliveryRecord>> selectDelivery(
    Connection& connection, std::string_view source, std::string_view deliveryId)
{
    Statement select(connection, std::string(wholeDeliveries) + "WHERE source = ?1 AND delivery_id = ?2");
    select.with(source, deliveryId);
    return readOne(connection, select);
}

Result<std::optional<DeliveryRecord>> selectDelivery(Connection& connection, std::uint64_t number)
{
    Statement select(connection, std::string(wholeDeliveries) + "WHERE number = ?1");
    select.with(number);
    return readOne(connection, select);
}

Result<std::vector<DeliveryRecord>> selectWaiting(
    Connection& connection, std::string_view source, std::string_view externalId)
{
    Statement select(connection,
        std::string(wholeDeliveries)
            + "WHERE outcome = 3 AND source = ?1 AND external_id = ?2 ORDER BY number");
    select.with(source, externalId);
    return readAll(connection, select);
}

Result<std::size_t> countWaiting(Connection& connection, std::string_view source)
{
    Statement select(connection, "SELECT count(*) FROM intake_delivery WHERE outcome = 3 AND source = ?1");
    std::size_t count = 0;
    for (select.with(source); select.next();)
        count = select.natural(0);
    if (auto done = connection.check("counting deliveries"); !done)
        return tl::unexpected(std::move(done.error()));
    return count;
}

Result<void> expireDeliveries(Connection& connection, Timestamp waitingBefore, Timestamp before)
{
    Statement expire(connection,
        "UPDATE intake_delivery SET outcome = 6, problem = 'The order that it is about was not made within "
        "seven days. ' || problem WHERE outcome = 3 AND received_at < ?1");
    expire.with(waitingBefore).run();
    Statement drop(connection,
        "DELETE FROM intake_delivery WHERE received_at < ?1 AND number IN "
        "(SELECT number FROM intake_delivery ORDER BY number LIMIT ?2)");
    drop.with(before, droppedAtOnce).run();
    return connection.check("letting deliveries expire");
}

Result<std::vector<DeliveryRecord>> selectDeliveries(Connection& connection, const DeliveryFilter& filter,
    std::optional<std::uint64_t> before, std::size_t limit)
{
    std::string sql = std::string(deliveryHeads) + "WHERE number < ?1";
    if (filter.outcome)
        sql += " AND outcome = ?2";
    if (!filter.source.empty())
        sql += " AND source = ?3";
    Statement select(connection, sql + " ORDER BY number DESC LIMIT ?4");
    select.with(before ? static_cast<std::int64_t>(*before) : INT64_MAX,
        static_cast<int>(filter.outcome.value_or(DeliveryOutcome::Accepted)), filter.source, limit);
    return readAll(connection, select);
}

} // namespace gantry::store
