// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/api/fingerprint.h"

#include <array>
#include <sodium.h>

namespace gantry::api {

namespace {

const unsigned char* bytesOf(std::string_view text)
{
    return reinterpret_cast<const unsigned char*>(text.data());
}

} // namespace

store::Fingerprint fingerprintOf(std::string_view bytes)
{
    store::Fingerprint print{};
    crypto_generichash(print.data(), print.size(), bytesOf(bytes), bytes.size(), nullptr, 0);
    return print;
}

std::string hashApiKey(std::string_view key, std::string_view pepper)
{
    std::array<unsigned char, 32> hash{};
    crypto_generichash(hash.data(), hash.size(), bytesOf(key), key.size(), bytesOf(pepper), pepper.size());
    return {reinterpret_cast<const char*>(hash.data()), hash.size()};
}

std::string makeApiKey()
{
    std::array<unsigned char, 32> secret{};
    randombytes_buf(secret.data(), secret.size());
    std::array<char, 64> text{};
    sodium_bin2base64(
        text.data(), text.size(), secret.data(), secret.size(), sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    sodium_memzero(secret.data(), secret.size());
    return std::string("gk_") + text.data();
}

} // namespace gantry::api
