// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/store/sqlite/search_feed.h"

#include "daemon/store/sqlite/search_words.h"

namespace gantry::store {

std::string_view emailOf(JsonParser& parser, std::string_view document)
{
    std::string_view email;
    if (const auto json = parser.parse(document))
        if ((*json)["customer"]["email"].get(email) != simdjson::SUCCESS)
            return {};
    return email;
}

SearchFeed::SearchFeed(Connection& connection)
    : m_connection(connection)
    , m_select(connection,
          "SELECT document, external_id, customer_name, body FROM order_document WHERE document > ?1 "
          "ORDER BY document LIMIT ?2")
    , m_insert(connection, "INSERT INTO search (rowid, words) VALUES (?1, ?2)")
    , m_advance(connection, "UPDATE search_progress SET document = ?1 WHERE id = 1")
{
    Statement progress(connection, "SELECT document FROM search_progress");
    while (progress.next())
        m_indexed = m_pending = progress.integer(0);
}

Result<void> SearchFeed::follow(std::int64_t limit, JsonParser& parser)
{
    std::string text;
    {
        Rows rows(m_select.with(m_indexed, limit));
        while (rows.next()) {
            m_pending = rows->integer(0);
            text.clear();
            for (const std::string& word :
                wordsOfOrder(rows->text(1), rows->text(2), emailOf(parser, rows->text(3)))) {
                text += word;
                text += ' ';
            }
            m_insert.with(m_pending, text).run();
        }
    }
    m_advance.with(m_pending).run();
    return m_connection.check("adding to the search index");
}

} // namespace gantry::store
