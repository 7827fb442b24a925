// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/util/result.h"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace gantry::intake {

/// Seals secrets for the store and opens them again (XSalsa20-Poly1305): who has the data file alone, a backup of it for one, has no secret. Immutable; any
/// thread.
class SecretBox {
public:
    /// A box whose key follows from a secret that stands elsewhere and outlives the process.
    static SecretBox fromSecret(std::string_view secret);

    /// Raw bytes, others each time.
    [[nodiscard]] std::string seal(std::string_view text) const;

    /// Errors: Corrupt (damaged, or sealed with another key).
    [[nodiscard]] Result<std::string> open(std::string_view sealed) const;

private:
    using Key = std::array<std::uint8_t, 32>;
    explicit SecretBox(const Key& key) noexcept
        : m_key(key)
    {
    }
    Key m_key;
};

} // namespace gantry::intake
