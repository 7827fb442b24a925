// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/domain/order_id.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gantry::engine {

/// Names one lease of one attempt: the fencing token that every answer of a worker must carry. A value.
struct LeaseToken {
    OrderId order{};
    std::uint64_t step = 0; ///< stepMark() of the step's name
    std::uint32_t attempt = 0;
    std::uint32_t epoch = 0; ///< of the partition when it leased; its low 32 bits
    std::uint64_t lease = 0; ///< number of the lease in that epoch, from 1
    bool operator==(const LeaseToken&) const = default;
};

/// A step's name as a token carries it.
std::uint64_t stepMark(std::string_view step) noexcept;

/// Writes tokens for workers and reads them back, with a keyed digest (SipHash-2-4) over them: a token that was not made here is not read, so
/// none can be guessed or bent into another order. Immutable; any thread. Keep it off the partition's thread: that needs the plain value only.
class TokenSeal {
public:
    using Key = std::array<std::uint8_t, 16>;

    explicit TokenSeal(const Key& key) noexcept
        : m_key(key)
    {
    }

    /// A seal for a secret of any length that outlives the process: tokens stay readable after a restart.
    static TokenSeal fromSecret(std::string_view secret);

    /// 64 characters of the URL-safe base 64 alphabet.
    [[nodiscard]] std::string text(const LeaseToken& token) const;

    /// Empty if it is not a token, or not one of ours: tell the caller staleToken(). Takes any bytes.
    [[nodiscard]] std::optional<LeaseToken> read(std::string_view text) const;

private:
    Key m_key;
};

} // namespace gantry::engine
