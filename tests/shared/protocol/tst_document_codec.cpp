// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/protocol/order_codec.h"
#include "tests/shared/protocol/document_cases.h"
#include "tests/shared/support/documents.h"
#include "tests/shared/support/printing.h"

#include <QTest>
#include <algorithm>

namespace gantry {

class DocumentCodecTest : public QObject {
    Q_OBJECT

private:
    JsonParser m_parser;

    Result<OrderDocument> read(const std::string& body, const std::string& pointer = {})
    {
        const auto root = m_parser.parse(body);
        if (!root)
            return tl::unexpected(root.error());
        return readOrderDocument(*root, pointer);
    }

    static std::string faultsOf(const Result<OrderDocument>& document)
    {
        if (document)
            return {};
        std::string text;
        for (const FieldError& fault : document.error().fields)
            text += (text.empty() ? "" : " ") + std::string(codeName(fault.code)) + ' ' + fault.pointer;
        return text;
    }

private Q_SLOTS:
    void readsTheSample()
    {
        const auto document = read(test::sampleBody());
        QVERIFY(document);
        QVERIFY(*document == test::sampleDocument());
    }

    void tellsWhatIsWrong_data()
    {
        QTest::addColumn<int>("index");
        for (std::size_t i = 0; i < test::bodyCases().size(); ++i)
            QTest::newRow(test::bodyCases()[i].name) << static_cast<int>(i);
    }

    void tellsWhatIsWrong()
    {
        QFETCH(int, index);
        const test::BodyCase& body = test::bodyCases()[static_cast<std::size_t>(index)];
        const auto document = read(body.body);
        QCOMPARE(faultsOf(document), std::string(body.faults));
        if (document)
            return;
        QCOMPARE(document.error().code, document.error().fields.front().code);
        QVERIFY(document.error().message.starts_with("The order is not acceptable: "));
        for (const FieldError& fault : document.error().fields)
            QVERIFY(!fault.message.empty());
    }

    void pointersStartWhereTheDocumentStands()
    {
        const auto document = read(R"({"lines":[{}]})", "/orders/7");
        QVERIFY(faultsOf(document).starts_with("missing_field /orders/7/channel "));
        QVERIFY(faultsOf(document).find("missing_field /orders/7/lines/0/sku") != std::string::npos);
        auto unsound = test::sampleDocument();
        unsound.total = 1;
        QVERIFY(faultsOf(read(encodeDocument(unsound), "/orders/8"))
                    .starts_with("total_mismatch /orders/8/total"));
    }

    void faultsOfALargeBodyAreBounded()
    {
        std::string lines;
        for (int i = 0; i < 1000; ++i)
            lines += R"({"sku":"","x":1},)";
        lines.back() = ']';
        const auto document = read(R"({"lines":[)" + lines + '}');
        QVERIFY(!document);
        QCOMPARE(document.error().fields.size(), std::size_t{50});
    }

    void roundTrips()
    {
        QVERIFY(test::holds(
            "a document written and read is the same, and its bytes too", [this](std::uint64_t chance) {
                test::Dice dice(chance);
                const OrderDocument document = test::randomDocument(dice);
                const std::string bytes = encodeDocument(document);
                const auto decoded = decodeDocument(m_parser, bytes);
                RC_ASSERT(decoded.has_value());
                RC_ASSERT((*decoded == document));
                RC_ASSERT(encodeDocument(*decoded) == bytes);
            }));
    }

    void fingerprintRestsOnContentsAlone()
    {
        // Other sequence, other spacing, defaults written out: the same order.
        const auto terse = read(
            R"({"channel":"c","external_id":"e","currency":"EUR","lines":[{"sku":"s","quantity":1,"unit_price":5}],"total":5,"metadata":{"b":"2","a":"1"}})");
        const auto verbose = read(
            R"({ "total" : 5, "metadata" : {"a":"\u0031","b":"2"}, "tags":[], "payments":[], "priority":5, "tax":0,
                "discount":0, "shipping":0, "shipping_address":{}, "customer":{"name":""},
                "lines":[{"unit_price":5,"quantity":1,"name":"","sku":"s"}],
                "currency":"EUR","external_id":"e","channel":"c"})");
        QVERIFY(terse && verbose);
        QCOMPARE(encodeDocument(*verbose), encodeDocument(*terse));
    }

    void bytesAreStable()
    {
        // Fingerprints of stored orders rest on these bytes: another sequence makes every replay a conflict.
        QCOMPARE(encodeDocument(test::sampleDocument()),
            std::string(
                "{\"channel\":\"web\",\"external_id\":\"10001\",\"currency\":\"EUR\",\"lines\":["
                "{\"sku\":\"MUG-BLUE\",\"name\":\"Blue mug\",\"quantity\":2,\"unit_price\":1250},"
                "{\"sku\":\"TEA-500\",\"name\":\"Assam, 500 g\",\"quantity\":1,\"unit_price\":1999}],"
                "\"customer\":{\"name\":\"Ada Lovelace\",\"email\":\"ada@example.org\","
                "\"phone\":\"+44 20 7946 0000\"},\"shipping_address\":{\"name\":\"Ada Lovelace\","
                "\"line1\":\"12 St James's Square\",\"line2\":\"2nd floor\",\"city\":\"London\","
                "\"postal_code\":\"SW1Y 4JH\",\"region\":\"Greater London\",\"country\":\"GB\"},"
                "\"shipping\":490,\"discount\":500,\"tax\":9,\"total\":4498,\"payments\":["
                "{\"method\":\"card\",\"amount\":4000},{\"method\":\"voucher\",\"amount\":498}],"
                "\"priority\":3,\"promise_at\":\"2026-02-03T06:26:40.000Z\",\"tags\":[\"gift\",\"fragile\"],"
                "\"metadata\":{\"campaign\":\"spring\",\"note\":\"leave at the door\"}}"));
    }

    void damagedStorageIsCorrupt()
    {
        const std::string bytes = encodeDocument(test::sampleDocument());
        for (std::size_t size = 0; size < bytes.size(); ++size)
            QCOMPARE(codeOf(decodeDocument(m_parser, bytes.substr(0, size))), std::string("corrupt"));
        std::string wrong = bytes;
        wrong.replace(wrong.find("4498"), 4, "4499");
        QCOMPARE(codeOf(decodeDocument(m_parser, wrong)), std::string("corrupt"));
    }

    void summaryIsTakenFromTheDocument()
    {
        const OrderSummary summary = summarize(test::sampleDocument(), fromMillis(5), "standard", 2);
        QCOMPARE(summary.channel, std::string("web"));
        QCOMPARE(summary.externalId, std::string("10001"));
        QCOMPARE(summary.customerName, std::string("Ada Lovelace"));
        QCOMPARE(summary.total, MinorUnits{4498});
        QCOMPARE(summary.lineCount, 2U);
        QCOMPARE(summary.quantity, std::int64_t{3});
        QCOMPARE(int{summary.priority}, 3);
        QCOMPARE(summary.promiseAt, test::sampleDocument().promiseAt);
        QCOMPARE(summary.createdAt, fromMillis(5));
        QCOMPARE(summary.workflow, std::string("standard"));
        QCOMPARE(summary.workflowVersion, 2);
    }
};

} // namespace gantry

QTEST_APPLESS_MAIN(gantry::DocumentCodecTest)
#include "tst_document_codec.moc"
