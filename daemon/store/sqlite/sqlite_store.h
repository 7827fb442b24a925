// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/store/store.h"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>

namespace gantry::store {

/// Where the embedded store is and how much it may use.
struct SqliteSettings {
    std::filesystem::path
        file; ///< the data file; made (0600) if missing, its directory must exist. Lock and log stand beside it
    std::chrono::milliseconds readDeadline{
        2000}; ///< a read that takes longer is interrupted (Busy); zero: no limit
    int checkpointPages = 2000; ///< pages of the log that make the writer checkpoint between two batches
    std::int64_t truncateLogBytes = 64 * 1024 * 1024; ///< a log longer than this is cut when idle
    std::int64_t writerCacheBytes = 32 * 1024 * 1024;
    std::int64_t readerCacheBytes = 8 * 1024 * 1024;
    std::int64_t maxPages =
        0; ///< the data file may not grow beyond (StorageFull); zero: as far as the disk has room
};

/// Opens the embedded store: takes the lock of the data file, recovers, migrates the schema, and reads every setting back. The store's writer is one
/// connection; the thread that a partition is used on does all its commits and checkpoints.
/// Errors: Busy (another process has the data file), Corrupt (damaged, truncated, or no file of Gantry's), Unavailable, StorageFull,
/// VersionMismatch (written by a newer Gantry).
Result<std::unique_ptr<Store>> openSqliteStore(const SqliteSettings& settings);

} // namespace gantry::store
