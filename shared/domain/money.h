// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gantry {

/// An amount in minor units of a currency (cents, fils, yen). Which currency stands beside it: an order has exactly one.
using MinorUnits = std::int64_t;

/// A currency of ISO 4217 (list one, active codes), held as its three letters.
class Currency {
public:
    /// The currency of that code; empty if ISO 4217 does not list it. Upper case only.
    static std::optional<Currency> fromCode(std::string_view code) noexcept;

    [[nodiscard]] std::string_view code() const noexcept { return {m_code.data(), m_code.size()}; }

    /// How many decimal digits the minor unit has: 0 (JPY), 2 (EUR), 3 (KWD) or 4 (CLF).
    [[nodiscard]] int exponent() const noexcept { return m_exponent; }

    bool operator==(const Currency&) const = default;

private:
    constexpr Currency(std::array<char, 3> code, std::int8_t exponent) noexcept
        : m_code(code)
        , m_exponent(exponent)
    {
    }
    std::array<char, 3> m_code;
    std::int8_t m_exponent;
};

/// a + b, or empty on overflow.
std::optional<MinorUnits> addChecked(MinorUnits a, MinorUnits b) noexcept;

/// a * b, or empty on overflow.
std::optional<MinorUnits> multiplyChecked(MinorUnits a, MinorUnits b) noexcept;

/// The amount as people read it, without grouping: `1234.50`, `-0.05`, `1500`.
std::string formatAmount(MinorUnits amount, Currency currency);

/// Reads a decimal text such as `12.34` or `5` exactly; empty if it has more decimals than the currency, is not a number or
/// overflows. Never goes through floating point.
std::optional<MinorUnits> parseAmount(std::string_view text, Currency currency) noexcept;

} // namespace gantry
