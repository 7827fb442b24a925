// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/intake/secret_box.h"

#include <sodium.h>

namespace gantry::intake {

namespace {

unsigned char* bytesOf(std::string& text)
{
    return reinterpret_cast<unsigned char*>(text.data());
}

const unsigned char* bytesOf(std::string_view text)
{
    return reinterpret_cast<const unsigned char*>(text.data());
}

constexpr std::size_t nonceBytes = crypto_secretbox_NONCEBYTES;
constexpr std::size_t addedBytes = nonceBytes + crypto_secretbox_MACBYTES;

} // namespace

SecretBox SecretBox::fromSecret(std::string_view secret)
{
    static_assert(std::tuple_size_v<Key> == crypto_secretbox_KEYBYTES);
    constexpr std::string_view purpose = "gantry webhook secrets 1";
    Key key{};
    crypto_generichash_state state;
    crypto_generichash_init(&state, nullptr, 0, key.size());
    crypto_generichash_update(&state, bytesOf(purpose), purpose.size());
    crypto_generichash_update(&state, bytesOf(secret), secret.size());
    crypto_generichash_final(&state, key.data(), key.size());
    return SecretBox(key);
}

std::string SecretBox::seal(std::string_view text) const
{
    std::string sealed(addedBytes + text.size(), '\0');
    randombytes_buf(sealed.data(), nonceBytes);
    crypto_secretbox_easy(
        bytesOf(sealed) + nonceBytes, bytesOf(text), text.size(), bytesOf(sealed), m_key.data());
    return sealed;
}

Result<std::string> SecretBox::open(std::string_view sealed) const
{
    if (sealed.size() >= addedBytes) {
        std::string text(sealed.size() - addedBytes, '\0');
        if (crypto_secretbox_open_easy(bytesOf(text), bytesOf(sealed) + nonceBytes,
                sealed.size() - nonceBytes, bytesOf(sealed), m_key.data())
            == 0)
            return text;
    }
    return failure(ErrorCode::Corrupt,
        "The secret of a source of webhooks can't be opened: it is damaged, or the data directory has "
        "another "
        "server.pepper than the one it was sealed with. Restore that, or give the source its secret anew "
        "with "
        "`gantryctl intake rotate`.");
}

} // namespace gantry::intake
