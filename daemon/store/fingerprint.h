// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace gantry::store {

/// A digest of a request's contents, by which a repeat is told from another request.
using Fingerprint = std::array<std::uint8_t, 16>;

/// The same as bytes; valid as long as the fingerprint.
inline std::string_view bytesOf(const Fingerprint& fingerprint) noexcept
{
    return {reinterpret_cast<const char*>(fingerprint.data()), fingerprint.size()};
}

} // namespace gantry::store
