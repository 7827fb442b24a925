// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/store/sqlite/pragmas.h"

#include "daemon/store/sqlite/checksum_vfs.h"

#include <initializer_list>
#include <sqlite3.h>
#include <string>
#include <utility>
#include <vector>

namespace gantry::store {

namespace {

/// A setting and what reading it back must answer.
struct Pragma {
    std::string_view name;
    std::string value;
    std::string answer;
};

constexpr int writerBusyTimeoutMs = 1000;
constexpr int readerBusyTimeoutMs = 5000;
constexpr std::int64_t keptLogBytes = 64 * 1024 * 1024;

std::string cachePages(std::int64_t bytes)
{
    return std::to_string(-bytes / 1024); // negative: KiB instead of pages
}

Result<void> makeSettings(Connection& connection, const std::vector<Pragma>& pragmas)
{
    for (const Pragma& pragma : pragmas) {
        const std::string name(pragma.name);
        connection.execute("PRAGMA " + name + " = " + pragma.value);
        const std::string answer = connection.ask("PRAGMA " + name);
        if (auto done = connection.check("setting " + name); !done)
            return done;
        if (answer != pragma.answer)
            return failure(ErrorCode::Unavailable,
                "The store's setting " + name + " should be " + pragma.answer + " but reads back as " + answer
                    + ". The file system or this build of SQLite does not support it: use a local file "
                      "system.");
    }
    return {};
}

/// What every connection is hardened with.
Result<void> harden(Connection& connection)
{
    sqlite3* handle = connection.handle();
    for (const auto& [option, value] :
        {std::pair{SQLITE_DBCONFIG_DEFENSIVE, 1}, {SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1},
            {SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0}, {SQLITE_DBCONFIG_ENABLE_TRIGGER, 0}}) {
        int holds = -1;
        connection.note(sqlite3_db_config(handle, option, value, &holds));
        if (connection.isSound() && holds != value)
            return failure(ErrorCode::Unavailable,
                "This build of SQLite does not keep to option " + std::to_string(option)
                    + ". Install SQLite 3.37 or later.");
    }
    sqlite3_limit(handle, SQLITE_LIMIT_ATTACHED, 0);
    sqlite3_limit(handle, SQLITE_LIMIT_LENGTH, 64 * 1024 * 1024);
    return connection.check("hardening a connection");
}

} // namespace

Result<std::unique_ptr<Connection>> openWriterConnection(const SqliteSettings& settings)
{
    auto opened = Connection::open(settings.file.string(), Access::Writer);
    if (!opened)
        return opened;
    Connection& connection = **opened;
    sqlite3_busy_timeout(connection.handle(), writerBusyTimeoutMs);
    if (auto done = harden(connection); !done)
        return tl::unexpected(std::move(done.error()));
    reserveChecksums(connection.handle());
    std::vector<Pragma> pragmas{
        {"page_size", std::to_string(pageBytes), std::to_string(pageBytes)},
        {"journal_mode", "WAL", "wal"},
        {"synchronous", "FULL", "2"}, // a commit is synced; NORMAL may lose the last ones when power fails
        {"wal_autocheckpoint", "0", "0"}, // the writer does it between batches
        {"journal_size_limit", std::to_string(keptLogBytes), std::to_string(keptLogBytes)},
        {"foreign_keys", "ON", "1"},
        {"trusted_schema", "OFF", "0"},
        {"cell_size_check", "ON", "1"},
        {"mmap_size", "0",
            "0"}, // a stray write must not reach the file; I/O errors come as codes, not as signals
        {"temp_store", "MEMORY", "2"},
        {"secure_delete", "FAST", "2"},
        {"cache_size", cachePages(settings.writerCacheBytes), cachePages(settings.writerCacheBytes)},
    };
    if (settings.maxPages > 0)
        pragmas.push_back(
            {"max_page_count", std::to_string(settings.maxPages), std::to_string(settings.maxPages)});
    if (auto done = makeSettings(connection, pragmas); !done)
        return tl::unexpected(std::move(done.error()));
    return opened;
}

Result<std::unique_ptr<Connection>> openReaderConnection(const SqliteSettings& settings)
{
    auto opened = Connection::open(settings.file.string(), Access::Reader);
    if (!opened)
        return opened;
    Connection& connection = **opened;
    sqlite3_busy_timeout(connection.handle(), readerBusyTimeoutMs);
    if (auto done = harden(connection); !done)
        return tl::unexpected(std::move(done.error()));
    const std::vector<Pragma> pragmas{
        {"query_only", "ON", "1"},
        {"wal_autocheckpoint", "0", "0"},
        {"trusted_schema", "OFF", "0"},
        {"cell_size_check", "ON", "1"},
        {"mmap_size", "0", "0"},
        {"temp_store", "MEMORY", "2"},
        {"cache_size", cachePages(settings.readerCacheBytes), cachePages(settings.readerCacheBytes)},
    };
    if (auto done = makeSettings(connection, pragmas); !done)
        return tl::unexpected(std::move(done.error()));
    return opened;
}

} // namespace gantry::store
