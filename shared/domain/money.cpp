// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/domain/money.h"

#include <algorithm>
#include <limits>

namespace gantry {

namespace {

// ISO 4217:2015 list one as amended to 2024, in blocks of three letters, sorted; by the number of decimals of the minor unit.
constexpr std::string_view decimals0 = "BIFCLPDJFGNFISKJPYKMFKRWPYGRWFUGXUYIVNDVUVXAFXOFXPF";
constexpr std::string_view decimals2 =
    "AEDAFNALLAMDANGAOAARSAUDAWGAZNBAMBBDBDTBGNBMDBNDBOBBOVBRLBSDBTNBWPBYNBZDCADCDFCHECHFCHWCNYCOPCOUCRCCUPCV"
    "ECZKDKKDOP"
    "DZDEGPERNETBEURFJDFKPGBPGELGHSGIPGMDGTQGYDHKDHNLHTGHUFIDRILSINRIRRJMDKESKGSKHRKPWKYDKZTLAKLBPLKRLRDLSLMA"
    "DMDLMGAMKDMMK"
    "MNTMOPMRUMURMVRMWKMXNMXVMYRMZNNADNGNNIONOKNPRNZDPABPENPGKPHPPKRPLNQARRONRSDRUBSARSBDSCRSDGSEKSGDSHPSLESO"
    "SSRDSSPSTNSVC"
    "SYPSZLTHBTJSTMTTOPTRYTTDTWDTZSUAHUSDUSNUYUUZSVEDVESWSTXCDYERZARZMWZWG";
constexpr std::string_view decimals3 = "BHDIQDJODKWDLYDOMRTND";
constexpr std::string_view decimals4 = "CLFUYW";

constexpr bool contains(std::string_view list, std::string_view code) noexcept
{
    for (std::size_t i = 0; i < list.size(); i += 3)
        if (list.substr(i, 3) == code)
            return true;
    return false;
}

} // namespace

std::optional<Currency> Currency::fromCode(std::string_view code) noexcept
{
    if (code.size() != 3)
        return std::nullopt;
    const std::array<char, 3> letters{code[0], code[1], code[2]};
    if (contains(decimals2, code))
        return Currency(letters, 2);
    if (contains(decimals0, code))
        return Currency(letters, 0);
    if (contains(decimals3, code))
        return Currency(letters, 3);
    if (contains(decimals4, code))
        return Currency(letters, 4);
    return std::nullopt;
}

std::optional<MinorUnits> addChecked(MinorUnits a, MinorUnits b) noexcept
{
    MinorUnits sum = 0;
    if (__builtin_add_overflow(a, b, &sum))
        return std::nullopt;
    return sum;
}

std::optional<MinorUnits> multiplyChecked(MinorUnits a, MinorUnits b) noexcept
{
    MinorUnits product = 0;
    if (__builtin_mul_overflow(a, b, &product))
        return std::nullopt;
    return product;
}

std::string formatAmount(MinorUnits amount, Currency currency)
{
    const bool negative = amount < 0;
    // Negating the smallest integer overflows; in unsigned arithmetic it does not.
    const std::uint64_t magnitude =
        negative ? 0 - static_cast<std::uint64_t>(amount) : static_cast<std::uint64_t>(amount);
    std::string digits = std::to_string(magnitude);
    const auto decimals = static_cast<std::size_t>(currency.exponent());
    if (decimals > 0) {
        if (digits.size() <= decimals)
            digits.insert(0, decimals + 1 - digits.size(), '0');
        digits.insert(digits.size() - decimals, 1, '.');
    }
    return negative ? "-" + digits : digits;
}

std::optional<MinorUnits> parseAmount(std::string_view text, Currency currency) noexcept
{
    const bool negative = !text.empty() && text.front() == '-';
    if (negative)
        text.remove_prefix(1);
    const auto point = text.find('.');
    const auto whole = text.substr(0, point);
    const auto fraction = point == std::string_view::npos ? std::string_view() : text.substr(point + 1);
    const auto decimals = static_cast<std::size_t>(currency.exponent());
    if (whole.empty() || fraction.size() > decimals || (point != std::string_view::npos && fraction.empty()))
        return std::nullopt;
    std::optional<MinorUnits> amount = 0;
    // Digits are added with their sign: the smallest amount has no positive twin.
    const auto append = [&amount, negative](char c) {
        if (!amount || c < '0' || c > '9') {
            amount.reset();
            return;
        }
        amount = multiplyChecked(*amount, 10);
        if (amount)
            amount = addChecked(*amount, negative ? '0' - c : c - '0');
    };
    std::for_each(whole.begin(), whole.end(), append);
    std::for_each(fraction.begin(), fraction.end(), append);
    for (std::size_t i = fraction.size(); i < decimals; ++i)
        append('0');
    return amount;
}

} // namespace gantry
