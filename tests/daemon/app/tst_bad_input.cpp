// SPDX-License-Identifier: GPL-3.0-or-later
// Every kind of bad input, sent to a whole daemon over real HTTP: each gets its documented problem and changes nothing.
#include "daemon/app/daemon.h"
#include "shared/protocol/problem.h"
#include "tests/support/http_client.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QTest>

using namespace gantry;

namespace {

/// A sound order, with one text in it replaced.
QByteArray order(const QByteArray& from = {}, const QByteArray& to = {})
{
    QByteArray json =
        R"({"channel":"web","external_id":"bad-1","currency":"EUR","lines":[{"sku":"a","quantity":2,"unit_price":100}],)"
        R"("customer":{"name":"Ann"},"shipping_address":{"city":"Bonn","country":"DE"},"total":200,)"
        R"("payments":[{"method":"card","amount":200}],"metadata":{"k":"v"}})";
    if (!from.isEmpty()) {
        Q_ASSERT(json.contains(from));
        json.replace(from, to);
    }
    return json;
}

QByteArray withLines(int count)
{
    QByteArray lines;
    for (int i = 0; i < count; ++i)
        lines += QByteArray(i > 0 ? "," : "") + R"({"sku":"a","quantity":1,"unit_price":1})";
    return R"({"channel":"web","external_id":"bad-1","currency":"EUR","lines":[)" + lines + R"(],"total":)"
        + QByteArray::number(count) + "}";
}

} // namespace

class BadInputTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase()
    {
        app::Config config;
        config.dataDir = m_folder.path().toStdString();
        config.http = config.commands = config.events = config.workers = "127.0.0.1:0";
        auto daemon =
            app::Daemon::start(config, [](const Error& error) { qFatal("%s", error.message.c_str()); });
        QVERIFY2(daemon.has_value(), daemon ? "" : daemon.error().message.c_str());
        m_daemon = std::move(*daemon);
        const std::string& address = m_daemon->addresses().http;
        m_port = static_cast<std::uint16_t>(std::stoul(address.substr(address.rfind(':') + 1)));
        QFile key(m_folder.filePath(QStringLiteral("admin.key")));
        QVERIFY(key.open(QIODevice::ReadOnly));
        m_authorization = "Bearer " + key.readAll().trimmed().toStdString();
    }

    void refusesBodies_data();
    void refusesBodies();
    void refusesRequests_data();
    void refusesRequests();
    void refusesWhatIsHalfSent();
    void refusesInABatchOnlyWhatIsBad();
    void cleanupTestCase() { m_daemon.reset(); }

private:
    Result<test::HttpAnswer> send(const std::string& method, const std::string& target,
        const std::string& body, test::HttpHeaders headers = {})
    {
        test::HttpClient client("127.0.0.1", m_port);
        headers.emplace_back("Authorization", m_authorization);
        if (!body.empty())
            headers.emplace_back("Content-Type", "application/json");
        return client.request(method, target, headers, body);
    }

    /// What must stay the same when something is refused.
    std::string everything()
    {
        const auto digest = send("GET", "/v1/digest", {});
        const auto list = send("GET", "/v1/orders", {});
        const auto stock = send("GET", "/v1/stock", {});
        return digest->body + list->body + stock->body;
    }

    void checkProblem(const test::HttpAnswer& answer, int status, const QByteArray& code)
    {
        QCOMPARE(answer.status, status);
        QCOMPARE(std::string(answer.header("content-type")), std::string("application/problem+json"));
        const QJsonObject problem = QJsonDocument::fromJson(QByteArray::fromStdString(answer.body)).object();
        QCOMPARE(problem[QLatin1String("code")].toString().toUtf8(), code);
        QCOMPARE(problem[QLatin1String("status")].toInt(), status);
        QVERIFY(!problem[QLatin1String("detail")].toString().isEmpty());
    }

    QTemporaryDir m_folder;
    std::unique_ptr<app::Daemon> m_daemon;
    std::uint16_t m_port = 0;
    std::string m_authorization;
};

void BadInputTest::refusesBodies_data()
{
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<int>("status");
    QTest::addColumn<QByteArray>("code");
    QTest::addColumn<QByteArray>("pointer");
    const auto row = [](const char* name, const QByteArray& body, int status, const char* code,
                         const char* pointer = "") {
        QTest::newRow(name) << body << status << QByteArray(code) << QByteArray(pointer);
    };
    row("not JSON", "order please", 400, "malformed_json");
    row("JSON cut off", order().chopped(1), 400, "malformed_json");
    row("two documents", order() + order(), 400, "malformed_json");
    row("trailing comma", order("200}]", "200},]"), 400, "malformed_json");
    row("nested too deeply", QByteArray(40, '[') + QByteArray(40, ']'), 400, "malformed_json");
    row("NaN", order(":100", ":NaN"), 400, "malformed_json");
    row("number beyond 64 bits", order("\"total\":200", "\"total\":99999999999999999999999"), 400,
        "malformed_json");
    row("invalid UTF-8", order("Ann", "An\xff"), 400, "invalid_utf8");
    row("overlong UTF-8", order("Ann", "An\xc0\xaf"), 400, "invalid_utf8");
    row("lone surrogate", order("Ann", "\\ud800"), 400, "malformed_json");
    row("an array", "[]", 422, "wrong_type", "");
    row("null", "null", 422, "wrong_type", "");
    row("duplicate key", order("{\"channel\":\"web\"", "{\"channel\":\"web\",\"channel\":\"web\""), 422,
        "duplicate_key", "/channel");
    row("duplicate key inside", order("\"sku\":\"a\"", "\"sku\":\"a\",\"sku\":\"b\""), 422, "duplicate_key",
        "/lines/0/sku");
    row("unknown field", order("\"total\"", "\"totl\":1,\"total\""), 422, "unknown_field", "/totl");
    row("unknown field inside", order("\"sku\":\"a\"", "\"sku\":\"a\",\"a/b~c\":1"), 422, "unknown_field",
        "/lines/0/a~1b~0c");
    row("channel missing", order("\"channel\":\"web\",", ""), 422, "missing_field", "/channel");
    row("total missing", order("\"total\":200,", ""), 422, "missing_field", "/total");
    row("lines missing", R"({"channel":"web","external_id":"bad-1","currency":"EUR","total":0})", 422,
        "missing_field", "/lines");
    row("no lines", R"({"channel":"web","external_id":"bad-1","currency":"EUR","lines":[],"total":0})", 422,
        "invalid_value", "/lines");
    row("float for money", order(":100", ":100.0"), 422, "wrong_type", "/lines/0/unit_price");
    row("exponent for money", order("\"total\":200", "\"total\":2e2"), 422, "wrong_type", "/total");
    row("text for money", order("\"total\":200", "\"total\":\"200\""), 422, "wrong_type", "/total");
    row("true for a quantity", order("\"quantity\":2", "\"quantity\":true"), 422, "wrong_type",
        "/lines/0/quantity");
    row("null for a text", order("\"Ann\"", "null"), 422, "wrong_type", "/customer/name");
    row("number for a text", order("\"web\"", "7"), 422, "wrong_type", "/channel");
    row("number in metadata", order("\"v\"", "7"), 422, "wrong_type", "/metadata/k");
    row("object for lines", order("[{\"sku\":\"a\",\"quantity\":2,\"unit_price\":100}]", "{}"), 422,
        "wrong_type", "/lines");
    row("quantity zero", order("\"quantity\":2", "\"quantity\":0"), 422, "invalid_value",
        "/lines/0/quantity");
    row("quantity negative", order("\"quantity\":2", "\"quantity\":-2"), 422, "invalid_value",
        "/lines/0/quantity");
    row("price negative", order(":100", ":-100"), 422, "invalid_value", "/lines/0/unit_price");
    row("empty SKU", order("\"sku\":\"a\"", "\"sku\":\"\""), 422, "invalid_value", "/lines/0/sku");
    row("control character", order("Ann", "An\\u0007"), 422, "invalid_value", "/customer/name");
    row("text too long", order("Ann", QByteArray(1001, 'x')), 422, "invalid_value", "/customer/name");
    row("total does not add up", order("\"total\":200", "\"total\":201"), 422, "total_mismatch", "/total");
    row("payments do not add up", order("\"amount\":200", "\"amount\":199"), 422, "total_mismatch",
        "/payments");
    row("sum overflows", order(":100", ":9223372036854775807"), 422, "amount_overflow", "/total");
    row("amount beyond int64", order("\"total\":200", "\"total\":9223372036854775808"), 422,
        "amount_overflow", "/total");
    row("unknown currency", order("\"EUR\"", "\"EUX\""), 422, "unknown_currency", "/currency");
    row("currency in small letters", order("\"EUR\"", "\"eur\""), 422, "unknown_currency", "/currency");
    row("1,001 lines", withLines(1001), 422, "too_many_lines", "/lines");
    row("10,000 lines", withLines(10'000), 422, "too_many_lines", "/lines");
    row("bad time", order("\"total\"", "\"promise_at\":\"tomorrow\",\"total\""), 422, "invalid_value",
        "/promise_at");
    row("bad country", order("\"DE\"", "\"Germany\""), 422, "invalid_value", "/shipping_address/country");
    row("priority out of range", order("\"total\"", "\"priority\":10,\"total\""), 422, "invalid_value",
        "/priority");
    row("body too large", order("Ann", QByteArray(1'100'000, 'x')), 413, "body_too_large");
}

void BadInputTest::refusesBodies()
{
    QFETCH(QByteArray, body);
    QFETCH(int, status);
    QFETCH(QByteArray, code);
    QFETCH(QByteArray, pointer);
    const std::string before = everything();
    const auto answer = send("POST", "/v1/orders", body.toStdString());
    QVERIFY2(answer.has_value(), answer ? "" : answer.error().message.c_str());
    checkProblem(*answer, status, code);
    if (status == 422) {
        const Error problem = decodeProblem(answer->body);
        QVERIFY(!problem.fields.empty());
        QCOMPARE(QByteArray::fromStdString(problem.fields.front().pointer), pointer);
    }
    QCOMPARE(everything(), before);
}

void BadInputTest::refusesRequests_data()
{
    QTest::addColumn<QByteArray>("method");
    QTest::addColumn<QByteArray>("target");
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<QByteArray>("header"); // name: value
    QTest::addColumn<int>("status");
    QTest::addColumn<QByteArray>("code");
    const auto row = [](const char* name, const char* method, const char* target, const QByteArray& body,
                         const char* header, int status, const char* code) {
        QTest::newRow(name) << QByteArray(method) << QByteArray(target) << body << QByteArray(header)
                            << status << QByteArray(code);
    };
    const char* someone = "/v1/orders/ord_01m828hr8bq17vp59rvpftwa7e";
    const std::string actions = std::string(someone) + "/actions";
    row("no such path", "GET", "/v2/orders", "", "", 404, "not_found");
    row("no such order", "GET", someone, "", "", 404, "not_found");
    row("not an order id", "GET", "/v1/orders/42", "", "", 404, "not_found");
    row("method not possible", "DELETE", "/v1/orders", "", "", 405, "method_not_allowed");
    row("wrong key", "GET", "/v1/orders", "", "Authorization: Bearer gk_wrong", 401, "unauthenticated");
    row("unknown parameter", "GET", "/v1/orders?colour=red", "", "", 400, "unknown_parameter");
    row("parameter twice", "GET", "/v1/orders?limit=1&limit=2", "", "", 400, "malformed_request");
    row("query badly encoded", "GET", "/v1/orders?q=%zz", "", "", 400, "malformed_request");
    row("no such state", "GET", "/v1/orders?state=lost", "", "", 422, "invalid_value");
    row("limit zero", "GET", "/v1/orders?limit=0", "", "", 422, "invalid_value");
    row("limit too large", "GET", "/v1/orders?limit=501", "", "", 422, "invalid_value");
    row("limit negative", "GET", "/v1/orders?limit=-1", "", "", 422, "invalid_value");
    row("cursor made up", "GET", "/v1/orders?cursor=abc", "", "", 400, "invalid_cursor");
    row("no such partition", "GET", "/v1/events?partition=1000", "", "", 404, "not_found");
    row("partition that is none", "GET", "/v1/events?partition=a", "", "", 422, "invalid_value");
    row("sequence beyond all logs", "GET", "/v1/events?after=9223372036854775807", "", "", 422,
        "invalid_value");
    row("time in a filter", "GET", "/v1/orders?created_from=monday", "", "", 422, "invalid_value");
    row("form for JSON", "POST", "/v1/orders", order(), "Content-Type: application/x-www-form-urlencoded",
        415, "unsupported_media_type");
    row("empty body", "POST", "/v1/orders", "", "", 400, "malformed_json");
    row("key badly quoted", "POST", "/v1/orders", order(), "Idempotency-Key: \"abc", 400,
        "malformed_request");
    row("key too long", "POST", "/v1/orders", order(), QByteArray("Idempotency-Key: " + QByteArray(256, 'k')),
        400, "malformed_request");
    row("batch without orders", "POST", "/v1/orders/batch", "{}", "", 422, "missing_field");
    row("empty batch", "POST", "/v1/orders/batch", R"({"orders":[]})", "", 422, "invalid_value");
    row("action on nothing", "POST", actions.c_str(), R"({"action":"cancel","reason":"x"})", "", 404,
        "not_found");
    row("unknown action", "POST", actions.c_str(), R"({"action":"explode","reason":"x"})", "", 422,
        "invalid_value");
    row("no reason", "POST", actions.c_str(), R"({"action":"cancel"})", "", 422, "missing_field");
    row("blank reason", "POST", actions.c_str(), R"({"action":"cancel","reason":"  "})", "", 422,
        "invalid_value");
    row("bad If-Match", "POST", actions.c_str(), R"({"action":"cancel","reason":"x"})", "If-Match: seven",
        400, "malformed_request");
    row("negative stock", "PUT", "/v1/stock/a", R"({"on_hand":-1})", "", 422, "invalid_value");
    row("fraction of stock", "PUT", "/v1/stock/a", R"({"on_hand":1.5})", "", 422, "wrong_type");
}

void BadInputTest::refusesRequests()
{
    QFETCH(QByteArray, method);
    QFETCH(QByteArray, target);
    QFETCH(QByteArray, body);
    QFETCH(QByteArray, header);
    QFETCH(int, status);
    QFETCH(QByteArray, code);
    const std::string before = everything();
    test::HttpHeaders headers;
    if (!header.isEmpty()) {
        const auto colon = header.indexOf(':');
        headers.emplace_back(header.left(colon).toStdString(), header.mid(colon + 2).toStdString());
    }
    if (!header.startsWith("Authorization"))
        headers.emplace_back("Authorization", m_authorization);
    if (!header.startsWith("Content-Type"))
        headers.emplace_back("Content-Type", "application/json");
    test::HttpClient client("127.0.0.1", m_port);
    const auto answer =
        client.request(method.toStdString(), target.toStdString(), headers, body.toStdString());
    QVERIFY2(answer.has_value(), answer ? "" : answer.error().message.c_str());
    checkProblem(*answer, status, code);
    QCOMPARE(everything(), before);
}

void BadInputTest::refusesWhatIsHalfSent()
{
    const std::string before = everything();
    const std::string body = order().toStdString();
    test::HttpClient client("127.0.0.1", m_port, std::chrono::seconds(40));
    const std::string head = "POST /v1/orders HTTP/1.1\r\nHost: h\r\nAuthorization: " + m_authorization
        + "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n";
    QVERIFY(client.send(head + body.substr(0, 40)).has_value());
    client.finishSending(); // the rest never comes
    const auto answer = client.receive();
    if (answer)
        QCOMPARE(answer->status, 400);
    QVERIFY(client.waitForClose() || !client.isConnected());
    QCOMPARE(everything(), before);
}

void BadInputTest::refusesInABatchOnlyWhatIsBad()
{
    const auto answer = send("POST", "/v1/orders/batch",
        R"({"orders":[)" + order("bad-1", "good-1").toStdString() + ","
            + order("\"EUR\"", "\"EUX\"").toStdString() + "," + order("bad-1", "good-1").toStdString()
            + R"(,7]})");
    QVERIFY(answer.has_value());
    QCOMPARE(answer->status, 200);
    const QJsonArray results = QJsonDocument::fromJson(QByteArray::fromStdString(answer->body))
                                   .object()[QLatin1String("results")]
                                   .toArray();
    QCOMPARE(results.size(), 4);
    const auto status = [&](int index) { return results[index].toObject()[QLatin1String("status")].toInt(); };
    QCOMPARE(status(0), 201);
    QCOMPARE(status(1), 422);
    QCOMPARE(status(2), 200); // the first one again
    QCOMPARE(status(3), 422);
    const auto list = send("GET", "/v1/orders?external_id=good-1", {});
    QCOMPARE(QJsonDocument::fromJson(QByteArray::fromStdString(list->body))
                 .object()[QLatin1String("items")]
                 .toArray()
                 .size(),
        1);
}

QTEST_GUILESS_MAIN(BadInputTest)
#include "tst_bad_input.moc"
