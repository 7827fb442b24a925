// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/standins/payment/payment_service.h"
#include "tests/support/http_client.h"

#include <QElapsedTimer>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>
#include <optional>
#include <set>

using namespace gantry;
using namespace gantry::standin;
using namespace std::chrono_literals;

namespace {

struct Answer {
    int status = 0;
    QByteArray raw;
    QJsonObject body;
    bool hasRetryAfter = false;
};

QString text(const QJsonObject& object, const char* name)
{
    return object.value(QLatin1String(name)).toString();
}

qint64 number(const QJsonObject& object, const char* name)
{
    return object.value(QLatin1String(name)).toInteger(-1);
}

/// Asks a service without a socket between.
class Caller {
public:
    explicit Caller(Behavior behavior = {})
        : m_service(std::make_unique<PaymentService>(behavior))
    {
    }

    std::shared_ptr<std::optional<Answer>> start(
        std::string method, std::string path, std::string key, std::string body)
    {
        auto slot = std::make_shared<std::optional<Answer>>();
        api::ApiRequest request;
        request.method = std::move(method);
        request.path = std::move(path);
        request.body = std::move(body);
        if (!key.empty())
            request.headers.emplace_back("idempotency-key", std::move(key));
        m_service->handle(std::move(request), [slot](const api::ApiResponse& response) {
            const auto raw = QByteArray::fromStdString(response.body);
            const bool retryAfter = std::any_of(response.headers.begin(), response.headers.end(),
                [](const auto& header) { return header.first == "Retry-After"; });
            *slot = Answer{response.status, raw, QJsonDocument::fromJson(raw).object(), retryAfter};
        });
        return slot;
    }

    Answer ask(std::string method, std::string path, std::string key = {}, std::string body = {})
    {
        const auto slot = start(std::move(method), std::move(path), std::move(key), std::move(body));
        [&] { QTRY_VERIFY(slot->has_value()); }();
        return slot->value_or(Answer{});
    }

    Answer charge(
        const std::string& reference, const std::string& key, const std::string& method = "credit_card")
    {
        return ask("POST", "/payments", key, chargeBody(reference, method));
    }

    Answer refund(const std::string& reference, const std::string& key, int amount = 1250)
    {
        return ask("POST", "/refunds", key,
            R"({"reference":")" + reference + R"(","amount":)" + std::to_string(amount)
                + R"(,"currency":"EUR"})");
    }

    QJsonObject entry(const std::string& reference) { return ask("GET", "/ledger/" + reference).body; }

    static std::string chargeBody(const std::string& reference, const std::string& method)
    {
        return R"({"reference":")" + reference + R"(","amount":1250,"currency":"EUR","payments":[{"method":")"
            + method + R"(","amount":1250}],"channel":"webshop","external_id":"1"})";
    }

    void shutDown() { m_service.reset(); }

private:
    std::unique_ptr<PaymentService> m_service;
};

} // namespace

class TestPaymentStandin : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void chargesOncePerKey();
    void countsASecondChargeOfAReference();
    void refusesAnotherRequestUnderTheSameKey();
    void refundsWhatWasCharged();
    void refundBeforeChargeVoidsTheReference();
    void refusesBadInput_data();
    void refusesBadInput();
    void testMethodsAlwaysBehaveSo();
    void flakyWorksAtTheThirdRequest();
    void silentRequestIsProcessedAndAnsweredAtShutDownAtTheLatest();
    void unknownOutcomesAreToldByTheSameKey();
    void neverDeclinesWhatItHasCharged();
    void behaviorCanBeChanged();
    void takesItsTime();
    void programServesAndEndsOnTerm();
    void programRefusesBadOptions();
};

void TestPaymentStandin::chargesOncePerKey()
{
    Caller caller;
    const auto first = caller.charge("ord_1", "k1");
    QCOMPARE(first.status, 200);
    QCOMPARE(text(first.body, "status"), QStringLiteral("captured"));
    QVERIFY(!text(first.body, "payment_id").isEmpty());
    const auto again = caller.charge("ord_1", "k1");
    QCOMPARE(again.raw, first.raw);
    const auto entry = caller.entry("ord_1");
    QCOMPARE(number(entry, "charges"), 1);
    QCOMPARE(number(entry, "captured"), 1250);
    QCOMPARE(number(entry, "requests"), 2);
}

void TestPaymentStandin::countsASecondChargeOfAReference()
{
    Caller caller;
    caller.charge("ord_1", "k1");
    caller.charge("ord_1", "k2");
    const auto items = caller.ask("GET", "/ledger").body.value(QLatin1String("items")).toArray();
    QCOMPARE(items.size(), 1);
    QCOMPARE(number(items.first().toObject(), "charges"), 2);
    QCOMPARE(number(items.first().toObject(), "captured"), 2500);
}

void TestPaymentStandin::refusesAnotherRequestUnderTheSameKey()
{
    Caller caller;
    caller.charge("ord_1", "k1");
    const auto other = caller.charge("ord_2", "k1");
    QCOMPARE(other.status, 422);
    QCOMPARE(text(other.body, "code"), QStringLiteral("idempotency_key_reused"));
    QCOMPARE(number(caller.entry("ord_2"), "charges"), 0);
}

void TestPaymentStandin::refundsWhatWasCharged()
{
    Caller caller;
    caller.charge("ord_1", "k1");
    const auto tooMuch = caller.refund("ord_1", "r0", 1251);
    QCOMPARE(tooMuch.status, 422);
    QCOMPARE(text(tooMuch.body, "code"), QStringLiteral("refund_too_large"));
    const auto refund = caller.refund("ord_1", "r1");
    QCOMPARE(refund.status, 200);
    QCOMPARE(text(refund.body, "status"), QStringLiteral("refunded"));
    QCOMPARE(caller.refund("ord_1", "r1").raw, refund.raw);
    QCOMPARE(number(caller.entry("ord_1"), "refunded"), 1250);
    QCOMPARE(caller.refund("ord_1", "r2", 1).status, 422);
    QCOMPARE(number(caller.entry("ord_1"), "refunded"), 1250);
}

void TestPaymentStandin::refundBeforeChargeVoidsTheReference()
{
    Caller caller;
    const auto refund = caller.refund("ord_1", "r1");
    QCOMPARE(refund.status, 200);
    QCOMPARE(text(refund.body, "status"), QStringLiteral("nothing_to_refund"));
    const auto late = caller.charge("ord_1", "k1");
    QCOMPARE(late.status, 409);
    QCOMPARE(text(late.body, "code"), QStringLiteral("voided"));
    QCOMPARE(number(caller.entry("ord_1"), "charges"), 0);
    QCOMPARE(caller.refund("ord_1", "r1").raw, refund.raw);
}

void TestPaymentStandin::refusesBadInput_data()
{
    QTest::addColumn<QByteArray>("key");
    QTest::addColumn<QByteArray>("body");
    const auto good = QByteArray::fromStdString(Caller::chargeBody("ord_1", "credit_card"));
    QTest::newRow("no key") << QByteArray() << good;
    QTest::newRow("long key") << QByteArray(201, 'k') << good;
    QTest::newRow("no JSON") << QByteArray("k") << QByteArray("{");
    QTest::newRow("a list") << QByteArray("k") << QByteArray("[1]");
    QTest::newRow("no reference") << QByteArray("k") << QByteArray(good).replace("\"ord_1\"", "\"\"");
    QTest::newRow("reference a number") << QByteArray("k") << QByteArray(good).replace("\"ord_1\"", "1");
    QTest::newRow("fraction") << QByteArray("k") << QByteArray(good).replace("1250", "12.5");
    QTest::newRow("negative") << QByteArray("k") << QByteArray(good).replace("1250", "-1");
    QTest::newRow("amount as text") << QByteArray("k") << QByteArray(good).replace("1250", "\"1250\"");
    QTest::newRow("currency") << QByteArray("k") << QByteArray(good).replace("EUR", "eur");
    QTest::newRow("payments a text") << QByteArray("k")
                                     << QByteArray(good).replace(good.indexOf('['),
                                            good.indexOf(']') - good.indexOf('[') + 1, "\"credit_card\"");
    QTest::newRow("payment below nothing")
        << QByteArray("k") << QByteArray(good).replace("\"amount\":1250}", "\"amount\":-1}");
    QTest::newRow("method a number") << QByteArray("k") << QByteArray(good).replace("\"credit_card\"", "7");
}

void TestPaymentStandin::refusesBadInput()
{
    QFETCH(QByteArray, key);
    QFETCH(QByteArray, body);
    Caller caller;
    const auto answer = caller.ask("POST", "/payments", key.toStdString(), body.toStdString());
    QCOMPARE(answer.status, 422);
    QVERIFY(!text(answer.body, "code").isEmpty());
    QVERIFY(!text(answer.body, "message").isEmpty());
    QVERIFY(caller.ask("GET", "/ledger").body.value(QLatin1String("items")).toArray().isEmpty());
}

void TestPaymentStandin::testMethodsAlwaysBehaveSo()
{
    Caller caller;
    std::set<int> errors;
    for (int i = 0; i < 20; ++i) {
        const auto id = std::to_string(i);
        const auto declined = caller.charge("d" + id, "d" + id, "test_declined");
        QCOMPARE(declined.status, 402);
        QCOMPARE(text(declined.body, "code"), QStringLiteral("card_declined"));
        QCOMPARE(number(caller.entry("d" + id), "charges"), 0);
        const auto error = caller.charge("e" + id, "e" + id, "test_error");
        errors.insert(error.status);
        QCOMPARE(error.hasRetryAfter, error.status == 503);
        QCOMPARE(number(caller.entry("e" + id), "charges"), 0);
        const auto garbage = caller.charge("g" + id, "g" + id, "test_garbage");
        QCOMPARE(garbage.status, 200);
        QVERIFY(QJsonDocument::fromJson(garbage.raw).isNull());
    }
    QCOMPARE(errors, (std::set<int>{500, 503}));
}

void TestPaymentStandin::flakyWorksAtTheThirdRequest()
{
    Caller caller;
    QCOMPARE(caller.charge("ord_1", "k1", "test_flaky").status, 503);
    QCOMPARE(caller.charge("ord_1", "k1", "test_flaky").status, 503);
    QCOMPARE(number(caller.entry("ord_1"), "charges"), 0);
    QCOMPARE(caller.charge("ord_1", "k1", "test_flaky").status, 200);
    QCOMPARE(number(caller.entry("ord_1"), "charges"), 1);
}

void TestPaymentStandin::silentRequestIsProcessedAndAnsweredAtShutDownAtTheLatest()
{
    Caller caller;
    std::vector<std::shared_ptr<std::optional<Answer>>> waiting;
    for (int i = 0; i < 20; ++i) {
        const auto reference = "ord_" + std::to_string(i);
        waiting.push_back(
            caller.start("POST", "/payments", reference, Caller::chargeBody(reference, "test_timeout")));
    }
    const auto charges = [&] {
        int sum = 0;
        for (const auto& item : caller.ask("GET", "/ledger").body.value(QLatin1String("items")).toArray())
            sum += static_cast<int>(number(item.toObject(), "charges"));
        return sum;
    };
    QTRY_VERIFY(charges() > 0); // some have paid without being told so
    QVERIFY(charges() < 20);
    for (const auto& slot : waiting)
        QVERIFY(!slot->has_value());
    caller.shutDown();
    for (const auto& slot : waiting) {
        QVERIFY(slot->has_value());
        QCOMPARE(slot->value().status, 503);
    }
}

void TestPaymentStandin::unknownOutcomesAreToldByTheSameKey()
{
    Caller caller;
    for (int i = 0; i < 20; ++i) {
        const auto reference = "ord_" + std::to_string(i);
        caller.charge(reference, reference, "test_garbage");
        const auto before = number(caller.entry(reference), "charges");
        // The method is no part of what a key stands for, so a caller may go on with another one.
        QCOMPARE(caller.charge(reference, reference).status, 200);
        QCOMPARE(number(caller.entry(reference), "charges"), 1);
        QVERIFY(before == 0 || before == 1);
    }
}

void TestPaymentStandin::neverDeclinesWhatItHasCharged()
{
    Caller caller;
    caller.charge("ord_1", "k1");
    QCOMPARE(caller.ask("PUT", "/behavior", {}, R"({"declined":1})").status, 200);
    QCOMPARE(caller.charge("ord_1", "k1").status, 200);
    QCOMPARE(caller.charge("ord_2", "k2").status, 402);
    QCOMPARE(caller.refund("ord_1", "r1").status, 200);
}

void TestPaymentStandin::behaviorCanBeChanged()
{
    Caller caller;
    const auto changed = caller.ask("PUT", "/behavior", {}, R"({"error":0.25,"latency_ms":3,"seed":7})");
    QCOMPARE(changed.status, 200);
    const auto now = caller.ask("GET", "/behavior");
    QCOMPARE(now.raw, changed.raw);
    QCOMPARE(now.body.value(QLatin1String("error")).toDouble(), 0.25);
    QCOMPARE(number(now.body, "latency_ms"), 3);
    QCOMPARE(number(now.body, "seed"), 7);
    for (const char* bad : {R"({"eror":0.1})", R"({"error":1.5})", R"({"error":"0.1"})",
             R"({"latency_ms":-1})", R"({"error":0.6,"declined":0.6})", R"({"seed":-1})", "7"}) {
        const auto refused = caller.ask("PUT", "/behavior", {}, bad);
        QCOMPARE(refused.status, 422);
        QVERIFY(!text(refused.body, "message").isEmpty());
    }
    QCOMPARE(caller.ask("GET", "/behavior").raw, now.raw);
    QCOMPARE(caller.ask("GET", "/elsewhere").status, 404);
    QCOMPARE(caller.ask("DELETE", "/ledger").status, 404);
    QCOMPARE(caller.ask("GET", "/ledger/ord_unknown").status, 404);
}

void TestPaymentStandin::takesItsTime()
{
    Behavior behavior;
    behavior.latency = 60ms;
    Caller caller(behavior);
    QElapsedTimer timer;
    timer.start();
    QCOMPARE(caller.charge("ord_1", "k1").status, 200);
    QVERIFY(timer.elapsed() >= 60);
}

void TestPaymentStandin::programServesAndEndsOnTerm()
{
    const QTemporaryDir dir;
    const auto addressFile = dir.filePath(QStringLiteral("address"));
    QProcess program;
    program.start(qEnvironmentVariable("GANTRY_BIN") + QStringLiteral("/payment-standin"),
        {QStringLiteral("--address-file"), addressFile, QStringLiteral("--declined"), QStringLiteral("1"),
            QStringLiteral("--exit-with-parent")});
    QVERIFY(program.waitForReadyRead());
    QVERIFY(program.readLine().startsWith("payment-standin listens at http://127.0.0.1:"));

    QFile file(addressFile);
    QVERIFY(file.open(QIODevice::ReadOnly));
    const auto address = text(QJsonDocument::fromJson(file.readAll()).object(), "http");
    const auto port = address.section(QLatin1Char(':'), 1).toUShort();
    QVERIFY(port > 0);

    test::HttpClient client("127.0.0.1", port);
    const test::HttpHeaders headers{{"Content-Type", "application/json"}, {"Idempotency-Key", "k1"}};
    const auto declined =
        client.request("POST", "/payments", headers, Caller::chargeBody("ord_1", "credit_card"));
    QVERIFY(declined.has_value());
    QCOMPARE(declined->status, 402);
    const auto behavior = client.request("PUT", "/behavior", headers, R"({"declined":0})");
    QVERIFY(behavior.has_value());
    const auto charged =
        client.request("POST", "/payments", headers, Caller::chargeBody("ord_1", "credit_card"));
    QVERIFY(charged.has_value());
    QCOMPARE(charged->status, 200);

    test::HttpClient silent("127.0.0.1", port);
    QVERIFY(silent.connect().has_value());
    const auto body = Caller::chargeBody("ord_2", "test_timeout");
    QVERIFY(silent
                .send("POST /payments HTTP/1.1\r\nHost: localhost\r\nIdempotency-Key: k2\r\nContent-Length: "
                    + std::to_string(body.size()) + "\r\n\r\n" + body)
                .has_value());
    QTRY_COMPARE(client.request("GET", "/ledger/ord_2")->status, 200); // it is in hand
    program.terminate();
    QVERIFY(program.waitForFinished());
    QCOMPARE(program.exitStatus(), QProcess::NormalExit);
    QCOMPARE(program.exitCode(), 0);
}

void TestPaymentStandin::programRefusesBadOptions()
{
    for (const auto& options : {QStringList{QStringLiteral("--listen"), QStringLiteral("nowhere")},
             QStringList{QStringLiteral("--declined"), QStringLiteral("2")},
             QStringList{QStringLiteral("--address-file"), QStringLiteral("/nowhere/address")}}) {
        QProcess program;
        program.start(qEnvironmentVariable("GANTRY_BIN") + QStringLiteral("/payment-standin"), options);
        QVERIFY(program.waitForFinished());
        QVERIFY(program.exitCode() != 0);
        QVERIFY(!program.readAllStandardError().isEmpty());
    }
}

QTEST_GUILESS_MAIN(TestPaymentStandin)
#include "tst_payment_standin.moc"
