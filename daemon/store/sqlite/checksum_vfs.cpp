// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/store/sqlite/checksum_vfs.h"

#include "shared/util/hash.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstring>
#include <new>
#include <sqlite3.h>

namespace gantry::store {

namespace {

constexpr const char* vfsName = "gantry";
constexpr std::size_t contentBytes = pageBytes - checksumBytes;
constexpr int headerBytes = 100;

// In the file's header, by SQLite's description of its format.
constexpr std::size_t reserveOffset = 20; // bytes kept free at the end of each page
constexpr std::size_t applicationOffset = 68; // whose file it is, big endian

/// Our part of an open data file; SQLite's own file follows it in memory.
struct ChecksumFile {
    sqlite3_file base{};
    bool isActive = true; ///< false: another program's file, to be refused as such
    std::array<char, pageBytes> scratch{};
};

// SQLite gives the memory for both: szOsFile bytes, aligned for any object.
constexpr std::size_t ownBytes = (sizeof(ChecksumFile) + alignof(std::max_align_t) - 1)
    / alignof(std::max_align_t) * alignof(std::max_align_t);

ChecksumFile& ownOf(sqlite3_file* file) noexcept
{
    return *reinterpret_cast<ChecksumFile*>(file);
}

sqlite3_file* realOf(sqlite3_file* file) noexcept
{
    return reinterpret_cast<sqlite3_file*>(reinterpret_cast<char*>(file) + ownBytes);
}

bool isPage(int amount, sqlite3_int64 offset) noexcept
{
    return amount == pageBytes && offset % pageBytes == 0;
}

bool isIntact(const char* page, sqlite3_int64 offset) noexcept
{
    std::uint64_t stored = 0;
    std::memcpy(&stored, page + contentBytes, sizeof stored);
    if (stored == checksumOfPage({page, contentBytes}, offset))
        return true;
    // A page that was made room for and never written: SQLite itself refuses it where it should hold something.
    return stored == 0 && std::all_of(page, page + contentBytes, [](char byte) { return byte == 0; });
}

int closeFile(sqlite3_file* file)
{
    return realOf(file)->pMethods->xClose(realOf(file));
}

int readFile(sqlite3_file* file, void* buffer, int amount, sqlite3_int64 offset)
{
    const int code = realOf(file)->pMethods->xRead(realOf(file), buffer, amount, offset);
    if (code != SQLITE_OK || !ownOf(file).isActive || !isPage(amount, offset))
        return code;
    return isIntact(static_cast<const char*>(buffer), offset) ? SQLITE_OK : SQLITE_IOERR_DATA;
}

int writeFile(sqlite3_file* file, const void* buffer, int amount, sqlite3_int64 offset)
{
    ChecksumFile& own = ownOf(file);
    const auto* page = static_cast<const char*>(buffer);
    if (own.isActive && isPage(amount, offset)) {
        const std::uint64_t checksum = checksumOfPage({page, contentBytes}, offset);
        std::memcpy(own.scratch.data(), page, contentBytes);
        std::memcpy(own.scratch.data() + contentBytes, &checksum, sizeof checksum);
        page = own.scratch.data();
    }
    return realOf(file)->pMethods->xWrite(realOf(file), page, amount, offset);
}

// The rest passes through.
int truncateFile(sqlite3_file* file, sqlite3_int64 size)
{
    return realOf(file)->pMethods->xTruncate(realOf(file), size);
}
int syncFile(sqlite3_file* file, int flags)
{
    return realOf(file)->pMethods->xSync(realOf(file), flags);
}
int sizeOfFile(sqlite3_file* file, sqlite3_int64* size)
{
    return realOf(file)->pMethods->xFileSize(realOf(file), size);
}
int lockFile(sqlite3_file* file, int level)
{
    return realOf(file)->pMethods->xLock(realOf(file), level);
}
int unlockFile(sqlite3_file* file, int level)
{
    return realOf(file)->pMethods->xUnlock(realOf(file), level);
}
int checkReserved(sqlite3_file* file, int* isReserved)
{
    return realOf(file)->pMethods->xCheckReservedLock(realOf(file), isReserved);
}
int controlFile(sqlite3_file* file, int operation, void* argument)
{
    return realOf(file)->pMethods->xFileControl(realOf(file), operation, argument);
}
int sectorSize(sqlite3_file* file)
{
    return realOf(file)->pMethods->xSectorSize(realOf(file));
}
int characteristics(sqlite3_file* file)
{
    return realOf(file)->pMethods->xDeviceCharacteristics(realOf(file));
}
int mapShared(sqlite3_file* file, int region, int size, int extend, void volatile** memory)
{
    return realOf(file)->pMethods->xShmMap(realOf(file), region, size, extend, memory);
}
int lockShared(sqlite3_file* file, int offset, int count, int flags)
{
    return realOf(file)->pMethods->xShmLock(realOf(file), offset, count, flags);
}
void shareBarrier(sqlite3_file* file)
{
    realOf(file)->pMethods->xShmBarrier(realOf(file));
}
int unmapShared(sqlite3_file* file, int isDeleted)
{
    return realOf(file)->pMethods->xShmUnmap(realOf(file), isDeleted);
}

// Version 2: with shared memory for the log's index, without memory mapping of the file.
constexpr sqlite3_io_methods methods{.iVersion = 2,
    .xClose = closeFile,
    .xRead = readFile,
    .xWrite = writeFile,
    .xTruncate = truncateFile,
    .xSync = syncFile,
    .xFileSize = sizeOfFile,
    .xLock = lockFile,
    .xUnlock = unlockFile,
    .xCheckReservedLock = checkReserved,
    .xFileControl = controlFile,
    .xSectorSize = sectorSize,
    .xDeviceCharacteristics = characteristics,
    .xShmMap = mapShared,
    .xShmLock = lockShared,
    .xShmBarrier = shareBarrier,
    .xShmUnmap = unmapShared,
    .xFetch = nullptr,
    .xUnfetch = nullptr};

/// Whether a header is of a file of ours. The first page of a new one is written before it is marked; a mark alone is enough, so that damage to the
/// other field is found by the checksum.
bool isOurs(const std::array<char, headerBytes>& header) noexcept
{
    std::uint32_t application = 0;
    for (std::size_t i = 0; i < 4; ++i)
        application = (application << 8) | static_cast<std::uint8_t>(header[applicationOffset + i]);
    return application == std::uint32_t{applicationId}
    || (application == 0 && header[reserveOffset] == checksumBytes);
}

int openFile(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* flagsOut)
{
    auto* base = static_cast<sqlite3_vfs*>(vfs->pAppData);
    if ((flags & SQLITE_OPEN_MAIN_DB) == 0)
        return base->xOpen(base, name, file, flags, flagsOut);
    auto* own = new (file) ChecksumFile;
    sqlite3_file* real = realOf(file);
    const int code = base->xOpen(base, name, real, flags, flagsOut);
    if (code != SQLITE_OK)
        return code; // no methods are set: SQLite does not close it
    own->base.pMethods = &methods;
    std::array<char, headerBytes> header{};
    if (real->pMethods->xRead(real, header.data(), headerBytes, 0) == SQLITE_OK)
        own->isActive = isOurs(header);
    return SQLITE_OK;
}

/// SQLite's list of file systems keeps the address of this for as long as the process lives.
struct Registration {
    sqlite3_vfs vfs{};
    bool isDone = false;

    Registration()
    {
        // Nobody asks how much memory SQLite uses, and counting it takes a lock at each allocation. Only before SQLite's first use; refused later.
        sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
        sqlite3_vfs* base = sqlite3_vfs_find(nullptr);
        if (!base)
            return;
        vfs = *base;
        vfs.pNext = nullptr;
        vfs.zName = vfsName;
        vfs.szOsFile = base->szOsFile + static_cast<int>(ownBytes);
        vfs.xOpen = openFile;
        vfs.pAppData = base; // used by xOpen alone
        isDone = sqlite3_vfs_register(&vfs, 0) == SQLITE_OK;
    }
};

} // namespace

std::uint64_t checksumOfPage(std::string_view contents, std::int64_t offset) noexcept
{
    // Four independent lanes, so that the multiplications overlap. Each step is a bijection of its lane and of its word: a single changed word always
    // shows.
    constexpr std::uint64_t factor = 0x9e3779b97f4a7c15ULL;
    std::array<std::uint64_t, 4> lanes{1, 2, 3, static_cast<std::uint64_t>(offset) + 4};
    std::size_t at = 0;
    for (std::size_t lane = 0; at + 8 <= contents.size(); at += 8, lane = (lane + 1) % 4) {
        std::uint64_t word = 0;
        std::memcpy(&word, contents.data() + at, 8);
        lanes[lane] = std::rotl((lanes[lane] ^ word) * factor, 29);
    }
    return fnv1a(contents.substr(at),
        mix64(lanes[0]) ^ std::rotl(mix64(lanes[1]), 16) ^ std::rotl(mix64(lanes[2]), 32)
            ^ std::rotl(mix64(lanes[3]), 48));
}

const char* checksumVfs()
{
    static Registration registration;
    return registration.isDone ? vfsName : nullptr;
}

bool reserveChecksums(sqlite3* handle) noexcept
{
    int bytes = checksumBytes;
    return sqlite3_file_control(handle, "main", SQLITE_FCNTL_RESERVE_BYTES, &bytes) == SQLITE_OK;
}

} // namespace gantry::store
