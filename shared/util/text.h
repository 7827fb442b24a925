// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace gantry {

/// Whether a text holds a control character of ASCII: a zero byte that ends it early in C, a newline that breaks a log's line, an escape that a
/// terminal obeys.
bool hasControlCharacter(std::string_view text) noexcept;

/// A name as a part of a JSON pointer (RFC 6901): `~` is written `~0`, `/` is written `~1`.
std::string escapePointer(std::string_view name);

/// What came from outside as text that can be stored and shown: valid UTF-8 (what is not becomes U+FFFD), each control character a space, cut at a
/// character's border to `maxBytes`.
std::string toPlainText(std::string_view bytes, std::size_t maxBytes);

} // namespace gantry
