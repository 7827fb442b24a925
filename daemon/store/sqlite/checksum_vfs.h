// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string_view>

struct sqlite3;

namespace gantry::store {

/// Marks a file as Gantry's (PRAGMA application_id): "GTRY".
constexpr int applicationId = 0x47545259;

/// The size of a page of the data file.
constexpr int pageBytes = 4096;

/// What each page keeps free at its end for its checksum.
constexpr int checksumBytes = 8;

/// The checksum of a page's contents at that offset of the file: any changed bit changes it, and so does a page written to the wrong place. Stable for ever.
std::uint64_t checksumOfPage(std::string_view contents, std::int64_t offset) noexcept;

/// The name of a file system layer for sqlite3_open_v2() that ends each page of the data file in a checksum when it is written and verifies it when it is
/// read: SQLite checks its log, but takes a page for what the disk gives. A page that doesn't fit is SQLITE_IOERR_DATA. Log and temporary files pass
/// through. Registered on the first call; from any thread. Null if SQLite refuses it.
const char* checksumVfs();

/// Makes a new, still empty file keep room for checksums; no effect on one that has pages. False on failure.
bool reserveChecksums(sqlite3* handle) noexcept;

} // namespace gantry::store
