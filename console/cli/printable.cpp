// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/cli/printable.h"

#include <array>
#include <cstdint>
#include <cstdio>

namespace gantry::console {

namespace {

struct CodePoint {
    std::uint32_t value = 0;
    std::size_t bytes = 1;
    bool isValid = false;
};

/// Decodes the code point at the start of `text` (not empty); an invalid byte stands for itself.
CodePoint decode(std::string_view text) noexcept
{
    const auto byte = [&text](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
    const std::uint8_t lead = byte(0);
    if (lead < 0x80)
        return {lead, 1, true};
    const std::size_t length = lead >= 0xf0 && lead < 0xf5 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc2 ? 2 : 0;
    if (length == 0 || lead >= 0xf5 || text.size() < length)
        return {lead, 1, false};
    std::uint32_t value = lead & (0xffU >> (length + 1));
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(i) & 0xc0) != 0x80)
            return {lead, 1, false};
        value = (value << 6) | (byte(i) & 0x3fU);
    }
    const bool overlong = (length == 3 && value < 0x800) || (length == 4 && value < 0x10000);
    const bool outside = value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff);
    return overlong || outside ? CodePoint{lead, 1, false} : CodePoint{value, length, true};
}

bool isHostile(std::uint32_t c) noexcept
{
    return c < 0x20 || (c >= 0x7f && c <= 0x9f) || c == 0x061c || c == 0x200b || c == 0x200e || c == 0x200f
        || (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) || c == 0xfeff
        || (c >= 0xfff9 && c <= 0xfffb) || (c >= 0xe0000 && c <= 0xe007f);
}

bool isWide(std::uint32_t c) noexcept
{
    return (c >= 0x1100 && c <= 0x115f) || (c >= 0x2e80 && c <= 0xa4cf) || (c >= 0xac00 && c <= 0xd7a3)
        || (c >= 0xf900 && c <= 0xfaff) || (c >= 0xfe30 && c <= 0xfe6f) || (c >= 0xff00 && c <= 0xff60)
        || (c >= 0x1f300 && c <= 0x1faff) || (c >= 0x20000 && c <= 0x3fffd);
}

bool isCombining(std::uint32_t c) noexcept
{
    return (c >= 0x300 && c <= 0x36f) || (c >= 0xfe00 && c <= 0xfe0f);
}

void appendHex(std::string& out, const char* format, std::uint32_t value)
{
    std::array<char, 16> text{};
    // The formats are the literals below.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    std::snprintf(text.data(), text.size(), format, value);
#pragma GCC diagnostic pop
    out += text.data();
}

void appendJsonEscape(std::string& out, std::uint32_t value)
{
    if (value < 0x10000) {
        appendHex(out, "\\u%04x", value);
        return;
    }
    appendHex(out, "\\u%04x", 0xd800 + ((value - 0x10000) >> 10));
    appendHex(out, "\\u%04x", 0xdc00 + ((value - 0x10000) & 0x3ff));
}

} // namespace

std::string printable(std::string_view text)
{
    std::string out;
    out.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
        const CodePoint point = decode(text.substr(at));
        if (!point.isValid || (isHostile(point.value) && point.value < 0x100))
            appendHex(out, "\\x%02x", point.value);
        else if (isHostile(point.value))
            appendHex(out, "\\u%04x", point.value);
        else
            out += text.substr(at, point.bytes);
        at += point.bytes;
    }
    return out;
}

std::string printableJson(std::string_view json)
{
    std::string out;
    out.reserve(json.size());
    for (std::size_t at = 0; at < json.size();) {
        const CodePoint point = decode(json.substr(at));
        // Below 0x20 only white space between tokens is left: inside texts JSON escapes it anyhow.
        if (point.isValid && point.value >= 0x20 && isHostile(point.value))
            appendJsonEscape(out, point.value);
        else
            out += json.substr(at, point.bytes);
        at += point.bytes;
    }
    return out;
}

std::size_t columnsOf(std::string_view text) noexcept
{
    std::size_t columns = 0;
    for (std::size_t at = 0; at < text.size();) {
        const CodePoint point = decode(text.substr(at));
        if (!isCombining(point.value))
            columns += isWide(point.value) ? 2 : 1;
        at += point.bytes;
    }
    return columns;
}

} // namespace gantry::console
