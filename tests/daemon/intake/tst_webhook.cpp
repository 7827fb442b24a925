// SPDX-License-Identifier: GPL-3.0-or-later
// Who has signed a webhook, what names it, and how secrets are kept.
#include "daemon/intake/secret_box.h"
#include "daemon/intake/webhook.h"
#include "tests/daemon/intake/signer.h"

#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

using namespace gantry;
using namespace gantry::intake;
using namespace gantry::test;
using store::IntakeKind;

namespace {

const std::string secret = "hush-hush-shop-secret";
const std::string standardSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"; // of the standard's own tests
constexpr long long at = 1'614'265'330;
const Timestamp now = fromMillis(at * 1000);
const std::string body = R"({"id":1})";

bool fits(IntakeKind kind, const Headers& headers, const std::string& text,
    const std::vector<std::string>& secrets, Timestamp when = now)
{
    const auto checked = checkSignature(kind, {headers, text}, secrets, when);
    return checked.has_value();
}

Headers without(Headers headers, const std::string& name)
{
    std::erase_if(headers, [&name](const auto& header) { return header.first == name; });
    return headers;
}

Headers with(Headers headers, const std::string& name, const std::string& value)
{
    headers = without(std::move(headers), name);
    headers.emplace_back(name, value);
    return headers;
}

} // namespace

class WebhookTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void shopsSignTheBody_data()
    {
        QTest::addColumn<int>("kind");
        QTest::newRow("shopify") << static_cast<int>(IntakeKind::Shopify);
        QTest::newRow("woocommerce") << static_cast<int>(IntakeKind::WooCommerce);
    }

    void shopsSignTheBody()
    {
        QFETCH(const int, kind);
        const auto of = static_cast<IntakeKind>(kind);
        const bool isShopify = of == IntakeKind::Shopify;
        const std::string header = isShopify ? "x-shopify-hmac-sha256" : "x-wc-webhook-signature";
        const Headers good =
            isShopify ? shopifyHeaders(secret, "t", "1", body) : wooHeaders(secret, "t", "1", body);
        const std::string signature = hmacOf(secret, body);
        QVERIFY(fits(of, good, body, {secret}));
        QVERIFY(fits(of, good, body, {"the-new-secret-of-it", secret})); // the old one is still good
        QVERIFY(!fits(of, good, body, {"another-secret-here"}));
        QVERIFY(!fits(of, good, body, {}));
        QVERIFY(!fits(of, good, R"({"id":2})", {secret}));
        QVERIFY(!fits(of, good, body + ' ', {secret}));
        QVERIFY(!fits(of, without(good, header), body, {secret}));
        for (const std::string& bad :
            {std::string(), signature.substr(0, 20), signature.substr(1), signature + "A",
                signature.substr(0, 43), std::string(44, '='), std::string("not base 64!"), ' ' + signature})
            QVERIFY2(!fits(of, with(good, header, bad), body, {secret}), bad.c_str());
        // Every single bit counts.
        for (std::size_t i = 0; i + 1 < signature.size(); ++i) {
            std::string other = signature;
            other[i] = other[i] == 'A' ? 'B' : 'A';
            QVERIFY2(!fits(of, with(good, header, other), body, {secret}), other.c_str());
        }
        Headers twice = good;
        twice.emplace_back(header, signature);
        QVERIFY(!fits(of, twice, body, {secret})); // which of two counts is not guessed
    }

    void takesBothNamesOfShopify()
    {
        const Headers newer{{"shopify-hmac-sha256", hmacOf(secret, body)}};
        QVERIFY(fits(IntakeKind::Shopify, newer, body, {secret}));
        QVERIFY(fits(
            IntakeKind::Shopify, with(newer, "x-shopify-hmac-sha256", hmacOf(secret, body)), body, {secret}));
        QVERIFY(!fits(
            IntakeKind::Shopify, with(newer, "x-shopify-hmac-sha256", hmacOf("x", body)), body, {secret}));
        QVERIFY(!fits(IntakeKind::WooCommerce, newer, body, {secret}));
    }

    void standardSignsIdAndTimeToo()
    {
        const Headers good = standardHeaders(standardSecret, "msg_1", at, body);
        const auto check = [](const Headers& headers, Timestamp when = now) {
            return fits(IntakeKind::Standard, headers, body, {standardSecret}, when);
        };
        QVERIFY(check(good));
        QVERIFY(!check(with(good, "webhook-id", "msg_2")));
        QVERIFY(!check(with(good, "webhook-timestamp", std::to_string(at + 1))));
        QVERIFY(!check(with(good, "webhook-timestamp", "soon")));
        QVERIFY(!check(with(good, "webhook-timestamp", "99999999999999999999")));
        for (const char* name : {"webhook-id", "webhook-timestamp", "webhook-signature"}) {
            QVERIFY2(!check(without(good, name)), name);
            Headers twice = good;
            twice.emplace_back(name, "x");
            QVERIFY2(!check(twice), name);
        }
        QVERIFY(check(good, now + signatureTolerance));
        QVERIFY(check(good, now - signatureTolerance));
        QVERIFY(!check(good, now + signatureTolerance + std::chrono::milliseconds(1)));
        QVERIFY(!check(good, now - signatureTolerance - std::chrono::milliseconds(1)));
        const std::string signature = good.back().second;
        QVERIFY(check(with(good, "webhook-signature", "v1,AAAA v2,BBBB " + signature)));
        QVERIFY(!check(with(good, "webhook-signature", "v2" + signature.substr(2))));
        QVERIFY(!check(with(good, "webhook-signature", signature.substr(3))));
    }

    void standardOwnVectors()
    {
        // What the standard publishes, by its own library.
        const Headers headers{{"webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek"},
            {"webhook-timestamp", "1614265330"},
            {"webhook-signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="}};
        QVERIFY(fits(IntakeKind::Standard, headers, R"({"test": 2432232314})", {standardSecret}));
        QVERIFY(!fits(IntakeKind::Standard, headers, R"({"test": 2432232315})", {standardSecret}));
    }

    void knowsGoodSecrets()
    {
        QVERIFY(checkSecret(IntakeKind::Shopify, secret).has_value());
        QVERIFY(!checkSecret(IntakeKind::Shopify, "short").has_value());
        QVERIFY(!checkSecret(IntakeKind::WooCommerce, std::string(256, 'x')).has_value());
        QVERIFY(!checkSecret(IntakeKind::WooCommerce, "with a\nline's end in it").has_value());
        QVERIFY(checkSecret(IntakeKind::Standard, standardSecret).has_value());
        QVERIFY(!checkSecret(IntakeKind::Standard, standardSecret.substr(6)).has_value());
        QVERIFY(!checkSecret(IntakeKind::Standard, "whsec_AAAA").has_value());
        QVERIFY(!checkSecret(IntakeKind::Standard, "whsec_!").has_value());
    }

    void namesDeliveries()
    {
        const Headers headers = shopifyHeaders(secret, "orders/create", "w-1", body);
        QCOMPARE(nameOf(IntakeKind::Shopify, {headers, body}).id, std::string("w-1"));
        QCOMPARE(nameOf(IntakeKind::Shopify, {headers, body}).topic, std::string("orders/create"));
        const Headers newer{{"shopify-topic", "refunds/create"}, {"shopify-event-id", "e-1"}};
        QCOMPARE(nameOf(IntakeKind::Shopify, {newer, body}).id, std::string("e-1"));
        QCOMPARE(nameOf(IntakeKind::Shopify, {newer, body}).topic, std::string("refunds/create"));
        // Without an id it is made of what came: the same again has the same.
        const Headers bare{{"x-wc-webhook-topic", "order.created"}};
        const auto made = nameOf(IntakeKind::WooCommerce, {bare, body}).id;
        QCOMPARE(nameOf(IntakeKind::WooCommerce, {bare, body}).id, made);
        QVERIFY(nameOf(IntakeKind::WooCommerce, {bare, "{}"}).id != made);
        QVERIFY(nameOf(IntakeKind::WooCommerce, {{}, body}).id != made);
        for (const std::string& odd : {std::string("a b"), std::string(300, 'x'), std::string("\x01")})
            QVERIFY(nameOf(IntakeKind::Shopify, {with(headers, "x-shopify-webhook-id", odd), body})
                        .id.starts_with("body-"));
    }

    void knowsAPing()
    {
        QVERIFY(isPing(IntakeKind::WooCommerce, {{}, "webhook_id=142"}));
        for (const char* text : {"webhook_id=", "webhook_id=1a", "webhook_id=1&x=2", "{}", ""})
            QVERIFY2(!isPing(IntakeKind::WooCommerce, {{}, text}), text);
        QVERIFY(!isPing(IntakeKind::Shopify, {{}, "webhook_id=142"}));
    }

    void sealsSecrets()
    {
        const SecretBox box = SecretBox::fromSecret("pepper");
        const std::string sealed = box.seal(secret);
        QVERIFY(sealed.find(secret) == std::string::npos);
        QVERIFY(box.seal(secret) != sealed);
        QCOMPARE(box.open(sealed).value_or(""), secret);
        QCOMPARE(SecretBox::fromSecret("pepper").open(sealed).value_or(""), secret);
        QVERIFY(!SecretBox::fromSecret("salt").open(sealed).has_value());
        for (std::size_t i = 0; i < sealed.size(); ++i) {
            std::string damaged = sealed;
            damaged[i] = static_cast<char>(damaged[i] ^ 1);
            QVERIFY(!box.open(damaged).has_value());
        }
        QVERIFY(!box.open(sealed.substr(0, 10)).has_value());
        QVERIFY(!box.open("").has_value());
    }
};

QTEST_APPLESS_MAIN(WebhookTest)
#include "tst_webhook.moc"
