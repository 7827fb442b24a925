// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/api/passwords.h"

#include <algorithm>
#include <array>
#include <sodium.h>

namespace gantry::api {

namespace {

/// The commonest passwords of 12 characters and more in lists of stolen ones, and phrases that everybody thinks of; in lower case. Shorter ones need no mention.
constexpr std::array<std::string_view, 64> commonPasswords{"123456789012", "1234567890123", "12345678901234",
    "123456789012345", "1234567890123456", "123456123456", "123123123123", "112233445566", "102030405060",
    "987654321098", "098765432109", "0123456789012", "1q2w3e4r5t6y", "1q2w3e4r5t6y7u", "1q2w3e4r5t6y7u8i",
    "1qaz2wsx3edc", "1qaz2wsx3edc4rfv", "qwertyuiop12", "qwertyuiop123", "qwertyuiop1234", "qwertyuiopasdf",
    "qwertyuiopasdfghjklzxcvbnm", "qwertyqwerty", "qwerty123456", "qwerty1234567", "qwerty12345678",
    "qwerty123456789", "qwertyuiop[]", "asdfghjkl123", "asdfghjkl1234", "asdfghjklqwertyuiop", "asdfasdfasdf",
    "zxcvbnm12345", "zxcvbnm123456", "zxcvbnmasdfghjkl", "abcdefghijkl", "abcdefghijklm", "abcdefghijklmnop",
    "abcdefghijklmnopqrstuvwxyz", "abc123456789", "abcd12345678", "abcdef123456", "password1234",
    "password12345", "password123456", "password1234567", "password12345678", "password123456789",
    "password123!", "passwordpassword", "password2024", "password2025", "password2026", "mypassword123",
    "p@ssw0rd1234", "passw0rd1234", "administrator", "administrator1", "adminadminadmin", "welcome12345",
    "letmein12345", "changeme1234", "iloveyou1234", "correcthorsebatterystaple"};

std::string lowerCase(std::string_view text)
{
    std::string lower(text);
    for (char& c : lower)
        if (c >= 'A' && c <= 'Z')
            c = static_cast<char>(c + ('a' - 'A'));
    return lower;
}

/// In code points: UTF-8 that was checked before.
std::size_t lengthOf(std::string_view text)
{
    return static_cast<std::size_t>(std::count_if(
        text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U; }));
}

/// Whether a text is one piece again and again, the last time perhaps in part: `aaaa…`, `annannann`.
bool isRepetition(std::string_view text, std::size_t piece)
{
    return piece < text.size() && text.substr(piece) == text.substr(0, text.size() - piece);
}

/// Whether each character follows on the one before, or precedes it: `abcdefgh…`, `98765432…`.
bool isRun(std::string_view text)
{
    const auto steps = [&](int step) {
        return std::adjacent_find(text.begin(), text.end(), [step](char a, char b) { return b - a != step; })
            == text.end();
    };
    return steps(1) || steps(-1);
}

/// Whether nothing but a few characters is left when a word is taken away.
bool isHardlyMoreThan(const std::string& text, std::string_view word)
{
    constexpr std::size_t fewCharacters = 8;
    const auto at = text.find(word);
    return word.size() >= 3 && at != std::string::npos && text.size() - word.size() < fewCharacters;
}

Error refused(const char* what)
{
    return {ErrorCode::InvalidValue, std::string("The new password ") + what,
        {{"/new", ErrorCode::InvalidValue, what}}};
}

std::string textOf(const std::array<unsigned char, 32>& secret)
{
    std::array<char, 64> text{};
    sodium_bin2base64(
        text.data(), text.size(), secret.data(), secret.size(), sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    return text.data();
}

} // namespace

Result<std::string> hashPassword(std::string_view password, PasswordCost cost)
{
    std::array<char, crypto_pwhash_STRBYTES> text{};
    if (crypto_pwhash_str_alg(text.data(), password.data(), password.size(), cost.passes, cost.memoryBytes,
            crypto_pwhash_ALG_ARGON2ID13)
        != 0)
        return failure(ErrorCode::Unavailable,
            "There is no memory to hash a password with just now. Try again a little later.");
    return std::string(text.data());
}

bool fitsPassword(std::string_view password, const std::string& hash)
{
    return crypto_pwhash_str_verify(hash.c_str(), password.data(), password.size()) == 0;
}

bool isOutdated(const std::string& hash, PasswordCost cost)
{
    return crypto_pwhash_str_needs_rehash(hash.c_str(), cost.passes, cost.memoryBytes) != 0;
}

Result<void> checkNewPassword(std::string_view password, std::string_view person)
{
    constexpr std::size_t longestPiece = 4;
    if (lengthOf(password) < PasswordLimits::leastCharacters)
        return tl::unexpected(refused("must have at least 12 characters. A few words in a row do well."));
    const std::string lower = lowerCase(password);
    bool isPattern = isRun(lower);
    for (std::size_t piece = 1; piece <= longestPiece; ++piece)
        isPattern = isPattern || isRepetition(lower, piece);
    if (isPattern
        || std::find(commonPasswords.begin(), commonPasswords.end(), lower) != commonPasswords.end())
        return tl::unexpected(refused("is one that is guessed first. Choose one that nobody else has."));
    if (isHardlyMoreThan(lower, person) || isHardlyMoreThan(lower, "gantry"))
        return tl::unexpected(refused("is hardly more than a name. Choose one that can't be guessed."));
    return {};
}

std::string makeOneTimePassword()
{
    constexpr std::string_view letters = "abcdefghjkmnpqrstuvwxyz23456789";
    constexpr int groups = 5;
    constexpr int ofGroup = 4;
    std::string password;
    for (int i = 0; i < groups * ofGroup; ++i) {
        if (i > 0 && i % ofGroup == 0)
            password += '-';
        password += letters[randombytes_uniform(static_cast<std::uint32_t>(letters.size()))];
    }
    return password;
}

std::string makeSessionToken()
{
    std::array<unsigned char, 32> secret{};
    randombytes_buf(secret.data(), secret.size());
    std::string token = "gs_" + textOf(secret);
    sodium_memzero(secret.data(), secret.size());
    return token;
}

} // namespace gantry::api
