// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/store/sqlite/connection.h"
#include "daemon/store/sqlite/statement.h"
#include "shared/protocol/json_reader.h"

#include <cstdint>
#include <string_view>

namespace gantry::store {

/// The customer's e-mail address in a stored document; empty if there is none.
std::string_view emailOf(JsonParser& parser, std::string_view document);

/// Lets the search index follow the documents, on the writer's connection.
class SearchFeed {
public:
    explicit SearchFeed(Connection& connection);

    /// How many documents up to `lastDocument` are not in the index yet.
    [[nodiscard]] std::int64_t lag(std::int64_t lastDocument) const noexcept
    {
        return lastDocument - m_indexed;
    }

    /// Adds the next documents, at most `limit`, inside the open transaction. The caller tells with done() or undone() whether it was committed.
    Result<void> follow(std::int64_t limit, JsonParser& parser);
    void done() noexcept { m_indexed = m_pending; }
    void undone() noexcept { m_pending = m_indexed; }

private:
    Connection& m_connection;
    Statement m_select;
    Statement m_insert;
    Statement m_advance;
    std::int64_t m_indexed = 0;
    std::int64_t m_pending = 0;
};

} // namespace gantry::store
