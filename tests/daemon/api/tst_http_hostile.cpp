// SPDX-License-Identifier: GPL-3.0-or-later
// The requests of tests/daemon/api/hostile, against a whole daemon.
#include "daemon/app/daemon.h"
#include "shared/protocol/problem.h"
#include "tests/daemon/api/hostile_file.h"
#include "tests/support/http_client.h"
#include "tests/support/metric_text.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QtTest>

using namespace gantry;
using namespace gantry::test;

namespace {

constexpr const char* settings =
    "[http]\nhosts = [\"localhost\"]\nbody_bytes = 1024\nrequests_per_second_of_key = 0\n";
constexpr std::size_t mostByteByByte = 40'000;
constexpr int leastCases = 60;

QByteArray bytes(std::string_view text)
{
    return {text.data(), static_cast<qsizetype>(text.size())};
}

std::string orderJson(const std::string& externalId)
{
    return R"({"channel":"hostile","external_id":")" + externalId
        + R"(","currency":"EUR","lines":[{"sku":"a","quantity":1,"unit_price":1}],"total":1})";
}

std::size_t occurrences(std::string_view text, std::string_view part)
{
    std::size_t count = 0;
    for (std::size_t at = 0; (at = text.find(part, at)) != std::string_view::npos; at += part.size())
        ++count;
    return count;
}

} // namespace

/// What no honest caller sends: each gets its exact answer, stores nothing, and harms nobody.
class TstHttpHostile : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void isAnswered_data() { addCases(); }
    void isAnswered();
    void isAnsweredByteByByte_data() { addCases(); }
    void isAnsweredByteByByte();
    void cleanupTestCase();

private:
    void addCases();
    void check(const HostileCase& hostile, bool isByteByByte);
    void checkAnswer(HttpClient& client, const ExpectedAnswer& expected, bool isToHead);
    std::string request(const HostileCase& hostile);
    std::string read(const std::string& target);

    QTemporaryDir m_folder;
    std::unique_ptr<app::Daemon> m_daemon;
    std::unique_ptr<HttpClient> m_witness; ///< an honest caller, all the while on one connection
    std::uint16_t m_port = 0;
    std::string m_key;
    int m_orders = 0; ///< made up until now
    int m_stored = 0;
};

void TstHttpHostile::initTestCase()
{
    auto config = app::parseConfig(settings, "settings", {});
    QVERIFY2(config, config ? "" : config.error().message.c_str());
    config->dataDir = m_folder.path().toStdString();
    config->http = config->commands = config->events = config->workers = "127.0.0.1:0";
    config->httpLimits.requestsPerConnection = 1'000'000; // for the witness
    auto daemon =
        app::Daemon::start(*config, [](const Error& error) { qFatal("%s", error.message.c_str()); });
    QVERIFY2(daemon, daemon ? "" : daemon.error().message.c_str());
    m_daemon = std::move(*daemon);
    m_port = app::parseAddress(m_daemon->addresses().http)->port;
    QFile key(m_folder.filePath(QStringLiteral("admin.key")));
    QVERIFY(key.open(QIODevice::ReadOnly));
    m_key = key.readAll().trimmed().toStdString();
    m_witness = std::make_unique<HttpClient>("127.0.0.1", m_port);
}

void TstHttpHostile::addCases()
{
    QTest::addColumn<HostileCase>("hostile");
    const QDir folder(qEnvironmentVariable("GANTRY_SOURCE") + QStringLiteral("/tests/daemon/api/hostile"));
    int count = 0;
    for (const QString& name : folder.entryList({QStringLiteral("*.txt")}, QDir::Files, QDir::Name)) {
        const auto cases = readHostileFile(folder.filePath(name).toStdString());
        QVERIFY2(cases, cases ? "" : cases.error().message.c_str());
        for (const HostileCase& hostile : *cases) {
            QVERIFY2(!hostile.sent.empty() && !hostile.answers.empty(), hostile.title.c_str());
            QTest::addRow("%s: %s", qPrintable(QFileInfo(name).baseName()), hostile.title.c_str()) << hostile;
            ++count;
        }
    }
    QVERIFY(count >= leastCases);
}

std::string TstHttpHostile::read(const std::string& target)
{
    const auto answer =
        m_witness->request("GET", target, {{"Host", "localhost"}, {"Authorization", "Bearer " + m_key}});
    return answer && answer->status == 200 ? answer->body : std::string();
}

std::string TstHttpHostile::request(const HostileCase& hostile)
{
    const std::string order = orderJson(std::to_string(100'000 + ++m_orders)); // all of one length
    const std::string length = std::to_string(order.size());
    const std::string post = "POST /v1/orders HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + m_key
        + "\r\nContent-Type: application/json";
    return filledIn(hostile.sent,
        {{"{smuggled}", post + "\r\nContent-Length: " + length + "\r\n\r\n" + order}, {"{post}", post},
            {"{order}", order}, {"{length}", length}, {"{key}", m_key}});
}

void TstHttpHostile::checkAnswer(HttpClient& client, const ExpectedAnswer& expected, bool isToHead)
{
    const auto answer = client.receive(isToHead);
    if (expected.status == 0) {
        QVERIFY(!answer);
        QVERIFY(answer.error().code != ErrorCode::RequestTimeout);
        return;
    }
    QVERIFY2(answer, answer ? "" : answer.error().message.c_str());
    QVERIFY2(
        answer->status == expected.status, (std::to_string(answer->status) + ' ' + answer->body).c_str());
    QCOMPARE(bytes(answer->header("connection")), QByteArray(expected.closes ? "close" : ""));
    if (expected.code != "-") {
        QCOMPARE(bytes(answer->header("content-type")), QByteArray("application/problem+json"));
        const Error problem = decodeProblem(answer->body);
        QCOMPARE(bytes(codeName(problem.code)), bytes(expected.code));
        QVERIFY(!problem.message.empty());
        QVERIFY(
            answer->body.find("\"status\":" + std::to_string(expected.status) + ",") != std::string::npos);
    }
    for (const auto& [name, value] : expected.headers)
        QCOMPARE(
            bytes(answer->header(QByteArray::fromStdString(name).toLower().toStdString())), bytes(value));
}

void TstHttpHostile::check(const HostileCase& hostile, bool isByteByByte)
{
    const auto before = metricsByLabel(read("/metrics"), "gantry_http_limit_hits_total", "limit");
    QVERIFY(!before.empty());
    const std::string sent = request(hostile);
    HttpClient client("127.0.0.1", m_port);
    if (isByteByByte) {
        for (const char c : sent)
            if (!client.send({&c, 1}))
                break; // refused before the end
    } else {
        static_cast<void>(client.send(sent)); // cut while it sends: the answer is there all the same
    }
    if (hostile.isEnded)
        client.finishSending();
    auto expectedHits = before;
    for (const ExpectedAnswer& expected : hostile.answers) {
        checkAnswer(client, expected, sent.starts_with("HEAD "));
        if (QTest::currentTestFailed())
            return;
        if (!expected.limit.empty())
            ++expectedHits[expected.limit];
        m_stored += expected.status == 201 ? 1 : 0;
    }
    if (hostile.answers.back().closes) {
        QVERIFY(client.waitForClose()); // nothing more comes: what stood behind was not taken for a request
    } else {
        const auto next = client.request("GET", "/livez", {{"Host", "localhost"}});
        QVERIFY2(next, next ? "" : next.error().message.c_str());
        QCOMPARE(next->status, 200);
    }
    // What the witness gets shows that others are served as before, and that nothing was stored.
    const auto after = metricsByLabel(read("/metrics"), "gantry_http_limit_hits_total", "limit");
    for (const auto& [limit, count] : expectedHits)
        QVERIFY2(after.at(limit) == count, limit.c_str());
    QCOMPARE(after.size(), expectedHits.size());
    const std::string orders = read("/v1/orders?limit=500");
    QVERIFY(!orders.empty());
    QCOMPARE(static_cast<int>(occurrences(orders, "\"external_id\"")), m_stored);
}

void TstHttpHostile::isAnswered()
{
    QFETCH(HostileCase, hostile);
    check(hostile, false);
}

void TstHttpHostile::isAnsweredByteByByte()
{
    QFETCH(HostileCase, hostile);
    if (hostile.sent.size() > mostByteByByte)
        return;
    check(hostile, true);
}

void TstHttpHostile::cleanupTestCase()
{
    const auto stored = m_witness->request("POST", "/v1/orders",
        {{"Host", "localhost"}, {"Authorization", "Bearer " + m_key}, {"Content-Type", "application/json"}},
        orderJson("last"));
    QCOMPARE(stored->status, 201);
    QTRY_COMPARE(metricOf(read("/metrics"), "gantry_http_connections"), 1.0); // the witness
    m_daemon.reset();
}

QTEST_GUILESS_MAIN(TstHttpHostile)
#include "tst_http_hostile.moc"
