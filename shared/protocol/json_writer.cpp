// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/protocol/json_writer.h"

#include <array>
#include <charconv>
#include <cmath>

namespace gantry {

namespace {

/// For each byte: 0 if it stands for itself, else the letter behind the backslash ('u' for \u00XX).
constexpr std::array<char, 256> makeEscapes()
{
    std::array<char, 256> escapes{};
    for (std::size_t i = 0; i < 0x20; ++i)
        escapes[i] = 'u';
    escapes['\b'] = 'b';
    escapes['\f'] = 'f';
    escapes['\n'] = 'n';
    escapes['\r'] = 'r';
    escapes['\t'] = 't';
    escapes['"'] = '"';
    escapes['\\'] = '\\';
    return escapes;
}

constexpr std::array<char, 256> escapes = makeEscapes();
constexpr std::string_view hexDigits = "0123456789abcdef";

} // namespace

void JsonWriter::separate()
{
    if (m_needsComma)
        m_text += ',';
    m_needsComma = true;
}

JsonWriter& JsonWriter::open(char bracket)
{
    separate();
    m_text += bracket;
    m_needsComma = false;
    return *this;
}

JsonWriter& JsonWriter::close(char bracket)
{
    m_text += bracket;
    m_needsComma = true;
    return *this;
}

JsonWriter& JsonWriter::key(std::string_view name)
{
    separate();
    m_text += '"';
    m_text += name;
    m_text += "\":";
    m_needsComma = false;
    return *this;
}

JsonWriter& JsonWriter::value(std::string_view text)
{
    separate();
    m_text += '"';
    std::size_t plainFrom = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        const char escape = escapes[byte];
        if (escape == 0)
            continue;
        m_text += text.substr(plainFrom, i - plainFrom);
        plainFrom = i + 1;
        m_text += '\\';
        m_text += escape;
        if (escape == 'u') {
            m_text += "00";
            m_text += hexDigits[byte >> 4];
            m_text += hexDigits[byte & 15U];
        }
    }
    m_text += text.substr(plainFrom);
    m_text += '"';
    return *this;
}

JsonWriter& JsonWriter::integer(std::int64_t number)
{
    separate();
    std::array<char, 24> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    m_text.append(digits.data(), end);
    return *this;
}

JsonWriter& JsonWriter::natural(std::uint64_t number)
{
    separate();
    std::array<char, 24> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    m_text.append(digits.data(), end);
    return *this;
}

JsonWriter& JsonWriter::value(double number)
{
    if (!std::isfinite(number))
        return null(); // JSON has no word for it
    separate();
    std::array<char, 32> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    m_text.append(digits.data(), end);
    return *this;
}

JsonWriter& JsonWriter::raw(std::string_view json)
{
    separate();
    m_text += json;
    return *this;
}

} // namespace gantry
