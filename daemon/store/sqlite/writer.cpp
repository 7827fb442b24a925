// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/store/sqlite/writer.h"

#include <algorithm>
#include <sqlite3.h>
#include <system_error>

namespace gantry::store {

namespace {

constexpr int busyTimeoutMs = 1000;

// The search index follows in pieces of some milliseconds. What it lags behind, each search looks through row by row.
constexpr std::int64_t searchChunk = 1000;
constexpr std::int64_t searchLagUnderLoad = 4000;

} // namespace

Writer::Writer(SqliteSettings settings, FileLock lock, std::unique_ptr<Connection> connection)
    : m_settings(std::move(settings))
    , m_lock(std::move(lock))
    , m_connection(std::move(connection))
    , m_stock(*m_connection)
    , m_search(*m_connection)
    , m_begin(*m_connection, "BEGIN IMMEDIATE")
    , m_commit(*m_connection, "COMMIT")
{
    Statement last(*m_connection, "SELECT max(document) FROM order_document");
    while (last.next())
        m_lastDocument = last.integer(0);
    sqlite3_wal_hook(m_connection->handle(), &Writer::onCommitted, this);
}

Writer::~Writer()
{
    rollback();
    // A short log makes the next start quick. A failure here loses nothing: the log stays.
    if (!m_connection->isPoisoned())
        (void)truncateLog();
}

int Writer::onCommitted(void* self, sqlite3*, const char*, int logPages)
{
    auto* writer = static_cast<Writer*>(self);
    if (logPages < writer->m_logPages)
        writer->m_movedPages = writer->m_triedPages = 0; // the log was begun anew
    writer->m_logPages = logPages;
    return SQLITE_OK;
}

Result<void> Writer::begin()
{
    if (m_connection->isPoisoned())
        return failure(ErrorCode::Unavailable,
            "The store has failed before and takes no more writes: the outcome of its last write is unknown. "
            "Stop the process, "
            "check the disk, and start again.");
    if (sqlite3_get_autocommit(m_connection->handle()) == 0)
        return failure(ErrorCode::Internal,
            "A batch of this store is still open. End it first: this is a defect of Gantry.");
    m_begin.run();
    return m_connection->check("beginning a batch");
}

Result<void> Writer::commit()
{
    m_commit.run();
    auto done = m_connection->check("committing a batch");
    if (!done)
        rollback();
    return done;
}

void Writer::rollback() noexcept
{
    m_connection->rollback();
}

Result<bool> Writer::maintain(Moment moment)
{
    if (m_connection->isPoisoned())
        return false; // the next begin() tells
    const bool isIdle = moment == Moment::Idle;
    const std::int64_t lag = m_search.lag(m_lastDocument);
    Result<void> done;
    if (lag > (isIdle ? 0 : searchLagUnderLoad))
        done = followSearch(std::max(searchChunk, lag / 4));
    if (done)
        done = checkpointIfDue(moment);
    if (!done)
        return tl::unexpected(std::move(done.error()));
    return m_search.lag(m_lastDocument) > 0;
}

Result<void> Writer::followSearch(std::int64_t limit)
{
    auto done = begin();
    if (done)
        done = m_search.follow(limit, m_parser);
    if (done)
        done = commit();
    if (done) {
        m_search.done();
    } else {
        rollback();
        m_search.undone();
    }
    return done;
}

Result<void> Writer::checkpointIfDue(Moment moment)
{
    const bool isIdle = moment == Moment::Idle;
    if (isIdle && logBytes() > m_settings.truncateLogBytes)
        return truncateLog();
    if (m_logPages - m_triedPages >= m_settings.checkpointPages || (isIdle && m_logPages > m_movedPages))
        return checkpoint(SQLITE_CHECKPOINT_PASSIVE);
    return {};
}

Result<void> Writer::truncateLog()
{
    // Whoever still reads the log is not waited for: there is a next time.
    sqlite3_busy_timeout(m_connection->handle(), 0);
    auto done = checkpoint(SQLITE_CHECKPOINT_TRUNCATE);
    sqlite3_busy_timeout(m_connection->handle(), busyTimeoutMs);
    return done;
}

Result<void> Writer::checkpoint(int mode)
{
    int logPages = 0;
    int movedPages = 0;
    const int code = sqlite3_wal_checkpoint_v2(m_connection->handle(), nullptr, mode, &logPages, &movedPages);
    m_triedPages = m_logPages;
    if ((code & 0xff) == SQLITE_BUSY)
        return {}; // a reader is in the way: done as far as it went
    m_connection->note(code);
    if (auto done = m_connection->check("moving the log into the data file"); !done)
        return done;
    m_logPages = m_triedPages = logPages;
    m_movedPages = movedPages;
    return {};
}

Result<void> Writer::checkSize()
{
    const std::string pages = m_connection->ask("PRAGMA page_count");
    const std::string size = m_connection->ask("PRAGMA page_size");
    if (auto read = m_connection->check("reading the size of the data file"); !read)
        return read;
    std::error_code error;
    const auto bytes = std::filesystem::file_size(m_settings.file, error);
    if (!error && logBytes() == 0 && bytes < std::stoull(pages) * std::stoull(size))
        return failure(ErrorCode::Corrupt,
            "The data file " + m_settings.file.string() + " is truncated: it has " + std::to_string(bytes)
                + " bytes and should have " + std::to_string(std::stoull(pages) * std::stoull(size))
                + ". Keep a copy of it and restore the last backup.");
    return {};
}

std::int64_t Writer::logBytes() const
{
    std::error_code error;
    const auto bytes = std::filesystem::file_size(m_settings.file.string() + "-wal", error);
    return error ? 0 : static_cast<std::int64_t>(bytes);
}

} // namespace gantry::store
