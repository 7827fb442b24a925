// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>

namespace gantry::console {

/// A text from outside made safe for a terminal: control characters (C0, DEL, C1), invisible direction marks and broken UTF-8 come out
/// as visible escapes such as `\x1b` or `\u202e`. Nothing that an order holds can move the cursor or repaint the screen.
std::string printable(std::string_view text);

/// The same JSON value with those characters written as JSON escapes: in JSON they can only stand inside texts.
std::string printableJson(std::string_view json);

/// How many columns a printable text takes on a terminal.
std::size_t columnsOf(std::string_view text) noexcept;

} // namespace gantry::console
