// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/store/sqlite/connection.h"

#include "daemon/store/sqlite/checksum_vfs.h"
#include "daemon/store/sqlite/statement.h"

#include <sqlite3.h>
#include <utility>

namespace gantry::store {

namespace {

// How many steps of SQLite's machine pass between two looks at the clock: some tens of microseconds.
constexpr int stepsBetweenLooks = 2000;

} // namespace

Result<std::unique_ptr<Connection>> Connection::open(const std::string& path, Access access)
{
    const int mode = access == Access::Writer ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY;
    const char* vfs = checksumVfs();
    if (!vfs)
        return failure(
            ErrorCode::Unavailable, "SQLite does not take the checksum layer. Install SQLite 3.37 or later.");
    sqlite3* handle = nullptr;
    const int code =
        sqlite3_open_v2(path.c_str(), &handle, mode | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, vfs);
    std::unique_ptr<Connection> connection(new Connection(handle, access));
    connection->note(code);
    if (auto opened = connection->check("opening " + path); !opened)
        return tl::unexpected(std::move(opened.error()));
    return connection;
}

Connection::Connection(sqlite3* handle, Access access) noexcept
    : m_handle(handle)
    , m_access(access)
{
}

Connection::~Connection()
{
    sqlite3_close_v2(m_handle);
}

bool Connection::noteOther(int code)
{
    if (code == SQLITE_OK || code == SQLITE_ROW || code == SQLITE_DONE)
        return true;
    if (m_failure == SQLITE_OK) {
        m_failure = code;
        m_message = m_handle ? sqlite3_errmsg(m_handle) : sqlite3_errstr(code);
    }
    return false;
}

Result<void> Connection::check(std::string_view doing)
{
    if (m_failure == SQLITE_OK)
        return {};
    const int code = std::exchange(m_failure, SQLITE_OK);
    if (m_access == Access::Writer && mustStopWriting(code))
        m_isPoisoned = true;
    return tl::unexpected(describeFailure(code, m_message, doing, m_access));
}

bool Connection::execute(std::string_view sql)
{
    const char* rest = sql.data();
    const char* const end = sql.data() + sql.size();
    while (isSound() && rest < end) {
        sqlite3_stmt* prepared = nullptr;
        // The tail tells where the statement ends: only SQLite itself knows which semicolon closes one.
        if (!note(sqlite3_prepare_v2(m_handle, rest, static_cast<int>(end - rest), &prepared, &rest)))
            return false;
        if (!prepared)
            continue; // white space or a comment
        Statement statement(*this, prepared);
        while (statement.next()) { }
    }
    return isSound();
}

std::string Connection::ask(std::string_view sql)
{
    Statement statement(*this, sql);
    return statement.next() ? std::string(statement.text(0)) : std::string();
}

void Connection::rollback() noexcept
{
    if (sqlite3_get_autocommit(m_handle) == 0)
        sqlite3_exec(m_handle, "ROLLBACK", nullptr, nullptr, nullptr);
}

int Connection::changes() const noexcept
{
    return sqlite3_changes(m_handle);
}

void Connection::setDeadline(std::chrono::milliseconds limit)
{
    if (limit.count() == 0) {
        sqlite3_progress_handler(m_handle, 0, nullptr, nullptr);
        return;
    }
    m_deadline = std::chrono::steady_clock::now() + limit;
    sqlite3_progress_handler(m_handle, stepsBetweenLooks, &Connection::isOverdue, this);
}

int Connection::isOverdue(void* self)
{
    return std::chrono::steady_clock::now() > static_cast<Connection*>(self)->m_deadline ? 1 : 0;
}

} // namespace gantry::store
