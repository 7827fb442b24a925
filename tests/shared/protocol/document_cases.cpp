// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/shared/protocol/document_cases.h"

#include <cstdlib>

namespace gantry::test {

namespace {

/// The sample with one place changed.
std::string with(const std::string& place, const std::string& other)
{
    std::string body = sampleBody();
    const auto at = body.find(place);
    if (at == std::string::npos || body.find(place, at + 1) != std::string::npos)
        std::abort(); // the case would test something else
    return body.replace(at, place.size(), other);
}

std::string repeated(std::size_t times, const std::string& text)
{
    std::string all;
    for (std::size_t i = 0; i < times; ++i)
        all += (i ? "," : "") + text;
    return all;
}

std::string ofLines(std::size_t count, const std::string& line)
{
    return R"({"channel":"web","external_id":"1","currency":"EUR","total":0,"lines":[)"
        + repeated(count, line) + "]}";
}

std::string namedMembers(std::size_t count)
{
    std::string all;
    for (std::size_t i = 0; i < count; ++i)
        all += (i ? R"(,"k)" : R"("k)") + std::to_string(i) + R"(":"v")";
    return all;
}

const std::string freeLine = R"({"sku":"FREE","quantity":1,"unit_price":0})";

std::vector<BodyCase> shapeCases()
{
    return {
        {"sound", sampleBody(), ""},
        {"least",
            R"({"channel":"c","external_id":"e","currency":"JPY","lines":[{"sku":"s","quantity":1,"unit_price":5}],"total":5})",
            ""},
        {"nothing in it", "{}",
            "missing_field /channel missing_field /external_id missing_field /currency missing_field /lines "
            "missing_field /total"},
        {"an array", "[]", "wrong_type "},
        {"a text", R"("order")", "wrong_type "},
        {"null", "null", "wrong_type "},
        {"unknown member", with(R"("priority")", R"("colour":1,"priority")"), "unknown_field /colour"},
        {"member of ours", with(R"("priority")", R"("id":"x","state":"running","priority")"),
            "unknown_field /id unknown_field /state"},
        {"member twice", with(R"("priority")", R"("total":4498,"priority")"), "duplicate_key /total"},
        {"no channel", with(R"(,"channel":"web")", ""), "missing_field /channel"},
        {"no external id", with(R"("external_id":"10001",)", ""), "missing_field /external_id"},
        {"no currency", with(R"("currency":"EUR",)", ""), "missing_field /currency"},
        {"no total", with(R"("total":4498,)", ""), "missing_field /total"},
        {"channel a number", with(R"("web")", "7"), "wrong_type /channel"},
        {"channel empty", with(R"("web")", R"("")"), "invalid_value /channel"},
        {"channel null", with(R"("web")", "null"), "wrong_type /channel"},
        {"channel with a zero", with(R"("web")", R"("we\u0000b")"), "invalid_value /channel"},
        {"channel too long", with(R"("web")", '"' + std::string(101, 'x') + '"'), "invalid_value /channel"},
        {"external id a number", with(R"("10001")", "10001"), "wrong_type /external_id"},
        {"external id with a newline", with(R"("10001")", R"("10\n01")"), "invalid_value /external_id"},
        {"two mistakes", with(R"("external_id":"10001","currency":"EUR")", R"("external_id":1,"currency":2)"),
            "wrong_type /external_id wrong_type /currency"},
    };
}

std::vector<BodyCase> moneyCases()
{
    return {
        {"currency unknown", with(R"("EUR")", R"("ABC")"), "unknown_currency /currency"},
        {"currency in small letters", with(R"("EUR")", R"("eur")"), "unknown_currency /currency"},
        {"currency empty", with(R"("EUR")", R"("")"), "invalid_value /currency"},
        {"currency a number", with(R"("EUR")", "978"), "wrong_type /currency"},
        {"total a float", with(R"("total":4498)", R"("total":44.98)"), "wrong_type /total"},
        {"total a float of no cents", with(R"("total":4498)", R"("total":4498.0)"), "wrong_type /total"},
        {"total with an exponent", with(R"("total":4498)", R"("total":4498e0)"), "wrong_type /total"},
        {"total a text", with(R"("total":4498)", R"("total":"44.98")"), "wrong_type /total"},
        {"total negative", with(R"("total":4498)", R"("total":-4498)"), "invalid_value /total"},
        {"total over 64 bits", with(R"("total":4498)", R"("total":9223372036854775808)"),
            "amount_overflow /total"},
        {"total off by one", with(R"("total":4498)", R"("total":4499)"),
            "total_mismatch /total total_mismatch /payments"},
        {"payments off by one", with("4000", "4001"), "total_mismatch /payments"},
        {"price a float", with("1250", "12.50"), "wrong_type /lines/0/unit_price"},
        {"price negative", with("1999", "-1999"), "invalid_value /lines/1/unit_price"},
        {"lines overflow", with("1250", "9223372036854775807"), "amount_overflow /total"},
        {"payments overflow", with("4000", "9223372036854775807"), "amount_overflow /payments"},
        {"shipping a text", with("490", R"("490")"), "wrong_type /shipping"},
        {"discount negative", with("500,", "-500,"), "invalid_value /discount"},
        {"tax null", with(R"("tax":9)", R"("tax":null)"), "wrong_type /tax"},
        {"payment without method", with(R"("method":"voucher",)", ""), "missing_field /payments/1/method"},
        {"payment without amount", with(R"(,"amount":498)", ""), "missing_field /payments/1/amount"},
        {"payment negative", with(R"("amount":498)", R"("amount":-498)"), "invalid_value /payments/1/amount"},
        {"payment no object", with(R"({"method":"voucher","amount":498})", "498"), "wrong_type /payments/1"},
        {"payment with a card number", with(R"("amount":498)", R"("amount":498,"pan":"4111")"),
            "unknown_field /payments/1/pan"},
        {"payments an object",
            with(R"([{"method":"card","amount":4000},{"method":"voucher","amount":498}])", "{}"),
            "wrong_type /payments"},
        {"101 payments", with(R"({"method":"voucher","amount":498})", repeated(100, "1")),
            "invalid_value /payments"},
    };
}

std::vector<BodyCase> lineCases()
{
    const std::string tea = R"({"sku":"TEA-500","name":"Assam, 500 g","quantity":1,"unit_price":1999})";
    return {
        {"no lines", ofLines(0, ""), "invalid_value /lines"},
        {"one line for nothing", ofLines(1, freeLine), ""},
        {"1,000 lines", ofLines(1000, freeLine), ""},
        {"1,001 lines", ofLines(1001, freeLine), "too_many_lines /lines"},
        {"10,000 lines", ofLines(10'000, freeLine), "too_many_lines /lines"},
        {"10,000 lines of rubbish", ofLines(10'000, "[]"), "too_many_lines /lines"},
        {"line null", with(tea, "null"), "wrong_type /lines/1"},
        {"line a list", with(tea, "[1]"), "wrong_type /lines/1"},
        {"line empty", with(tea, "{}"),
            "missing_field /lines/1/sku missing_field /lines/1/quantity missing_field /lines/1/unit_price"},
        {"line with an unknown member", with(R"("quantity":2)", R"("quantity":2,"a/b~c":1)"),
            "unknown_field /lines/0/a~1b~0c"},
        {"line with a member twice", with(R"("quantity":2)", R"("quantity":2,"quantity":2)"),
            "duplicate_key /lines/0/quantity"},
        {"SKU empty", with("TEA-500", ""), "invalid_value /lines/1/sku"},
        {"SKU too long", with("TEA-500", std::string(101, 'x')), "invalid_value /lines/1/sku"},
        {"SKU a number", with(R"("TEA-500")", "500"), "wrong_type /lines/1/sku"},
        {"name too long", with("Blue mug", std::string(1001, 'x')), "invalid_value /lines/0/name"},
        {"name of 1,000 bytes", with("Blue mug", std::string(1000, 'x')), ""},
        {"quantity zero", with(R"("quantity":1)", R"("quantity":0)"), "invalid_value /lines/1/quantity"},
        {"quantity negative", with(R"("quantity":1)", R"("quantity":-1)"), "invalid_value /lines/1/quantity"},
        {"quantity 1,000,001", with(R"("quantity":1)", R"("quantity":1000001)"),
            "invalid_value /lines/1/quantity"},
        {"quantity a float", with(R"("quantity":1)", R"("quantity":1.5)"), "wrong_type /lines/1/quantity"},
        {"quantity true", with(R"("quantity":1)", R"("quantity":true)"), "wrong_type /lines/1/quantity"},
    };
}

std::vector<BodyCase> otherCases()
{
    const std::string address =
        R"({"line2":"2nd floor","name":"Ada Lovelace","line1":"12 St James's Square","city":"London",)"
        R"("postal_code":"SW1Y 4JH","region":"Greater London","country":"GB"})";
    const std::string metadata = R"({"note":"leave at the door","campaign":"spring"})";
    return {
        {"customer null",
            with(R"({"name":"Ada Lovelace","email":"ada@example.org","phone":"+44 20 7946 0000"})", "null"),
            "wrong_type /customer"},
        {"customer's name a number", with(R"({"name":"Ada Lovelace","email")", R"({"name":1,"email")"),
            "wrong_type /customer/name"},
        {"customer with a birthday", with(R"("email")", R"("birthday":"1815","email")"),
            "unknown_field /customer/birthday"},
        {"e-mail with a tab", with("ada@example.org", R"(ada@\texample.org)"),
            "invalid_value /customer/email"},
        {"address a text", with(address, R"("London")"), "wrong_type /shipping_address"},
        {"country unknown in form", with(R"("GB")", R"("United Kingdom")"),
            "invalid_value /shipping_address/country"},
        {"postal code a number", with(R"("SW1Y 4JH")", "12345"), "wrong_type /shipping_address/postal_code"},
        {"priority 10", with(R"("priority":3)", R"("priority":10)"), "invalid_value /priority"},
        {"priority -1", with(R"("priority":3)", R"("priority":-1)"), "invalid_value /priority"},
        {"priority huge", with(R"("priority":3)", R"("priority":4294967299)"), "invalid_value /priority"},
        {"priority a text", with(R"("priority":3)", R"("priority":"high")"), "wrong_type /priority"},
        {"promise a number", with(R"("2026-02-03T06:26:40Z")", "1770100000"), "wrong_type /promise_at"},
        {"promise a date", with("2026-02-03T06:26:40Z", "2026-02-03"), "invalid_value /promise_at"},
        {"tags a text", with(R"(["gift","fragile"])", R"("gift")"), "wrong_type /tags"},
        {"tag a number", with(R"("fragile")", "1"), "wrong_type /tags/1"},
        {"tag empty", with(R"("fragile")", R"("")"), "invalid_value /tags/1"},
        {"tag with a bell", with(R"("fragile")", R"("\u0007")"), "invalid_value /tags/1"},
        {"51 tags", with(R"("fragile")", repeated(50, R"("x")")), "invalid_value /tags"},
        {"metadata a list", with(metadata, "[]"), "wrong_type /metadata"},
        {"metadata nested", with(R"("spring")", "{}"), "wrong_type /metadata/campaign"},
        {"metadata with a strange name", with(R"("campaign":"spring")", R"("a/b~":1)"),
            "wrong_type /metadata/a~1b~0"},
        {"metadata twice", with(R"("campaign":)", R"("note":)"), "duplicate_key /metadata/note"},
        {"metadata without a name", with(R"("campaign":)", R"("":)"), "invalid_value /metadata"},
        {"metadata with a newline in its name", with(R"("campaign":)", R"("a\nb":)"),
            "invalid_value /metadata"},
        {"50 metadata", with(metadata, '{' + namedMembers(50) + '}'), ""},
        {"51 metadata", with(metadata, '{' + namedMembers(51) + '}'), "invalid_value /metadata"},
    };
}

} // namespace

const std::string& sampleBody()
{
    static const std::string body =
        R"({"external_id":"10001","currency":"EUR","lines":[{"sku":"MUG-BLUE","name":"Blue mug","quantity":2,"unit_price":1250},)"
        R"({"sku":"TEA-500","name":"Assam, 500 g","quantity":1,"unit_price":1999}],)"
        R"("customer":{"name":"Ada Lovelace","email":"ada@example.org","phone":"+44 20 7946 0000"},)"
        R"("shipping_address":{"line2":"2nd floor","name":"Ada Lovelace","line1":"12 St James's Square","city":"London",)"
        R"("postal_code":"SW1Y 4JH","region":"Greater London","country":"GB"},)"
        R"("shipping":490,"discount":500,"tax":9,"total":4498,)"
        R"("payments":[{"method":"card","amount":4000},{"method":"voucher","amount":498}],"priority":3,)"
        R"("promise_at":"2026-02-03T06:26:40Z","tags":["gift","fragile"],)"
        R"("metadata":{"note":"leave at the door","campaign":"spring"},"channel":"web"})";
    return body;
}

const std::vector<BodyCase>& bodyCases()
{
    static const std::vector<BodyCase> cases = [] {
        std::vector<BodyCase> all;
        for (auto part : {shapeCases(), moneyCases(), lineCases(), otherCases()})
            all.insert(all.end(), part.begin(), part.end());
        return all;
    }();
    return cases;
}

} // namespace gantry::test
