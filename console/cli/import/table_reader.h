// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "console/cli/import/csv_reader.h"
#include "console/cli/import/import_report.h"
#include "shared/util/result.h"

#include <fstream>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::console {

/// What a row of a file stands for: broken ones are counted as that.
enum class RowKind { Part, Order };

/// A CSV file with a known header. Counts each row in the report and tells it of the broken ones, so that a caller sees sound rows only.
class TableReader {
public:
    /// Opens the file `name` in `folder`. Its header must name exactly these columns, in any sequence. Errors: NotFound (can't be
    /// opened), InvalidValue (another header).
    static Result<std::unique_ptr<TableReader>> open(const std::string& folder, const std::string& name,
        std::span<const std::string_view> columns, RowKind kind, ImportReport& report);

    /// Reads the next sound row; false at the end. Errors: Corrupt (the file can't be read on).
    Result<bool> next();

    /// The line of the present row.
    [[nodiscard]] std::uint64_t line() const noexcept { return m_record.line; }

    /// A field of the present row, by the column's position in the list given to open().
    [[nodiscard]] std::string_view field(std::size_t column) const noexcept
    {
        return m_record.field(m_positions[column]);
    }

    [[nodiscard]] const std::string& name() const noexcept { return m_name; }

    /// Tells the report that the present row can't be used.
    /// `rows`: as in Rejection.
    void reject(std::string_view id, std::string_view reason, std::string detail, std::string rows = {});

    /// How much of the file is read, 0 to 1.
    [[nodiscard]] double fraction() const noexcept;

private:
    TableReader(const std::string& folder, std::string name, RowKind kind, ImportReport& report);
    Result<void> readHeader(std::span<const std::string_view> columns);

    std::string m_name;
    std::string m_path;
    std::ifstream m_file;
    std::uint64_t m_size = 0;
    std::unique_ptr<CsvReader> m_reader;
    CsvRecord m_record;
    std::vector<std::size_t> m_positions;
    RowKind m_kind;
    ImportReport& m_report;
};

} // namespace gantry::console
