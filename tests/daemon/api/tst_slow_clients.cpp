// SPDX-License-Identifier: GPL-3.0-or-later
// Clients that are slow on purpose, at the limit of connections of a whole daemon. Counts only: how fast the others are served, gantry-bench measures.
#include "daemon/app/daemon.h"
#include "tests/support/http_client.h"
#include "tests/support/metric_text.h"
#include "tests/support/slow_clients.h"

#include <QFile>
#include <QTemporaryDir>
#include <QtTest>

using namespace gantry;
using namespace gantry::test;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t connections = 32;
constexpr std::size_t honest = 2;

} // namespace

class TstSlowClients : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void othersAreServedAtTheLimit();
    void slowOnesAreEndedAndCounted();
    void tooManyRequestsOfAKeyAre429();

private:
    /// A daemon for `connections`, with further settings of [http].
    void start(const std::string& http);
    HttpHeaders authorization() const { return {{"Authorization", "Bearer " + m_key}}; }
    std::string metrics(HttpClient& client) const
    {
        const auto answer = client.request("GET", "/metrics", authorization());
        return answer ? answer->body : std::string();
    }
    static double hits(const std::string& metrics, const char* limit)
    {
        return metricsByLabel(metrics, "gantry_http_limit_hits_total", "limit").at(limit);
    }

    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<app::Daemon> m_daemon;
    std::uint16_t m_port = 0;
    std::string m_key;
};

void TstSlowClients::start(const std::string& http)
{
    m_daemon.reset();
    m_folder = std::make_unique<QTemporaryDir>();
    auto config = app::parseConfig(
        "[http]\nconnections = " + std::to_string(connections) + "\nconnections_per_address = 1000\n" + http,
        "settings", {});
    QVERIFY2(config, config ? "" : config.error().message.c_str());
    config->dataDir = m_folder->path().toStdString();
    config->http = config->commands = config->events = config->workers = "127.0.0.1:0";
    auto daemon =
        app::Daemon::start(*config, [](const Error& error) { qFatal("%s", error.message.c_str()); });
    QVERIFY2(daemon, daemon ? "" : daemon.error().message.c_str());
    m_daemon = std::move(*daemon);
    m_port = app::parseAddress(m_daemon->addresses().http)->port;
    QFile key(m_folder->filePath(QStringLiteral("admin.key")));
    QVERIFY(key.open(QIODevice::ReadOnly));
    m_key = key.readAll().trimmed().toStdString();
}

void TstSlowClients::othersAreServedAtTheLimit()
{
    // Deadlines that none reaches here: the limit of connections stays full.
    start("head_deadline_ms = 3_600_000\nbody_deadline_ms = 3_600_000\nwrite_deadline_ms = 3_600_000\n"
          "requests_per_connection = 100_000\n");
    std::vector<HttpClient> others;
    for (std::size_t i = 0; i < honest; ++i) {
        others.emplace_back("127.0.0.1", m_port);
        QCOMPARE(others.back().request("GET", "/livez")->status, 200);
    }
    auto slow = std::make_unique<SlowClients>(SlowClients::Plan{m_port, connections - honest, m_key, false});
    QTRY_COMPARE(metricOf(metrics(others.front()), "gantry_http_connections"), double(connections));
    for (int round = 0; round < 50; ++round)
        for (HttpClient& other : others) {
            const std::string order = R"({"channel":"slow","external_id":")" + std::to_string(round)
                + R"(","currency":"EUR","lines":[{"sku":"a","quantity":1,"unit_price":1}],"total":1})";
            const auto answer = other.request("POST", "/v1/orders",
                {{"Authorization", "Bearer " + m_key}, {"Content-Type", "application/json"}}, order);
            QVERIFY2(answer, answer ? "" : answer.error().message.c_str());
            QCOMPARE(answer->status, &other == &others.front() ? 201 : 200); // the second one replays
        }
    HttpClient late("127.0.0.1", m_port);
    QVERIFY(late.connect());
    const auto refused = late.receive();
    QVERIFY2(refused, refused ? "" : refused.error().message.c_str());
    QCOMPARE(refused->status, 503);
    QVERIFY(late.waitForClose());
    const std::string now = metrics(others.front());
    QCOMPARE(hits(now, "connections"), 1.0);
    QCOMPARE(hits(now, "head_deadline") + hits(now, "body_deadline") + hits(now, "write_deadline"), 0.0);
    // What they hold is bounded, and given back.
    QVERIFY(metricOf(now, "gantry_http_in_flight_bytes") < 1024 * 1024);
    slow.reset();
    QTRY_COMPARE(metricOf(metrics(others.front()), "gantry_http_connections"), double(honest));
    QCOMPARE(late.request("GET", "/livez")->status, 200);
}

void TstSlowClients::slowOnesAreEndedAndCounted()
{
    start("head_deadline_ms = 300\nbody_deadline_ms = 300\nwrite_deadline_ms = 300\ndeadline_per_64_kib_ms = "
          "0\n"
          "requests_per_connection = 100_000\nrequests_per_second_of_key = 0\n");
    HttpClient other("127.0.0.1", m_port);
    QCOMPARE(other.request("GET", "/livez")->status, 200);
    const SlowClients slow({m_port, connections - 1, m_key, false});
    QTRY_COMPARE_WITH_TIMEOUT(slow.ended(), connections - 1, 30'000);
    const std::string now = metrics(other);
    QCOMPARE(hits(now, "head_deadline"), double(slow.count(Slowness::Head)));
    QCOMPARE(hits(now, "body_deadline"), double(slow.count(Slowness::Body)));
    QCOMPARE(hits(now, "write_deadline"), double(slow.count(Slowness::Reading)));
    QTRY_COMPARE(metricOf(metrics(other), "gantry_http_connections"), 1.0);
}

void TstSlowClients::tooManyRequestsOfAKeyAre429()
{
    start("requests_per_second_of_key = 1\nburst_of_key = 5\n");
    HttpClient client("127.0.0.1", m_port);
    int served = 0;
    Result<HttpAnswer> answer = client.request("GET", "/v1/stock", authorization());
    for (; answer && answer->status == 200 && served < 1000; ++served)
        answer = client.request("GET", "/v1/stock", authorization());
    QVERIFY2(answer, answer ? "" : answer.error().message.c_str());
    QVERIFY(served >= 5);
    QCOMPARE(answer->status, 429);
    QCOMPARE(std::string(answer->header("retry-after")), std::string("1"));
    QVERIFY(answer->body.find("\"code\":\"rate_limited\"") != std::string::npos);
    QVERIFY(answer->header("connection").empty());
    QCOMPARE(client.request("GET", "/livez")->status, 200); // needs no key, and is not counted
    QCOMPARE(client.request("GET", "/v1/stock", {{"Authorization", "Bearer x"}})->status, 401);
    std::string told;
    const auto isTold = [&] {
        if (told.find("gantry_http_limit_hits_total{") == std::string::npos)
            told = metrics(client); // which may be refused as well
        return told.find("gantry_http_limit_hits_total{") != std::string::npos;
    };
    QTRY_VERIFY_WITH_TIMEOUT(isTold(), 10'000);
    QVERIFY(hits(told, "rate") >= 1.0);
}

QTEST_GUILESS_MAIN(TstSlowClients)
#include "tst_slow_clients.moc"
