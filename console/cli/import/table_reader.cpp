// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/cli/import/table_reader.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

namespace gantry::console {

namespace {

/// The names of `wanted` that are not among `present`, as a list for a sentence.
template <typename Wanted, typename Present>
std::string missingFrom(const Present& present, const Wanted& wanted)
{
    std::string names;
    for (const auto& name : wanted)
        if (std::find(present.begin(), present.end(), name) == present.end())
            names += (names.empty() ? "" : ", ") + std::string(name);
    return names;
}

} // namespace

TableReader::TableReader(const std::string& folder, std::string name, RowKind kind, ImportReport& report)
    : m_name(std::move(name))
    , m_path(folder + '/' + m_name)
    , m_kind(kind)
    , m_report(report)
{
}

Result<std::unique_ptr<TableReader>> TableReader::open(const std::string& folder, const std::string& name,
    std::span<const std::string_view> columns, RowKind kind, ImportReport& report)
{
    std::unique_ptr<TableReader> table(new TableReader(folder, name, kind, report));
    table->m_file.open(table->m_path, std::ios::binary);
    if (!table->m_file)
        return failure(
            ErrorCode::NotFound, "Can't open " + table->m_path + ": " + std::strerror(errno) + ".");
    std::error_code ignored;
    const auto size = std::filesystem::file_size(table->m_path, ignored);
    table->m_size = ignored ? 0 : size;
    table->m_reader = std::make_unique<CsvReader>(table->m_file);
    if (auto read = table->readHeader(columns); !read)
        return tl::unexpected(read.error());
    return table;
}

Result<void> TableReader::readHeader(std::span<const std::string_view> columns)
{
    if (!m_reader->next(m_record)) {
        if (m_reader->hasFailed())
            return failure(ErrorCode::Corrupt, m_path + " can't be read. Is it a file?");
        return failure(ErrorCode::InvalidValue, m_path + " is empty: the header is missing.");
    }
    const std::string where = m_path + ", line " + std::to_string(m_record.line) + ": ";
    if (m_record.fault)
        return failure(ErrorCode::InvalidValue, where + "the header can't be read: " + m_record.detail + ".");
    const auto& header = m_record.fields;
    const std::string missing = missingFrom(header, columns);
    const std::string unknown = missingFrom(columns, header);
    if (!missing.empty() || !unknown.empty())
        return failure(ErrorCode::InvalidValue,
            where + "the header " + (missing.empty() ? "" : "lacks " + missing)
                + (missing.empty() || unknown.empty() ? "" : " and ")
                + (unknown.empty() ? "" : "has unknown columns: " + unknown)
                + ". Nothing was imported; mend the header.");
    if (header.size() != columns.size())
        return failure(ErrorCode::InvalidValue, where + "a column stands twice in the header.");
    for (const std::string_view column : columns)
        m_positions.push_back(
            static_cast<std::size_t>(std::find(header.begin(), header.end(), column) - header.begin()));
    return {};
}

Result<bool> TableReader::next()
{
    while (m_reader->next(m_record)) {
        m_report.readRow(m_name);
        if (m_kind == RowKind::Order)
            m_report.readOrder();
        if (!m_record.fault)
            return true;
        reject("", csvFaultName(*m_record.fault), m_record.detail);
    }
    if (m_reader->hasFailed())
        return failure(ErrorCode::Corrupt,
            m_path + " can't be read on behind line " + std::to_string(m_record.line) + ".");
    return false;
}

void TableReader::reject(std::string_view id, std::string_view reason, std::string detail, std::string rows)
{
    const Rejection rejection{
        m_name, m_record.line, std::string(id), std::string(reason), std::move(detail), std::move(rows)};
    if (m_kind == RowKind::Order)
        m_report.rejectOrderRow(rejection);
    else
        m_report.rejectRow(rejection);
}

double TableReader::fraction() const noexcept
{
    return m_size == 0 ? 1.0 : static_cast<double>(m_reader->bytesDone()) / static_cast<double>(m_size);
}

} // namespace gantry::console
