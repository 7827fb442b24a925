// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/daemon/api/http_fixture.h"

#include <thread>

using namespace gantry;
using namespace gantry::api;
using namespace gantry::test;
using namespace std::chrono_literals;

namespace {

constexpr const char* kGet = "GET /a HTTP/1.1\r\nHost: localhost\r\n\r\n";

QByteArray bytes(std::string_view text)
{
    return {text.data(), static_cast<qsizetype>(text.size())};
}

} // namespace

/// What a well-behaved caller meets, and how the server behaves towards its handler. Limits and hostile input have tests of their own.
class TstHttpServer : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void answersAndKeepsTheConnection();
    void tellsTheHandlerWhatCame();
    void readsChunks();
    void readsABodySentByteByByte();
    void answersPipelinedRequestsInOrder();
    void takesPipelinedRequestsOneAtATime();
    void sendsLargeAnswersToSlowReaders();
    void answersHeadWithoutBody();
    void sendsNoBodyWithStatus204();
    void speaksHttp10();
    void closesWhenAsked();
    void forgivesABlankLineBeforeARequest();
    void acceptsAbsoluteFormOfItsOwn();
    void takesRepliesFromOtherThreads();
    void encodesOnItsOwnThread();
    void answersOnceOnly();
    void answers500ForAHandlerThatFails_data();
    void answers500ForAHandlerThatFails();
    void survivesCallersThatLeave();
    void survivesRepliesAfterItsEnd();
    void answersACallerThatOnlyFinishedSending();
    void servesManyConnections_data();
    void servesManyConnections();
    void drainsWhatIsInHand();
    void drainCutsWhatTakesTooLong();
    void observesEveryAnswer();
    void startFailsWithAReason();
    void bindsIpv6();
};

void TstHttpServer::answersAndKeepsTheConnection()
{
    HttpFixture fixture;
    auto client = fixture.client();
    for (int round = 0; round < 3; ++round) {
        const auto answer = client.request("POST", "/a", {}, "body " + std::to_string(round));
        QVERIFY2(answer, answer ? "" : answer.error().message.c_str());
        QCOMPARE(answer->status, 200);
        QCOMPARE(bytes(answer->body), bytes("POST /a?\nbody " + std::to_string(round)));
        QCOMPARE(bytes(answer->header("content-type")), QByteArray("text/plain"));
        QCOMPARE(bytes(answer->header("x-echo")), QByteArray("yes"));
        QVERIFY(answer->header("connection").empty());
        QVERIFY(bytes(answer->header("date")).endsWith(" GMT"));
        QVERIFY(client.isConnected());
    }
    QCOMPARE(fixture.server->connectionCount(), 1U);
    QCOMPARE(fixture.server->boundAddress(), "127.0.0.1:" + std::to_string(fixture.server->port()));
}

void TstHttpServer::tellsTheHandlerWhatCame()
{
    HttpFixture fixture;
    auto client = fixture.client();
    QVERIFY(client.send(
        "PUT /held/caf%C3%A9%20x?a=%20b&c HTTP/1.1\r\nHost: Example.org:80\r\nX-Mixed-Case:  some value \r\n"
        "X-Twice: 1\r\nX-Twice: 2\r\nContent-Length: 3\r\n\r\nabc"));
    const auto held = fixture.nextHeld();
    QVERIFY(held.reply);
    const auto& request = held.request;
    QCOMPARE(request.door, Door::Http);
    QCOMPARE(bytes(request.method), QByteArray("PUT"));
    QCOMPARE(bytes(request.path), QByteArray("/held/caf\xC3\xA9 x"));
    QCOMPARE(bytes(request.query), QByteArray("a=%20b&c"));
    QCOMPARE(bytes(request.header("host")), QByteArray("Example.org:80"));
    QCOMPARE(bytes(request.header("x-mixed-case")), QByteArray("some value"));
    QCOMPARE(bytes(request.header("x-twice")), QByteArray("1"));
    QCOMPARE(request.headers.size(), 5U);
    QCOMPARE(bytes(request.body), QByteArray("abc"));
    QCOMPARE(bytes(request.peer), QByteArray("127.0.0.1"));
    QVERIFY(request.principal.empty());
    held.reply({201, "application/json", {{"Location", "/x"}}, "{}"});
    const auto answer = client.receive();
    QCOMPARE(answer->status, 201);
    QCOMPARE(bytes(answer->header("location")), QByteArray("/x"));
}

void TstHttpServer::readsChunks()
{
    HttpFixture fixture;
    auto client = fixture.client();
    QVERIFY(client.send("POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                        "5\r\nhello\r\nA\r\n, world!!!\r\n0\r\n\r\n"
                        "POST /b HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: Chunked\r\n\r\n0\r\n\r\n"));
    QCOMPARE(bytes(client.receive()->body), QByteArray("POST /a?\nhello, world!!!"));
    QCOMPARE(bytes(client.receive()->body), QByteArray("POST /b?\n"));
}

void TstHttpServer::readsABodySentByteByByte()
{
    HttpFixture fixture;
    auto client = fixture.client();
    const std::string_view raw = "\r\nPOST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: "
                                 "chunked\r\n\r\n3\r\nabc\r\n1\r\nd\r\n0\r\n\r\n";
    for (const char c : raw)
        QVERIFY(client.send({&c, 1}));
    QCOMPARE(bytes(client.receive()->body), QByteArray("POST /a?\nabcd"));
}

void TstHttpServer::answersPipelinedRequestsInOrder()
{
    HttpFixture fixture;
    auto client = fixture.client();
    constexpr int count = 500;
    std::string all;
    for (int at = 0; at < count; ++at)
        all += "POST /" + std::to_string(at) + " HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody";
    QVERIFY(client.send(all));
    for (int at = 0; at < count; ++at) {
        const auto answer = client.receive();
        QVERIFY(answer);
        QCOMPARE(bytes(answer->body), bytes("POST /" + std::to_string(at) + "?\nbody"));
    }
}

void TstHttpServer::takesPipelinedRequestsOneAtATime()
{
    HttpFixture fixture;
    auto client = fixture.client();
    QVERIFY(client.send("GET /a HTTP/1.1\r\nHost: x\r\n\r\nGET /held/1 HTTP/1.1\r\nHost: x\r\n\r\nGET "
                        "/held/2 HTTP/1.1\r\nHost: x\r\n\r\n"));
    // The first answer does not wait for the second.
    QCOMPARE(bytes(client.receive()->body), QByteArray("GET /a?\n"));
    const auto first = fixture.nextHeld();
    QVERIFY(first.reply);
    QCOMPARE(fixture.calls.load(), 2);
    first.reply({200, "text/plain", {}, "one"});
    QCOMPARE(bytes(client.receive()->body), QByteArray("one"));
    const auto second = fixture.nextHeld();
    QVERIFY(second.reply);
    second.reply({200, "text/plain", {}, "two"});
    QCOMPARE(bytes(client.receive()->body), QByteArray("two"));
}

void TstHttpServer::sendsLargeAnswersToSlowReaders()
{
    HttpFixture fixture;
    auto client = fixture.client();
    // More than the socket's buffers hold, three times in a row, and a small one behind.
    const std::string raw = "GET /large?12000000 HTTP/1.1\r\nHost: x\r\n\r\n";
    QVERIFY(client.send(raw + raw + raw + kGet));
    for (int round = 0; round < 3; ++round) {
        const auto answer = client.receive();
        QVERIFY(answer);
        QCOMPARE(answer->body.size(), 12'000'000U);
        QVERIFY(answer->body.find_first_not_of('x') == std::string::npos);
    }
    QCOMPARE(bytes(client.receive()->body), QByteArray("GET /a?\n"));
}

void TstHttpServer::answersHeadWithoutBody()
{
    HttpFixture fixture;
    auto client = fixture.client();
    const auto head = client.request("HEAD", "/large?1000");
    QCOMPARE(head->status, 200);
    QCOMPARE(bytes(head->header("content-length")), QByteArray("1000"));
    QCOMPARE(client.request("GET", "/large?10")->body.size(), 10U);
    // Also where the server itself refuses.
    QVERIFY(client.send("HEAD /a HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n\r\n"));
    const auto refused = client.receive(true);
    QCOMPARE(refused->status, 417);
    QVERIFY(!refused->header("content-length").empty());
    QVERIFY(client.waitForClose());
}

void TstHttpServer::sendsNoBodyWithStatus204()
{
    HttpFixture fixture;
    auto client = fixture.client();
    const auto answer = client.request("GET", "/empty");
    QCOMPARE(answer->status, 204);
    QVERIFY(answer->header("content-length").empty());
    QCOMPARE(client.request("GET", "/a")->status, 200);
}

void TstHttpServer::speaksHttp10()
{
    HttpFixture fixture;
    auto client = fixture.client();
    QVERIFY(client.send("GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
    QCOMPARE(bytes(client.receive()->header("connection")), QByteArray("keep-alive"));
    QVERIFY(client.send("GET /a HTTP/1.0\r\n\r\n"));
    QCOMPARE(bytes(client.receive()->header("connection")), QByteArray("close"));
    QVERIFY(client.waitForClose());
}

void TstHttpServer::closesWhenAsked()
{
    HttpFixture fixture;
    auto client = fixture.client();
    QVERIFY(client.send("GET /a HTTP/1.1\r\nHost: x\r\nConnection: Close\r\n\r\n"));
    const auto answer = client.receive();
    QCOMPARE(answer->status, 200);
    QCOMPARE(bytes(answer->header("connection")), QByteArray("close"));
    QVERIFY(client.waitForClose());
}

void TstHttpServer::forgivesABlankLineBeforeARequest()
{
    HttpFixture fixture;
    auto client = fixture.client();
    QVERIFY(client.send(std::string("\r\n") + kGet + "\r\n" + kGet));
    QCOMPARE(client.receive()->status, 200);
    QCOMPARE(client.receive()->status, 200);
}

void TstHttpServer::acceptsAbsoluteFormOfItsOwn()
{
    HttpFixture fixture;
    auto client = fixture.client();
    QVERIFY(client.send("GET HTTP://Example.org:80/a?b HTTP/1.1\r\nHost: example.ORG:80\r\n\r\n"
                        "GET http://x HTTP/1.1\r\nHost: x\r\n\r\n"));
    QCOMPARE(bytes(client.receive()->body), QByteArray("GET /a?b\n"));
    QCOMPARE(bytes(client.receive()->body), QByteArray("GET /?\n"));
}

void TstHttpServer::takesRepliesFromOtherThreads()
{
    HttpFixture fixture({}, 2);
    constexpr int count = 8;
    constexpr int rounds = 50;
    std::vector<HttpClient> clients;
    for (int at = 0; at < count; ++at)
        clients.push_back(fixture.client());
    std::thread replier([&fixture] {
        for (int at = 0; at < count * rounds; ++at) {
            const auto held = fixture.nextHeld();
            if (held.reply)
                held.reply({200, "text/plain", {}, held.request.path});
        }
    });
    int right = 0;
    for (int round = 0; round < rounds; ++round) {
        for (int at = 0; at < count; ++at)
            static_cast<void>(
                clients[at].send("GET /held/" + std::to_string(at) + " HTTP/1.1\r\nHost: x\r\n\r\n"));
        for (int at = 0; at < count; ++at)
            if (const auto answer = clients[at].receive();
                answer && answer->body == "/held/" + std::to_string(at))
                ++right;
    }
    replier.join();
    QCOMPARE(right, count * rounds);
}

void TstHttpServer::encodesOnItsOwnThread()
{
    HttpFixture fixture;
    auto client = fixture.client();
    QVERIFY(client.send("GET /held HTTP/1.1\r\nHost: x\r\n\r\n"));
    const auto held = fixture.nextHeld();
    QVERIFY(held.reply);
    std::atomic<bool> isElsewhere{false};
    held.reply({.encode = [&isElsewhere, here = std::this_thread::get_id()](ApiResponse& response) {
        isElsewhere = std::this_thread::get_id() != here;
        response = {200, "text/plain", {}, "made there"};
    }});
    const auto answer = client.receive();
    QVERIFY(answer);
    QCOMPARE(bytes(answer->body), QByteArray("made there"));
    QVERIFY(isElsewhere);
}

void TstHttpServer::answersOnceOnly()
{
    HttpFixture fixture;
    auto client = fixture.client();
    QVERIFY(client.send("GET /held HTTP/1.1\r\nHost: x\r\n\r\n"));
    const auto held = fixture.nextHeld();
    QVERIFY(held.reply);
    held.reply({200, "text/plain", {}, "first"});
    held.reply({200, "text/plain", {}, "second"});
    QCOMPARE(bytes(client.receive()->body), QByteArray("first"));
    QCOMPARE(bytes(client.request("GET", "/a")->body), QByteArray("GET /a?\n"));
}

void TstHttpServer::answers500ForAHandlerThatFails_data()
{
    QTest::addColumn<QByteArray>("path");
    QTest::newRow("throws") << QByteArray("/throw");
    QTest::newRow("drops the reply") << QByteArray("/forget");
    QTest::newRow("answers with a header of two lines") << QByteArray("/split");
}

void TstHttpServer::answers500ForAHandlerThatFails()
{
    QFETCH(QByteArray, path);
    HttpFixture fixture;
    auto client = fixture.client();
    const auto answer = client.request("GET", path.toStdString());
    QVERIFY(answer);
    QCOMPARE(answer->status, 500);
    QCOMPARE(bytes(answer->header("content-type")), QByteArray("application/problem+json"));
    QVERIFY(answer->header("x-bad").empty() && answer->header("set-cookie").empty());
    QCOMPARE(client.request("GET", "/a")->status, 200);
}

void TstHttpServer::survivesCallersThatLeave()
{
    HttpFixture fixture;
    for (int round = 0; round < 20; ++round) {
        auto client = fixture.client();
        QVERIFY(client.send("GET /held HTTP/1.1\r\nHost: x\r\n\r\n"));
        const auto held = fixture.nextHeld();
        QVERIFY(held.reply);
        client.close();
        held.reply({200, "text/plain", {}, std::string(100'000, 'x')});
    }
    auto half = fixture.client();
    QVERIFY(half.send("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf"));
    half.close();
    QTRY_COMPARE(fixture.server->connectionCount(), 0U);
    QCOMPARE(fixture.server->inFlightBytes(), 0U);
    QCOMPARE(fixture.client().request("GET", "/a")->status, 200);
}

void TstHttpServer::survivesRepliesAfterItsEnd()
{
    HttpFixture fixture;
    auto client = fixture.client();
    QVERIFY(client.send("GET /held HTTP/1.1\r\nHost: x\r\n\r\n"));
    auto held = fixture.nextHeld();
    QVERIFY(held.reply);
    fixture.server.reset();
    QVERIFY(client.waitForClose());
    held.reply({200, "text/plain", {}, "late"});
    held.reply = {};
}

void TstHttpServer::answersACallerThatOnlyFinishedSending()
{
    HttpFixture fixture;
    auto client = fixture.client();
    QVERIFY(client.send("GET /held HTTP/1.1\r\nHost: x\r\n\r\n"));
    client.finishSending();
    const auto held = fixture.nextHeld();
    QVERIFY(held.reply);
    held.reply({200, "text/plain", {}, "still here"});
    QCOMPARE(bytes(client.receive()->body), QByteArray("still here"));
    QVERIFY(client.waitForClose());
}

void TstHttpServer::servesManyConnections_data()
{
    QTest::addColumn<unsigned>("threads");
    QTest::newRow("one thread") << 1U;
    QTest::newRow("three threads") << 3U;
}

void TstHttpServer::servesManyConnections()
{
    QFETCH(unsigned, threads);
    HttpLimits limits;
    limits.connectionsPerAddress = 400;
    HttpFixture fixture(limits, threads);
    std::vector<HttpClient> clients;
    for (int at = 0; at < 400; ++at)
        clients.push_back(fixture.client());
    for (int round = 0; round < 3; ++round) {
        for (auto& client : clients)
            QVERIFY(client.send(kGet));
        for (auto& client : clients)
            QCOMPARE(client.receive()->status, 200);
    }
    QCOMPARE(fixture.server->connectionCount(), 400U);
    clients.clear();
    QTRY_COMPARE(fixture.server->connectionCount(), 0U);
}

void TstHttpServer::drainsWhatIsInHand()
{
    HttpFixture fixture;
    auto idle = fixture.client();
    QCOMPARE(idle.request("GET", "/a")->status, 200);
    auto busy = fixture.client();
    QVERIFY(busy.send("GET /held HTTP/1.1\r\nHost: x\r\n\r\n"));
    const auto held = fixture.nextHeld();
    QVERIFY(held.reply);
    bool isDrained = false;
    std::thread drainer([&] { isDrained = fixture.server->drain(10s); });
    const bool isIdleClosed = idle.waitForClose();
    held.reply({200, "text/plain", {}, "done"});
    const auto answer = busy.receive();
    drainer.join();
    QVERIFY(isIdleClosed);
    QVERIFY(answer);
    QCOMPARE(bytes(answer->body), QByteArray("done"));
    QCOMPARE(bytes(answer->header("connection")), QByteArray("close"));
    QVERIFY(busy.waitForClose());
    QVERIFY(isDrained);
    QVERIFY(!fixture.client().connect());
}

void TstHttpServer::drainCutsWhatTakesTooLong()
{
    HttpFixture fixture;
    auto client = fixture.client();
    QVERIFY(client.send("GET /held HTTP/1.1\r\nHost: x\r\n\r\n"));
    const auto held = fixture.nextHeld();
    QVERIFY(held.reply);
    QVERIFY(!fixture.server->drain(20ms));
    QVERIFY(client.waitForClose());
    held.reply({200, "text/plain", {}, "late"});
}

void TstHttpServer::observesEveryAnswer()
{
    HttpFixture fixture;
    auto client = fixture.client();
    const std::string raw = "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello";
    QVERIFY(client.send(raw));
    const auto answer = client.receive();
    QVERIFY(answer);
    const auto seen = fixture.waitForObservation([](const auto& each) { return each.status == 200; });
    QCOMPARE(seen.status, 200);
    QCOMPARE(seen.bytesIn, raw.size());
    QVERIFY(seen.bytesOut > answer->body.size());
    QVERIFY(seen.duration.count() > 0);
    QCOMPARE(seen.limit, HttpLimit::None);
}

void TstHttpServer::startFailsWithAReason()
{
    HttpFixture fixture;
    const ApiHandler none = [](const ApiRequest&, const ApiReply&) {};
    HttpSettings taken;
    taken.port = fixture.server->port();
    const auto second = HttpServer::start(taken, none);
    QVERIFY(!second);
    QCOMPARE(second.error().code, ErrorCode::Unavailable);
    QVERIFY(bytes(second.error().message).contains(bytes(fixture.server->boundAddress())));
    HttpSettings wrong;
    wrong.address = "example.org";
    const auto third = HttpServer::start(wrong, none);
    QVERIFY(!third);
    QCOMPARE(third.error().code, ErrorCode::InvalidValue);
}

void TstHttpServer::bindsIpv6()
{
    HttpSettings settings;
    settings.address = "[::1]";
    settings.port = 0;
    const auto server = HttpServer::start(settings, [](const ApiRequest& request, const ApiReply& reply) {
        reply({200, "text/plain", {}, request.peer});
    });
    if (!server)
        QSKIP("This machine has no IPv6 loopback.");
    QVERIFY((*server)->boundAddress().starts_with("[::1]:"));
    QCOMPARE(bytes(HttpClient("::1", (*server)->port()).request("GET", "/", {{"Host", "[::1]"}})->body),
        QByteArray("::1"));
}

QTEST_GUILESS_MAIN(TstHttpServer)
#include "tst_http_server.moc"
