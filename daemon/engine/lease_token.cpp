// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/engine/lease_token.h"

#include "shared/util/hash.h"

#include <algorithm>
#include <sodium.h>

namespace gantry::engine {

namespace {

constexpr std::size_t orderBytes = 16;
constexpr std::size_t contentBytes = orderBytes + 8 + 4 + 4 + 8;
constexpr std::size_t tokenBytes = contentBytes + crypto_shorthash_BYTES;
constexpr std::size_t textBytes = tokenBytes / 3 * 4;
static_assert(tokenBytes % 3 == 0, "the text needs no padding");

using Bytes = std::array<std::uint8_t, tokenBytes>;

template <typename Number>
void put(Bytes& bytes, std::size_t at, Number number)
{
    for (std::size_t i = 0; i < sizeof(Number); ++i)
        bytes[at + i] = static_cast<std::uint8_t>(number >> (8 * (sizeof(Number) - 1 - i)));
}

template <typename Number>
Number get(const Bytes& bytes, std::size_t at)
{
    Number number = 0;
    for (std::size_t i = 0; i < sizeof(Number); ++i)
        number = static_cast<Number>((number << 8) | bytes[at + i]);
    return number;
}

void sign(Bytes& bytes, const TokenSeal::Key& key)
{
    crypto_shorthash(bytes.data() + contentBytes, bytes.data(), contentBytes, key.data());
}

} // namespace

static_assert(crypto_shorthash_KEYBYTES == std::tuple_size_v<TokenSeal::Key>);

std::uint64_t stepMark(std::string_view step) noexcept
{
    return mix64(fnv1a(step));
}

TokenSeal TokenSeal::fromSecret(std::string_view secret)
{
    constexpr std::string_view purpose = "gantry lease token 1";
    crypto_generichash_state state;
    crypto_generichash_init(&state, nullptr, 0, std::tuple_size_v<Key>);
    const auto add = [&state](std::string_view text) {
        crypto_generichash_update(&state, reinterpret_cast<const unsigned char*>(text.data()), text.size());
    };
    add(purpose);
    add(secret);
    Key key{};
    crypto_generichash_final(&state, key.data(), key.size());
    return TokenSeal(key);
}

std::string TokenSeal::text(const LeaseToken& token) const
{
    Bytes bytes{};
    const std::string_view order = token.order.bytes();
    std::copy(order.begin(), order.end(), bytes.begin());
    put(bytes, 16, token.step);
    put(bytes, 24, token.attempt);
    put(bytes, 28, token.epoch);
    put(bytes, 32, token.lease);
    sign(bytes, m_key);
    std::array<char, textBytes + 1> text{};
    sodium_bin2base64(
        text.data(), text.size(), bytes.data(), bytes.size(), sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    return {text.data(), textBytes};
}

std::optional<LeaseToken> TokenSeal::read(std::string_view text) const
{
    if (text.size() != textBytes)
        return std::nullopt;
    Bytes bytes{};
    std::size_t count = 0;
    if (sodium_base642bin(bytes.data(), bytes.size(), text.data(), text.size(), nullptr, &count, nullptr,
            sodium_base64_VARIANT_URLSAFE_NO_PADDING)
            != 0
        || count != bytes.size())
        return std::nullopt;
    Bytes expected = bytes;
    sign(expected, m_key);
    if (sodium_memcmp(expected.data() + contentBytes, bytes.data() + contentBytes, crypto_shorthash_BYTES)
        != 0)
        return std::nullopt;
    LeaseToken token;
    token.order =
        *OrderId::fromBytes(std::string_view(reinterpret_cast<const char*>(bytes.data()), orderBytes));
    token.step = get<std::uint64_t>(bytes, 16);
    token.attempt = get<std::uint32_t>(bytes, 24);
    token.epoch = get<std::uint32_t>(bytes, 28);
    token.lease = get<std::uint64_t>(bytes, 32);
    return token;
}

} // namespace gantry::engine
