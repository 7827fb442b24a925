// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/shared/support/documents.h"

#include <algorithm>
#include <array>
#include <map>

namespace gantry::test {

namespace {

std::string randomKey(Dice& dice)
{
    return static_cast<char>('a' + dice.roll(26)) + randomText(dice, 40);
}

std::vector<Payment> randomPayments(Dice& dice, MinorUnits total)
{
    std::vector<Payment> payments;
    for (auto i = dice.roll(4); i-- > 0;) {
        const auto part = static_cast<MinorUnits>(dice.roll(static_cast<std::uint64_t>(total) + 1));
        payments.push_back({randomKey(dice), i == 0 ? total : part});
        total -= payments.back().amount;
    }
    return payments;
}

} // namespace

OrderDocument sampleDocument()
{
    return {.channel = "web",
        .externalId = "10001",
        .currency = *Currency::fromCode("EUR"),
        .lines = {{"MUG-BLUE", "Blue mug", 2, 1250}, {"TEA-500", "Assam, 500 g", 1, 1999}},
        .customer = {"Ada Lovelace", "ada@example.org", "+44 20 7946 0000"},
        .shippingAddress = {"Ada Lovelace", "12 St James's Square", "2nd floor", "London", "SW1Y 4JH",
            "Greater London", "GB"},
        .shipping = 490,
        .discount = 500,
        .tax = 9,
        .total = 4498,
        .payments = {{"card", 4000}, {"voucher", 498}},
        .priority = 3,
        .promiseAt = fromMillis(1'770'100'000'000),
        .tags = {"gift", "fragile"},
        .metadata = {{"campaign", "spring"}, {"note", "leave at the door"}}};
}

std::string randomText(Dice& dice, std::size_t most)
{
    constexpr std::array<std::string_view, 16> pieces{
        "a", "Z", "7", " ", "\"", "\\", "/", "~", "<", "é", "ß", "東", "ش", "\u2028", "😀", "e\u0301"};
    std::string text;
    for (auto i = dice.roll(20); i-- > 0;) {
        const std::string_view piece = dice.pick(pieces);
        if (text.size() + piece.size() <= most)
            text += piece;
    }
    return text;
}

OrderDocument randomDocument(Dice& dice)
{
    constexpr std::array<std::string_view, 5> codes{"EUR", "JPY", "KWD", "CLF", "BRL"};
    OrderDocument document{.channel = randomKey(dice),
        .externalId = randomKey(dice),
        .currency = *Currency::fromCode(dice.pick(codes))};
    for (auto i = 1 + dice.roll(10); i-- > 0;) {
        const auto most = dice.chance(10) ? std::uint64_t{1'000'000'000'000} : std::uint64_t{100'000};
        const OrderLine line{randomKey(dice), randomText(dice, 1000),
            1 + static_cast<std::int64_t>(dice.roll(dice.chance(10) ? 1'000'000 : 10)),
            static_cast<MinorUnits>(dice.roll(most))};
        document.total += line.quantity * line.unitPrice;
        document.lines.push_back(line);
    }
    document.customer = {randomText(dice, 80), randomText(dice, 80), randomText(dice, 80)};
    document.shippingAddress = {randomText(dice, 80), randomText(dice, 80), randomText(dice, 80),
        randomText(dice, 80), randomText(dice, 80), randomText(dice, 80), dice.chance(50) ? "BR" : ""};
    if (dice.chance(50))
        document.shipping = static_cast<MinorUnits>(dice.roll(5000));
    if (dice.chance(50))
        document.tax = static_cast<MinorUnits>(dice.roll(5000));
    document.total += document.shipping + document.tax;
    if (dice.chance(50))
        document.discount =
            static_cast<MinorUnits>(dice.roll(static_cast<std::uint64_t>(document.total) + 1));
    document.total -= document.discount;
    document.payments = randomPayments(dice, document.total);
    document.priority = static_cast<int>(dice.roll(10));
    if (dice.chance(50))
        document.promiseAt = fromMillis(static_cast<std::int64_t>(dice.roll(250'000'000'000'000)));
    for (auto i = dice.roll(4); i-- > 0;)
        document.tags.push_back(randomKey(dice));
    std::map<std::string, std::string> metadata;
    for (auto i = dice.roll(5); i-- > 0;)
        metadata.emplace(randomKey(dice), randomText(dice, 200));
    document.metadata.assign(metadata.begin(), metadata.end());
    return document;
}

} // namespace gantry::test
