// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/store/sqlite/sqlite_store.h"

#include "daemon/store/sqlite/data_file.h"
#include "daemon/store/sqlite/migrations.h"
#include "daemon/store/sqlite/pragmas.h"
#include "daemon/store/sqlite/sqlite_partition.h"
#include "daemon/store/sqlite/sqlite_reader.h"
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

private:
    SqliteSettings m_settings;
    std::shared_ptr<Writer> m_writer;
};

Result<std::shared_ptr<Writer>> openWriter(const SqliteSettings& settings)
{
    auto lock = FileLock::take(settings.file);
    if (!lock)
        return tl::unexpected(std::move(lock.error()));
    if (auto made = makeDataFile(settings.file); !made)
        return tl::unexpected(std::move(made.error()));
    auto connection = openWriterConnection(settings);
    if (!connection)
        return tl::unexpected(std::move(connection.error()));
    if (auto migrated = migrate(**connection, sqliteMigrations()); !migrated)
        return tl::unexpected(std::move(migrated.error()));
    auto writer = std::make_shared<Writer>(settings, std::move(*lock), std::move(*connection));
    if (auto prepared = writer->connection().check("preparing the writer"); !prepared)
        return tl::unexpected(std::move(prepared.error()));
    // Nobody reads yet: the log is cut, and the file must then have its whole length.
    if (auto moved = writer->truncateLog(); !moved)
        return tl::unexpected(std::move(moved.error()));
    if (auto checked = writer->checkSize(); !checked)
        return tl::unexpected(std::move(checked.error()));
    if (auto synced = syncDirectory(settings.file.parent_path()); !synced)
        return tl::unexpected(std::move(synced.error()));
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
