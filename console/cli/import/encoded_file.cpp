// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/cli/import/encoded_file.h"

namespace gantry::console {

namespace {

/// Windows-1252, 0x80 to 0x9f; 0: nothing stands there.
constexpr std::array<char16_t, 32> windows{0x20ac, 0, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6,
    0x2030, 0x0160, 0x2039, 0x0152, 0, 0x017d, 0, 0, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014,
    0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0, 0x017e, 0x0178};

void appendUtf8(std::string& out, char16_t c)
{
    if (c < 0x80) {
        out += static_cast<char>(c);
    } else if (c < 0x800) {
        out += static_cast<char>(0xc0 | (c >> 6));
        out += static_cast<char>(0x80 | (c & 0x3f));
    } else {
        out += static_cast<char>(0xe0 | (c >> 12));
        out += static_cast<char>(0x80 | ((c >> 6) & 0x3f));
        out += static_cast<char>(0x80 | (c & 0x3f));
    }
}

} // namespace

EncodedFile::int_type EncodedFile::underflow()
{
    m_stream.read(m_raw.data(), static_cast<std::streamsize>(m_raw.size()));
    const auto count = static_cast<std::size_t>(m_stream.gcount());
    if (count == 0 && m_stream.bad())
        throw std::ios_base::failure("reading failed"); // so a stream is told; it keeps it as its own badbit
    if (count == 0)
        return traits_type::eof();
    m_text.clear();
    if (m_encoding == TextEncoding::Utf8)
        m_text.assign(m_raw.data(), count);
    else
        for (std::size_t i = 0; i < count; ++i) {
            const auto byte = static_cast<unsigned char>(m_raw.at(i));
            const bool isWindows = m_encoding == TextEncoding::Windows1252 && byte >= 0x80 && byte < 0xa0;
            const char16_t c = isWindows ? windows.at(byte - 0x80U) : char16_t{byte};
            if (isWindows && c == 0)
                m_text += '\xff';
            else
                appendUtf8(m_text, c);
        }
    setg(m_text.data(), m_text.data(), m_text.data() + m_text.size());
    return traits_type::to_int_type(m_text.front());
}

} // namespace gantry::console
