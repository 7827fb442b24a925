// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

namespace gantry::console {

enum class Alignment { Left, Right };

struct TextColumn {
    std::string title;
    Alignment alignment = Alignment::Left;
};

/// Rows in columns as wide as their contents need. Makes every cell printable().
class TextTable {
public:
    explicit TextTable(std::vector<TextColumn> columns);

    /// One cell for each column.
    void addRow(std::vector<std::string> cells);

    [[nodiscard]] bool isEmpty() const noexcept { return m_rows.empty(); }

    /// Gives what was added since the last take, below the titles the first time, without a final line break. Widths only grow, so that the
    /// pages of a long list stand in the same columns as far as can be.
    [[nodiscard]] std::string take();

private:
    [[nodiscard]] std::string rowText(const std::vector<std::string>& cells) const;

    std::vector<TextColumn> m_columns;
    std::vector<std::size_t> m_widths;
    bool m_hasTitles = false;
    std::vector<std::vector<std::string>> m_rows;
};

} // namespace gantry::console
