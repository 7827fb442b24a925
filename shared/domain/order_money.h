// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/domain/money.h"
#include "shared/util/result.h"

#include <optional>
#include <string_view>

namespace gantry {

/// What one step did with an order's money, or what a correction changes: added to the books. A step's are never negative.
struct MoneyChange {
    MinorUnits authorized = 0;
    MinorUnits captured = 0;
    MinorUnits refunded = 0;
    bool operator==(const MoneyChange&) const = default;

    [[nodiscard]] bool isNothing() const noexcept { return *this == MoneyChange{}; }
};

/// The books of one order, in minor units of its currency: the sum of its events' changes.
///
/// They balance while 0 <= refunded <= captured <= authorized. No step may raise `authorized` over the order's total; a correction may.
struct OrderMoney {
    MinorUnits authorized = 0; ///< promised by whoever pays, ever
    MinorUnits captured = 0; ///< taken, ever
    MinorUnits refunded = 0; ///< given back, ever
    bool operator==(const OrderMoney&) const = default;
};

/// Whether the books balance.
[[nodiscard]] constexpr bool isBalanced(const OrderMoney& money) noexcept
{
    return 0 <= money.refunded && money.refunded <= money.captured && money.captured <= money.authorized;
}

/// The books after a change, whatever it is; a sum that does not fit wraps around, which isBalanced() and checkStepMoney() tell.
[[nodiscard]] OrderMoney afterChange(const OrderMoney& money, const MoneyChange& change) noexcept;

/// Why a step's change can't stand in the books of an order of that total, in one sentence with the numbers; empty if it can.
[[nodiscard]] std::optional<std::string> checkStepMoney(
    const OrderMoney& money, const MoneyChange& change, MinorUnits total, Currency currency);

/// The same for a correction, which may go below zero and above the total, but must leave books that balance.
[[nodiscard]] std::optional<std::string> checkCorrection(
    const OrderMoney& money, const MoneyChange& change, Currency currency);

/// The code of the incident that a machine's result ends in whose money would break the books.
constexpr std::string_view moneyMismatchCode = "money_mismatch";

} // namespace gantry
