// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/daemon/api/http_fixture.h"
#include "tests/support/test_certificate.h"

#include <QProcess>
#include <QTemporaryDir>
#include <thread>

using namespace gantry;
using namespace gantry::api;
using namespace gantry::test;
using namespace std::chrono_literals;

namespace {

const std::string hello("\x16\x03\x01\x02\x00\x01", 6); ///< the beginning of a handshake, and no more

std::shared_ptr<const TlsIdentity> identityOf(const TestCertificate& made, const std::string& clientCa = {})
{
    auto identity = TlsIdentity::load({made.certificate, made.key, clientCa});
    if (!identity)
        qFatal("%s", identity.error().message.c_str());
    return *identity;
}

} // namespace

/// The HTTP door in TLS: what it does in plain is for the other tests.
class TstHttpTls : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void answersAndKeepsTheConnection();
    void carriesLargeBodiesBothWays();
    void answersPipelinedRequestsInOrder();
    void refusesOldVersionsAndOtherProtocols_data();
    void refusesOldVersionsAndOtherProtocols();
    void speaksTls12WithForwardSecrecy();
    void plainHttpIsToldSo();
    void junkIsCut();
    void halfAHandshakeIsEnded_data();
    void halfAHandshakeIsEnded();
    void stuckHandshakesDoNotHinderOthers();
    void callersThatHangUpAtOnceAreNoFailures();
    void callersThatDoNotReadAreCut();
    void goneCallersAreSeen();
    void tooManyConnectionsAreClosed();
    void newCertificateIsForNewConnections();
    void callersMustShowACertificateWhereAsked();
    void drainsCleanly();

private:
    HttpClient client(const HttpFixture& fixture) const
    {
        HttpClient made("127.0.0.1", fixture.server->port());
        made.useTls(m_made.certificate);
        return made;
    }
    /// What `openssl s_client` says with those options.
    static QByteArray tryWith(const HttpFixture& fixture, const QStringList& options, int& code)
    {
        QProcess openssl;
        openssl.start(QStringLiteral("openssl"),
            QStringList{QStringLiteral("s_client"), QStringLiteral("-connect"),
                QStringLiteral("127.0.0.1:%1").arg(fixture.server->port())}
                + options);
        openssl.closeWriteChannel();
        if (!openssl.waitForFinished(10'000))
            qFatal("openssl does not end");
        code = openssl.exitCode();
        return openssl.readAllStandardOutput() + openssl.readAllStandardError();
    }

    QTemporaryDir m_folder;
    const TestCertificate m_made =
        makeTestCertificate(m_folder.filePath(QStringLiteral("server")).toStdString());
};

void TstHttpTls::answersAndKeepsTheConnection()
{
    HttpFixture fixture({}, 1, identityOf(m_made));
    HttpClient https = client(fixture);
    for (int round = 0; round < 20; ++round) {
        const auto answer = https.request("POST", "/a", {}, "body " + std::to_string(round));
        QVERIFY2(answer, answer ? "" : answer.error().message.c_str());
        QCOMPARE(answer->status, 200);
        QCOMPARE(answer->body, "POST /a?\nbody " + std::to_string(round));
        QVERIFY(https.isConnected());
    }
    QCOMPARE(https.tlsVersion(), std::string("TLSv1.3"));
    QCOMPARE(fixture.server->connectionCount(), std::size_t{1});
    // Who is not vouched for is not believed: the test's client does look.
    HttpClient stranger("127.0.0.1", fixture.server->port());
    stranger.useTls(
        makeTestCertificate(m_folder.filePath(QStringLiteral("stranger")).toStdString()).certificate);
    QVERIFY(!stranger.connect());
}

void TstHttpTls::carriesLargeBodiesBothWays()
{
    HttpLimits limits;
    limits.bodyBytes = 8U * 1024 * 1024;
    HttpFixture fixture(limits, 1, identityOf(m_made));
    HttpClient https = client(fixture);
    std::string body(6U * 1024 * 1024, '\0');
    for (std::size_t at = 0; at < body.size(); ++at)
        body[at] = static_cast<char>('a' + at % 23);
    const auto echo = https.request("POST", "/a", {}, body);
    QVERIFY2(echo, echo ? "" : echo.error().message.c_str());
    QVERIFY(echo->body == "POST /a?\n" + body);
    const auto large = https.request("GET", "/large?9000000");
    QVERIFY2(large, large ? "" : large.error().message.c_str());
    QVERIFY(large->body == std::string(9'000'000, 'x'));
    QVERIFY(fixture.server->inFlightBytes() == 0);
}

void TstHttpTls::answersPipelinedRequestsInOrder()
{
    HttpFixture fixture({}, 1, identityOf(m_made));
    HttpClient https = client(fixture);
    std::string all;
    for (int at = 0; at < 200; ++at)
        all += "GET /" + std::to_string(at) + " HTTP/1.1\r\nHost: x\r\n\r\n";
    QVERIFY(https.send(all));
    for (int at = 0; at < 200; ++at) {
        const auto answer = https.receive();
        QVERIFY2(answer, answer ? "" : answer.error().message.c_str());
        QCOMPARE(answer->body, "GET /" + std::to_string(at) + "?\n");
    }
}

void TstHttpTls::refusesOldVersionsAndOtherProtocols_data()
{
    QTest::addColumn<QStringList>("options");
    const auto row = [](const char* name, const char* options) {
        QTest::newRow(name) << QString::fromLatin1(options).split(QLatin1Char(' '));
    };
    row("1.1", "-tls1_1 -cipher DEFAULT@SECLEVEL=0");
    row("1.0", "-tls1 -cipher DEFAULT@SECLEVEL=0");
    row("no forward secrecy", "-tls1_2 -cipher AES128-GCM-SHA256");
    row("CBC", "-tls1_2 -cipher ECDHE-ECDSA-AES128-SHA");
    row("no HTTP/1.1", "-alpn h2");
}

void TstHttpTls::refusesOldVersionsAndOtherProtocols()
{
    QFETCH(const QStringList, options);
    HttpFixture fixture({}, 1, identityOf(m_made));
    int code = 0;
    const QByteArray said = tryWith(fixture, options, code);
    QVERIFY2(code != 0, said.constData());
    QCOMPARE(fixture.waitForLimit(HttpLimit::TlsHandshake).status, 0);
    QCOMPARE(fixture.calls.load(), 0);
}

void TstHttpTls::speaksTls12WithForwardSecrecy()
{
    HttpFixture fixture({}, 1, identityOf(m_made));
    int code = 0;
    const QByteArray said = tryWith(
        fixture, {QStringLiteral("-tls1_2"), QStringLiteral("-alpn"), QStringLiteral("h2,http/1.1")}, code);
    QCOMPARE(code, 0);
    QVERIFY2(said.contains("ECDHE-ECDSA-") && said.contains("TLSv1.2"), said.constData());
    QVERIFY2(said.contains("ALPN protocol: http/1.1"), said.constData());
    QVERIFY2(said.contains("Secure Renegotiation IS supported"), said.constData());
    QVERIFY2(
        !said.contains("Session-ID: ") || said.contains("Session-ID: \n"), said.constData()); // no resumption
}

void TstHttpTls::plainHttpIsToldSo()
{
    HttpFixture fixture({}, 1, identityOf(m_made));
    HttpClient plain = fixture.client();
    const auto answer = plain.request("GET", "/a", {{"Authorization", "Bearer k"}});
    QVERIFY2(answer, answer ? "" : answer.error().message.c_str());
    QCOMPARE(answer->status, 400);
    QCOMPARE(answer->header("content-type"), std::string_view("application/problem+json"));
    QCOMPARE(answer->header("connection"), std::string_view("close"));
    QVERIFY2(answer->body.find("https://") != std::string::npos, answer->body.c_str());
    QCOMPARE(fixture.waitForLimit(HttpLimit::PlainHttp).status, 400);
    QCOMPARE(fixture.calls.load(), 0);
}

void TstHttpTls::junkIsCut()
{
    HttpFixture fixture({}, 1, identityOf(m_made));
    for (const std::string& junk : {std::string("\x00\x01\x02", 3), std::string("\x80junk"),
             std::string("\x16\x03\x01\xff\xff"
                         "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")}) {
        fixture.forgetObservations();
        HttpClient plain = fixture.client();
        QVERIFY(plain.send(junk));
        plain.finishSending();
        QCOMPARE(fixture.waitForLimit(HttpLimit::TlsHandshake).status, 0);
    }
    QCOMPARE(client(fixture).request("GET", "/a")->status, 200);
}

void TstHttpTls::halfAHandshakeIsEnded_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::newRow("silence") << QByteArray();
    QTest::newRow("one byte") << QByteArray(hello.data(), 1);
    QTest::newRow("half a hello") << QByteArray(hello.data(), static_cast<qsizetype>(hello.size()));
}

void TstHttpTls::halfAHandshakeIsEnded()
{
    QFETCH(const QByteArray, bytes);
    HttpLimits limits;
    limits.handshakeDeadline = 100ms;
    HttpFixture fixture(limits, 1, identityOf(m_made));
    HttpClient slow = fixture.client();
    QVERIFY(slow.connect());
    QVERIFY(slow.send(bytes.toStdString()));
    QCOMPARE(fixture.waitForLimit(HttpLimit::HandshakeDeadline).status, 0);
    QVERIFY(slow.waitForClose());
    QTRY_COMPARE(fixture.server->connectionCount(), std::size_t{0});
}

void TstHttpTls::stuckHandshakesDoNotHinderOthers()
{
    HttpLimits limits;
    limits.handshakeDeadline = 1h;
    limits.connectionsPerAddress = 100;
    HttpFixture fixture(limits, 1, identityOf(m_made));
    std::vector<HttpClient> stuck;
    for (int at = 0; at < 50; ++at) {
        stuck.push_back(fixture.client());
        QVERIFY(stuck.back().connect());
        QVERIFY(stuck.back().send(hello.substr(0, static_cast<std::size_t>(at) % (hello.size() + 1))));
    }
    QTRY_COMPARE(fixture.server->connectionCount(), std::size_t{50});
    HttpClient https = client(fixture);
    for (int round = 0; round < 20; ++round)
        QCOMPARE(https.request("GET", "/a")->status, 200);
    QCOMPARE(client(fixture).request("GET", "/a")->status, 200);
}

void TstHttpTls::callersThatHangUpAtOnceAreNoFailures()
{
    HttpFixture fixture({}, 1, identityOf(m_made));
    { // as a load balancer looks whether the port is open
        HttpClient probe = fixture.client();
        QVERIFY(probe.connect());
    }
    QCOMPARE(client(fixture).request("GET", "/a")->status, 200);
    QTRY_COMPARE(fixture.server->connectionCount(), std::size_t{0});
    QCOMPARE(fixture.waitForObservation([](const auto&) { return true; }).status,
        200); // the first, and no other before
}

void TstHttpTls::callersThatDoNotReadAreCut()
{
    HttpLimits limits;
    limits.writeDeadline = 150ms;
    limits.deadlinePer64KiB = 0ms;
    HttpFixture fixture(limits, 1, identityOf(m_made));
    HttpClient https = client(fixture);
    QVERIFY(https.send("GET /large?30000000 HTTP/1.1\r\nHost: x\r\n\r\n"));
    QCOMPARE(fixture.waitForLimit(HttpLimit::WriteDeadline).status, 0);
}

void TstHttpTls::goneCallersAreSeen()
{
    HttpFixture fixture({}, 1, identityOf(m_made));
    HttpClient https = client(fixture);
    QVERIFY(https.send("GET /held HTTP/1.1\r\nHost: x\r\n\r\n"));
    const HeldRequest held = fixture.nextHeld();
    QVERIFY(held.reply && !held.request.caller->expired());
    https.finishSending();
    https.close();
    QTRY_VERIFY(held.request.caller->expired());
    held.reply({200, "text/plain", {}, "late"});
    QTRY_COMPARE(fixture.server->connectionCount(), std::size_t{0});
}

void TstHttpTls::tooManyConnectionsAreClosed()
{
    HttpLimits limits;
    limits.connections = 1;
    HttpFixture fixture(limits, 1, identityOf(m_made));
    HttpClient https = client(fixture);
    QCOMPARE(https.request("GET", "/a")->status, 200);
    QVERIFY(!client(fixture).connect());
    QCOMPARE(fixture.waitForLimit(HttpLimit::Connections).status, 0);
    QCOMPARE(https.request("GET", "/a")->status, 200);
}

void TstHttpTls::newCertificateIsForNewConnections()
{
    HttpFixture fixture({}, 2, identityOf(m_made));
    HttpClient before = client(fixture);
    QCOMPARE(before.request("GET", "/a")->status, 200);
    const TestCertificate renewed =
        makeTestCertificate(m_folder.filePath(QStringLiteral("new")).toStdString());
    fixture.server->setTls(identityOf(renewed));
    QCOMPARE(before.request("GET", "/a")->status, 200);
    QVERIFY(before.isConnected());
    QVERIFY(!client(fixture).connect()); // knows the old one only
    HttpClient after("127.0.0.1", fixture.server->port());
    after.useTls(renewed.certificate);
    QCOMPARE(after.request("GET", "/a")->status, 200);
    QCOMPARE(before.request("GET", "/large?3000000")->body.size(), std::size_t{3'000'000});
}

void TstHttpTls::callersMustShowACertificateWhereAsked()
{
    const TestCertificate caller =
        makeTestCertificate(m_folder.filePath(QStringLiteral("caller")).toStdString());
    const TestCertificate other =
        makeTestCertificate(m_folder.filePath(QStringLiteral("other")).toStdString());
    HttpFixture fixture({}, 1, identityOf(m_made, caller.certificate));
    HttpClient known("127.0.0.1", fixture.server->port());
    known.useTls(m_made.certificate, caller.certificate, caller.key);
    const auto answer = known.request("GET", "/a");
    QVERIFY2(answer, answer ? "" : answer.error().message.c_str());
    QCOMPARE(answer->status, 200);
    for (const bool isShown : {false, true}) {
        fixture.forgetObservations();
        HttpClient unknown("127.0.0.1", fixture.server->port());
        unknown.useTls(m_made.certificate, isShown ? other.certificate : "", other.key);
        QVERIFY(!unknown.request("GET", "/a"));
        QCOMPARE(fixture.waitForLimit(HttpLimit::TlsHandshake).status, 0);
    }
    QCOMPARE(fixture.calls.load(), 1);
}

void TstHttpTls::drainsCleanly()
{
    HttpFixture fixture({}, 1, identityOf(m_made));
    HttpClient idle = client(fixture);
    QCOMPARE(idle.request("GET", "/a")->status, 200);
    HttpClient stuck = fixture.client();
    QVERIFY(stuck.connect());
    QVERIFY(stuck.send(hello));
    HttpClient busy = client(fixture);
    QVERIFY(busy.send("GET /held HTTP/1.1\r\nHost: x\r\n\r\n"));
    const HeldRequest held = fixture.nextHeld();
    QVERIFY(held.reply);
    std::thread answering([&held] { held.reply({200, "text/plain", {}, "done"}); });
    QVERIFY(fixture.server->drain(5s));
    answering.join();
    const auto answer = busy.receive();
    QVERIFY2(answer, answer ? "" : answer.error().message.c_str());
    QCOMPARE(answer->body, std::string("done"));
}

QTEST_GUILESS_MAIN(TstHttpTls)
#include "tst_http_tls.moc"
