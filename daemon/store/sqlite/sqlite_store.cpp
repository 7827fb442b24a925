// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/store/sqlite/sqlite_store.h"

#include "daemon/store/sqlite/data_file.h"
#include "daemon/store/sqlite/log_check.h"
#include "daemon/store/sqlite/migrations.h"
#include "daemon/store/sqlite/pragmas.h"
#include "daemon/store/sqlite/sqlite_partition.h"
#include "daemon/store/sqlite/sqlite_reader.h"
#include "daemon/store/sqlite/sqlite_verify_reader.h"
#include "daemon/store/sqlite/writer.h"

namespace gantry::store {

namespace {

class SqliteStore final : public Store {
public:
    SqliteStore(SqliteSettings settings, std::shared_ptr<Writer> writer)
        : m_settings(std::move(settings))
        , m_writer(std::move(writer))
    {
    }

    Result<std::unique_ptr<PartitionStore>> acquire(std::uint32_t partition) override
    {
        return SqlitePartition::acquire(m_writer, partition);
    }

    Result<std::unique_ptr<StoreReader>> openReader() override { return SqliteReader::open(m_settings); }

    Result<std::unique_ptr<VerifyReader>> openVerifyReader() override
    {
        return SqliteVerifyReader::open(m_settings);
    }

private:
    SqliteSettings m_settings;
    std::shared_ptr<Writer> m_writer;
};

/// Refuses to begin anew where there was a data file before, and makes one where there was none.
Result<void> prepareFile(const std::filesystem::path& file, const FileLock& lock)
{
    const auto marked = lock.isMarked();
    if (!marked)
        return tl::unexpected(marked.error());
    const auto empty = isDataFileEmpty(file);
    if (!empty)
        return tl::unexpected(empty.error());
    if (*marked && *empty)
        return failure(ErrorCode::Corrupt,
            "The data file " + file.string()
                + " is missing or truncated to nothing, but was in use before. Restore the last backup; to "
                  "begin anew on purpose, remove "
                + file.string() + ".lock as well.");
    return makeDataFile(file);
}

/// Recovers, migrates and checks what the file holds.
Result<std::shared_ptr<Writer>> startWriter(const SqliteSettings& settings, FileLock lock)
{
    auto connection = openWriterConnection(settings);
    if (!connection)
        return tl::unexpected(std::move(connection.error()));
    if (auto migrated = migrate(**connection, sqliteMigrations()); !migrated)
        return tl::unexpected(std::move(migrated.error()));
    auto writer = std::make_shared<Writer>(settings, std::move(lock), std::move(*connection));
    if (auto prepared = writer->connection().check("preparing the writer"); !prepared)
        return tl::unexpected(std::move(prepared.error()));
    // Nobody reads yet: the log is cut, and the file must then have its whole length.
    if (auto moved = writer->truncateLog(); !moved)
        return tl::unexpected(std::move(moved.error()));
    if (auto checked = writer->checkSize(); !checked)
        return tl::unexpected(std::move(checked.error()));
    return writer;
}

Result<std::shared_ptr<Writer>> openWriter(const SqliteSettings& settings)
{
    auto lock = FileLock::take(settings.file);
    if (!lock)
        return tl::unexpected(std::move(lock.error()));
    if (auto prepared = prepareFile(settings.file, *lock); !prepared)
        return tl::unexpected(std::move(prepared.error()));
    if (auto intact = checkLog(settings.file); !intact)
        return tl::unexpected(std::move(intact.error()));
    auto writer = startWriter(settings, std::move(*lock));
    if (!writer)
        return writer;
    if (auto synced = syncDirectory(settings.file.parent_path()); !synced)
        return tl::unexpected(std::move(synced.error()));
    if (auto marked = (*writer)->markReady(); !marked)
        return tl::unexpected(std::move(marked.error()));
    return writer;
}

} // namespace

Result<std::unique_ptr<Store>> openSqliteStore(const SqliteSettings& settings)
{
    auto writer = openWriter(settings);
    if (!writer)
        return tl::unexpected(std::move(writer.error()));
    return std::make_unique<SqliteStore>(settings, std::move(*writer));
}

} // namespace gantry::store
