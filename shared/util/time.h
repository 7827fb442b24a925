// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gantry {

/// A point in time, UTC, to the millisecond. All times inside Gantry are of this type.
using Timestamp = std::chrono::sys_time<std::chrono::milliseconds>;

/// Milliseconds since 1970-01-01T00:00:00Z.
constexpr std::int64_t toMillis(Timestamp time) noexcept
{
    return time.time_since_epoch().count();
}

/// The reverse of toMillis().
constexpr Timestamp fromMillis(std::int64_t millis) noexcept
{
    return Timestamp(std::chrono::milliseconds(millis));
}

/// RFC 3339 in UTC with milliseconds: `2026-03-01T08:15:30.250Z`. Years 0000 to 9999.
std::string formatRfc3339(Timestamp time);

/// Reads an RFC 3339 date-time with any offset and up to nine fraction digits (cut to milliseconds). A leap second (`:60`, only where a month
/// ends in UTC) reads as the first millisecond of the next minute. Empty if the text is not one, or lies outside the years that
/// formatRfc3339() can write.
std::optional<Timestamp> parseRfc3339(std::string_view text) noexcept;

} // namespace gantry
