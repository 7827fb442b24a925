// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/util/time.h"

#include <concepts>
#include <cstdint>
#include <optional>
#include <string_view>

struct sqlite3_stmt;

namespace gantry::store {

class Connection;

/// Bytes that are no text.
struct Blob {
    std::string_view bytes;
};

/// A prepared statement of one connection, kept and run again and again. Failures stick to the connection.
///
/// Bound texts and blobs are not copied: they must live until the statement has run or is reset.
class Statement {
public:
    Statement(Connection& connection, std::string_view sql);

    /// Takes a prepared statement over.
    Statement(Connection& connection, sqlite3_stmt* prepared) noexcept;

    Statement(const Statement&) = delete;
    Statement& operator=(const Statement&) = delete;
    Statement(Statement&& other) noexcept;
    Statement& operator=(Statement&& other) noexcept;
    ~Statement();

    /// Binds the parameters ?1, ?2, … in the sequence of the arguments and makes the statement ready to run.
    template <typename... Values>
    Statement& with(const Values&... values)
    {
        reset();
        int index = 0;
        (bind(++index, values), ...);
        return *this;
    }

    /// Binds the parameters from ?first on, for a statement that takes many rows; reset() first.
    template <typename... Values>
    void bindFrom(int first, const Values&... values)
    {
        (bind(first++, values), ...);
    }

    /// Goes to the next row; false after the last one (the statement is then ready to run again) or on failure.
    bool next();

    /// Runs a statement that gives no rows; false on failure.
    bool run();

    /// Ends the reading of rows early: an open read pins the write-ahead log.
    void reset() noexcept;

    [[nodiscard]] std::int64_t integer(int column) const noexcept;
    [[nodiscard]] std::uint64_t natural(int column) const noexcept
    {
        return static_cast<std::uint64_t>(integer(column));
    }
    /// A text or a blob; valid until the next step.
    [[nodiscard]] std::string_view text(int column) const noexcept;
    [[nodiscard]] bool isNull(int column) const noexcept;
    [[nodiscard]] Timestamp time(int column) const noexcept { return fromMillis(integer(column)); }
    [[nodiscard]] std::optional<Timestamp> timeIf(int column) const noexcept
    {
        return isNull(column) ? std::nullopt : std::optional<Timestamp>(time(column));
    }

private:
    void bind(int index, std::int64_t value);
    void bind(int index, std::integral auto value) { bind(index, static_cast<std::int64_t>(value)); }
    void bind(int index, Timestamp value) { bind(index, std::int64_t{toMillis(value)}); }
    void bind(int index, std::string_view text);
    void bind(int index, Blob blob);
    void bind(int index, std::nullopt_t);
    template <typename T>
    void bind(int index, const std::optional<T>& value)
    {
        if (value)
            bind(index, *value);
        else
            bind(index, std::nullopt);
    }

    Connection* m_connection;
    sqlite3_stmt* m_prepared = nullptr;
};

/// Reads on until the end of a scope and then resets the statement, however the scope is left.
class Rows {
public:
    explicit Rows(Statement& statement) noexcept
        : m_statement(statement)
    {
    }
    Rows(const Rows&) = delete;
    Rows& operator=(const Rows&) = delete;
    ~Rows() { m_statement.reset(); }

    bool next() { return m_statement.next(); }
    const Statement* operator->() const noexcept { return &m_statement; }
    const Statement& operator*() const noexcept { return m_statement; }

private:
    Statement& m_statement;
};

} // namespace gantry::store
