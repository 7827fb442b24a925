// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <istream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::console {

/// What can be wrong with one record of a CSV file.
enum class CsvFault : std::uint8_t {
    UnclosedQuote,
    TextAfterQuote,
    QuoteInField,
    BareCarriageReturn,
    NulByte,
    InvalidUtf8,
    TooFewFields,
    TooManyFields,
    RecordTooLong,
};

std::string_view csvFaultName(CsvFault fault) noexcept;

/// One record, or what is wrong with it.
struct CsvRecord {
    std::uint64_t line = 0; ///< where it begins, from 1
    std::vector<std::string> fields;
    std::optional<CsvFault> fault;
    std::string detail; ///< the fault in words

    /// A field by position; empty beyond the last.
    [[nodiscard]] std::string_view field(std::size_t index) const noexcept
    {
        return index < fields.size() ? std::string_view(fields[index]) : std::string_view();
    }
};

/// Reads RFC 4180 strictly, in bounded memory: quotes, line breaks in quotes, CRLF or LF, a byte order mark, blank lines passed over. The
/// first record sets how many fields each must have. Behind a broken record it goes on with the next line of the file, so that a quote
/// that is never closed swallows no rows.
class CsvReader {
public:
    static constexpr std::size_t maxRecordBytes = 64 * 1024;

    /// `stream`: outlives the reader. `delimiter`: what stands between fields.
    explicit CsvReader(std::istream& stream, char delimiter = ',');

    /// Reads the next record; false at the end of the file.
    bool next(CsvRecord& record);

    /// Whether the end was reached because reading failed.
    [[nodiscard]] bool hasFailed() const { return m_stream.bad(); }

    /// How much of the file is done with.
    [[nodiscard]] std::uint64_t bytesDone() const noexcept { return m_bytesDone; }

private:
    static constexpr int endOfFile = -1;

    int at(std::size_t offset);
    bool fill();
    void consume(std::size_t count);
    void skipByteOrderMark();
    void skipBlankLines();
    void skipLine();
    std::size_t parse(CsvRecord& record);
    std::size_t parseQuoted(CsvRecord& record, std::size_t offset, std::string& field);
    std::size_t parsePlain(CsvRecord& record, std::size_t offset, std::string& field);
    void checkText(CsvRecord& record, std::size_t length) const;
    void checkWidth(CsvRecord& record);

    std::istream& m_stream;
    char m_delimiter;
    std::string m_buffer;
    std::size_t m_start = 0; ///< first byte in the buffer that is not done with
    std::uint64_t m_line = 1;
    std::uint64_t m_bytesDone = 0;
    std::size_t m_width = 0; ///< fields a record must have; 0 before the first
};

} // namespace gantry::console
