// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/util/time.h"

#include <array>
#include <charconv>

namespace gantry {

namespace {

/// Writes `value` with leading zeros into `width` characters at `out`; gives the place behind them.
char* putDigits(char* out, int value, int width) noexcept
{
    for (int i = width - 1; i >= 0; --i) {
        out[i] = static_cast<char>('0' + value % 10);
        value /= 10;
    }
    return out + width;
}

/// Reads exactly `width` digits at `position` and moves behind them.
std::optional<int> takeDigits(std::string_view text, std::size_t& position, std::size_t width) noexcept
{
    if (position + width > text.size())
        return std::nullopt;
    int value = 0;
    for (const char c : text.substr(position, width)) {
        if (c < '0' || c > '9')
            return std::nullopt;
        value = value * 10 + (c - '0');
    }
    position += width;
    return value;
}

bool takeChar(std::string_view text, std::size_t& position, char expected, char alternative) noexcept
{
    if (position >= text.size() || (text[position] != expected && text[position] != alternative))
        return false;
    ++position;
    return true;
}

std::optional<std::chrono::milliseconds> takeFraction(std::string_view text, std::size_t& position) noexcept
{
    int millis = 0;
    int scale = 100;
    std::size_t digits = 0;
    for (; position < text.size() && text[position] >= '0' && text[position] <= '9'; ++position, ++digits) {
        millis += (text[position] - '0') * scale;
        scale /= 10;
    }
    if (digits == 0 || digits > 9)
        return std::nullopt;
    return std::chrono::milliseconds(millis);
}

std::optional<std::chrono::minutes> takeOffset(std::string_view text, std::size_t& position) noexcept
{
    if (takeChar(text, position, 'Z', 'z'))
        return std::chrono::minutes(0);
    if (position >= text.size() || (text[position] != '+' && text[position] != '-'))
        return std::nullopt;
    const int sign = text[position++] == '-' ? -1 : 1;
    const auto hours = takeDigits(text, position, 2);
    if (!hours || *hours > 23 || !takeChar(text, position, ':', ':'))
        return std::nullopt;
    const auto minutes = takeDigits(text, position, 2);
    if (!minutes || *minutes > 59)
        return std::nullopt;
    return std::chrono::minutes(sign * (*hours * 60 + *minutes));
}

// An offset may carry a time over the years that four digits can tell.
constexpr Timestamp earliest = std::chrono::sys_days(std::chrono::year(0) / 1 / 1);
constexpr Timestamp latest =
    std::chrono::sys_days(std::chrono::year(10000) / 1 / 1) - std::chrono::milliseconds(1);

/// Whether a leap second can have gone before: they end a month, in UTC.
bool followsLeapSecond(Timestamp time) noexcept
{
    const auto day = std::chrono::floor<std::chrono::days>(time);
    return time == day && std::chrono::year_month_day(day).day() == std::chrono::day(1);
}

} // namespace

std::string formatRfc3339(Timestamp time)
{
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date(day);
    const auto millis = static_cast<int>((time - day).count());
    std::array<char, 24> text{};
    char* out = putDigits(text.data(), static_cast<int>(date.year()), 4);
    *out++ = '-';
    out = putDigits(out, static_cast<int>(static_cast<unsigned>(date.month())), 2);
    *out++ = '-';
    out = putDigits(out, static_cast<int>(static_cast<unsigned>(date.day())), 2);
    *out++ = 'T';
    out = putDigits(out, millis / 3600000, 2);
    *out++ = ':';
    out = putDigits(out, millis / 60000 % 60, 2);
    *out++ = ':';
    out = putDigits(out, millis / 1000 % 60, 2);
    *out++ = '.';
    out = putDigits(out, millis % 1000, 3);
    *out = 'Z';
    return std::string(text.data(), text.size());
}

std::optional<Timestamp> parseRfc3339(std::string_view text) noexcept
{
    std::size_t at = 0;
    const auto year = takeDigits(text, at, 4);
    if (!year || !takeChar(text, at, '-', '-'))
        return std::nullopt;
    const auto month = takeDigits(text, at, 2);
    if (!month || !takeChar(text, at, '-', '-'))
        return std::nullopt;
    const auto day = takeDigits(text, at, 2);
    if (!day || !takeChar(text, at, 'T', 't'))
        return std::nullopt;
    const auto hour = takeDigits(text, at, 2);
    if (!hour || *hour > 23 || !takeChar(text, at, ':', ':'))
        return std::nullopt;
    const auto minute = takeDigits(text, at, 2);
    if (!minute || *minute > 59 || !takeChar(text, at, ':', ':'))
        return std::nullopt;
    const auto second = takeDigits(text, at, 2);
    if (!second || *second > 60)
        return std::nullopt;
    std::chrono::milliseconds fraction{0};
    if (takeChar(text, at, '.', '.')) {
        const auto parsed = takeFraction(text, at);
        if (!parsed)
            return std::nullopt;
        fraction = *second == 60 ? std::chrono::milliseconds(0) : *parsed;
    }
    const auto offset = takeOffset(text, at);
    const std::chrono::year_month_day date{std::chrono::year(*year),
        std::chrono::month(static_cast<unsigned>(*month)), std::chrono::day(static_cast<unsigned>(*day))};
    if (!offset || at != text.size() || !date.ok())
        return std::nullopt;
    const Timestamp time = std::chrono::sys_days(date) + std::chrono::hours(*hour)
        + std::chrono::minutes(*minute) + std::chrono::seconds(*second) + fraction - *offset;
    if (time < earliest || time > latest || (*second == 60 && !followsLeapSecond(time)))
        return std::nullopt;
    return time;
}

} // namespace gantry
