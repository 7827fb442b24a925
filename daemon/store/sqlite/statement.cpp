// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/store/sqlite/statement.h"

#include "daemon/store/sqlite/connection.h"

#include <sqlite3.h>
#include <utility>

namespace gantry::store {

namespace {

// A null pointer would bind NULL instead of an empty text.
const char* dataOf(std::string_view text) noexcept
{
    return text.data() ? text.data() : "";
}

} // namespace

Statement::Statement(Connection& connection, std::string_view sql)
    : m_connection(&connection)
{
    if (connection.isSound())
        connection.note(sqlite3_prepare_v3(connection.handle(), sql.data(), static_cast<int>(sql.size()),
            SQLITE_PREPARE_PERSISTENT, &m_prepared, nullptr));
}

Statement::Statement(Connection& connection, sqlite3_stmt* prepared) noexcept
    : m_connection(&connection)
    , m_prepared(prepared)
{
}

Statement::Statement(Statement&& other) noexcept
    : m_connection(other.m_connection)
    , m_prepared(std::exchange(other.m_prepared, nullptr))
{
}

Statement& Statement::operator=(Statement&& other) noexcept
{
    std::swap(m_connection, other.m_connection);
    std::swap(m_prepared, other.m_prepared);
    return *this;
}

Statement::~Statement()
{
    sqlite3_finalize(m_prepared);
}

void Statement::bind(int index, std::int64_t value)
{
    m_connection->note(sqlite3_bind_int64(m_prepared, index, value));
}

void Statement::bind(int index, std::string_view text)
{
    m_connection->note(
        sqlite3_bind_text64(m_prepared, index, dataOf(text), text.size(), nullptr, SQLITE_UTF8));
}

void Statement::bind(int index, Blob blob)
{
    m_connection->note(
        sqlite3_bind_blob64(m_prepared, index, dataOf(blob.bytes), blob.bytes.size(), nullptr));
}

void Statement::bind(int index, std::nullopt_t)
{
    m_connection->note(sqlite3_bind_null(m_prepared, index));
}

bool Statement::next()
{
    if (!m_connection->isSound() || !m_prepared)
        return false;
    const int code = sqlite3_step(m_prepared);
    if (code == SQLITE_ROW)
        return true;
    m_connection->note(code);
    reset();
    return false;
}

bool Statement::run()
{
    while (next()) { }
    return m_connection->isSound();
}

void Statement::reset() noexcept
{
    sqlite3_reset(m_prepared);
}

std::int64_t Statement::integer(int column) const noexcept
{
    return sqlite3_column_int64(m_prepared, column);
}

std::string_view Statement::text(int column) const noexcept
{
    const auto* data = static_cast<const char*>(sqlite3_column_blob(m_prepared, column));
    const int size = sqlite3_column_bytes(m_prepared, column);
    return data ? std::string_view(data, static_cast<std::size_t>(size)) : std::string_view();
}

bool Statement::isNull(int column) const noexcept
{
    return sqlite3_column_type(m_prepared, column) == SQLITE_NULL;
}

} // namespace gantry::store
