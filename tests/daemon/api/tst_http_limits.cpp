// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/daemon/api/http_fixture.h"

using namespace gantry;
using namespace gantry::api;
using namespace gantry::test;
using namespace std::chrono_literals;

namespace {

const std::string kGet = "GET /a HTTP/1.1\r\nHost: x\r\n\r\n";

QByteArray bytes(std::string_view text)
{
    return {text.data(), static_cast<qsizetype>(text.size())};
}

/// A POST whose head is exactly `size` bytes long.
std::string requestWithHead(std::size_t size)
{
    std::string head = "GET /a HTTP/1.1\r\nHost: x\r\nX-Fill: ";
    head.append(size - head.size() - 4, 'f');
    return head + "\r\n\r\n";
}

} // namespace

/// One test or more for each row of the limit table; deadlines are small here, and everything waits for what it expects.
class TstHttpLimits : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void defaultsAreTheDocumentedOnes();
    void headUpToItsLimitPasses();
    void bodyUpToItsLimitPasses();
    void largerBodiesPassOnTheirPathOnly();
    void refusalOfABodyUnderWayCanBeRead();
    void halfAHeadIs408();
    void dribblingDoesNotProlongTheHead();
    void halfABodyIs408();
    void bodyDeadlineGrowsWithTheBytes();
    void idleConnectionsAreClosed();
    void deadlineOfTheHeadBeginsWithItsFirstByte();
    void callersThatDoNotReadAreCut();
    void waitingForTheHandlerHasNoDeadline();
    void lastRequestOfAConnectionClosesIt();
    void oldConnectionsAreClosedWithAnAnswer();
    void oldConnectionsAreClosedWhenIdle();
    void tooManyConnectionsAreTurnedAway_data();
    void tooManyConnectionsAreTurnedAway();
    void tooManyBytesInFlightAre503();
    void slowCallersDoNotHinderOthers();
    void everyLimitHasAName();
};

void TstHttpLimits::defaultsAreTheDocumentedOnes()
{
    const HttpLimits limits;
    QCOMPARE(limits.headBytes, 16U * 1024);
    QCOMPARE(limits.headFields, 64U);
    QCOMPARE(limits.bodyBytes, 1024U * 1024);
    QCOMPARE(limits.bodyBytesByPath.size(), 2U);
    QCOMPARE(bytes(limits.bodyBytesByPath.front().path), QByteArray("/v1/orders/batch"));
    QCOMPARE(bytes(limits.bodyBytesByPath.back().path), QByteArray("/v1/bulk-actions"));
    for (const auto& [path, most] : limits.bodyBytesByPath)
        QCOMPARE(most, 16U * 1024 * 1024);
    QVERIFY(limits.headDeadline == 5s && limits.bodyDeadline == 15s && limits.deadlinePer64KiB == 1s);
    QVERIFY(limits.idleDeadline == 30s && limits.writeDeadline == 15s);
    QCOMPARE(limits.requestsPerConnection, 1000U);
    QVERIFY(limits.connectionLifetime == 10min);
    QCOMPARE(limits.connections, 2000U);
    QCOMPARE(limits.connectionsPerAddress, 64U);
    QCOMPARE(limits.inFlightBytes, 64U * 1024 * 1024);
    QVERIFY(limits.hosts.empty());
}

void TstHttpLimits::headUpToItsLimitPasses()
{
    HttpFixture fixture;
    auto client = fixture.client();
    std::string fields;
    for (int at = 0; at < 63; ++at)
        fields += "X-" + std::to_string(at) + ": y\r\n";
    QVERIFY(client.send("GET /a HTTP/1.1\r\nHost: x\r\n" + fields + "\r\n"));
    QCOMPARE(client.receive()->status, 200);
    QVERIFY(client.send(requestWithHead(16 * 1024)));
    QCOMPARE(client.receive()->status, 200);
    QVERIFY(client.send(requestWithHead(16 * 1024 + 1)));
    QCOMPARE(client.receive()->status, 431);
    QVERIFY(client.waitForClose());
}

void TstHttpLimits::bodyUpToItsLimitPasses()
{
    HttpFixture fixture;
    auto client = fixture.client();
    const std::string most(1024 * 1024, 'b');
    QCOMPARE(client.request("POST", "/a", {}, most)->body.size(), most.size() + 9);
    QVERIFY(client.send("POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n100000\r\n" + most
        + "\r\n0\r\n\r\n"));
    QCOMPARE(client.receive()->body.size(), most.size() + 9);
    QCOMPARE(client.request("POST", "/a", {}, most + "b")->status, 413);
    QCOMPARE(fixture.waitForLimit(HttpLimit::BodyBytes).status, 413);
}

void TstHttpLimits::largerBodiesPassOnTheirPathOnly()
{
    HttpFixture fixture;
    auto client = fixture.client();
    const std::string most(16 * 1024 * 1024, 'b');
    const auto answer = client.request("POST", "/v1/orders/batch", {}, most);
    QVERIFY(answer);
    QCOMPARE(answer->status, 200);
    QVERIFY(answer->body.ends_with(most));
    QCOMPARE(client.request("POST", "/v1/orders/batch", {}, most + "b")->status, 413);
    QCOMPARE(client.request("POST", "/v1/orders/batch/", {}, most)->status, 413);
    QTRY_COMPARE(fixture.server->inFlightBytes(), 0U);
}

void TstHttpLimits::refusalOfABodyUnderWayCanBeRead()
{
    HttpFixture fixture;
    auto client = fixture.client();
    // All of it is on its way before the answer is read.
    const auto answer = client.request("POST", "/a", {}, std::string(5'000'000, 'b'));
    QVERIFY2(answer, answer ? "" : answer.error().message.c_str());
    QCOMPARE(answer->status, 413);
}

void TstHttpLimits::halfAHeadIs408()
{
    HttpLimits limits;
    limits.headDeadline = 50ms;
    HttpFixture fixture(limits);
    auto client = fixture.client();
    QVERIFY(client.send("GET /a HTTP/1.1\r\nHos"));
    const auto answer = client.receive();
    QVERIFY(answer);
    QCOMPARE(answer->status, 408);
    QCOMPARE(bytes(answer->header("connection")), QByteArray("close"));
    QVERIFY(answer->body.find("\"code\":\"request_timeout\"") != std::string::npos);
    QVERIFY(answer->body.find("\"retryable\":true") != std::string::npos);
    QVERIFY(client.waitForClose());
    QCOMPARE(fixture.waitForLimit(HttpLimit::HeadDeadline).status, 408);
    QCOMPARE(fixture.calls.load(), 0);
}

void TstHttpLimits::dribblingDoesNotProlongTheHead()
{
    HttpLimits limits;
    limits.headDeadline = 100ms;
    HttpFixture fixture(limits);
    HttpClient client("127.0.0.1", fixture.server->port(), 5ms);
    QVERIFY(client.send("GET /a HTTP/1.1\r\nHost: x\r\nX-A: "));
    int status = 0;
    for (int patience = 0; patience < 1000 && status == 0; ++patience) {
        if (!client.send("a"))
            break;
        if (const auto answer = client.receive())
            status = answer->status;
    }
    QCOMPARE(status, 408);
}

void TstHttpLimits::halfABodyIs408()
{
    HttpLimits limits;
    limits.bodyDeadline = 50ms;
    HttpFixture fixture(limits);
    auto client = fixture.client();
    QVERIFY(client.send("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf"));
    QCOMPARE(client.receive()->status, 408);
    QVERIFY(client.waitForClose());
    QCOMPARE(fixture.waitForLimit(HttpLimit::BodyDeadline).status, 408);
    auto chunked = fixture.client();
    QVERIFY(chunked.send("POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel"));
    QCOMPARE(chunked.receive()->status, 408);
    QVERIFY(chunked.waitForClose());
    QCOMPARE(fixture.calls.load(), 0);
    QTRY_COMPARE(fixture.server->inFlightBytes(), 0U);
}

void TstHttpLimits::bodyDeadlineGrowsWithTheBytes()
{
    HttpLimits limits;
    limits.bodyDeadline = 50ms;
    limits.deadlinePer64KiB = 60s;
    HttpFixture fixture(limits);
    HttpClient client("127.0.0.1", fixture.server->port(), 300ms);
    const std::string half(64 * 1024, 'h');
    QVERIFY(client.send("POST /held HTTP/1.1\r\nHost: x\r\nContent-Length: 131072\r\n\r\n" + half));
    QCOMPARE(client.receive().error().code, ErrorCode::RequestTimeout); // no 408 in six times the deadline
    QVERIFY(client.send(half));
    const auto held = fixture.nextHeld();
    QCOMPARE(held.request.body.size(), 131'072U);
}

void TstHttpLimits::idleConnectionsAreClosed()
{
    HttpLimits limits;
    limits.idleDeadline = 50ms;
    HttpFixture fixture(limits);
    auto used = fixture.client();
    QCOMPARE(used.request("GET", "/a")->status, 200);
    QVERIFY(used.waitForClose());
    const auto seen = fixture.waitForLimit(HttpLimit::IdleDeadline);
    QCOMPARE(seen.status, 0);
    QCOMPARE(seen.bytesOut, 0U);
    auto silent = fixture.client();
    QVERIFY(silent.connect());
    QVERIFY(silent.waitForClose());
    QTRY_COMPARE(fixture.server->connectionCount(), 0U);
}

void TstHttpLimits::deadlineOfTheHeadBeginsWithItsFirstByte()
{
    HttpLimits limits;
    limits.headDeadline = 200ms;
    HttpFixture fixture(limits);
    HttpClient client("127.0.0.1", fixture.server->port(), 500ms);
    QVERIFY(client.connect());
    QVERIFY(!client.waitForClose()); // idle for longer than a head may take
    client = fixture.client();
    QCOMPARE(client.request("GET", "/a")->status, 200);
}

void TstHttpLimits::callersThatDoNotReadAreCut()
{
    HttpLimits limits;
    limits.writeDeadline = 50ms;
    limits.deadlinePer64KiB = 0ms;
    HttpFixture fixture(limits);
    auto client = fixture.client();
    QVERIFY(client.send("GET /large?50000000 HTTP/1.1\r\nHost: x\r\n\r\n"));
    QCOMPARE(fixture.waitForLimit(HttpLimit::WriteDeadline).status, 0);
    QTRY_COMPARE(fixture.server->connectionCount(), 0U);
    const auto answer = client.receive();
    QVERIFY(!answer); // cut within the body
}

void TstHttpLimits::waitingForTheHandlerHasNoDeadline()
{
    HttpLimits limits;
    limits.headDeadline = limits.bodyDeadline = limits.idleDeadline = limits.writeDeadline = 20ms;
    HttpFixture fixture(limits);
    HttpClient client("127.0.0.1", fixture.server->port(), 200ms);
    QVERIFY(client.send("GET /held HTTP/1.1\r\nHost: x\r\n\r\n"));
    const auto held = fixture.nextHeld();
    QVERIFY(held.reply);
    QCOMPARE(client.receive().error().code, ErrorCode::RequestTimeout);
    held.reply({200, "text/plain", {}, "at last"});
    QCOMPARE(bytes(client.receive()->body), QByteArray("at last"));
}

void TstHttpLimits::lastRequestOfAConnectionClosesIt()
{
    HttpLimits limits;
    limits.requestsPerConnection = 3;
    HttpFixture fixture(limits);
    auto client = fixture.client();
    QVERIFY(client.send(kGet + kGet + kGet + kGet));
    QVERIFY(client.receive()->header("connection").empty());
    QVERIFY(client.receive()->header("connection").empty());
    const auto last = client.receive();
    QCOMPARE(last->status, 200);
    QCOMPARE(bytes(last->header("connection")), QByteArray("close"));
    QVERIFY(client.waitForClose());
    QCOMPARE(fixture.calls.load(), 3);
    QCOMPARE(fixture.waitForLimit(HttpLimit::Requests).status, 200);
}

void TstHttpLimits::oldConnectionsAreClosedWithAnAnswer()
{
    HttpLimits limits;
    limits.connectionLifetime = 100ms;
    HttpFixture fixture(limits);
    auto client = fixture.client();
    QVERIFY(client.send("GET /held HTTP/1.1\r\nHost: x\r\n\r\n"));
    const auto held = fixture.nextHeld();
    QVERIFY(held.reply);
    QDeadlineTimer end(150);
    QTRY_VERIFY(end.hasExpired());
    held.reply({200, "text/plain", {}, "old"});
    const auto answer = client.receive();
    QCOMPARE(answer->status, 200);
    QCOMPARE(bytes(answer->header("connection")), QByteArray("close"));
    QVERIFY(client.waitForClose());
    QCOMPARE(fixture.waitForLimit(HttpLimit::Lifetime).status, 200);
}

void TstHttpLimits::oldConnectionsAreClosedWhenIdle()
{
    HttpLimits limits;
    limits.connectionLifetime = 50ms;
    HttpFixture fixture(limits);
    auto client = fixture.client();
    QVERIFY(client.connect());
    QVERIFY(client.waitForClose());
    QCOMPARE(fixture.waitForLimit(HttpLimit::Lifetime).status, 0);
}

void TstHttpLimits::tooManyConnectionsAreTurnedAway_data()
{
    QTest::addColumn<int>("total");
    QTest::addColumn<int>("perAddress");
    QTest::addColumn<HttpLimit>("limit");
    QTest::newRow("all together") << 2 << 64 << HttpLimit::Connections;
    QTest::newRow("of one address") << 2000 << 2 << HttpLimit::ConnectionsPerAddress;
}

void TstHttpLimits::tooManyConnectionsAreTurnedAway()
{
    QFETCH(int, total);
    QFETCH(int, perAddress);
    QFETCH(HttpLimit, limit);
    HttpLimits limits;
    limits.connections = static_cast<std::size_t>(total);
    limits.connectionsPerAddress = static_cast<std::size_t>(perAddress);
    HttpFixture fixture(limits);
    auto first = fixture.client();
    auto second = fixture.client();
    QCOMPARE(first.request("GET", "/a")->status, 200);
    QCOMPARE(second.request("GET", "/a")->status, 200);
    auto third = fixture.client();
    QVERIFY(third.connect());
    const auto answer = third.receive();
    QVERIFY(answer);
    QCOMPARE(answer->status, 503);
    QCOMPARE(bytes(answer->header("retry-after")), QByteArray("1"));
    QVERIFY(third.waitForClose());
    QCOMPARE(fixture.waitForLimit(limit).status, 503);
    QCOMPARE(second.request("GET", "/a")->status, 200);
    first.close();
    QTRY_COMPARE(fixture.server->connectionCount(), 1U);
    QCOMPARE(fixture.client().request("GET", "/a")->status, 200);
}

void TstHttpLimits::tooManyBytesInFlightAre503()
{
    HttpLimits limits;
    limits.inFlightBytes = 12'000;
    HttpFixture fixture(limits);
    const std::string body(8'000, 'b');
    auto first = fixture.client();
    QVERIFY(first.send("POST /held HTTP/1.1\r\nHost: x\r\nContent-Length: 8000\r\n\r\n" + body));
    const auto held = fixture.nextHeld();
    QVERIFY(held.reply);
    QVERIFY(fixture.server->inFlightBytes() > 8'000U);
    auto second = fixture.client();
    const auto refused = second.request("POST", "/a", {}, body);
    QVERIFY(refused);
    QCOMPARE(refused->status, 503);
    QCOMPARE(bytes(refused->header("retry-after")), QByteArray("1"));
    QCOMPARE(fixture.waitForLimit(HttpLimit::InFlightBytes).status, 503);
    QCOMPARE(second.request("GET", "/a")->status, 200); // a small one still fits
    held.reply({200, "text/plain", {}, "done"});
    QCOMPARE(first.receive()->status, 200);
    QCOMPARE(second.request("POST", "/a", {}, body)->status, 200);
    QCOMPARE(fixture.server->inFlightBytes(), 0U);
}

void TstHttpLimits::slowCallersDoNotHinderOthers()
{
    HttpLimits limits;
    limits.connectionsPerAddress = 600;
    HttpFixture fixture(limits);
    std::vector<HttpClient> slow;
    for (int at = 0; at < 500; ++at) {
        slow.push_back(fixture.client());
        QVERIFY(slow.back().send("GET /a HTTP/1.1\r\nX-A: "));
    }
    auto client = fixture.client();
    for (int round = 0; round < 100; ++round)
        QCOMPARE(client.request("GET", "/a")->status, 200);
    QVERIFY(!fixture.server->drain(50ms)); // half a request is work in hand, and is cut in the end
    for (auto& each : slow)
        QVERIFY(each.waitForClose());
}

void TstHttpLimits::everyLimitHasAName()
{
    std::vector<std::string_view> names;
    for (int at = 0; at <= static_cast<int>(lastHttpLimit); ++at) {
        const auto name = limitName(static_cast<HttpLimit>(at));
        QVERIFY(!name.empty() && std::ranges::find(names, name) == names.end());
        names.push_back(name);
    }
}

QTEST_GUILESS_MAIN(TstHttpLimits)
#include "tst_http_limits.moc"
