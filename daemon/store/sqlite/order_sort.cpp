// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/store/sqlite/order_sort.h"

#include "daemon/store/sqlite/order_filter.h"
#include "daemon/store/sqlite/order_rows.h"

#include <algorithm>
#include <limits>
#include <tuple>

namespace gantry::store {

namespace {

constexpr int lastSequenceColumn = 1;
constexpr int totalColumn = 17;
constexpr int priorityColumn = 20;
constexpr int promiseColumn = 21;
constexpr int positionColumn = orderColumnCount + 1; // after incident_code

/// How many rows may be looked through to be sorted: about 15 ms when they are in memory.
constexpr std::size_t mostRowsSorted = 10'000;

constexpr std::uint32_t partition = 0; // the embedded store has this one

bool isByChange(SortOrder sort)
{
    return sort == SortOrder::UpdatedLast || sort == SortOrder::UpdatedFirst;
}

bool isDown(SortOrder sort)
{
    return sort == SortOrder::UpdatedLast || sort == SortOrder::PromisedLast || sort == SortOrder::UrgentLast
        || sort == SortOrder::DearestFirst;
}

/// Where an order stands in the sequence.
struct Place {
    std::int64_t key = 0;
    OrderId id;
    [[nodiscard]] bool comesBefore(const Place& other, bool down) const
    {
        return down ? std::tie(other.key, other.id) < std::tie(key, id)
                    : std::tie(key, id) < std::tie(other.key, other.id);
    }
};

std::optional<Place> lastPlaceOf(const PageRequest& request)
{
    return request.after ? std::optional(Place{request.afterKey, *request.after}) : std::nullopt;
}

/// The log as it was when it ended at one event.
class LogAsOf {
public:
    LogAsOf(Connection& connection, std::uint64_t end)
        : m_end(end)
        , m_previous(connection, "SELECT previous FROM event WHERE position = ?1")
    {
    }

    [[nodiscard]] std::uint64_t end() const noexcept { return m_end; }

    /// The last event of an order, by the last one that it has now; empty: it had none then.
    std::optional<std::int64_t> lastOf(std::uint64_t last)
    {
        while (last > m_end) {
            Rows rows(m_previous.with(logPosition(partition, last)));
            if (!rows.next())
                return std::nullopt; // the connection's check() tells of damage
            last = rows->natural(0);
        }
        return last > 0 ? std::optional(static_cast<std::int64_t>(last)) : std::nullopt;
    }

private:
    std::uint64_t m_end;
    Statement m_previous;
};

std::uint64_t endOfLog(Connection& connection)
{
    Statement statement(connection, "SELECT sequence FROM partition WHERE partition = ?1");
    return statement.with(partition).next() ? statement.natural(0) : 0;
}

/// What a row is sorted by; empty: it does not belong to the list.
std::optional<std::int64_t> keyOf(const Statement& row, SortOrder sort, LogAsOf& log)
{
    switch (sort) {
    case SortOrder::UpdatedLast:
    case SortOrder::UpdatedFirst: return log.lastOf(row.natural(lastSequenceColumn));
    case SortOrder::PromisedFirst:
    case SortOrder::PromisedLast:
        if (!row.isNull(promiseColumn))
            return row.integer(promiseColumn);
        return isDown(sort) ? std::numeric_limits<std::int64_t>::min()
                            : std::numeric_limits<std::int64_t>::max();
    case SortOrder::UrgentFirst:
    case SortOrder::UrgentLast: return row.integer(priorityColumn);
    case SortOrder::CheapestFirst:
    case SortOrder::DearestFirst: return row.integer(totalColumn);
    case SortOrder::NewestFirst:
    case SortOrder::OldestFirst: break;
    }
    return 0;
}

/// Rows that an index alone counts, up to a limit. `where`: of ?3, with the range of ids as ?1 and ?2.
template <typename Value>
std::size_t count(Connection& connection, std::string_view from, std::string_view where, const IdRange& range,
    const Value& value, std::size_t limit)
{
    Statement statement(connection,
        "SELECT count(*) FROM (SELECT 1 FROM " + std::string(from) + " WHERE id >= ?1 AND id < ?2"
            + std::string(where) + " LIMIT ?4)");
    return statement.with(Blob{range.low}, Blob{range.high}, value, limit).next() ? statement.natural(0) : 0;
}

/// A source of at most `limit` rows that has all of the filter's orders; null if there is none.
std::unique_ptr<RowSource> fewRows(
    Connection& connection, const OrderFilter& filter, std::size_t limit, JsonParser& parser)
{
    IdRange range = rangeOf(filter);
    if (!filter.query.empty())
        return answerQuestion(connection, filter, {}, std::move(range), parser);
    if (!filter.externalId.empty())
        return chooseSource(connection, filter, std::move(range), SortOrder::OldestFirst);
    if (!filter.states.empty() || !filter.step.empty() || !filter.incidentCode.empty()) {
        std::size_t rows = 0;
        for (const OrderState state : statesOf(filter))
            if (rows <= limit)
                rows += count(
                    connection, "order_state", " AND state = ?3", range, static_cast<int>(state), limit + 1);
        if (rows <= limit)
            return chooseSource(connection, filter, std::move(range), SortOrder::OldestFirst);
    }
    auto merged = std::make_unique<MergedRows>(connection, range, SortOrder::OldestFirst);
    if (!filter.channel.empty()
        && count(connection, "order_document", " AND channel = ?3", range, filter.channel, limit + 1)
            <= limit) {
        merged->addChannel(filter.channel);
        return merged;
    }
    if (count(connection, "order_state", "", range, 0, limit + 1) <= limit) {
        merged->addAll();
        return merged;
    }
    return nullptr;
}

/// The places of the orders that pass, of those after the last page the first `most`, in sequence. Empty: there are more rows than may be looked at.
std::optional<std::vector<Place>> sortRows(
    RowSource& rows, const OrderFilter& filter, const PageRequest& request, std::size_t limit, LogAsOf& log)
{
    const bool down = isDown(request.sort);
    const auto last = lastPlaceOf(request);
    std::vector<Place> places;
    std::size_t lookedAt = 0;
    for (const Statement* row = rows.row(); row; row = rows.row()) {
        if (++lookedAt > limit)
            return std::nullopt;
        const auto id = OrderId::fromBytes(row->text(0));
        if (id && rows.isWanted() && passes(*row, filter))
            if (const auto key = keyOf(*row, request.sort, log)) {
                const Place place{*key, *id};
                if (!last || last->comesBefore(place, down))
                    places.push_back(place);
            }
        rows.advance();
    }
    const auto most = std::min(places.size(), request.limit + 1);
    std::partial_sort(places.begin(), places.begin() + static_cast<std::ptrdiff_t>(most), places.end(),
        [down](const Place& a, const Place& b) { return a.comesBefore(b, down); });
    places.resize(most);
    return places;
}

/// The orders of a page whose places are known.
Result<OrderPage> readPlaces(
    Connection& connection, const std::vector<Place>& places, std::size_t limit, JsonParser& parser)
{
    Statement find(connection,
        "SELECT " + std::string(orderColumns)
            + " FROM order_state s JOIN order_document d ON d.document = s.document WHERE s.id = ?1");
    OrderPage page;
    for (std::size_t i = 0; i < places.size() && i < limit; ++i) {
        Rows rows(find.with(Blob{places[i].id.bytes()}));
        if (!rows.next())
            break; // told by check()
        auto record = readOrderColumns(*rows, parser);
        if (!record)
            return tl::unexpected(std::move(record.error()));
        page.orders.push_back(std::move(record->order));
    }
    if (places.size() > limit) {
        page.next = places[limit - 1].id;
        page.nextKey = places[limit - 1].key;
    }
    return page;
}

/// A page along the log, from its end: an order stands at its last event.
Result<OrderPage> walkLog(Connection& connection, const OrderFilter& filter, const PageRequest& request,
    LogAsOf& log, JsonParser& parser)
{
    // CROSS JOIN keeps SQLite to this sequence of tables: the log is the sequence.
    Statement rows(connection,
        "SELECT " + std::string(orderColumns)
            + ", s.incident_code, e.position FROM event e CROSS JOIN order_state s ON s.id = e.order_id "
              "CROSS JOIN order_document d ON d.document = s.document WHERE e.position < ?1 "
              "ORDER BY e.position DESC");
    const std::int64_t end = logPosition(partition, log.end()) + 1;
    rows.with(request.after ? std::min(request.afterKey, end) : end);
    OrderPage page;
    Place last;
    for (std::size_t lookedAt = 1; rows.next(); ++lookedAt) {
        const std::int64_t position = rows.integer(positionColumn);
        if (passes(rows, filter) && log.lastOf(rows.natural(lastSequenceColumn)) == position) {
            if (page.orders.size() >= request.limit) {
                page.next = last.id;
                page.nextKey = last.key;
                return page;
            }
            auto record = readOrderColumns(rows, parser);
            if (!record)
                return tl::unexpected(std::move(record.error()));
            last = {position, record->order.id};
            page.orders.push_back(std::move(record->order));
        }
        if (lookedAt >= mostRowsLookedAt) {
            page.next = OrderId::fromBytes(rows.text(0));
            page.nextKey = position;
            return page;
        }
    }
    return page;
}

bool isEmpty(const OrderFilter& filter)
{
    return filter.states.empty() && filter.step.empty() && filter.channel.empty() && filter.externalId.empty()
        && filter.incidentCode.empty() && !filter.createdFrom && !filter.createdUntil && filter.query.empty();
}

tl::unexpected<Error> tooMany()
{
    return failure(ErrorCode::InvalidValue,
        "More than " + std::to_string(mostRowsSorted)
            + " orders would have to be sorted like that. Narrow them down, by state, channel, step, or when "
              "they "
              "came in; or sort by created_at, -created_at or -updated_at, which go with any number of "
              "orders.",
        {{"sort", ErrorCode::InvalidValue, "needs a narrower filter"}});
}

} // namespace

Result<OrderPage> listSorted(
    Connection& connection, const OrderFilter& filter, const PageRequest& request, JsonParser& parser)
{
    const std::uint64_t end = endOfLog(connection);
    LogAsOf log(connection, request.asOf > 0 ? std::min(request.asOf, end) : end);
    // A walk that has begun is not refused for orders that came in meanwhile.
    const std::size_t limit = request.after ? 2 * mostRowsSorted : mostRowsSorted;
    const bool isAlongLog = request.sort == SortOrder::UpdatedLast && filter.query.empty();
    std::optional<std::vector<Place>> places;
    if (!isAlongLog || !isEmpty(filter)) // else the log itself is as narrow as anything
        if (const auto rows = fewRows(connection, filter, limit, parser))
            places = sortRows(*rows, filter, request, limit, log);
    Result<OrderPage> page = tooMany();
    if (places)
        page = readPlaces(connection, *places, request.limit, parser);
    else if (isAlongLog)
        page = walkLog(connection, filter, request, log, parser);
    if (auto done = connection.check("listing orders"); !done)
        return tl::unexpected(std::move(done.error()));
    if (page && isByChange(request.sort))
        page->asOf = log.end();
    return page;
}

} // namespace gantry::store
