// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/util/text.h"

#include <algorithm>

namespace gantry {

namespace {

constexpr std::string_view replacement = "\xef\xbf\xbd"; // U+FFFD

bool isControl(char c) noexcept
{
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

/// The bytes of the character at the beginning; 0 if none is there. By table 3-7 of the Unicode Standard: no overlong forms, no surrogates.
std::size_t characterSize(std::string_view text) noexcept
{
    const auto byte = [text](std::size_t i) {
        return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
    };
    const auto isIn = [&](std::size_t i, unsigned low, unsigned high) {
        return byte(i) >= low && byte(i) <= high;
    };
    if (byte(0) < 0x80)
        return 1;
    if (isIn(0, 0xc2, 0xdf))
        return isIn(1, 0x80, 0xbf) ? 2 : 0;
    if (isIn(0, 0xe0, 0xef)) {
        const unsigned low = byte(0) == 0xe0 ? 0xa0 : 0x80;
        const unsigned high = byte(0) == 0xed ? 0x9f : 0xbf;
        return isIn(1, low, high) && isIn(2, 0x80, 0xbf) ? 3 : 0;
    }
    if (isIn(0, 0xf0, 0xf4)) {
        const unsigned low = byte(0) == 0xf0 ? 0x90 : 0x80;
        const unsigned high = byte(0) == 0xf4 ? 0x8f : 0xbf;
        return isIn(1, low, high) && isIn(2, 0x80, 0xbf) && isIn(3, 0x80, 0xbf) ? 4 : 0;
    }
    return 0;
}

} // namespace

bool hasControlCharacter(std::string_view text) noexcept
{
    return std::any_of(text.begin(), text.end(), isControl);
}

std::string escapePointer(std::string_view name)
{
    std::string escaped;
    for (const char c : name) {
        if (c == '~')
            escaped += "~0";
        else if (c == '/')
            escaped += "~1";
        else
            escaped += c;
    }
    return escaped;
}

std::string toPlainText(std::string_view bytes, std::size_t maxBytes)
{
    std::string text;
    while (!bytes.empty()) {
        const std::size_t size = characterSize(bytes);
        const std::string_view character = size == 0 ? replacement
            : isControl(bytes.front())               ? std::string_view(" ")
                                                     : bytes.substr(0, size);
        if (text.size() + character.size() > maxBytes)
            break;
        text += character;
        bytes.remove_prefix(std::max<std::size_t>(size, 1));
    }
    return text;
}

} // namespace gantry
