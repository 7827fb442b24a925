// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/bench/order_maker.h"

#include "shared/protocol/order_codec.h"
#include "shared/util/random_source.h"

#include <array>

namespace gantry::bench {

namespace {

constexpr std::size_t templateCount = 64;
constexpr std::size_t idDigits = 10;

constexpr std::array<std::string_view, 6> names{
    "Maria da Silva", "Jonas Weber", "Aiko Tanaka", "Chloé Martin", "Peter O'Neill", "Zoë van Dijk"};
constexpr std::array<std::string_view, 6> goods{"Desk lamp, brushed steel", "Cotton towel 70x140, blue",
    "Bicycle bell, brass", "Notebook A5, squared", "Espresso cup, set of four",
    "Garden hose 20 m with fittings"};

std::string digits(std::uint64_t number)
{
    std::string text = std::to_string(number);
    return std::string(idDigits - text.size(), '0') + text;
}

OrderDocument makeDocument(SeededRandom& random)
{
    OrderDocument document{
        .channel = "webshop", .externalId = digits(0), .currency = *Currency::fromCode("EUR")};
    const std::size_t lines = 3 + random.next() % 3;
    for (std::size_t i = 0; i < lines; ++i) {
        const auto price = static_cast<MinorUnits>(199 + random.next() % 9000);
        const auto quantity = static_cast<std::int64_t>(1 + random.next() % 4);
        document.lines.push_back({"SKU-" + std::to_string(100000 + random.next() % 900000),
            std::string(goods[random.next() % goods.size()]), quantity, price});
        document.total += price * quantity;
    }
    const std::string name(names[random.next() % names.size()]);
    document.customer = {
        name, "customer" + std::to_string(random.next() % 100000) + "@example.org", "+49 30 901820"};
    document.shippingAddress = {name, "Lange Straße " + std::to_string(1 + random.next() % 200),
        "Hinterhaus, 2. Stock", "Berlin", std::to_string(10115 + random.next() % 4000), "Berlin", "DE"};
    document.shipping = 495;
    document.tax = document.total / 5;
    document.total += document.shipping + document.tax;
    document.payments = {{"card", document.total}};
    document.tags = {"newsletter", "gift"};
    document.metadata = {{"campaign", "spring-sale"}, {"session", digits(random.next() % 1'000'000'000)},
        {"note", "Please ring twice and leave the parcel with the neighbor on the left."}};
    return document;
}

} // namespace

OrderMaker::OrderMaker()
{
    SeededRandom random(7);
    const std::string marker = "\"external_id\":\"";
    for (std::size_t i = 0; i < templateCount; ++i) {
        Template made{makeDocument(random), {}, 0};
        made.json = encodeDocument(made.document);
        made.idAt = made.json.find(marker) + marker.size();
        m_templates.push_back(std::move(made));
    }
}

std::string OrderMaker::json(std::uint64_t number) const
{
    const Template& made = m_templates[number % templateCount];
    std::string json = made.json;
    json.replace(made.idAt, idDigits, digits(number));
    return json;
}

OrderDocument OrderMaker::document(std::uint64_t number) const
{
    OrderDocument document = m_templates[number % templateCount].document;
    document.externalId = digits(number);
    return document;
}

std::string OrderMaker::batchJson(std::uint64_t first, std::size_t count) const
{
    std::string body = "{\"orders\":[";
    for (std::size_t i = 0; i < count; ++i) {
        if (i > 0)
            body += ',';
        body += json(first + i);
    }
    return body += "]}";
}

} // namespace gantry::bench
