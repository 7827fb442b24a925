// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/util/result.h"

#include <filesystem>
#include <utility>

namespace gantry::store {

/// An exclusive lock on `FILE.lock`, held while this lives and let go by the kernel when the process ends, however it ends.
class FileLock {
public:
    /// Errors: Busy (somebody has it), Unavailable.
    static Result<FileLock> take(const std::filesystem::path& dataFile);

    /// Whether the data file was ever made ready for use: if so, an empty or missing one was lost. Errors: Unavailable.
    [[nodiscard]] Result<bool> isMarked() const;

    /// Notes, durably, that the data file is ready for use. Errors: Unavailable, StorageFull.
    [[nodiscard]] Result<void> mark();

    FileLock(FileLock&& other) noexcept
        : m_path(std::move(other.m_path))
        , m_descriptor(std::exchange(other.m_descriptor, -1))
    {
    }
    FileLock& operator=(FileLock&&) = delete;
    FileLock(const FileLock&) = delete;
    FileLock& operator=(const FileLock&) = delete;
    ~FileLock();

private:
    FileLock(std::filesystem::path path, int descriptor) noexcept
        : m_path(std::move(path))
        , m_descriptor(descriptor)
    {
    }
    std::filesystem::path m_path;
    int m_descriptor;
};

/// Whether the data file is missing or has no bytes. Errors: Unavailable.
Result<bool> isDataFileEmpty(const std::filesystem::path& file);

/// Makes the data file, empty and for its owner's eyes alone, unless it is there. Errors: Unavailable, StorageFull.
///
/// The only time that we open it ourselves: closing any descriptor of a file drops every POSIX lock that SQLite holds on it.
Result<void> makeDataFile(const std::filesystem::path& file);

/// Makes the names in a directory durable: a new file whose name is lost is lost. Errors: Unavailable.
Result<void> syncDirectory(const std::filesystem::path& directory);

} // namespace gantry::store
