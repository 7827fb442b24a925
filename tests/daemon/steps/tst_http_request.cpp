// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/steps/http_request.h"

#include "daemon/steps/trace_context.h"
#include "tests/daemon/steps/call_tasks.h"
#include "tests/daemon/steps/stub_service.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QRegularExpression>
#include <QTest>
#include <set>

using namespace gantry;
using namespace gantry::test;

namespace {

steps::HttpService carrier()
{
    steps::HttpService service{.name = "carrier", .host = "carrier.example"};
    service.basePath = "/api";
    service.headers = {{"Authorization", "Bearer secret"}, {"X-Version", "3"}};
    return service;
}

QByteArray requestOf(const HttpCall& call, const OrderDocument& document = calledOrder())
{
    const auto request = steps::makeRequest(carrier(), taskOf(call, document));
    return request ? QByteArray::fromStdString(*request)
                   : "refused: " + QByteArray::fromStdString(request.error().message);
}

QJsonObject jsonOf(const QByteArray& request)
{
    return QJsonDocument::fromJson(bodyOf(request)).object();
}

} // namespace

class HttpRequestTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void sendsWhatTheContractSays()
    {
        const HttpCall call = labelCall();
        const QByteArray request = requestOf(call);
        QVERIFY2(request.startsWith("POST /api/labels HTTP/1.1\r\nHost: carrier.example\r\n"),
            request.constData());
        const engine::Task task = taskOf(call);
        QCOMPARE(
            headerOf(request, "Idempotency-Key"), '"' + QByteArray::fromStdString(task.idempotencyKey) + '"');
        QCOMPARE(headerOf(request, "Traceparent"),
            QByteArray::fromStdString(steps::traceparentOf(*task.order, "label", 1)));
        QCOMPARE(headerOf(request, "Content-Type"), QByteArray("application/json"));
        QCOMPARE(headerOf(request, "Content-Length"), QByteArray::number(bodyOf(request).size()));
        QVERIFY(headerOf(request, "User-Agent").startsWith("gantryd/"));
        QCOMPARE(headerOf(request, "Accept-Encoding"), QByteArray("identity"));
        QCOMPARE(headerOf(request, "Authorization"), QByteArray("Bearer secret"));
    }

    void withoutABodyTheTaskIsSent()
    {
        const QJsonObject body = jsonOf(requestOf(labelCall()));
        QCOMPARE(body.keys().join(QLatin1Char(' ')),
            QStringLiteral("attempt idempotency_key order order_id step task"));
        QCOMPARE(body[QLatin1String("task")].toString(), QStringLiteral("carrier"));
        QCOMPARE(body[QLatin1String("step")].toString(), QStringLiteral("label"));
        const QJsonObject order = body[QLatin1String("order")].toObject();
        QCOMPARE(order[QLatin1String("external_id")].toString(), QStringLiteral("10001"));
        QCOMPARE(order[QLatin1String("id")].toString(), body[QLatin1String("order_id")].toString());
        QVERIFY(order.contains(QLatin1String("state")) && order.contains(QLatin1String("lines")));
    }

    void methodsWithoutABodySendNone()
    {
        for (const char* method : {"GET", "DELETE"}) {
            HttpCall call = labelCall();
            call.method = method;
            const QByteArray request = requestOf(call);
            QVERIFY(request.startsWith(QByteArray(method) + " /api/labels HTTP/1.1\r\n"));
            QVERIFY(request.endsWith("\r\n\r\n"));
            QVERIFY(
                headerOf(request, "Content-Length").isNull() && headerOf(request, "Content-Type").isNull());
        }
    }

    void fillsTemplatesIn()
    {
        HttpCall call = labelCall();
        call.method = "PUT";
        call.path = textOf("/orders/{{ order.external_id }}/labels?channel={{order.channel}}");
        call.headers = {
            {"X-Total", textOf("{{order.total}} {{order.currency}}")}, {"x-version", textOf("4")}};
        call.body = textOf(
            R"({"ref":"{{order.id}}","amount":{{order.total}},"try":{{attempt}},"at":"{{step}}",)"
            R"("city":"{{order.shipping_address.city}}","lines":{{order.lines}},"tags":{{order.tags}},)"
            R"("paid":{{order.payments}},"who":{{order.customer}},"note":"{{metadata.note}}","meta":{{metadata}}})");
        auto document = calledOrder();
        document.externalId = "a/b?c=d&e#f% ü";
        document.metadata = {{"note", "ring twice"}};
        const QByteArray request = requestOf(call, document);
        QVERIFY2(request.startsWith(
                     "PUT /api/orders/a%2Fb%3Fc%3Dd%26e%23f%25%20%C3%BC/labels?channel=webshop HTTP/1.1\r\n"),
            request.constData());
        QCOMPARE(headerOf(request, "X-Total"), QByteArray("1250 EUR"));
        QCOMPARE(headerOf(request, "X-Version"), QByteArray("4"));
        QCOMPARE(request.toLower().count("x-version: "), 1);
        const QJsonObject body = jsonOf(request);
        QCOMPARE(body[QLatin1String("amount")].toInt(), 1250);
        QCOMPARE(body[QLatin1String("try")].toInt(), 1);
        QCOMPARE(body[QLatin1String("at")].toString(), QStringLiteral("label"));
        QCOMPARE(body[QLatin1String("city")].toString(), QStringLiteral("Bonn"));
        QCOMPARE(body[QLatin1String("lines")].toArray()[0].toObject()[QLatin1String("sku")].toString(),
            QStringLiteral("SKU"));
        QVERIFY(body[QLatin1String("tags")].isArray());
        QCOMPARE(body[QLatin1String("paid")].toArray()[0].toObject()[QLatin1String("amount")].toInt(), 1250);
        QCOMPARE(
            body[QLatin1String("who")].toObject()[QLatin1String("name")].toString(), QStringLiteral("Ada"));
        QCOMPARE(body[QLatin1String("note")].toString(), QStringLiteral("ring twice"));
        QCOMPARE(body[QLatin1String("meta")].toObject()[QLatin1String("note")].toString(),
            QStringLiteral("ring twice"));
    }

    void nothingBreaksOutOfABody_data()
    {
        QTest::addColumn<QString>("text");
        QTest::newRow("quotes") << QStringLiteral("\",\"amount\":0,\"x\":\"");
        QTest::newRow("backslash at the end") << QStringLiteral("a\\");
        QTest::newRow("escape") << QStringLiteral("\\u0022 \\\" \\n");
        QTest::newRow("placeholder") << QStringLiteral("{{order.total}}");
        QTest::newRow("scripts") << QStringLiteral("東京 Ünïcödé 🎁 \u202eabc");
        QTest::newRow("separators") << QString(QChar(0x2028)) + QChar(0x2029) + QChar(0x85);
    }

    void nothingBreaksOutOfABody()
    {
        QFETCH(QString, text);
        HttpCall call = labelCall();
        call.body = textOf(R"({"name":"{{order.customer.name}}","amount":{{order.total}}})");
        auto document = calledOrder();
        document.customer.name = text.toStdString();
        const QJsonObject body = jsonOf(requestOf(call, document));
        QCOMPARE(body.size(), 2);
        QCOMPARE(body[QLatin1String("name")].toString(), text);
        QCOMPARE(body[QLatin1String("amount")].toInt(), 1250);
    }

    void aPathLeadsNowhereElse()
    {
        HttpCall call = labelCall();
        call.method = "DELETE";
        call.path = textOf("/labels/{{metadata.label}}");
        const auto pathFor = [&call](const std::string& label) {
            auto document = calledOrder();
            document.metadata = {{"label", label}};
            const QByteArray request = requestOf(call, document);
            return request.split('\r').front();
        };
        QCOMPARE(pathFor("7"), QByteArray("DELETE /api/labels/7 HTTP/1.1"));
        QCOMPARE(pathFor("../../admin"), QByteArray("DELETE /api/labels/..%2F..%2Fadmin HTTP/1.1"));
        for (const char* label : {"", ".", ".."})
            QVERIFY2(pathFor(label).startsWith("refused: The path /labels/"), label);
        call.path = textOf("/labels?id={{metadata.label}}"); // a query leads nowhere
        QCOMPARE(pathFor(""), QByteArray("DELETE /api/labels?id= HTTP/1.1"));
    }

    void namesPortsAndAddressesInHost()
    {
        const auto hostFor = [](const std::string& host, std::uint16_t port, bool isTls) {
            const HttpCall call = labelCall();
            steps::HttpService service{.name = "carrier", .isTls = isTls, .host = host, .port = port};
            return headerOf(QByteArray::fromStdString(*steps::makeRequest(service, taskOf(call))), "Host");
        };
        QCOMPARE(hostFor("a.example", 443, true), QByteArray("a.example"));
        QCOMPARE(hostFor("a.example", 80, false), QByteArray("a.example"));
        QCOMPARE(hostFor("a.example", 443, false), QByteArray("a.example:443"));
        QCOMPARE(hostFor("::1", 8080, false), QByteArray("[::1]:8080"));
    }

    void tellsOfADamagedDocument()
    {
        const HttpCall call = labelCall();
        auto task = taskOf(call);
        task.document = "{";
        QCOMPARE(steps::makeRequest(carrier(), task).error().code, ErrorCode::Corrupt);
    }

    void tracesAreOfTheOrderAndSpansOfTheAttempt()
    {
        const HttpCall call = labelCall();
        const QRegularExpression form(QStringLiteral("^00-[0-9a-f]{32}-[0-9a-f]{16}-01$"));
        std::set<std::string> traces;
        std::set<std::string> spans;
        for (std::uint64_t number = 1; number <= 20; ++number) {
            Order order;
            order.id = OrderId::make(fromMillis(1'770'000'000'000), {}, {1, number});
            for (const char* step : {"label", "notify"})
                for (std::uint32_t attempt = 1; attempt <= 5; ++attempt) {
                    const std::string header = steps::traceparentOf(order, step, attempt);
                    QVERIFY2(form.match(QString::fromStdString(header)).hasMatch(), header.c_str());
                    QCOMPARE(steps::traceparentOf(order, step, attempt), header); // after a crash the same
                    traces.insert(header.substr(3, 32));
                    spans.insert(header.substr(36, 16));
                }
        }
        QCOMPARE(traces.size(), std::size_t{20});
        QCOMPARE(spans.size(), std::size_t{200});
        QVERIFY(!traces.contains(std::string(32, '0')) && !spans.contains(std::string(16, '0')));
    }
};

QTEST_APPLESS_MAIN(HttpRequestTest)
#include "tst_http_request.moc"
