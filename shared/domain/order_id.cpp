// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/domain/order_id.h"

#include "shared/util/hash.h"

#include <algorithm>
#include <cstring>

namespace gantry {

namespace {

constexpr std::string_view prefix = "ord_";
constexpr std::string_view alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
constexpr std::size_t encodedLength = 26;

char toLower(char c) noexcept
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

int digitOf(char c) noexcept
{
    const auto position = alphabet.find(toLower(c));
    return position == std::string_view::npos ? -1 : static_cast<int>(position);
}

} // namespace

Slot slotOf(std::string_view channel, std::string_view externalId) noexcept
{
    // The zero byte keeps ("ab", "c") and ("a", "bc") apart; channels hold no control characters.
    const auto hash = fnv1a(externalId, fnv1a(std::string_view("\0", 1), fnv1a(channel)));
    return static_cast<Slot>(mix64(hash) % slotCount);
}

OrderId OrderId::make(Timestamp time, Slot slot, std::array<std::uint64_t, 2> entropy) noexcept
{
    OrderId id;
    const auto millis = static_cast<std::uint64_t>(toMillis(time));
    for (std::size_t i = 0; i < 6; ++i)
        id.m_bytes[i] = static_cast<std::uint8_t>(millis >> (8 * (5 - i)));
    id.m_bytes[6] = static_cast<std::uint8_t>(slot >> 2);
    id.m_bytes[7] = static_cast<std::uint8_t>(((slot & 3U) << 6) | (entropy[0] & 0x3fU));
    for (std::size_t i = 0; i < 8; ++i)
        id.m_bytes[8 + i] = static_cast<std::uint8_t>(entropy[1] >> (8 * i));
    return id;
}

std::optional<OrderId> OrderId::fromText(std::string_view text) noexcept
{
    if (text.size() != prefix.size() + encodedLength
        || !std::equal(prefix.begin(), prefix.end(), text.begin(),
            [](char expected, char c) { return toLower(c) == expected; }))
        return std::nullopt;
    OrderId id;
    // 26 digits of 5 bits are 130 bits: the two on top must be zero.
    unsigned buffer = 0;
    int bits = -2;
    std::size_t out = 0;
    for (const char c : text.substr(prefix.size())) {
        const int digit = digitOf(c);
        if (digit < 0 || (bits == -2 && digit > 7))
            return std::nullopt;
        buffer = (buffer << 5) | static_cast<unsigned>(digit);
        bits += 5;
        if (bits >= 8) {
            bits -= 8;
            id.m_bytes[out++] = static_cast<std::uint8_t>(buffer >> bits);
        }
    }
    return id;
}

std::optional<OrderId> OrderId::fromBytes(std::string_view bytes) noexcept
{
    OrderId id;
    if (bytes.size() != id.m_bytes.size())
        return std::nullopt;
    std::memcpy(id.m_bytes.data(), bytes.data(), bytes.size());
    return id;
}

std::string OrderId::text() const
{
    std::string text(prefix.size() + encodedLength, '0');
    std::copy(prefix.begin(), prefix.end(), text.begin());
    unsigned buffer = 0;
    int bits = 2;
    std::size_t out = prefix.size();
    for (const std::uint8_t byte : m_bytes) {
        buffer = (buffer << 8) | byte;
        bits += 8;
        while (bits >= 5) {
            bits -= 5;
            text[out++] = alphabet[(buffer >> bits) & 31U];
        }
    }
    return text;
}

Slot OrderId::slot() const noexcept
{
    return static_cast<Slot>(
        (static_cast<unsigned>(m_bytes[6]) << 2) | (static_cast<unsigned>(m_bytes[7]) >> 6));
}

Timestamp OrderId::time() const noexcept
{
    std::uint64_t millis = 0;
    for (std::size_t i = 0; i < 6; ++i)
        millis = (millis << 8) | m_bytes[i];
    return fromMillis(static_cast<std::int64_t>(millis));
}

std::uint64_t hashOf(const OrderId& id) noexcept
{
    std::uint64_t high = 0;
    std::uint64_t low = 0;
    std::memcpy(&high, id.bytes().data(), 8);
    std::memcpy(&low, id.bytes().data() + 8, 8);
    return mix64(high ^ mix64(low));
}

} // namespace gantry
