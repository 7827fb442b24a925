// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string_view>

namespace gantry {

/// FNV-1a, 64 bits, of some bytes, going on from `seed`. Stable for ever: slots and digests are made of it. Not for secrets.
constexpr std::uint64_t fnv1a(std::string_view bytes, std::uint64_t seed = 0xcbf29ce484222325ULL) noexcept
{
    for (const char c : bytes) {
        seed ^= static_cast<std::uint8_t>(c);
        seed *= 0x100000001b3ULL;
    }
    return seed;
}

/// Spreads the bits of a number evenly (the finaliser of SplitMix64, Steele, Lea and Flood 2014).
constexpr std::uint64_t mix64(std::uint64_t value) noexcept
{
    value ^= value >> 30;
    value *= 0xbf58476d1ce4e5b9ULL;
    value ^= value >> 27;
    value *= 0x94d049bb133111ebULL;
    value ^= value >> 31;
    return value;
}

} // namespace gantry
