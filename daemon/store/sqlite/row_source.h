// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/store/records.h"
#include "daemon/store/sqlite/connection.h"
#include "daemon/store/sqlite/statement.h"
#include "shared/protocol/json_reader.h"

#include <memory>
#include <string>
#include <vector>

namespace gantry::store {

/// Where a list's rows come from, one after the other. A row begins with orderColumns, then incident_code.
class RowSource {
public:
    RowSource() = default;
    RowSource(const RowSource&) = delete;
    RowSource& operator=(const RowSource&) = delete;
    virtual ~RowSource() = default;

    /// The present row; null after the last one, or when something failed (the connection's check() tells).
    [[nodiscard]] virtual const Statement* row() const = 0;

    /// Whether the present row is one that was asked for, or only had to be looked at.
    [[nodiscard]] virtual bool isWanted() { return true; }

    virtual void advance() = 0;
};

/// A half-open range of ids as bytes: low ≤ id < high.
struct IdRange {
    std::string low = std::string(16, '\0');
    std::string high = std::string(17, '\xff');
};

/// Rows along one or several indexes at once, all in the sequence of ids.
class MergedRows final : public RowSource {
public:
    MergedRows(Connection& connection, IdRange range, SortOrder sort);

    /// Every order.
    void addAll();
    /// Orders in one state.
    void addState(OrderState state);
    /// Orders of a channel; of an external id in any channel. The text must outlive this.
    void addChannel(std::string_view channel);
    void addExternalId(std::string_view externalId);

    [[nodiscard]] const Statement* row() const override
    {
        return m_cursors.empty() ? nullptr : &m_cursors[m_present];
    }
    void advance() override;

private:
    Statement prepare(std::string_view from, std::string_view idColumn, std::string_view condition);
    void add(Statement cursor);
    void choose();

    Connection& m_connection;
    IdRange m_range;
    bool m_isDown;
    std::vector<Statement> m_cursors; ///< each stands at a row
    std::size_t m_present = 0;
};

/// Rows whose words begin with those asked for, in the sequence of arrival: from the search index, and from the newest documents that it has not
/// come to yet.
class SearchRows final : public RowSource {
public:
    /// `words`: not empty. `after`: the order to go on after. The parser outlives this.
    SearchRows(Connection& connection, std::vector<std::string> words, const PageRequest& request,
        JsonParser& parser);

    [[nodiscard]] const Statement* row() const override;
    [[nodiscard]] bool isWanted() override;
    void advance() override;

private:
    Connection& m_connection;
    JsonParser& m_parser;
    std::vector<std::string> m_words;
    std::string m_expression;
    Statement m_indexed;
    Statement m_rest; ///< not in the index yet
    Statement* m_present = nullptr; ///< stands at a row; null at the end
    Statement* m_then = nullptr; ///< comes after the present one
};

} // namespace gantry::store
