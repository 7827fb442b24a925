// SPDX-License-Identifier: GPL-3.0-or-later
// Signed webhooks over HTTP, on a whole daemon: sources, deliveries, what is kept over a restart, and one order from many senders at once.
#include "tests/daemon/intake/shop_bodies.h"
#include "tests/daemon/intake/signer.h"
#include "tests/faults/order_flow.h"

#include <QFile>
#include <QJsonDocument>
#include <QTemporaryDir>
#include <QTest>
#include <array>
#include <atomic>
#include <thread>

using namespace gantry;
using namespace gantry::test;

namespace {

const std::string shopSecret = "hush-hush-shop-secret";
const std::string newSecret = "a-new-secret-of-the-shop";
const std::string standardSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

long long secondsNow()
{
    return std::chrono::duration_cast<std::chrono::seconds>(
        std::chrono::system_clock::now().time_since_epoch())
        .count();
}

std::string shopOrder(const char* id, const char* canceledAt = nullptr)
{
    QByteArray body = shopifyOrder().replace("5001", id);
    if (canceledAt)
        body.replace("\"cancelled_at\":null", QByteArray("\"cancelled_at\":\"") + canceledAt + '"');
    return body.toStdString();
}

std::string sourceBody(const std::string& name, const std::string& kind, const std::string& secret)
{
    return "{\"name\":\"" + name + "\",\"kind\":\"" + kind + "\",\"secret\":\"" + secret + "\"}";
}

/// `more`: further members, with a comma before.
std::string rotateBody(const std::string& secret, const std::string& more = {})
{
    return "{\"secret\":\"" + secret + '"' + more + '}';
}

std::string eventBody(const std::string& type, const std::string& data)
{
    return "{\"type\":\"" + type + "\",\"data\":" + data + '}';
}

const std::string ownOrder = R"({"channel":"own","external_id":"9","currency":"EUR","total":200,)"
                             R"("lines":[{"sku":"A","name":"A","quantity":2,"unit_price":100}]})";
const std::string ownCancel = R"({"external_id":"9"})";

} // namespace

class IntakeApiTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase()
    {
        auto daemon = DaemonProcess::start(m_data.path().toStdString());
        QVERIFY2(daemon.has_value(), daemon ? "" : daemon.error().message.c_str());
        m_daemon = std::make_unique<DaemonProcess>(std::move(*daemon));
        m_api = std::make_unique<ApiCaller>(*m_daemon);
        for (const auto& [name, kind, secret] :
            std::vector<std::array<std::string, 3>>{{"shop", "shopify", shopSecret},
                {"woo", "woocommerce", shopSecret}, {"own", "standard", standardSecret}})
            QCOMPARE(call("POST", "/v1/intake/sources", sourceBody(name, kind, secret)), 201);
    }

    void sourcesKeepTheirSecrets()
    {
        QCOMPARE(call("GET", "/v1/intake/sources"), 200);
        QCOMPARE(m_answer[QLatin1String("items")].toArray().size(), 3);
        QVERIFY(!m_text.contains("hush") && !m_text.contains("whsec"));
        // Not in the data file either.
        for (const char* file : {"/gantry.db", "/gantry.db-wal"}) {
            QFile data(m_data.path() + QLatin1String(file));
            QVERIFY(data.open(QIODevice::ReadOnly));
            QVERIFY(!data.readAll().contains(shopSecret.c_str()));
        }
        QCOMPARE(
            call("POST", "/v1/intake/sources", sourceBody("shop", "shopify", "another-long-secret")), 409);
        QCOMPARE(
            call("POST", "/v1/intake/sources", sourceBody("a/b", "shopify", "another-long-secret")), 422);
        QCOMPARE(call("POST", "/v1/intake/sources", sourceBody("ab", "shopify", "short")), 422);
        QCOMPARE(call("POST", "/v1/intake/sources", sourceBody("ab", "etsy", "another-long-secret")), 422);
        QCOMPARE(call("DELETE", "/v1/intake/sources/none"), 404);
    }

    void takesAnOrderInOnce()
    {
        const std::string body = shopOrder("6001");
        const Headers headers = shopifyHeaders(shopSecret, "orders/create", "w-6001", body);
        QCOMPARE(deliver("shopify/shop", headers, body), 200);
        QCOMPARE(outcome(), QStringLiteral("accepted"));
        const QString order = m_answer[QLatin1String("order_id")].toString();
        QVERIFY(order.startsWith(QLatin1String("ord_")));
        QCOMPARE(deliver("shopify/shop", headers, body), 200);
        QCOMPARE(outcome(), QStringLiteral("known"));
        QCOMPARE(m_answer[QLatin1String("order_id")].toString(), order);
        QCOMPARE(call("GET", "/v1/orders/" + order.toStdString()), 200);
        QCOMPARE(m_answer[QLatin1String("channel")].toString(), QStringLiteral("shop"));
        QCOMPARE(m_answer[QLatin1String("total")].toInt(), 5148);
    }

    void keepsStrangersOut()
    {
        const std::string body = shopOrder("6002");
        const Headers good = shopifyHeaders(shopSecret, "orders/create", "w-6002", body);
        QCOMPARE(
            deliver("shopify/shop", shopifyHeaders("not-the-secret-here", "orders/create", "w", body), body),
            401);
        QCOMPARE(deliver("shopify/shop", good, shopOrder("6003")), 401);
        QCOMPARE(deliver("shopify/shop", {}, body), 401);
        Headers twice = good;
        twice.push_back(good.back());
        QCOMPARE(deliver("shopify/shop", twice, body), 401);
        QCOMPARE(deliver("shopify/none", good, body), 401);
        QCOMPARE(deliver("woocommerce/shop", good, body), 401); // it is of another kind
        QCOMPARE(
            deliver("standard/own", standardHeaders(standardSecret, "m", secondsNow() - 3600, "{}"), "{}"),
            401);
        QCOMPARE(call("GET", "/v1/orders?channel=shop&external_id=6002"), 200);
        QVERIFY(m_answer[QLatin1String("items")].toArray().isEmpty());
    }

    void tellsWhatItCantRead()
    {
        const std::string broken = "{\"id\":";
        QCOMPARE(
            deliver("shopify/shop", shopifyHeaders(shopSecret, "orders/create", "w-b", broken), broken), 400);
        QCOMPARE(m_answer[QLatin1String("code")].toString(), QStringLiteral("malformed_json"));
        const std::string big = '"' + std::string(1024 * 1024, 'x') + '"';
        QCOMPARE(deliver("shopify/shop", shopifyHeaders(shopSecret, "orders/create", "w-c", big), big), 413);
    }

    void keepsWhatItCantMapAndReadsItAnew()
    {
        const std::string body =
            QByteArray(shopOrder("6004").c_str()).replace("\"TEA\"", "null").toStdString();
        QCOMPARE(
            deliver("shopify/shop", shopifyHeaders(shopSecret, "orders/create", "w-6004", body), body), 200);
        QCOMPARE(outcome(), QStringLiteral("unmappable"));
        QCOMPARE(call("GET", "/v1/intake/deliveries?outcome=unmappable&source=shop"), 200);
        const QJsonObject kept = m_answer[QLatin1String("items")].toArray().first().toObject();
        QVERIFY(kept[QLatin1String("problem")].toString().contains(QLatin1String("/line_items/1/sku")));
        const std::string path =
            "/v1/intake/deliveries/" + std::to_string(kept[QLatin1String("number")].toInteger());
        QCOMPARE(call("GET", path), 200);
        QCOMPARE(m_answer[QLatin1String("body")].toString().toStdString(), body);
        QCOMPARE(call("POST", path + "/replay"), 200);
        QCOMPARE(outcome(), QStringLiteral("unmappable")); // nothing has been mended
        QCOMPARE(call("POST", "/v1/intake/deliveries/999999/replay"), 404);
        QCOMPARE(call("GET", "/v1/intake/deliveries/x"), 404);
        QCOMPARE(call("GET", "/v1/intake/deliveries?outcome=fine"), 422);
    }

    void aCancelMayComeFirst()
    {
        const std::string canceled = shopOrder("6005", "2026-03-01T10:00:00Z");
        QCOMPARE(deliver("shopify/shop", shopifyHeaders(shopSecret, "orders/cancelled", "w-x", canceled),
                     canceled),
            200);
        QCOMPARE(outcome(), QStringLiteral("waiting"));
        QVERIFY(m_daemon->restart().has_value());
        m_api = std::make_unique<ApiCaller>(*m_daemon);
        const std::string body = shopOrder("6005");
        QCOMPARE(
            deliver("shopify/shop", shopifyHeaders(shopSecret, "orders/create", "w-6005", body), body), 200);
        QCOMPARE(outcome(), QStringLiteral("accepted"));
        const std::string order = m_answer[QLatin1String("order_id")].toString().toStdString();
        QCOMPARE(call("GET", "/v1/orders/" + order), 200);
        const QString state = m_answer[QLatin1String("state")].toString();
        QVERIFY2(
            state == QLatin1String("canceled") || state == QLatin1String("compensating"), qPrintable(state));
        QCOMPARE(call("GET", "/v1/intake/deliveries?outcome=waiting"), 200);
        QVERIFY(m_answer[QLatin1String("items")].toArray().isEmpty());
    }

    void manyAtOnceMakeOneOrder()
    {
        const std::string body = shopOrder("6006");
        std::atomic<int> made{0};
        std::atomic<int> known{0};
        std::vector<std::thread> senders;
        for (int i = 0; i < 8; ++i)
            senders.emplace_back([&, i] {
                HttpClient client("127.0.0.1", m_daemon->httpPort(), std::chrono::seconds(30));
                for (int j = 0; j < 8; ++j) {
                    const auto answer = client.request("POST", "/v1/intake/shopify/shop",
                        shopifyHeaders(
                            shopSecret, "orders/create", "w-6006-" + std::to_string((i + j) % 3), body),
                        body);
                    made += answer && answer->body.find("\"accepted\"") != std::string::npos ? 1 : 0;
                    known += answer && answer->body.find("\"known\"") != std::string::npos ? 1 : 0;
                }
            });
        for (std::thread& sender : senders)
            sender.join();
        QCOMPARE(made.load(), 1);
        QCOMPARE(known.load(), 63);
        QCOMPARE(call("GET", "/v1/orders?channel=shop&external_id=6006"), 200);
        QCOMPARE(m_answer[QLatin1String("items")].toArray().size(), 1);
    }

    void wooPingsAndSends()
    {
        QCOMPARE(deliver("woocommerce/woo", {{"content-type", "application/x-www-form-urlencoded"}},
                     "webhook_id=142"),
            200);
        QCOMPARE(outcome(), QStringLiteral("ignored"));
        QCOMPARE(deliver("woocommerce/none", {}, "webhook_id=142"), 401);
        const std::string body = wooOrder().toStdString();
        QCOMPARE(deliver("woocommerce/woo", wooHeaders(shopSecret, "order.created", "1", body), body), 200);
        QCOMPARE(outcome(), QStringLiteral("accepted"));
    }

    void standardWebhooks()
    {
        const auto send = [this](const std::string& id, const std::string& type, const std::string& data) {
            const std::string body = eventBody(type, data);
            const int status =
                deliver("standard/own", standardHeaders(standardSecret, id, secondsNow(), body), body);
            return status == 200 ? outcome() : QString::number(status);
        };
        QCOMPARE(send("m1", "order.created", ownOrder), QStringLiteral("accepted"));
        QCOMPARE(send("m1", "order.created", ownOrder), QStringLiteral("known"));
        QCOMPARE(send("m2", "order.canceled", ownCancel), QStringLiteral("accepted"));
        QCOMPARE(send("m3", "invoice.paid", "{}"), QStringLiteral("ignored"));
    }

    void aSecretChangesWhileTheOldOneIsGood()
    {
        QCOMPARE(call("POST", "/v1/intake/sources/shop/rotate", rotateBody(newSecret)), 200);
        QVERIFY(m_answer.contains(QLatin1String("old_secret_until")));
        const std::string body = shopOrder("6007");
        for (const std::string& secret : {shopSecret, newSecret})
            QCOMPARE(
                deliver("shopify/shop", shopifyHeaders(secret, "orders/create", "w-6007", body), body), 200);
        QCOMPARE(
            call("POST", "/v1/intake/sources/shop/rotate", rotateBody(shopSecret, ",\"keep_old_s\":0")), 200);
        QCOMPARE(
            deliver("shopify/shop", shopifyHeaders(newSecret, "orders/create", "w-6007", body), body), 401);
        QCOMPARE(
            deliver("shopify/shop", shopifyHeaders(shopSecret, "orders/create", "w-6007", body), body), 200);
    }

    void whatIsRemovedIsOutAtOnce()
    {
        QCOMPARE(call("DELETE", "/v1/intake/sources/shop"), 200);
        const std::string body = shopOrder("6008");
        const Headers headers = shopifyHeaders(shopSecret, "orders/create", "w-6008", body);
        QCOMPARE(deliver("shopify/shop", headers, body), 401);
        QCOMPARE(call("DELETE", "/v1/intake/sources/shop"), 404);
        QCOMPARE(call("POST", "/v1/intake/sources", sourceBody("shop", "woocommerce", "another-long-secret")),
            409);
        QCOMPARE(call("POST", "/v1/intake/sources", sourceBody("shop", "shopify", shopSecret)), 201);
        QCOMPARE(deliver("shopify/shop", headers, body), 200);
    }

    void isCounted()
    {
        const auto answer =
            m_api->client().request("GET", "/metrics", {{"Authorization", "Bearer " + m_daemon->key()}});
        QVERIFY(answer.has_value());
        QVERIFY2(
            answer->body.find("gantry_intake_deliveries_total{outcome=\"accepted\"}") != std::string::npos,
            answer->body.c_str());
    }

private:
    int note(const Result<HttpAnswer>& answer)
    {
        m_text = QByteArray::fromStdString(answer ? answer->body : std::string());
        m_answer = QJsonDocument::fromJson(m_text).object();
        return answer ? answer->status : 0;
    }

    int deliver(const std::string& to, const Headers& headers, const std::string& body)
    {
        return note(m_api->client().request("POST", "/v1/intake/" + to, headers, body));
    }

    int call(const std::string& method, const std::string& target, const std::string& body = {})
    {
        HttpHeaders headers{{"Authorization", "Bearer " + m_daemon->key()}};
        if (!body.empty())
            headers.emplace_back("Content-Type", "application/json");
        return note(m_api->client().request(method, target, headers, body));
    }

    [[nodiscard]] QString outcome() const { return m_answer[QLatin1String("outcome")].toString(); }

    QTemporaryDir m_data;
    std::unique_ptr<DaemonProcess> m_daemon;
    std::unique_ptr<ApiCaller> m_api;
    QJsonObject m_answer;
    QByteArray m_text;
};

QTEST_GUILESS_MAIN(IntakeApiTest)
#include "tst_intake_api.moc"
