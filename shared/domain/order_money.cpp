// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/domain/order_money.h"

#include <string>

namespace gantry {

namespace {

bool overflows(const OrderMoney& money, const MoneyChange& change) noexcept
{
    return !addChecked(money.authorized, change.authorized) || !addChecked(money.captured, change.captured)
        || !addChecked(money.refunded, change.refunded);
}

MinorUnits wrapped(MinorUnits a, MinorUnits b) noexcept
{
    return static_cast<MinorUnits>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}

/// What is wrong with books that don't balance, with the numbers.
std::string imbalance(const OrderMoney& money, Currency currency)
{
    const auto amount = [currency](MinorUnits units) { return formatAmount(units, currency); };
    const std::string code = ' ' + std::string(currency.code());
    if (money.refunded < 0)
        return "refunded would be " + amount(money.refunded) + code + ", less than nothing";
    if (money.refunded > money.captured)
        return "refunded would be " + amount(money.refunded) + " of " + amount(money.captured) + code
            + " captured";
    return "captured would be " + amount(money.captured) + " of " + amount(money.authorized) + code
        + " authorized";
}

} // namespace

OrderMoney afterChange(const OrderMoney& money, const MoneyChange& change) noexcept
{
    return {wrapped(money.authorized, change.authorized), wrapped(money.captured, change.captured),
        wrapped(money.refunded, change.refunded)};
}

std::optional<std::string> checkStepMoney(
    const OrderMoney& money, const MoneyChange& change, MinorUnits total, Currency currency)
{
    if (change.isNothing())
        return std::nullopt;
    if (change.authorized < 0 || change.captured < 0 || change.refunded < 0)
        return "a step can't take anything back that was booked";
    if (auto wrong = checkCorrection(money, change, currency))
        return wrong;
    const OrderMoney after = afterChange(money, change);
    if (change.authorized > 0 && after.authorized > total)
        return "authorized would be " + formatAmount(after.authorized, currency) + " of "
            + formatAmount(total, currency) + ' ' + std::string(currency.code()) + " that the order totals";
    return std::nullopt;
}

std::optional<std::string> checkCorrection(
    const OrderMoney& money, const MoneyChange& change, Currency currency)
{
    if (overflows(money, change))
        return "an amount would be too large to be booked";
    const OrderMoney after = afterChange(money, change);
    if (isBalanced(after))
        return std::nullopt;
    return imbalance(after, currency);
}

} // namespace gantry
