// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/steps/response_parser.h"

#include <algorithm>
#include <charconv>

namespace gantry::steps {

namespace {

std::string lowered(std::string_view text)
{
    std::string lower(text);
    std::transform(lower.begin(), lower.end(), lower.begin(),
        [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return lower;
}

std::string_view trimmed(std::string_view text)
{
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t'))
        text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t'))
        text.remove_suffix(1);
    return text;
}

bool isToken(std::string_view text)
{
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return c > ' ' && c < '\x7f'
            && std::string_view("\"(),/:;<=>?@[\\]{}").find(c) == std::string_view::npos;
    });
}

/// All of a text as a number; false if it is none.
bool toNumber(std::string_view text, int base, std::uint64_t& number)
{
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, number, base);
    return !text.empty() && error == std::errc() && stop == end;
}

} // namespace

ResponseParser::Progress ResponseParser::feed(std::string_view bytes)
{
    m_hasBegun = m_hasBegun || !bytes.empty();
    Progress progress = Progress::NeedMore;
    while (progress == Progress::NeedMore && !bytes.empty()) {
        if (!readsLines()) {
            progress = takeBody(bytes);
            continue;
        }
        const std::size_t end = bytes.find('\n');
        const std::size_t taken = end == std::string_view::npos ? bytes.size() : end + 1;
        m_headBytes += taken;
        if (m_headBytes > headBytes)
            return bad("its head is longer than 32 KiB");
        m_line.append(bytes.substr(0, taken));
        bytes.remove_prefix(taken);
        if (end == std::string_view::npos)
            return progress;
        m_line.pop_back();
        if (m_line.ends_with('\r'))
            m_line.pop_back();
        progress = readLine(std::exchange(m_line, {}));
    }
    if (progress == Progress::Done && !bytes.empty())
        m_keepsAlive = false; // more than was asked for
    return progress;
}

ResponseParser::Progress ResponseParser::end()
{
    m_keepsAlive = false;
    return m_part == Part::UntilClose ? Progress::Done : bad("it ends in the middle");
}

std::string_view ResponseParser::header(std::string_view name) const noexcept
{
    for (const auto& [each, value] : m_fields)
        if (each == name)
            return value;
    return {};
}

bool ResponseParser::readsLines() const noexcept
{
    return m_part != Part::FixedBody && m_part != Part::ChunkData && m_part != Part::UntilClose;
}

ResponseParser::Progress ResponseParser::readLine(std::string_view line)
{
    switch (m_part) {
    case Part::StatusLine: return readStatusLine(line);
    case Part::Fields: return line.empty() ? finishHead() : readField(line);
    case Part::ChunkSize: return readChunkSize(line);
    case Part::ChunkEnd:
        m_part = Part::ChunkSize;
        return line.empty() ? Progress::NeedMore : bad("a chunk is longer than it says");
    case Part::Trailer: return line.empty() ? Progress::Done : Progress::NeedMore;
    case Part::FixedBody:
    case Part::ChunkData:
    case Part::UntilClose: break;
    }
    return bad("it ends in the middle");
}

ResponseParser::Progress ResponseParser::readStatusLine(std::string_view line)
{
    std::uint64_t status = 0;
    const bool isHttp = line.size() >= 12 && (line.starts_with("HTTP/1.1 ") || line.starts_with("HTTP/1.0 "))
        && toNumber(line.substr(9, 3), 10, status) && (line.size() == 12 || line[12] == ' ');
    if (!isHttp || status < 100 || status > 599)
        return bad("it does not begin as HTTP/1.1 does");
    m_isOldVersion = line[7] == '0';
    m_status = static_cast<int>(status);
    m_part = Part::Fields;
    return Progress::NeedMore;
}

ResponseParser::Progress ResponseParser::readField(std::string_view line)
{
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || !isToken(line.substr(0, colon)))
        return bad("a header is malformed");
    if (m_fields.size() == headFields)
        return bad("it has more than 100 headers");
    const std::string_view value = trimmed(line.substr(colon + 1));
    if (std::any_of(value.begin(), value.end(), [](char c) { return c == '\0' || c == '\r'; }))
        return bad("a header is malformed");
    m_fields.emplace_back(lowered(line.substr(0, colon)), std::string(value));
    return Progress::NeedMore;
}

ResponseParser::Progress ResponseParser::finishHead()
{
    if (m_status == 101)
        return bad("it changes the protocol, which nobody asked for");
    if (m_status < 200) { // an interim answer; the real one follows
        m_fields.clear();
        m_part = Part::StatusLine;
        return Progress::NeedMore;
    }
    const std::string connection = lowered(header("connection"));
    m_keepsAlive = connection.find("close") == std::string::npos
        && (!m_isOldVersion || connection.find("keep-alive") != std::string::npos);
    if (m_status == 204 || m_status == 304)
        return Progress::Done;
    return frameBody();
}

ResponseParser::Progress ResponseParser::frameBody()
{
    const std::string_view encoding = header("content-encoding");
    if (!encoding.empty() && lowered(encoding) != "identity")
        return bad("it is encoded, which nobody asked for");
    const std::size_t lengths = count("content-length");
    if (count("transfer-encoding") > 0) {
        if (lengths > 0 || count("transfer-encoding") > 1
            || lowered(header("transfer-encoding")) != "chunked")
            return bad("it is ambiguous about its length");
        m_part = Part::ChunkSize;
        return Progress::NeedMore;
    }
    if (lengths == 0) {
        m_keepsAlive = false;
        m_part = Part::UntilClose;
        return Progress::NeedMore;
    }
    const std::string_view length = header("content-length");
    const bool isDigits =
        std::all_of(length.begin(), length.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (lengths > 1 || !isDigits || !toNumber(length, 10, m_left))
        return bad("it is ambiguous about its length");
    if (m_left > m_maxBody)
        return Progress::TooLarge;
    m_part = Part::FixedBody;
    return m_left == 0 ? Progress::Done : Progress::NeedMore;
}

ResponseParser::Progress ResponseParser::readChunkSize(std::string_view line)
{
    const std::string_view size = trimmed(line.substr(0, line.find(';')));
    if (size.size() > 15 || !toNumber(size, 16, m_left))
        return bad("the length of a chunk is malformed");
    if (m_left > m_maxBody - m_body.size())
        return Progress::TooLarge;
    m_part = m_left == 0 ? Part::Trailer : Part::ChunkData;
    return Progress::NeedMore;
}

ResponseParser::Progress ResponseParser::takeBody(std::string_view& bytes)
{
    if (m_part == Part::UntilClose) {
        if (bytes.size() > m_maxBody - m_body.size())
            return Progress::TooLarge;
        m_body.append(bytes);
        bytes = {};
        return Progress::NeedMore;
    }
    const auto taken = static_cast<std::size_t>(std::min<std::uint64_t>(m_left, bytes.size()));
    m_body.append(bytes.substr(0, taken));
    bytes.remove_prefix(taken);
    m_left -= taken;
    if (m_left > 0)
        return Progress::NeedMore;
    if (m_part == Part::FixedBody)
        return Progress::Done;
    m_part = Part::ChunkEnd;
    m_headBytes = 0; // the lines between chunks are bounded one by one
    return Progress::NeedMore;
}

ResponseParser::Progress ResponseParser::bad(std::string why)
{
    m_complaint = std::move(why);
    m_keepsAlive = false;
    return Progress::Bad;
}

std::size_t ResponseParser::count(std::string_view name) const noexcept
{
    return static_cast<std::size_t>(std::count_if(
        m_fields.begin(), m_fields.end(), [name](const auto& field) { return field.first == name; }));
}

} // namespace gantry::steps
