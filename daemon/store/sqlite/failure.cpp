// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/store/sqlite/failure.h"

#include <sqlite3.h>

namespace gantry::store {

namespace {

// Extended codes carry detail in the upper bits: compared by the primary code alone, or SQLITE_BUSY_SNAPSHOT and the like slip through.
int primaryOf(int code) noexcept
{
    return code & 0xff;
}

bool isIoFailure(int code) noexcept
{
    return primaryOf(code) == SQLITE_IOERR && code != SQLITE_IOERR_CORRUPTFS && code != SQLITE_IOERR_DATA;
}

ErrorCode codeOf(int code, Access access) noexcept
{
    if (isIoFailure(code))
        return ErrorCode::Unavailable;
    switch (primaryOf(code)) {
    case SQLITE_IOERR:
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return ErrorCode::Corrupt;
    case SQLITE_FULL: return ErrorCode::StorageFull;
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return access == Access::Writer ? ErrorCode::Unavailable : ErrorCode::Busy;
    case SQLITE_INTERRUPT: return ErrorCode::Busy;
    case SQLITE_NOMEM:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_READONLY:
    case SQLITE_PROTOCOL: return ErrorCode::Unavailable;
    case SQLITE_TOOBIG: return ErrorCode::InvalidValue;
    default: return ErrorCode::Internal;
    }
}

std::string_view adviceOf(ErrorCode code, int sqliteCode, Access access) noexcept
{
    const bool isWriter = access == Access::Writer;
    switch (code) {
    case ErrorCode::StorageFull:
        return "Nothing was written. Make room on the disk; work goes on by itself then.";
    case ErrorCode::Corrupt:
        return "The data file is damaged. Stop the daemon, keep a copy of the file, and restore the last "
               "backup.";
    case ErrorCode::Busy:
        return primaryOf(sqliteCode) == SQLITE_INTERRUPT
            ? "It took too long. Narrow the question and ask again."
            : "Try again.";
    case ErrorCode::Unavailable:
        if (isIoFailure(sqliteCode))
            return isWriter ? "Outcome unknown: the process must stop. Check the disk, then start again; "
                              "what was acknowledged is kept."
                            : "Check the disk.";
        if (primaryOf(sqliteCode) == SQLITE_BUSY && isWriter)
            return "Something else writes to the data file. Nothing but the daemon may open it for writing: "
                   "stop that, then start again.";
        return "Check that the data directory exists, is writable by the daemon, and that memory is left.";
    default: return "This is a defect of Gantry: please report it with this message.";
    }
}

} // namespace

Error describeFailure(int code, std::string_view message, std::string_view doing, Access access)
{
    const ErrorCode kind = codeOf(code, access);
    std::string text = "The store failed while ";
    text += doing;
    text += " (";
    text += message;
    text += ", SQLite code ";
    text += std::to_string(code);
    text += "). ";
    text += adviceOf(kind, code, access);
    return {kind, std::move(text)};
}

bool mustStopWriting(int code) noexcept
{
    switch (primaryOf(code)) {
    case SQLITE_IOERR:
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_NOMEM:
    case SQLITE_BUSY: return true;
    default: return false;
    }
}

} // namespace gantry::store
