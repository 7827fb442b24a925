// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/cli/import/csv_reader.h"

#include <algorithm>
#include <simdjson.h>

namespace gantry::console {

namespace {

constexpr std::size_t blockBytes = 64 * 1024;

void setFault(CsvRecord& record, CsvFault fault, std::string detail)
{
    if (record.fault)
        return; // the first one is the cause
    record.fault = fault;
    record.detail = std::move(detail);
}

} // namespace

std::string_view csvFaultName(CsvFault fault) noexcept
{
    switch (fault) {
    case CsvFault::UnclosedQuote: return "unclosed_quote";
    case CsvFault::TextAfterQuote: return "text_after_quote";
    case CsvFault::QuoteInField: return "quote_in_field";
    case CsvFault::BareCarriageReturn: return "bare_carriage_return";
    case CsvFault::NulByte: return "nul_byte";
    case CsvFault::InvalidUtf8: return "invalid_utf8";
    case CsvFault::TooFewFields: return "too_few_fields";
    case CsvFault::TooManyFields: return "too_many_fields";
    case CsvFault::RecordTooLong: return "record_too_long";
    }
    return "unknown";
}

CsvReader::CsvReader(std::istream& stream, char delimiter)
    : m_stream(stream)
    , m_delimiter(delimiter)
{
    skipByteOrderMark();
}

bool CsvReader::fill()
{
    m_buffer.erase(0, m_start);
    m_start = 0;
    const std::size_t held = m_buffer.size();
    m_buffer.resize(held + blockBytes);
    m_stream.read(m_buffer.data() + held, static_cast<std::streamsize>(blockBytes));
    m_buffer.resize(held + static_cast<std::size_t>(m_stream.gcount()));
    return m_buffer.size() > held;
}

int CsvReader::at(std::size_t offset)
{
    if (m_start + offset >= m_buffer.size() && !fill())
        return endOfFile;
    return static_cast<unsigned char>(m_buffer[m_start + offset]);
}

void CsvReader::consume(std::size_t count)
{
    const auto begin = m_buffer.begin() + static_cast<std::ptrdiff_t>(m_start);
    m_line += static_cast<std::uint64_t>(std::count(begin, begin + static_cast<std::ptrdiff_t>(count), '\n'));
    m_start += count;
    m_bytesDone += count;
}

void CsvReader::skipByteOrderMark()
{
    if (at(0) == 0xef && at(1) == 0xbb && at(2) == 0xbf)
        consume(3);
}

void CsvReader::skipBlankLines()
{
    for (;;) {
        if (at(0) == '\n')
            consume(1);
        else if (at(0) == '\r' && at(1) == '\n')
            consume(2);
        else
            return;
    }
}

void CsvReader::skipLine()
{
    for (;;) {
        const auto rest = std::string_view(m_buffer).substr(m_start);
        const auto end = rest.find('\n');
        consume(end == std::string_view::npos ? rest.size() : end + 1);
        if (end != std::string_view::npos || !fill())
            return;
    }
}

bool CsvReader::next(CsvRecord& record)
{
    skipBlankLines();
    if (at(0) == endOfFile)
        return false;
    record = {};
    record.line = m_line;
    const std::size_t length = parse(record);
    checkText(record, length);
    checkWidth(record);
    if (record.fault)
        skipLine();
    else
        consume(length);
    return true;
}

/// Takes a record apart, its line break included; gives its length. At a fault it stops.
std::size_t CsvReader::parse(CsvRecord& record)
{
    std::size_t offset = 0;
    for (;;) {
        std::string field;
        offset = at(offset) == '"' ? parseQuoted(record, offset, field) : parsePlain(record, offset, field);
        if (record.fault)
            return offset;
        record.fields.push_back(std::move(field));
        const int separator = at(offset);
        if (separator == endOfFile)
            return offset;
        ++offset;
        if (separator == '\r' && at(offset) == '\n')
            ++offset;
        if (separator != m_delimiter)
            return offset;
    }
}

/// Reads a field that begins with a quote at `offset`; gives where it ends: at a comma, a line break or the end of the file.
std::size_t CsvReader::parseQuoted(CsvRecord& record, std::size_t offset, std::string& field)
{
    for (++offset;; ++offset) {
        const int c = at(offset);
        if (c == endOfFile || offset > maxRecordBytes) {
            setFault(record, CsvFault::UnclosedQuote,
                c == endOfFile ? "a quote is opened and never closed"
                               : "a quote is opened and not closed within 64 KiB");
            return offset;
        }
        if (c != '"') {
            field += static_cast<char>(c);
            continue;
        }
        const int following = at(offset + 1);
        if (following == '"') {
            field += '"';
            ++offset;
            continue;
        }
        ++offset;
        const bool isEnd = following == m_delimiter || following == '\n' || following == endOfFile
            || (following == '\r' && at(offset + 1) == '\n');
        if (!isEnd)
            setFault(record, CsvFault::TextAfterQuote, "text follows a closing quote");
        return offset;
    }
}

std::size_t CsvReader::parsePlain(CsvRecord& record, std::size_t offset, std::string& field)
{
    for (;; ++offset) {
        const int c = at(offset);
        if (c == endOfFile || c == m_delimiter || c == '\n' || (c == '\r' && at(offset + 1) == '\n'))
            return offset;
        if (c == '"')
            setFault(record, CsvFault::QuoteInField, "a quote stands inside a field that is not quoted");
        else if (c == '\r')
            setFault(record, CsvFault::BareCarriageReturn, "a carriage return stands without a line feed");
        else if (offset > maxRecordBytes)
            setFault(record, CsvFault::RecordTooLong, "the record is longer than 64 KiB");
        if (record.fault)
            return offset;
        field += static_cast<char>(c);
    }
}

void CsvReader::checkText(CsvRecord& record, std::size_t length) const
{
    if (record.fault)
        return;
    const auto text = std::string_view(m_buffer).substr(m_start, length);
    if (text.find('\0') != std::string_view::npos)
        setFault(record, CsvFault::NulByte, "a byte is zero");
    else if (!simdjson::validate_utf8(text.data(), text.size()))
        setFault(record, CsvFault::InvalidUtf8, "the text is not UTF-8");
}

void CsvReader::checkWidth(CsvRecord& record)
{
    if (record.fault)
        return;
    const std::size_t width = record.fields.size();
    if (m_width == 0)
        m_width = width;
    if (width != m_width)
        setFault(record, width < m_width ? CsvFault::TooFewFields : CsvFault::TooManyFields,
            "has " + std::to_string(width) + " fields where the header has " + std::to_string(m_width));
}

} // namespace gantry::console
