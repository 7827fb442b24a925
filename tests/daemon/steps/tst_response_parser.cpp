// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/steps/response_parser.h"

#include <QTest>

using gantry::steps::ResponseParser;
using Progress = ResponseParser::Progress;

class ResponseParserTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void table_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<int>("progress");
        QTest::addColumn<int>("status");
        QTest::addColumn<QByteArray>("body");
        const auto row = [](const char* title, const QByteArray& bytes, Progress progress, int status = 0,
                             const char* body = "") {
            QTest::newRow(title) << bytes << static_cast<int>(progress) << status << QByteArray(body);
        };
        row("length", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", Progress::Done, 200, "hi");
        row("no reason", "HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nhi", Progress::Done, 200, "hi");
        row("bare line feeds", "HTTP/1.1 200 OK\nContent-Length: 2\n\nhi", Progress::Done, 200, "hi");
        row("empty", "HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n", Progress::Done, 500);
        row("no content", "HTTP/1.1 204 No\r\n\r\n", Progress::Done, 204);
        row("chunks",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: "
            "chunked\r\n\r\n3;x=y\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n",
            Progress::Done, 200, "abc0123456789");
        row("trailer", "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n1\r\na\r\n0\r\nX: y\r\n\r\n",
            Progress::Done, 200, "a");
        row("interim", "HTTP/1.1 103 Hints\r\nLink: x\r\n\r\nHTTP/1.1 201 OK\r\nContent-Length: 1\r\n\r\na",
            Progress::Done, 201, "a");
        row("half a head", "HTTP/1.1 200 OK\r\nContent-Le", Progress::NeedMore, 200);
        row("half a body", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nhi", Progress::NeedMore, 200, "hi");
        row("half a chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nab",
            Progress::NeedMore, 200, "ab");
        row("until it closes", "HTTP/1.1 200 OK\r\n\r\nhi", Progress::NeedMore, 200, "hi");
        row("too long", "HTTP/1.1 200 OK\r\nContent-Length: 21\r\n\r\n", Progress::TooLarge, 200);
        row("too long in chunks",
            "HTTP/1.1 503 No\r\nTransfer-Encoding: chunked\r\n\r\n10\r\n0123456789abcdef\r\n10\r\n",
            Progress::TooLarge, 503, "0123456789abcdef");
        row("endless chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffff\r\n",
            Progress::TooLarge, 200);
        row("too long until it closes", "HTTP/1.1 200 OK\r\n\r\n0123456789abcdef01234", Progress::TooLarge,
            200);
        for (const char* bytes :
            {"hello\r\n", "HTTP/2 200 OK\r\n", "HTTP/1.1 2x0 OK\r\n", "HTTP/1.1 20 OK\r\n",
                "HTTP/1.1 2000 OK\r\n", "HTTP/1.1 099 OK\r\n", "HTTP/1.1 600 OK\r\n", "\r\n"})
            row(bytes, bytes, Progress::Bad);
        const QByteArray ok = "HTTP/1.1 200 OK\r\n";
        for (const char* headers : {"no colon\r\n\r\n", ": empty\r\n\r\n", "a b: c\r\n\r\n",
                 "a: b\r\n folded\r\n\r\n", "Content-Length: 2\r\nContent-Length: 2\r\n\r\n",
                 "Content-Length: -1\r\n\r\n", "Content-Length: +1\r\n\r\n", "Content-Length: 1, 1\r\n\r\n",
                 "Content-Length:\r\n\r\n", "Content-Length: 99999999999999999999\r\n\r\n",
                 "Transfer-Encoding: gzip\r\n\r\n", "Transfer-Encoding: gzip, chunked\r\n\r\n",
                 "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n",
                 "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
                 "Transfer-Encoding: chunked\r\n\r\nx\r\n", "Transfer-Encoding: chunked\r\n\r\n-1\r\n",
                 "Transfer-Encoding: chunked\r\n\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n1\r\nab\r\n",
                 "Transfer-Encoding: chunked\r\n\r\n1000000000000000\r\n", "Content-Encoding: gzip\r\n\r\n"})
            row(headers, ok + headers, Progress::Bad, 200);
        row("changes the protocol", "HTTP/1.1 101 Switch\r\nUpgrade: x\r\n\r\n", Progress::Bad, 101);
        row("endless line", ok + "X: " + QByteArray(40'000, 'x'), Progress::Bad, 200);
        row("too many headers", ok + QByteArray("X: y\r\n").repeated(101), Progress::Bad, 200);
        row("endless interim answers", QByteArray("HTTP/1.1 100 C\r\n\r\n").repeated(3000), Progress::Bad,
            100);
    }

    void table()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(int, progress);
        QFETCH(int, status);
        QFETCH(QByteArray, body);
        // Whole, and cut everywhere: where the network cuts must change nothing.
        for (const qsizetype step : {bytes.size(), qsizetype{1}, qsizetype{7}}) {
            ResponseParser parser(20);
            auto last = Progress::NeedMore;
            for (qsizetype at = 0; at < bytes.size() && last == Progress::NeedMore; at += step) {
                const QByteArray part = bytes.mid(at, step);
                last = parser.feed({part.constData(), static_cast<std::size_t>(part.size())});
            }
            QCOMPARE(static_cast<int>(last), progress);
            QCOMPARE(parser.status(), status);
            if (last == Progress::Done || last == Progress::NeedMore)
                QCOMPARE(QByteArray::fromStdString(parser.body()), body);
            QCOMPARE(last == Progress::Bad, !parser.complaint().empty());
        }
    }

    void knowsWhetherTheEndIsTheEnd()
    {
        const auto endOf = [](const char* bytes) {
            ResponseParser parser(20);
            parser.feed(bytes);
            return parser.end();
        };
        QVERIFY(endOf("HTTP/1.1 200 OK\r\n\r\nhi") == Progress::Done);
        QVERIFY(endOf("HTTP/1.1 200 OK\r\n") == Progress::Bad);
        QVERIFY(endOf("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nhi") == Progress::Bad);
        QVERIFY(endOf("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n") == Progress::Bad);
        QVERIFY(endOf("") == Progress::Bad);
    }

    void knowsWhatMayBeUsedAgain()
    {
        const auto keeps = [](const QByteArray& bytes) {
            ResponseParser parser(20);
            const auto last = parser.feed({bytes.constData(), static_cast<std::size_t>(bytes.size())});
            return last == Progress::Done && parser.keepsAlive();
        };
        QVERIFY(keeps("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
        QVERIFY(keeps("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n"));
        QVERIFY(!keeps("HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n"));
        QVERIFY(!keeps("HTTP/1.1 200 OK\r\nConnection: Close\r\nContent-Length: 0\r\n\r\n"));
        QVERIFY(!keeps(
            "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200 OK\r\n")); // more than was asked for
    }

    void givesHeaders()
    {
        ResponseParser parser(20);
        parser.feed("HTTP/1.1 503 No\r\nRETRY-after:  5 \r\nContent-Length: 0\r\n\r\n");
        QCOMPARE(std::string(parser.header("retry-after")), std::string("5"));
        QVERIFY(parser.header("retry").empty());
    }
};

QTEST_APPLESS_MAIN(ResponseParserTest)
#include "tst_response_parser.moc"
