// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/api/http_request_reader.h"

#include <QTest>
#include <string>
#include <vector>

using namespace gantry;
using namespace gantry::api;

namespace {

const std::string kHead = "POST /v1/orders HTTP/1.1\r\nHost: localhost\r\n";

/// Receives pieces as a connection would: what the reader leaves stays in front of the next piece.
class Receiver {
public:
    void receive(std::string_view piece)
    {
        m_buffer += piece;
        while (!m_buffer.empty() && isReading()) {
            const auto consumed = m_reader.feed(m_buffer);
            m_buffer.erase(0, consumed);
            if (consumed == 0)
                return;
        }
    }
    [[nodiscard]] bool isReading() const
    {
        return m_reader.state() == HttpRequestReader::State::Head
            || m_reader.state() == HttpRequestReader::State::Body;
    }
    [[nodiscard]] HttpRequestReader& reader() { return m_reader; }
    [[nodiscard]] const std::string& rest() const { return m_buffer; }

private:
    HttpLimits m_limits;
    HttpRequestReader m_reader{m_limits};
    std::string m_buffer;
};

} // namespace

/// A request means the same however the network cuts it.
class TstHttpRequestReader : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void bodyIsReadHoweverItIsCut_data();
    void bodyIsReadHoweverItIsCut();
    void badChunkIsRefusedHoweverItIsCut_data();
    void badChunkIsRefusedHoweverItIsCut();
};

void TstHttpRequestReader::bodyIsReadHoweverItIsCut_data()
{
    QTest::addColumn<std::string>("raw");
    QTest::addColumn<std::string>("body");
    const auto chunked = [](const char* name, const std::string& chunks, const std::string& body) {
        QTest::newRow(name) << kHead + "Transfer-Encoding: chunked\r\n\r\n" + chunks << body;
    };
    chunked("last chunk only", "0\r\n\r\n", "");
    chunked("last chunk of many zeros", "0000\r\n\r\n", "");
    chunked("one chunk", "5\r\nhello\r\n0\r\n\r\n", "hello");
    chunked("chunks of one byte", "1\r\nx\r\n1\r\ny\r\n1\r\nz\r\n0\r\n\r\n", "xyz");
    chunked("chunk of line ends", "4\r\n\r\n\r\n\r\n0\r\n\r\n", "\r\n\r\n");
    QTest::newRow("counted") << kHead + "Content-Length: 5\r\n\r\nhello" << std::string("hello");
    QTest::newRow("no body") << kHead + "\r\n" << std::string();
}

void TstHttpRequestReader::bodyIsReadHoweverItIsCut()
{
    QFETCH(std::string, raw);
    QFETCH(std::string, body);
    const std::string next = "GET / HTTP/1.1\r\n";
    const auto check = [&](Receiver& receiver, const std::string& rest) {
        QCOMPARE(receiver.reader().state(), HttpRequestReader::State::Done);
        QCOMPARE(receiver.reader().takeRequest().body, body);
        QCOMPARE(receiver.rest(), rest);
    };
    for (std::size_t first = 0; first <= raw.size(); ++first) {
        for (std::size_t second = first; second <= raw.size(); ++second) {
            Receiver receiver;
            receiver.receive(raw.substr(0, first));
            receiver.receive(raw.substr(first, second - first));
            receiver.receive(raw.substr(second) + next);
            check(receiver, next);
        }
    }
    Receiver receiver;
    for (const char c : raw)
        receiver.receive({&c, 1});
    check(receiver, "");
}

void TstHttpRequestReader::badChunkIsRefusedHoweverItIsCut_data()
{
    QTest::addColumn<std::string>("chunks");
    QTest::newRow("no number") << std::string("x\r\nhello\r\n");
    QTest::newRow("lines of LF") << std::string("5\nhello\n0\n\n");
    QTest::newRow("extension at the last") << std::string("0;a=b\r\n\r\n");
    QTest::newRow("longer than said") << std::string("4\r\nhello\r\n0\r\n\r\n");
    QTest::newRow("no line end behind") << std::string("5\r\nhello0\r\n\r\n");
    QTest::newRow("trailer") << std::string("0\r\nA: b\r\n\r\n");
    QTest::newRow("last line of LF") << std::string("0\r\n\n\r\n\r\n");
}

void TstHttpRequestReader::badChunkIsRefusedHoweverItIsCut()
{
    QFETCH(std::string, chunks);
    const std::string head = kHead + "Transfer-Encoding: chunked\r\n\r\n";
    for (std::size_t first = 0; first <= chunks.size(); ++first) {
        for (std::size_t second = first; second <= chunks.size(); ++second) {
            Receiver receiver;
            receiver.receive(head + chunks.substr(0, first));
            receiver.receive(chunks.substr(first, second - first));
            receiver.receive(chunks.substr(second));
            QCOMPARE(receiver.reader().state(), HttpRequestReader::State::Refused);
            QCOMPARE(receiver.reader().refusal().status, 400);
        }
    }
}

QTEST_APPLESS_MAIN(TstHttpRequestReader)
#include "tst_http_request_reader.moc"
