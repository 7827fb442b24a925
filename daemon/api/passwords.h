// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/util/result.h"

#include <cstddef>
#include <string>
#include <string_view>

namespace gantry::api {

/// What Argon2id costs whoever tries a password: docs/adr/0026-people-and-live-revocation.md says why so much.
struct PasswordCost {
    unsigned long long passes = 3;
    std::size_t memoryBytes = 64UL * 1024 * 1024;
};

/// Lengths of passwords.
struct PasswordLimits {
    static constexpr std::size_t leastCharacters = 12;
    static constexpr std::size_t mostBytes = 256;
};

/// Argon2id (RFC 9106) of a password, with a fresh salt, in the text form of libsodium: what is kept. Takes about 100 ms and the memory it costs. Errors:
/// Unavailable (no memory).
Result<std::string> hashPassword(std::string_view password, PasswordCost cost = {});

/// Whether a password is the one that was hashed. Takes as long as hashing, whatever comes of it.
[[nodiscard]] bool fitsPassword(std::string_view password, const std::string& hash);

/// Whether a hash was made with other parameters than these, and so should be made anew when the password is known.
[[nodiscard]] bool isOutdated(const std::string& hash, PasswordCost cost = {});

/// Whether a person may choose that password, by NIST SP 800-63B: it is long enough, it is none of the commonest, and it is not just the person's name or that of
/// this product; nothing is asked of which letters it has. Errors: InvalidValue.
Result<void> checkNewPassword(std::string_view password, std::string_view person);

/// A password for once: five groups of four letters and digits that can't be mistaken for each other, 99 bits.
std::string makeOneTimePassword();

/// A new token of a session: `gs_` and 43 characters that carry 256 random bits.
std::string makeSessionToken();

} // namespace gantry::api
