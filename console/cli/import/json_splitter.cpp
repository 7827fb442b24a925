// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/cli/import/json_splitter.h"

#include <utility>

namespace gantry::console {

namespace {

constexpr std::size_t blockBytes = 64 * 1024;

bool isSpace(int c) noexcept
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/// Follows brackets and texts through a value, byte by byte.
class Nesting {
public:
    /// Takes the next byte in; true when it ended the outermost bracket.
    bool take(int c) noexcept
    {
        if (m_isInText) {
            if (m_isEscaped)
                m_isEscaped = false;
            else if (c == '\\')
                m_isEscaped = true;
            else if (c == '"')
                m_isInText = false;
            return false;
        }
        if (c == '"')
            m_isInText = true;
        else if (c == '{' || c == '[')
            ++m_depth;
        else if ((c == '}' || c == ']') && m_depth > 0)
            return --m_depth == 0;
        return false;
    }

    [[nodiscard]] bool isInside() const noexcept { return m_depth > 0 || m_isInText; }

private:
    std::size_t m_depth = 0;
    bool m_isInText = false;
    bool m_isEscaped = false;
};

} // namespace

JsonSplitter::JsonSplitter(std::istream& stream, std::size_t maxBytes)
    : m_stream(stream)
    , m_maxBytes(maxBytes)
{
    if (peek(0) == 0xef && peek(1) == 0xbb && peek(2) == 0xbf)
        for (int i = 0; i < 3; ++i)
            take();
}

int JsonSplitter::peek(std::size_t offset)
{
    while (m_start + offset >= m_buffer.size()) {
        m_buffer.erase(0, m_start);
        m_start = 0;
        const std::size_t held = m_buffer.size();
        m_buffer.resize(held + blockBytes);
        m_stream.read(m_buffer.data() + held, static_cast<std::streamsize>(blockBytes));
        m_buffer.resize(held + static_cast<std::size_t>(m_stream.gcount()));
        if (m_buffer.size() == held)
            return endOfFile;
    }
    return static_cast<unsigned char>(m_buffer[m_start + offset]);
}

int JsonSplitter::take()
{
    const int c = peek();
    if (c == endOfFile)
        return c;
    ++m_start;
    ++m_bytesDone;
    if (c == '\n')
        ++m_line;
    return c;
}

void JsonSplitter::skipSpace()
{
    while (isSpace(peek()))
        take();
}

bool JsonSplitter::takeLiteral(std::string_view text)
{
    skipSpace();
    for (std::size_t i = 0; i < text.size(); ++i)
        if (peek(i) != static_cast<unsigned char>(text[i]))
            return false;
    for (std::size_t i = 0; i < text.size(); ++i)
        take();
    return true;
}

void JsonSplitter::fail(std::string fault)
{
    m_isAtEnd = true;
    if (m_fault.empty()) {
        m_fault = std::move(fault);
        m_faultLine = m_line;
    }
}

/// Whether `{"orders":[` stands at the start, however spaced. Takes nothing.
bool JsonSplitter::startsWithOrders()
{
    std::size_t at = 0;
    for (const std::string_view token : {"{", "\"orders\"", ":", "["}) {
        // White space between tokens is bounded, so that a hostile file can't make this hold it all.
        while (isSpace(peek(at)) && at < blockBytes)
            ++at;
        for (const char c : token)
            if (peek(at++) != static_cast<unsigned char>(c))
                return false;
    }
    return true;
}

/// Whether the first line holds a whole object: then each line is one.
bool JsonSplitter::firstLineIsWhole()
{
    Nesting nesting;
    for (std::size_t at = 0; at <= m_maxBytes; ++at) {
        const int c = peek(at);
        if (c == '\n' || c == endOfFile)
            return !nesting.isInside();
        nesting.take(c);
    }
    return false;
}

void JsonSplitter::determineForm()
{
    skipSpace();
    if (peek() == endOfFile) {
        fail("the file is empty; expected {\"orders\":[…]}, an array of orders, or one order a line");
    } else if (takeLiteral("[")) {
        m_form = Form::Array;
    } else if (startsWithOrders()) {
        for (const std::string_view token : {"{", "\"orders\"", ":", "["})
            takeLiteral(token);
        m_form = Form::Wrapped;
    } else if (peek() == '{') {
        m_form = firstLineIsWhole() ? Form::Lines : Form::Values;
    } else {
        fail("the file does not begin as JSON orders do: {\"orders\":[…]}, an array, or one order a line");
    }
}

/// Moves to where the next value begins; false if there is none.
bool JsonSplitter::moveToNext()
{
    skipSpace();
    if (m_form == Form::Lines || m_form == Form::Values)
        return peek() != endOfFile;
    const bool isFirst = std::exchange(m_isFirst, false);
    if (takeLiteral("]")) {
        finish();
        return false;
    }
    if (!isFirst && !takeLiteral(",")) {
        fail(peek() == endOfFile ? "the file ends in the middle of the array of orders"
                                 : "a comma or ] is missing between two orders");
        return false;
    }
    skipSpace();
    if (peek() == endOfFile || peek() == ',' || peek() == ']' || peek() == '}') {
        fail(peek() == endOfFile ? "the file ends in the middle of the array of orders"
                                 : "an order is missing between two commas");
        return false;
    }
    return true;
}

/// Behind the array of orders nothing may stand.
void JsonSplitter::finish()
{
    m_isAtEnd = true;
    if (m_form == Form::Wrapped && !takeLiteral("}"))
        fail("a member besides `orders` stands in the file, or its end is missing");
    skipSpace();
    if (peek() != endOfFile)
        fail("text stands behind the array of orders");
}

std::optional<JsonPiece> JsonSplitter::next()
{
    if (m_form == Form::Unknown && !m_isAtEnd)
        determineForm();
    if (m_isAtEnd || !moveToNext()) {
        m_isAtEnd = true;
        return std::nullopt;
    }
    return m_form == Form::Lines ? cutLine() : cutValue();
}

void JsonSplitter::append(JsonPiece& piece, int c) const
{
    if (piece.isTooLong)
        return;
    piece.text += static_cast<char>(c);
    if (piece.text.size() > m_maxBytes) {
        piece.isTooLong = true;
        piece.text = std::string();
    }
}

JsonPiece JsonSplitter::cutLine()
{
    JsonPiece piece{.line = m_line};
    for (int c = take(); c != '\n' && c != endOfFile; c = take())
        append(piece, c);
    return piece;
}

JsonPiece JsonSplitter::cutValue()
{
    JsonPiece piece{.line = m_line};
    Nesting nesting;
    for (bool isBegun = false;; isBegun = true) {
        const int c = peek();
        // A value without brackets (a number, say) ends at the comma or bracket behind it.
        const bool isOutside = !nesting.isInside();
        if (c == endOfFile || (isOutside && isBegun && (c == ',' || c == ']' || c == '}')))
            break;
        const bool isWhole = nesting.take(c);
        append(piece, take());
        if (isWhole)
            return piece;
    }
    if (nesting.isInside())
        fail("the file ends in the middle of the order that begins in line " + std::to_string(piece.line));
    return piece;
}

} // namespace gantry::console
