// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/store/sqlite/row_source.h"

#include "daemon/store/sqlite/order_rows.h"
#include "daemon/store/sqlite/search_feed.h"
#include "daemon/store/sqlite/search_words.h"

#include <limits>

namespace gantry::store {

namespace {

constexpr std::string_view fromState = "order_state s JOIN order_document d ON d.document = s.document";
// CROSS JOIN keeps SQLite to this sequence of tables: the document's index narrows.
constexpr std::string_view fromDocument = "order_document d CROSS JOIN order_state s ON s.id = d.id";
constexpr std::string_view fromSearch =
    "search f CROSS JOIN order_document d ON d.document = f.rowid CROSS JOIN order_state s ON s.id = d.id";

constexpr int bodyColumn = orderColumnCount + 1; // after incident_code
constexpr int externalIdColumn = 14;
constexpr int nameColumn = 15;

std::string select(std::string_view moreColumns, std::string_view from, std::string_view where,
    std::string_view orderBy, bool isDown)
{
    std::string sql = "SELECT ";
    for (const std::string_view part :
        {orderColumns, std::string_view(", s.incident_code"), moreColumns, std::string_view(" FROM "), from,
            std::string_view(" WHERE "), where, std::string_view(" ORDER BY "), orderBy})
        sql += part;
    return sql + (isDown ? " DESC" : " ASC");
}

/// Where the index ends and what document an order is.
std::int64_t askNumber(Connection& connection, std::string_view sql, const std::optional<OrderId>& id = {})
{
    Statement statement(connection, sql);
    if (id)
        statement.with(Blob{id->bytes()});
    return statement.next() ? statement.integer(0) : 0;
}

} // namespace

MergedRows::MergedRows(Connection& connection, IdRange range, SortOrder sort)
    : m_connection(connection)
    , m_range(std::move(range))
    , m_isDown(sort == SortOrder::NewestFirst)
{
}

Statement MergedRows::prepare(std::string_view from, std::string_view idColumn, std::string_view condition)
{
    std::string where(idColumn);
    where += " >= ?1 AND ";
    where += idColumn;
    where += " < ?2";
    where += condition;
    return Statement(m_connection, select("", from, where, idColumn, m_isDown));
}

void MergedRows::add(Statement cursor)
{
    if (cursor.next()) {
        m_cursors.push_back(std::move(cursor));
        choose();
    }
}

void MergedRows::addAll()
{
    Statement cursor = prepare(fromState, "s.id", "");
    cursor.with(Blob{m_range.low}, Blob{m_range.high});
    add(std::move(cursor));
}

void MergedRows::addState(OrderState state)
{
    Statement cursor = prepare(fromState, "s.id", " AND s.state = ?3");
    cursor.with(Blob{m_range.low}, Blob{m_range.high}, static_cast<int>(state));
    add(std::move(cursor));
}

void MergedRows::addChannel(std::string_view channel)
{
    Statement cursor = prepare(fromDocument, "d.id", " AND d.channel = ?3");
    cursor.with(Blob{m_range.low}, Blob{m_range.high}, channel);
    add(std::move(cursor));
}

void MergedRows::addExternalId(std::string_view externalId)
{
    Statement cursor = prepare(fromDocument, "d.id", " AND d.external_id = ?3");
    cursor.with(Blob{m_range.low}, Blob{m_range.high}, externalId);
    add(std::move(cursor));
}

void MergedRows::choose()
{
    m_present = 0;
    for (std::size_t i = 1; i < m_cursors.size(); ++i) {
        const int order = m_cursors[i].text(0).compare(m_cursors[m_present].text(0));
        if (m_isDown ? order > 0 : order < 0)
            m_present = i;
    }
}

void MergedRows::advance()
{
    if (!m_cursors[m_present].next())
        m_cursors.erase(m_cursors.begin() + static_cast<std::ptrdiff_t>(m_present));
    choose();
}

SearchRows::SearchRows(
    Connection& connection, std::vector<std::string> words, const PageRequest& request, JsonParser& parser)
    : m_connection(connection)
    , m_parser(parser)
    , m_words(std::move(words))
    , m_expression(matchExpression(m_words))
    , m_indexed(connection,
          select("", fromSearch, "f.search MATCH ?1 AND f.rowid > ?2 AND f.rowid < ?3", "f.rowid",
              request.sort == SortOrder::NewestFirst))
    , m_rest(connection,
          select(", d.body", fromDocument, "d.document > ?1 AND d.document < ?2", "d.document",
              request.sort == SortOrder::NewestFirst))
{
    const bool isDown = request.sort == SortOrder::NewestFirst;
    const std::int64_t indexed = askNumber(connection, "SELECT document FROM search_progress");
    std::int64_t low = 0;
    std::int64_t high = std::numeric_limits<std::int64_t>::max();
    if (request.after)
        (isDown ? high : low) =
            askNumber(connection, "SELECT document FROM order_state WHERE id = ?1", request.after);
    m_indexed.with(m_expression, low, high);
    m_rest.with(std::max(indexed, low), high);
    m_present = isDown ? &m_rest : &m_indexed;
    m_then = isDown ? &m_indexed : &m_rest;
    advance();
}

const Statement* SearchRows::row() const
{
    return m_present;
}

bool SearchRows::isWanted()
{
    return m_present != &m_rest
        || matchesAll(wordsOfOrder(m_rest.text(externalIdColumn), m_rest.text(nameColumn),
                          emailOf(m_parser, m_rest.text(bodyColumn))),
            m_words);
}

void SearchRows::advance()
{
    while (m_present && !m_present->next())
        m_present = std::exchange(m_then, nullptr);
}

} // namespace gantry::store
