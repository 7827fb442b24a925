// SPDX-License-Identifier: GPL-3.0-or-later
// Orders whose steps call a service, through a whole daemon: durable, undone, and waiting while the service is left alone.
#include "shared/protocol/json_writer.h"
#include "tests/daemon/steps/stub_service.h"
#include "tests/support/daemon_process.h"
#include "tests/support/http_client.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QTest>

using namespace gantry;
using namespace gantry::test;

namespace {

constexpr int patience = 60'000;

const char* const workflow = R"(name = "shipping"
version = 1
[[step]]
name = "label"
kind = "http"
service = "carrier"
path = "/labels/{{order.external_id}}"
body = '{"ref":"{{order.id}}","cents":{{order.total}},"to":"{{order.customer.name}}"}'
[step.headers]
X-Channel = "{{order.channel}}"
[step.retry]
max_attempts = 3
initial_ms = 1
max_ms = 1
[step.compensate]
method = "DELETE"
path = "/labels/{{order.external_id}}"
success = [404]
[[step]]
name = "look"
kind = "manual"
role = "support"
)";

QJsonObject parse(const std::string& text)
{
    return QJsonDocument::fromJson(QByteArray::fromStdString(text)).object();
}

} // namespace

class HttpStepsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_data = std::make_unique<QTemporaryDir>();
        m_stub = std::make_unique<StubService>([](QSslSocket& connection, const QByteArray& request) {
            connection.write(
                StubService::reply(200, request.startsWith("DELETE") ? "{}" : R"({"label":"L7"})"));
        });
    }

    void cleanup()
    {
        m_daemon.reset();
        m_stub.reset();
        m_data.reset();
    }

    void carriesAnOrderThroughAndBack()
    {
        start();
        const QString id = submit("A/7", "Ada \"Ü\"");
        QTRY_COMPARE_WITH_TIMEOUT(stepOf(id), QStringLiteral("look"), patience);
        QCOMPARE(m_stub->requests().size(), 1);
        const QByteArray request = m_stub->requests().front();
        QVERIFY2(request.startsWith("POST /v2/labels/A%2F7 HTTP/1.1\r\n"), request.constData());
        QCOMPARE(headerOf(request, "X-Channel"), QByteArray("web"));
        QCOMPARE(headerOf(request, "Idempotency-Key"), '"' + id.toLatin1() + "/label\"");
        const QJsonObject body = parse(test::bodyOf(request).toStdString());
        QCOMPARE(body[QLatin1String("ref")].toString(), id);
        QCOMPARE(body[QLatin1String("cents")].toInt(), 1000);
        QCOMPARE(body[QLatin1String("to")].toString(), QStringLiteral("Ada \"Ü\""));
        const auto events = send("GET", "/v1/orders/" + id.toStdString() + "/events").body;
        QVERIFY2(events.find(R"("result":{"label":"L7"})") != std::string::npos, events.c_str());
        QVERIFY(events.find(R"("actor":"carrier")") != std::string::npos);

        act(id, "cancel");
        QTRY_COMPARE_WITH_TIMEOUT(
            orderOf(id)[QLatin1String("state")].toString(), QStringLiteral("canceled"), patience);
        QCOMPARE(m_stub->requests().size(), 2);
        const QByteArray undo = m_stub->requests().back();
        QVERIFY(undo.startsWith("DELETE /v2/labels/A%2F7 HTTP/1.1\r\n"));
        QCOMPARE(headerOf(undo, "Idempotency-Key"), '"' + id.toLatin1() + "/label/undo\"");
        QCOMPARE(headerOf(undo, "Traceparent").mid(3, 32), headerOf(request, "Traceparent").mid(3, 32));
        QVERIFY(headerOf(undo, "Traceparent") != headerOf(request, "Traceparent"));
        const QJsonObject shown = parse(send("GET", "/v1/workflows/shipping/1").body);
        const QJsonObject step = shown[QLatin1String("steps")].toArray()[0].toObject();
        QCOMPARE(step[QLatin1String("call")].toObject()[QLatin1String("path")].toString(),
            QStringLiteral("/labels/{{order.external_id}}"));
        QCOMPARE(
            step[QLatin1String("compensate")].toObject()[QLatin1String("success")].toArray()[0].toString(),
            QStringLiteral("404"));
    }

    void ordersWaitForAServiceThatIsLeftAloneAndSpendNothing()
    {
        start("[service.carrier.breaker]\nfailures = 2\nopen_ms = 300\n");
        bool isWell = false;
        m_stub->setAnswer([&isWell](QSslSocket& connection, const QByteArray&) {
            connection.write(StubService::reply(isWell ? 200 : 503, R"({"message":"closed today"})"));
        });
        const QString first =
            submit("1", "Ada"); // fails twice, and opens the breaker with its third attempt still due
        QTRY_VERIFY_WITH_TIMEOUT(serviceState().contains(QLatin1String("open")), patience);
        QStringList ids{first};
        for (int i = 2; i <= 20; ++i)
            ids += submit(QByteArray::number(i), "Ada");
        isWell = true;
        for (const QString& id : ids) {
            QTRY_VERIFY_WITH_TIMEOUT(stepOf(id) == QLatin1String("look")
                    || orderOf(id)[QLatin1String("state")] == QLatin1String("failed"),
                patience);
            // The probes that failed may have been the first order's last; nobody else's is spent by waiting.
            QVERIFY(id == first || stepOf(id) == QLatin1String("look"));
        }
        QTRY_COMPARE_WITH_TIMEOUT(serviceState(), QStringLiteral("closed"), patience);
        const QJsonObject service =
            parse(send("GET", "/v1/services").body)[QLatin1String("items")].toArray()[0].toObject();
        QCOMPARE(service[QLatin1String("name")].toString(), QStringLiteral("carrier"));
        QVERIFY(service[QLatin1String("last_error")].toString().contains(QLatin1String("closed today")));
        QVERIFY(!service[QLatin1String("last_success")].toString().isEmpty());
        const std::string metrics = send("GET", "/metrics").body;
        QVERIFY(metrics.find("gantry_service_breaker_state{service=\"carrier\"} 0") != std::string::npos);
        QVERIFY(
            metrics.find("gantry_service_breaker_opened_total{service=\"carrier\"} 0") == std::string::npos);
    }

    void callsThatWereInHandAreMadeAgainWithTheSameKey()
    {
        start();
        m_stub->setAnswer([](QSslSocket&, const QByteArray&) {}); // says nothing
        const QString id = submit("1", "Ada");
        QTRY_COMPARE_WITH_TIMEOUT(m_stub->requests().size(), 1, patience);
        QCOMPARE(m_daemon->process().terminate(), 0); // does not wait for the answer
        m_stub->setAnswer([](QSslSocket& connection, const QByteArray&) {
            connection.write(StubService::reply(200, "{}"));
        });
        QVERIFY(m_daemon->restart());
        QTRY_COMPARE_WITH_TIMEOUT(stepOf(id), QStringLiteral("look"), patience);
        QCOMPARE(m_stub->requests().size(), 2);
        QCOMPARE(headerOf(m_stub->requests().back(), "Idempotency-Key"),
            headerOf(m_stub->requests().front(), "Idempotency-Key"));
        QCOMPARE(headerOf(m_stub->requests().back(), "Traceparent"),
            headerOf(m_stub->requests().front(), "Traceparent"));
    }

    void refusesWorkflowsThatNameAStranger()
    {
        start();
        std::string text = workflow;
        text.replace(text.find("\"carrier\""), 9, "\"stranger\"");
        const auto refused = send("POST", "/v1/workflows", storeRequest(text));
        QCOMPARE(refused.status, 422);
        QVERIFY2(refused.body.find("[service.stranger]") != std::string::npos, refused.body.c_str());
    }

private:
    void start(const std::string& more = {})
    {
        auto daemon = DaemonProcess::start(m_data->path().toStdString(),
            "[service.carrier]\nurl = \"http://127.0.0.1:" + std::to_string(m_stub->serverPort())
                + "/v2/\"\nallow_private = true\n" + more);
        QVERIFY2(daemon.has_value(), daemon ? "" : daemon.error().message.c_str());
        m_daemon = std::make_unique<DaemonProcess>(std::move(*daemon));
        QCOMPARE(send("POST", "/v1/workflows", storeRequest(workflow)).status, 201);
        QCOMPARE(send("POST", "/v1/workflows/shipping/1/activate", "{}").status, 200);
    }

    HttpAnswer send(const std::string& method, const std::string& path, const std::string& body = {})
    {
        HttpClient client("127.0.0.1", m_daemon->httpPort());
        HttpHeaders headers{{"Authorization", "Bearer " + m_daemon->key()}};
        if (!body.empty())
            headers.emplace_back("Content-Type", "application/json");
        auto answer = client.request(method, path, headers, body);
        return answer ? *answer : HttpAnswer{};
    }

    static std::string storeRequest(const std::string& source)
    {
        JsonWriter json;
        json.beginObject().member("source", source).endObject();
        return json.take();
    }

    QString submit(const QByteArray& externalId, const std::string& name)
    {
        JsonWriter json;
        json.beginObject()
            .member("channel", "web")
            .member("external_id", externalId.toStdString())
            .member("currency", "EUR");
        json.key("lines").raw(R"([{"sku":"a","quantity":1,"unit_price":1000}])");
        json.key("customer").beginObject().member("name", name).endObject();
        json.key("payments").raw(R"([{"method":"card","amount":1000}])");
        json.member("total", 1000).endObject();
        return parse(send("POST", "/v1/orders", json.take()).body)[QLatin1String("id")].toString();
    }

    void act(const QString& id, const std::string& action)
    {
        const auto answer = send("POST", "/v1/orders/" + id.toStdString() + "/actions",
            "{\"reason\":\"because\",\"action\":\"" + action + "\"}");
        QVERIFY2(answer.status == 200, answer.body.c_str());
    }

    QJsonObject orderOf(const QString& id)
    {
        return parse(send("GET", "/v1/orders/" + id.toStdString()).body);
    }

    /// Where an order stands and waits; empty while it is on its way there.
    QString stepOf(const QString& id)
    {
        const QJsonObject order = orderOf(id);
        return order[QLatin1String("step")].toString();
    }

    QString serviceState()
    {
        const QJsonArray items = parse(send("GET", "/v1/services").body)[QLatin1String("items")].toArray();
        return items[0].toObject()[QLatin1String("state")].toString();
    }

    std::unique_ptr<QTemporaryDir> m_data;
    std::unique_ptr<StubService> m_stub;
    std::unique_ptr<DaemonProcess> m_daemon;
};

QTEST_GUILESS_MAIN(HttpStepsTest)
#include "tst_http_steps.moc"
