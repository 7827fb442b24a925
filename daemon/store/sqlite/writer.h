// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/store/sqlite/connection.h"
#include "daemon/store/sqlite/data_file.h"
#include "daemon/store/sqlite/search_feed.h"
#include "daemon/store/sqlite/sqlite_store.h"
#include "daemon/store/sqlite/statement.h"
#include "daemon/store/sqlite/stock_ledger.h"
#include "shared/protocol/json_reader.h"
#include "shared/protocol/json_writer.h"

#include <memory>
#include <string>
#include <string_view>

struct sqlite3;

namespace gantry::store {

/// The store's one writing connection with its prepared statements, transactions and checkpoints. Used by one thread at a time.
///
/// Every commit and every checkpoint of the data file goes through here: SQLite before 3.51.3 can lose commits when a checkpoint
/// races a commit that resets the log.
class Writer {
public:
    Writer(SqliteSettings settings, FileLock lock, std::unique_ptr<Connection> connection);
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;
    ~Writer();

    /// Begins a transaction that may write. Errors: Unavailable (also for ever after an I/O error), Internal (one is open already).
    Result<void> begin();

    /// Commits; when it returns without an error, everything is on disk. Otherwise nothing is (StorageFull) or nobody knows (Unavailable).
    Result<void> commit();

    /// Ends the transaction, if one is open, without effect.
    void rollback() noexcept;

    /// See PartitionStore::maintain().
    Result<bool> maintain(Moment moment);

    /// Moves the whole log into the data file and cuts it. Errors: StorageFull, Unavailable, Corrupt.
    Result<void> truncateLog();

    /// Notes beside the data file that it is ready for use. Errors: Unavailable, StorageFull.
    Result<void> markReady() { return m_lock.mark(); }

    /// Compares the size of the file with what its header says, with the log empty. Errors: Corrupt.
    Result<void> checkSize();

    Connection& connection() noexcept { return *m_connection; }
    StockLedger& stock() noexcept { return m_stock; }
    /// The highest number in order_document, of what is committed.
    [[nodiscard]] std::int64_t lastDocument() const noexcept { return m_lastDocument; }
    void documentsAdded(std::size_t count) noexcept { m_lastDocument += static_cast<std::int64_t>(count); }

    JsonWriter& json() noexcept { return m_json; }
    JsonParser& parser() noexcept { return m_parser; }

private:
    static int onCommitted(void* self, sqlite3*, const char*, int logPages);
    Result<void> followSearch(std::int64_t limit);
    Result<void> checkpointIfDue(Moment moment);
    Result<void> checkpoint(int mode);
    [[nodiscard]] std::int64_t logBytes() const;

    SqliteSettings m_settings;
    FileLock m_lock;
    std::unique_ptr<Connection> m_connection;
    StockLedger m_stock;
    SearchFeed m_search;
    Statement m_begin;
    Statement m_commit;
    JsonWriter m_json;
    JsonParser m_parser;
    std::int64_t m_lastDocument = 0;
    int m_logPages = 0; ///< in the log after the last commit
    int m_movedPages = 0; ///< of these, moved into the data file
    int m_triedPages =
        0; ///< in the log at the last checkpoint: a reader in the way is not run against again and again
};

} // namespace gantry::store
