// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/store/sqlite/order_list.h"

#include "daemon/store/sqlite/order_rows.h"

#include <algorithm>

namespace gantry::store {

namespace {

// How many rows a page may look at: about 30 ms when they are in memory.
constexpr std::size_t mostRowsLookedAt = 20'000;

constexpr std::size_t bytesOfId = 16;
constexpr int stateColumn = 2;
constexpr int stepColumn = 3;
constexpr int channelColumn = 13;
constexpr int externalIdColumn = 14;
constexpr int incidentColumn = orderColumnCount;

/// A half-open range of ids as bytes: low ≤ id < high.
struct IdRange {
    std::string low = std::string(bytesOfId, '\0');
    std::string high = std::string(bytesOfId + 1, '\xff');
};

/// The smallest id of a time.
std::string firstIdOf(Timestamp time)
{
    const OrderId id = OrderId::make(std::max(time, Timestamp{}), 0, {0, 0});
    return std::string(id.bytes());
}

IdRange rangeOf(const OrderFilter& filter, const PageRequest& request)
{
    IdRange range;
    if (filter.createdFrom)
        range.low = firstIdOf(*filter.createdFrom);
    if (filter.createdUntil)
        range.high = firstIdOf(*filter.createdUntil);
    if (request.after && request.sort == SortOrder::NewestFirst)
        range.high = std::min(range.high, std::string(request.after->bytes()));
    if (request.after && request.sort == SortOrder::OldestFirst)
        range.low = std::max(range.low, std::string(request.after->bytes()) + '\0'); // the least that follows
    return range;
}

/// The states that an order may be in to pass the filter; all of them: empty.
std::vector<OrderState> statesOf(const OrderFilter& filter)
{
    std::vector<OrderState> states = filter.states;
    std::sort(states.begin(), states.end());
    states.erase(std::unique(states.begin(), states.end()), states.end());
    if (filter.step.empty() && filter.incidentCode.empty())
        return states;
    if (states.empty())
        states = {OrderState::Received, OrderState::Running, OrderState::Waiting, OrderState::Failed,
            OrderState::Compensating};
    std::erase_if(states, [&](OrderState state) {
        return state >= OrderState::Completed
            || (!filter.incidentCode.empty() && state != OrderState::Failed);
    });
    return states;
}

bool passes(const Statement& row, const OrderFilter& filter)
{
    if (!filter.states.empty()
        && std::none_of(filter.states.begin(), filter.states.end(),
            [&](OrderState state) { return static_cast<int>(state) == row.integer(stateColumn); }))
        return false;
    const bool isOpen = row.integer(stateColumn) < static_cast<int>(OrderState::Completed);
    if (const auto id = OrderId::fromText(filter.query); id && id->bytes() != row.text(0))
        return false;
    return (filter.externalId.empty() || row.text(externalIdColumn) == filter.externalId)
        && (filter.step.empty() || (isOpen && row.text(stepColumn) == filter.step))
        && (filter.channel.empty() || row.text(channelColumn) == filter.channel)
        && (filter.incidentCode.empty() || row.text(incidentColumn) == filter.incidentCode);
}

/// A walk along one or several indexes at once, all in the sequence of ids.
class Walk {
public:
    Walk(Connection& connection, const OrderFilter& filter, const PageRequest& request)
        : m_connection(connection)
        , m_filter(filter)
        , m_request(request)
        , m_isDown(request.sort == SortOrder::NewestFirst)
        , m_range(rangeOf(filter, request))
    {
        chooseSource();
    }

    Result<OrderPage> page(JsonParser& parser);

private:
    void chooseSource();
    void add(std::string_view from, std::string_view idColumn);
    template <typename Value>
    void add(
        std::string_view from, std::string_view idColumn, std::string_view condition, const Value& value);
    [[nodiscard]] std::size_t nextCursor() const;

    Connection& m_connection;
    const OrderFilter& m_filter;
    const PageRequest& m_request;
    bool m_isDown;
    IdRange m_range;
    std::vector<Statement> m_cursors; ///< each stands at a row
};

constexpr std::string_view fromState = "order_state s JOIN order_document d ON d.document = s.document";
// CROSS JOIN keeps SQLite to this sequence of tables: the document's index narrows.
constexpr std::string_view fromDocument = "order_document d CROSS JOIN order_state s ON s.id = d.id";

std::string selectFrom(
    std::string_view from, std::string_view idColumn, std::string_view condition, bool isDown)
{
    std::string sql = "SELECT ";
    sql += orderColumns;
    sql += ", s.incident_code FROM ";
    sql += from;
    for (const std::string_view part :
        {std::string_view(" WHERE "), idColumn, std::string_view(" >= ?1 AND "), idColumn,
            std::string_view(" < ?2"), condition, std::string_view(" ORDER BY "), idColumn})
        sql += part;
    sql += isDown ? " DESC" : " ASC";
    return sql;
}

void Walk::add(std::string_view from, std::string_view idColumn)
{
    Statement cursor(m_connection, selectFrom(from, idColumn, "", m_isDown));
    cursor.with(Blob{m_range.low}, Blob{m_range.high});
    if (cursor.next())
        m_cursors.push_back(std::move(cursor));
}

template <typename Value>
void Walk::add(
    std::string_view from, std::string_view idColumn, std::string_view condition, const Value& value)
{
    Statement cursor(m_connection, selectFrom(from, idColumn, condition, m_isDown));
    cursor.with(Blob{m_range.low}, Blob{m_range.high}, value);
    if (cursor.next())
        m_cursors.push_back(std::move(cursor));
}

void Walk::chooseSource()
{
    const bool narrowsStates =
        !m_filter.states.empty() || !m_filter.step.empty() || !m_filter.incidentCode.empty();
    if (!m_filter.externalId.empty())
        add(fromDocument, "d.id", " AND d.external_id = ?3", m_filter.externalId);
    else if (narrowsStates)
        for (const OrderState state : statesOf(m_filter))
            add(fromState, "s.id", " AND s.state = ?3", static_cast<int>(state));
    else if (!m_filter.channel.empty())
        add(fromDocument, "d.id", " AND d.channel = ?3", m_filter.channel);
    else
        add(fromState, "s.id");
}

std::size_t Walk::nextCursor() const
{
    std::size_t best = 0;
    for (std::size_t i = 1; i < m_cursors.size(); ++i)
        if (m_isDown ? m_cursors[i].text(0) > m_cursors[best].text(0)
                     : m_cursors[i].text(0) < m_cursors[best].text(0))
            best = i;
    return best;
}

Result<OrderPage> Walk::page(JsonParser& parser)
{
    OrderPage page;
    std::optional<OrderId> last;
    for (std::size_t lookedAt = 0; !m_cursors.empty(); ++lookedAt) {
        Statement& row = m_cursors[nextCursor()];
        if (passes(row, m_filter)) {
            if (page.orders.size() >= m_request.limit) {
                page.next = page.orders.back().id;
                break;
            }
            auto record = readOrderColumns(row, parser);
            if (!record)
                return tl::unexpected(std::move(record.error()));
            page.orders.push_back(std::move(record->order));
        }
        last = OrderId::fromBytes(row.text(0));
        if (lookedAt >= mostRowsLookedAt) {
            page.next = last;
            break;
        }
        if (!row.next())
            m_cursors.erase(m_cursors.begin() + (&row - m_cursors.data()));
    }
    if (auto done = m_connection.check("listing orders"); !done)
        return tl::unexpected(std::move(done.error()));
    return page;
}

} // namespace

Result<OrderPage> listOrders(
    Connection& connection, const OrderFilter& filter, const PageRequest& request, JsonParser& parser)
{
    OrderFilter narrowed = filter;
    if (!filter.query.empty()) {
        if (const auto id = OrderId::fromText(filter.query)) {
            narrowed.createdFrom = id->time();
            narrowed.createdUntil = id->time() + std::chrono::milliseconds(1);
        } else {
            narrowed.externalId = filter.query;
        }
    }
    return Walk(connection, narrowed, request).page(parser);
}

} // namespace gantry::store
