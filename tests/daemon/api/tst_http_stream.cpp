// SPDX-License-Identifier: GPL-3.0-or-later
// Bodies that are made while they are sent: whole, in bounded memory, and visibly cut where they can't go on.
#include "daemon/api/http_server.h"
#include "tests/support/http_client.h"

#include <QHostAddress>
#include <QTcpSocket>
#include <QtTest>

#include <atomic>
#include <condition_variable>
#include <mutex>

using namespace gantry;
using namespace gantry::api;
using namespace gantry::test;

namespace {

/// So many pieces, each of one letter; counts what was asked for.
class Letters final : public BodySource {
public:
    Letters(std::size_t pieces, std::size_t size, bool breaks = false)
        : m_pieces(pieces)
        , m_size(size)
        , m_breaks(breaks)
    {
    }
    void next(Give give) override
    {
        const std::size_t number = asked.fetch_add(1);
        asked.notify_all();
        if (number < m_pieces)
            give(std::string(m_size, static_cast<char>('a' + number % 26)));
        else if (m_breaks)
            give(std::nullopt);
        else
            give(std::string());
    }

    std::atomic<std::size_t> asked{0};

private:
    std::size_t m_pieces;
    std::size_t m_size;
    bool m_breaks;
};

std::string lettersOf(std::size_t pieces, std::size_t size)
{
    std::string text;
    for (std::size_t i = 0; i < pieces; ++i)
        text.append(size, static_cast<char>('a' + i % 26));
    return text;
}

} // namespace

class TestHttpStream : public QObject {
    Q_OBJECT

private:
    void serve(std::shared_ptr<Letters> source)
    {
        m_source = std::move(source);
        HttpSettings settings;
        settings.port = 0;
        settings.threads = 1;
        auto started =
            HttpServer::start(std::move(settings), [this](ApiRequest request, const ApiReply& reply) {
                if (request.path != "/letters")
                    return reply({.status = 200, .contentType = "text/plain", .body = "plain"});
                ApiResponse response{.contentType = "text/plain"};
                response.stream = m_source;
                reply(std::move(response));
            });
        QVERIFY(started);
        m_server = std::move(*started);
    }
    [[nodiscard]] HttpClient client() const { return HttpClient("127.0.0.1", m_server->port()); }

    std::shared_ptr<Letters> m_source;
    std::unique_ptr<HttpServer> m_server;

private Q_SLOTS:
    void cleanup() { m_server.reset(); }

    void sendsItWholeAndGoesOn()
    {
        serve(std::make_shared<Letters>(40, 100'000));
        HttpClient http = client();
        for (int round = 0; round < 2; ++round) {
            m_source->asked = 0;
            const auto answer = http.request("GET", "/letters");
            QVERIFY2(answer, answer ? "" : answer.error().message.c_str());
            QCOMPARE(std::string(answer->header("transfer-encoding")), std::string("chunked"));
            QVERIFY(answer->header("content-length").empty());
            QVERIFY(answer->body == lettersOf(40, 100'000));
            const auto next = http.request("GET", "/plain");
            QVERIFY(next && next->body == "plain");
        }
    }

    void answersWhatWasSentBehindIt()
    {
        serve(std::make_shared<Letters>(3, 10));
        HttpClient http = client();
        const std::string get = " HTTP/1.1\r\nHost: x\r\n\r\n";
        QVERIFY(http.send("GET /letters" + get + "GET /plain" + get));
        const auto first = http.receive();
        QVERIFY(first && first->body == lettersOf(3, 10));
        const auto second = http.receive();
        QVERIFY(second && second->body == "plain");
    }

    void hasNoBodyForHead()
    {
        serve(std::make_shared<Letters>(3, 10));
        HttpClient http = client();
        QVERIFY(http.send("HEAD /letters HTTP/1.1\r\nHost: x\r\n\r\n"));
        const auto head = http.receive(true);
        QVERIFY(head);
        QCOMPARE(head->status, 200);
        QCOMPARE(m_source->asked.load(), std::size_t(0));
        const auto next = http.request("GET", "/plain");
        QVERIFY(next && next->body == "plain");
    }

    void closesForHttp10()
    {
        serve(std::make_shared<Letters>(3, 10));
        QTcpSocket http;
        http.connectToHost(QHostAddress(QHostAddress::LocalHost), m_server->port());
        QVERIFY(http.waitForConnected());
        http.write("GET /letters HTTP/1.0\r\n\r\n");
        while (http.state() == QAbstractSocket::ConnectedState && http.waitForReadyRead())
            continue;
        const QByteArray answer = http.readAll();
        QVERIFY(answer.contains("Connection: close") && !answer.contains("chunked"));
        QCOMPARE(answer.mid(answer.indexOf("\r\n\r\n") + 4).toStdString(), lettersOf(3, 10));
    }

    // Whoever does not read is not read for: pieces are asked for as they go out, and what the kernel holds is bounded.
    void asksForNoMoreThanIsTaken()
    {
        constexpr std::size_t pieces = 1000;
        constexpr std::size_t size = 100'000;
        serve(std::make_shared<Letters>(pieces, size));
        HttpClient http = client();
        QVERIFY(http.send("GET /letters HTTP/1.1\r\nHost: x\r\n\r\n"));
        // Until nothing more is asked for while the server's one thread does other things: the buffers of the sockets are full.
        HttpClient other = client();
        std::size_t seen = 0;
        do {
            seen = m_source->asked;
            for (int i = 0; i < 50; ++i)
                QVERIFY(other.request("GET", "/plain"));
        } while (m_source->asked != seen || seen == 0);
        const std::size_t asked = m_source->asked;
        QVERIFY2(asked < pieces / 4, qPrintable(QString::number(asked)));
        const auto answer = http.receive();
        QVERIFY(answer && answer->body.size() == pieces * size);
    }

    void cutsWhatCannotGoOn()
    {
        serve(std::make_shared<Letters>(3, 10, true));
        HttpClient http = client();
        QVERIFY(!http.request("GET", "/letters")); // no last chunk: it is not whole, and that is seen
        HttpClient other = client();
        const auto next = other.request("GET", "/plain");
        QVERIFY(next && next->body == "plain");
    }

    void letsGoOfTheSourceWhenTheCallerHasGone()
    {
        serve(std::make_shared<Letters>(1'000'000, 100'000));
        const std::weak_ptr<Letters> source = m_source;
        {
            HttpClient http = client();
            QVERIFY(http.send("GET /letters HTTP/1.1\r\nHost: x\r\n\r\n"));
            QTRY_VERIFY(m_source->asked > 0);
        }
        m_source.reset();
        QTRY_VERIFY(source.expired());
    }
};

QTEST_GUILESS_MAIN(TestHttpStream)
#include "tst_http_stream.moc"
