// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/cli/text_table.h"

#include "console/cli/printable.h"

#include <algorithm>

namespace gantry::console {

TextTable::TextTable(std::vector<TextColumn> columns)
    : m_columns(std::move(columns))
{
    for (const TextColumn& column : m_columns)
        m_widths.push_back(columnsOf(column.title));
}

void TextTable::addRow(std::vector<std::string> cells)
{
    cells.resize(m_columns.size());
    for (std::size_t i = 0; i < cells.size(); ++i) {
        cells[i] = printable(cells[i]);
        m_widths[i] = std::max(m_widths[i], columnsOf(cells[i]));
    }
    m_rows.push_back(std::move(cells));
}

std::string TextTable::rowText(const std::vector<std::string>& cells) const
{
    std::string line;
    for (std::size_t i = 0; i < cells.size(); ++i) {
        const std::string padding(m_widths[i] - columnsOf(cells[i]), ' ');
        if (i > 0)
            line += "  ";
        line += m_columns[i].alignment == Alignment::Right ? padding + cells[i] : cells[i] + padding;
    }
    line.erase(line.find_last_not_of(' ') + 1);
    return line;
}

std::string TextTable::take()
{
    std::string text;
    if (!m_hasTitles) {
        std::vector<std::string> titles;
        for (const TextColumn& column : m_columns)
            titles.push_back(column.title);
        text = rowText(titles);
        m_hasTitles = true;
    }
    for (const auto& row : m_rows)
        text += (text.empty() ? "" : "\n") + rowText(row);
    m_rows.clear();
    return text;
}

} // namespace gantry::console
