// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/protocol/problem.h"
#include "tests/daemon/api/http_fixture.h"

using namespace gantry;
using namespace gantry::api;
using namespace gantry::test;

namespace {

const std::string kHost = "Host: localhost\r\n";

std::string get(const std::string& target)
{
    return "GET " + target + " HTTP/1.1\r\n" + kHost + "\r\n";
}

std::string with(const std::string& fields)
{
    return "POST /a HTTP/1.1\r\n" + kHost + fields + "\r\n";
}

std::string chunked(const std::string& body)
{
    return with("Transfer-Encoding: chunked\r\n") + body;
}

} // namespace

/// What no honest caller sends. Each must get its exact status and a problem, never reach the handler, and cost the connection, so
/// that nothing behind it can be taken for a request.
class TstHttpHostile : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void isRefused_data();
    void isRefused();
    void isRefusedByteByByte_data() { isRefused_data(); }
    void isRefusedByteByByte();
    void cleanupTestCase();

private:
    void check(HttpClient& client, int status, HttpLimit limit);

    std::unique_ptr<HttpFixture> m_fixture;
};

void TstHttpHostile::initTestCase()
{
    HttpLimits limits;
    limits.hosts = {"localhost", "127.0.0.1"};
    limits.bodyBytes = 1000;
    m_fixture = std::make_unique<HttpFixture>(limits);
}

void TstHttpHostile::isRefused_data()
{
    QTest::addColumn<std::string>("raw");
    QTest::addColumn<int>("status");
    QTest::addColumn<HttpLimit>("limit");
    const auto row = [](const char* name, const std::string& raw, int status = 400,
                         HttpLimit limit = HttpLimit::Syntax) {
        QTest::newRow(name) << raw << status << limit;
    };
    const std::string host = kHost;

    // The request line.
    row("TLS hello", std::string("\x16\x03\x01\x02\x00\x01\x00\x01", 8));
    row("HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    row("HTTP/0.9", "GET /\r\n\r\n");
    row("HTTP/1.2", "GET / HTTP/1.2\r\n" + host + "\r\n");
    row("HTTP/3", "GET / HTTP/3\r\n" + host + "\r\n");
    row("lower-case version", "GET / http/1.1\r\n" + host + "\r\n");
    row("two spaces", "GET  / HTTP/1.1\r\n" + host + "\r\n");
    row("space in the target", "GET /a b HTTP/1.1\r\n" + host + "\r\n");
    row("tab for space", "GET\t/\tHTTP/1.1\r\n" + host + "\r\n");
    row("space before the method", " GET / HTTP/1.1\r\n" + host + "\r\n");
    row("two blank lines before", "\r\n\r\n" + get("/"));
    row("lines of LF", "GET / HTTP/1.1\nHost: localhost\n\n");
    row("bare CR", "GET / HTTP/1.1\rHost: localhost\r\n\r\n");
    row("lower-case method", "get / HTTP/1.1\r\n" + host + "\r\n");
    row("unknown method", "BREW / HTTP/1.1\r\n" + host + "\r\n", 400, HttpLimit::Method);
    row("TRACE", "TRACE / HTTP/1.1\r\n" + host + "\r\n", 400, HttpLimit::Method);
    row("CONNECT", "CONNECT localhost:80 HTTP/1.1\r\n" + host + "\r\n", 400, HttpLimit::Method);
    row("method with a control", "GE\x01T / HTTP/1.1\r\n" + host + "\r\n");

    // The target.
    const auto target = [&row](const char* name, const std::string& text) {
        row(name, get(text), 400, HttpLimit::Target);
    };
    target("asterisk", "*");
    target("no slash", "a");
    target("other host", "http://example.org/");
    target("own host with another port", "http://localhost:81/");
    target("user info", "http://localhost@example.org/");
    target("https", "https://localhost/");
    target("encoded NUL", "/a%00b");
    target("encoded CR LF", "/a%0d%0a%0d%0aGET%20/");
    target("encoded DEL", "/%7f");
    target("cut escape", "/a%2");
    target("no escape", "/a%zz");
    target("dot dot", "/v1/../admin");
    target("dot dot at the end", "/v1/..");
    target("one dot", "/./a");
    target("encoded dot dot", "/%2e%2E/admin");
    target("encoded slash", "/a%2fb");
    target("encoded backslash", "/a%5C..%5Cb");
    target("backslash", "/a\\b");
    target("overlong UTF-8", "/%c0%af");
    target("cut UTF-8", "/%e2%82");
    target("surrogate", "/%ed%a0%80");
    target("fragment", "/a#b");
    target("raw UTF-8", "/caf\xc3\xa9");
    target("angle bracket", "/<script>");
    target("NUL in the query", "/a?b=%00");
    target("no escape in the query", "/a?b=%");
    row("space in the query", "GET /a?b c HTTP/1.1\r\n" + host + "\r\n");

    // Host.
    row("no Host", "GET / HTTP/1.1\r\n\r\n", 400, HttpLimit::Host);
    row("two Hosts", "GET / HTTP/1.1\r\n" + host + host + "\r\n", 400, HttpLimit::Host);
    row("empty Host", "GET / HTTP/1.1\r\nHost:\r\n\r\n", 400, HttpLimit::Host);
    row("Host with a path", "GET / HTTP/1.1\r\nHost: localhost/x\r\n\r\n", 400, HttpLimit::Host);
    row("Host with user", "GET / HTTP/1.1\r\nHost: a@localhost\r\n\r\n", 400, HttpLimit::Host);
    row("Host with bad port", "GET / HTTP/1.1\r\nHost: localhost:99999\r\n\r\n", 400, HttpLimit::Host);
    row("Host list", "GET / HTTP/1.1\r\nHost: localhost, example.org\r\n\r\n", 400, HttpLimit::Host);
    row("Host not ours", "GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n", 421, HttpLimit::Host);
    row("Host not ours, HTTP/1.0", "GET / HTTP/1.0\r\nHost: evil.example\r\n\r\n", 421, HttpLimit::Host);

    // Fields.
    row("folded", with("X-A: one\r\n two\r\n"));
    row("folded by tab", with("X-A: one\r\n\ttwo\r\n"));
    row("fold first", "GET / HTTP/1.1\r\n X-A: one\r\n" + host + "\r\n");
    row("space before the colon", with("X-A : one\r\n"));
    row("no colon", with("X-A\r\n"));
    row("empty name", with(": one\r\n"));
    row("name with a bracket", with("X(A): one\r\n"));
    row("NUL in a value", with(std::string("X-A: o\0e\r\n", 10)));
    row("control in a value", with("X-A: o\x07 e\r\n"));
    row("CR in a value", with("X-A: o\re\r\n"));
    row("LF in a value", with("X-A: one\nX-B: two\r\n"));
    row("not UTF-8", with("X-A: \xff\xfe\r\n"));
    row("Upgrade", with("Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAM\r\n"));
    row("WebSocket", with("Connection: Upgrade\r\nUpgrade: websocket\r\n"));
    row("TE", with("TE: trailers\r\n"));
    row("Trailer", with("Trailer: X-A\r\nTransfer-Encoding: chunked\r\n") + "0\r\n\r\n");
    row("Expect", with("Expect: 100-continue\r\nContent-Length: 3\r\n"), 417, HttpLimit::Expect);
    row("unknown Expect", with("Expect: much\r\n"), 417, HttpLimit::Expect);
    row("gzip", with("Content-Encoding: gzip\r\nContent-Length: 3\r\n") + "abc", 415,
        HttpLimit::ContentEncoding);
    row("identity", with("Content-Encoding: identity\r\n"), 415, HttpLimit::ContentEncoding);

    // Framing.
    const std::string smuggled = "GET /smuggled HTTP/1.1\r\n" + host + "\r\n";
    row("CL and TE", with("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n") + "0\r\n\r\n" + smuggled);
    row("TE and CL", with("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n") + "0\r\n\r\n" + smuggled);
    row("two CL that differ", with("Content-Length: 3\r\nContent-Length: 4\r\n") + "abcd");
    row("two CL alike", with("Content-Length: 3\r\nContent-Length: 3\r\n") + "abc");
    row("list of CL", with("Content-Length: 3, 3\r\n") + "abc");
    row("negative CL", with("Content-Length: -1\r\n"));
    row("signed CL", with("Content-Length: +3\r\n") + "abc");
    row("hex CL", with("Content-Length: 0x3\r\n") + "abc");
    row("CL with a space in it", with("Content-Length: 1 0\r\n"));
    row("empty CL", with("Content-Length:\r\n"));
    row("CL of 2^64", with("Content-Length: 18446744073709551616\r\n"));
    row("CL of 2^64 - 1", with("Content-Length: 18446744073709551615\r\n"), 413, HttpLimit::BodyBytes);
    row("CL one too large", with("Content-Length: 1001\r\n"), 413, HttpLimit::BodyBytes);
    row("TE gzip", with("Transfer-Encoding: gzip, chunked\r\n") + "0\r\n\r\n");
    row("TE identity", with("Transfer-Encoding: identity\r\n"));
    row("TE twice", with("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n") + "0\r\n\r\n");
    row("TE chunked, chunked", with("Transfer-Encoding: chunked, chunked\r\n") + "0\r\n\r\n");
    row("TE xchunked", with("Transfer-Encoding: xchunked\r\n") + "0\r\n\r\n");
    row("TE with a vertical tab",
        with("Transfer-Encoding: \x0b"
             "chunked\r\n")
            + "0\r\n\r\n");
    row("TE in HTTP/1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
    row("chunk of no number", chunked("x\r\nabc\r\n0\r\n\r\n"));
    row("chunk of 17 digits", chunked("10000000000000003\r\nabc\r\n0\r\n\r\n"));
    row("negative chunk", chunked("-3\r\nabc\r\n0\r\n\r\n"));
    row("chunk longer than said", chunked("3\r\nabcdef\r\n0\r\n\r\n"));
    row("chunk of LF", chunked("3\nabc\n0\n\n"));
    row("chunk extension", chunked("3;a=b\r\nabc\r\n0\r\n\r\n"));
    row("last chunk's extension", chunked("3\r\nabc\r\n0;a\r\n\r\n"));
    row("endless chunk line", chunked(std::string(300, '0')));
    row("trailer", chunked("3\r\nabc\r\n0\r\nX-A: b\r\n\r\n"));
    row("trailer Content-Length", chunked("3\r\nabc\r\n0\r\nContent-Length: 9\r\n\r\n"));
    row("endless trailer", chunked("0\r\nX-A: " + std::string(300, 'x')));
    row("chunk too large", chunked("3e9\r\n"), 413, HttpLimit::BodyBytes);
    row("chunks too large", chunked("1F4\r\n" + std::string(500, 'x') + "\r\n1F5\r\n"), 413,
        HttpLimit::BodyBytes);

    // Size of the head.
    row("long target", get("/" + std::string(20'000, 'a')), 431, HttpLimit::HeadBytes);
    row("long line without end", "GET /" + std::string(16 * 1024, 'a'), 431, HttpLimit::HeadBytes);
    row("long value", with("X-A: " + std::string(17'000, 'a') + "\r\n"), 431, HttpLimit::HeadBytes);
    std::string fields;
    for (int at = 0; at < 64; ++at)
        fields += "X-" + std::to_string(at) + ": y\r\n";
    row("65 fields", with(fields), 431, HttpLimit::HeadFields);
}

void TstHttpHostile::check(HttpClient& client, int status, HttpLimit limit)
{
    const auto answer = client.receive();
    QVERIFY2(answer, answer ? "" : answer.error().message.c_str());
    QCOMPARE(answer->status, status);
    QCOMPARE(QByteArray(answer->header("content-type").data()), QByteArray("application/problem+json"));
    QCOMPARE(QByteArray(answer->header("connection").data()), QByteArray("close"));
    QVERIFY(answer->body.find("\"status\":" + std::to_string(status) + ",") != std::string::npos);
    QVERIFY(!decodeProblem(answer->body).message.empty());
    // Nothing more comes: what stood behind was not taken for a request.
    QVERIFY(client.waitForClose());
    QCOMPARE(m_fixture->calls.load(), 0);
    QCOMPARE(m_fixture->waitForLimit(limit).status, status);
    m_fixture->forgetObservations();
}

void TstHttpHostile::isRefused()
{
    QFETCH(std::string, raw);
    QFETCH(int, status);
    QFETCH(HttpLimit, limit);
    auto client = m_fixture->client();
    QVERIFY(client.send(raw));
    check(client, status, limit);
}

void TstHttpHostile::isRefusedByteByByte()
{
    QFETCH(std::string, raw);
    QFETCH(int, status);
    QFETCH(HttpLimit, limit);
    auto client = m_fixture->client();
    for (const char c : raw)
        if (!client.send({&c, 1}))
            break; // refused before the end
    check(client, status, limit);
}

void TstHttpHostile::cleanupTestCase()
{
    // All that has harmed nobody.
    QCOMPARE(m_fixture->client().request("GET", "/a", {{"Host", "LOCALHOST"}})->status, 200);
    QTRY_COMPARE(m_fixture->server->connectionCount(), 0U);
    QCOMPARE(m_fixture->server->inFlightBytes(), 0U);
}

QTEST_GUILESS_MAIN(TstHttpHostile)
#include "tst_http_hostile.moc"
