// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "console/cli/import/csv_mapping.h"
#include "console/cli/import/csv_reader.h"
#include "console/cli/import/encoded_file.h"
#include "console/cli/import/import_report.h"
#include "console/cli/import/order_source.h"
#include "shared/domain/order_document.h"

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace gantry::console {

/// Orders out of a CSV file with one row a line: rows that follow each other and name the same order are its lines; what is the order's own stands in the first, and in the others the same or nothing. An order beside a row that can't be read is rejected, for the row may be one of its lines. One order is held at a time. One thread.
class CsvSource final : public OrderSource {
public:
    /// Reads the header. `stream` and `report` outlive it; `size`: of the file in bytes, 0 if it is not known. Errors: InvalidValue (the header lacks a column that the mapping
    /// names, or can't be read), Corrupt.
    static Result<std::unique_ptr<CsvSource>> open(
        std::istream& stream, std::string name, std::uint64_t size, CsvMapping mapping, ImportReport& report);

    Result<std::optional<ImportItem>> next() override;
    [[nodiscard]] std::optional<double> fraction() const override;

private:
    /// Why rows can't be an order; the column where it stands, if it is one column's.
    struct Fault {
        std::string reason;
        std::string detail;
        std::uint64_t line = 0;
    };
    /// The rows of one order.
    struct Group {
        std::vector<CsvRecord> rows;
        std::optional<Fault> fault; ///< of a row beside them
    };

    CsvSource(
        std::istream& stream, std::string name, std::uint64_t size, CsvMapping mapping, ImportReport& report);
    Result<void> readHeader();
    bool readRow();
    Group takeGroup();
    std::optional<ImportItem> takeOrder(const Group& group);
    void reject(const Group& group, const Fault& fault);

    [[nodiscard]] std::string_view valueOf(const CsvRecord& row, std::string_view member) const;
    [[nodiscard]] std::string placeOf(std::string_view member) const;
    [[nodiscard]] Fault faultAt(
        const CsvRecord& row, std::string_view member, std::string reason, const std::string& what) const;

    tl::expected<OrderDocument, Fault> documentOf(const Group& group) const;
    tl::expected<void, Fault> readMoney(OrderDocument& document, const CsvRecord& row) const;
    tl::expected<void, Fault> readOrder(OrderDocument& document, const CsvRecord& row) const;
    tl::expected<OrderLine, Fault> lineOf(const CsvRecord& row, Currency currency) const;
    tl::expected<void, Fault> checkSame(const CsvRecord& first, const CsvRecord& row) const;
    tl::expected<MinorUnits, Fault> amountOf(
        const CsvRecord& row, std::string_view member, Currency currency) const;
    [[nodiscard]] std::optional<Timestamp> timeOf(std::string_view text) const;
    [[nodiscard]] Fault faultOf(const Group& group, const FieldError& error) const;

    std::string m_name;
    std::uint64_t m_size;
    CsvMapping m_mapping;
    ImportReport& m_report;
    EncodedFile m_encoded;
    std::istream m_stream;
    CsvReader m_reader;
    std::unordered_map<std::string, std::size_t> m_columns; ///< by name
    std::optional<CsvRecord> m_ahead; ///< the first row of the next order
    bool m_isTainted = false; ///< the row before is one that can't be read
    std::uint64_t m_taintedLine = 0;
};

} // namespace gantry::console
