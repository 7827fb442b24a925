// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/api/http_coding.h"

#include <QByteArray>
#include <QtTest>
#include <zlib.h>

using namespace gantry::api;

/// Which answers go as gzip to whom.
class TestHttpCoding : public QObject {
    Q_OBJECT

private:
    static ApiResponse longAnswer()
    {
        ApiResponse response{.status = 200};
        for (int i = 0; i < 500; ++i)
            response.body += "{\"sku\":\"MUG-" + std::to_string(i) + "\",\"on_hand\":120},";
        return response;
    }

    static bool has(const ApiResponse& response, std::string_view name)
    {
        return std::any_of(response.headers.begin(), response.headers.end(),
            [name](const auto& header) { return header.first == name; });
    }

    static std::string unpacked(const std::string& packed)
    {
        z_stream stream{};
        inflateInit2(&stream, 15 + 16);
        std::string text(1024 * 1024, '\0');
        std::string in = packed;
        stream.next_in = reinterpret_cast<Bytef*>(in.data());
        stream.avail_in = static_cast<uInt>(in.size());
        stream.next_out = reinterpret_cast<Bytef*>(text.data());
        stream.avail_out = static_cast<uInt>(text.size());
        const bool isWhole = inflate(&stream, Z_FINISH) == Z_STREAM_END;
        text.resize(isWhole ? stream.total_out : 0);
        inflateEnd(&stream);
        return text;
    }

private Q_SLOTS:
    void understandsWhatIsAccepted_data()
    {
        QTest::addColumn<QByteArray>("field");
        QTest::addColumn<bool>("accepted");
        QTest::newRow("nothing") << QByteArray() << false;
        QTest::newRow("gzip") << QByteArray("gzip") << true;
        QTest::newRow("of a browser") << QByteArray("gzip, deflate, br, zstd") << true;
        QTest::newRow("any case") << QByteArray("GZip") << true;
        QTest::newRow("x-gzip") << QByteArray("x-gzip") << true;
        QTest::newRow("others") << QByteArray("deflate, br") << false;
        QTest::newRow("any") << QByteArray("*") << true;
        QTest::newRow("any, but not gzip") << QByteArray("*, gzip;q=0") << false;
        QTest::newRow("never") << QByteArray("gzip;q=0") << false;
        QTest::newRow("never, at length") << QByteArray("gzip;q=0.000") << false;
        QTest::newRow("hardly") << QByteArray("gzip; q=0.001") << true;
        QTest::newRow("weighed") << QByteArray("br;q=1.0, gzip;q=0.8, *;q=0.1") << true;
        QTest::newRow("rather as it is") << QByteArray("gzip;q=0.5, identity;q=0.8") << false;
        QTest::newRow("only as it is") << QByteArray("identity") << false;
        QTest::newRow("weight that is none") << QByteArray("gzip;q=high") << false;
        QTest::newRow("weight without an end") << QByteArray("gzip;q=") << true;
        QTest::newRow("blanks") << QByteArray(" ,, \t gzip \t ,") << true;
    }

    void understandsWhatIsAccepted()
    {
        QFETCH(const QByteArray, field);
        QFETCH(const bool, accepted);
        QCOMPARE(acceptsGzip(std::string_view(field.constData(), std::size_t(field.size()))), accepted);
    }

    void packsWhatIsLong()
    {
        ApiResponse response = longAnswer();
        const std::string text = response.body;
        compress(response, true);
        QVERIFY(response.body.size() < text.size() / 5);
        QVERIFY(has(response, "Content-Encoding") && has(response, "Vary"));
        QVERIFY(unpacked(response.body) == text);
    }

    void saysThatItWouldHave()
    {
        ApiResponse response = longAnswer();
        const std::string text = response.body;
        compress(response, false);
        QVERIFY(response.body == text);
        QVERIFY(has(response, "Vary") && !has(response, "Content-Encoding"));
    }

    void leavesAlone_data()
    {
        QTest::addColumn<QByteArray>("name");
        QTest::addColumn<QByteArray>("value");
        QTest::newRow("what is named by its bytes") << QByteArray("ETag") << QByteArray("\"7\"");
        QTest::newRow("what may hold a secret") << QByteArray("Cache-Control") << QByteArray("no-store");
        QTest::newRow("what is no text") << QByteArray() << QByteArray();
    }

    void leavesAlone()
    {
        QFETCH(const QByteArray, name);
        QFETCH(const QByteArray, value);
        ApiResponse response = longAnswer();
        if (name.isEmpty())
            response.contentType = "image/png";
        else
            response.headers.emplace_back(name.toStdString(), value.toStdString());
        const std::string text = response.body;
        compress(response, true);
        QVERIFY(response.body == text && !has(response, "Vary") && !has(response, "Content-Encoding"));
    }

    void leavesWhatIsShort()
    {
        ApiResponse response{.status = 200};
        response.body = std::string(1023, 'a');
        compress(response, true);
        QCOMPARE(response.body.size(), std::size_t(1023));
        QVERIFY(response.headers.empty());
    }
};

QTEST_GUILESS_MAIN(TestHttpCoding)
#include "tst_http_coding.moc"
