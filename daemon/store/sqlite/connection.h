// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/store/sqlite/failure.h"
#include "shared/util/result.h"

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

struct sqlite3;

namespace gantry::store {

/// One connection to the data file, used by one thread at a time.
///
/// Failures stick, as on a stream: after the first, everything else on the connection does nothing and answers false, until check() tells it. So a
/// sequence of statements is written straight down and checked once, before its effects count.
class Connection {
public:
    /// Opens an existing file. Errors: Unavailable, Corrupt.
    static Result<std::unique_ptr<Connection>> open(const std::string& path, Access access);

    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    ~Connection();

    /// Runs every statement of `sql`, ignoring rows; false if one failed (the rest is not run).
    bool execute(std::string_view sql);

    /// The first column of the first row of a statement as text; empty if there is none or it failed.
    std::string ask(std::string_view sql);

    /// Tells the failure since the last call, if there was one, and clears it.
    [[nodiscard]] Result<void> check(std::string_view doing);

    /// Whether nothing has failed since the last check().
    [[nodiscard]] bool isSound() const noexcept { return m_failure == 0; }

    /// Whether an earlier failure forbids any further writing.
    [[nodiscard]] bool isPoisoned() const noexcept { return m_isPoisoned; }

    /// Notes a result code; true if it is no failure.
    bool note(int code)
    {
        // Told in each of some hundred calls a batch: the rest stands elsewhere.
        return code == 0 || noteOther(code);
    }

    /// Ends an open transaction without effect, whatever failed before.
    void rollback() noexcept;

    /// Rows that the last INSERT, UPDATE or DELETE changed.
    [[nodiscard]] int changes() const noexcept;

    /// Interrupts whatever runs longer than this from now on. Zero: no limit.
    void setDeadline(std::chrono::milliseconds limit);

    [[nodiscard]] sqlite3* handle() const noexcept { return m_handle; }

private:
    Connection(sqlite3* handle, Access access) noexcept;
    bool noteOther(int code);
    static int isOverdue(void* self);

    sqlite3* m_handle;
    Access m_access;
    int m_failure = 0;
    std::string m_message;
    bool m_isPoisoned = false;
    std::chrono::steady_clock::time_point m_deadline{};
};

} // namespace gantry::store
