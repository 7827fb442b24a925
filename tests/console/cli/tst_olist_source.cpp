// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/cli/import/olist_source.h"

#include "shared/protocol/order_codec.h"
#include "tests/console/cli/support/olist_folder.h"

#include <QTest>

using namespace gantry;
using namespace gantry::console;

namespace {

struct ReadResult {
    std::vector<OrderDocument> orders;
    std::vector<Rejection> rejections;
    OrderCounts counts;
    std::map<std::string, FileCounts, std::less<>> files;
    std::map<std::string, std::uint64_t, std::less<>> remarks;
    bool rowsBalance = false;
    Error error;
    bool hasFailed = false;
};

ReadResult readAll(OlistFolder& folder)
{
    ReadResult outcome;
    ImportReport report([&](const Rejection& rejection) { outcome.rejections.push_back(rejection); });
    auto source = OlistSource::open(folder.write(), report, [](std::string_view, double) {});
    if (!source) {
        outcome.error = source.error();
        outcome.hasFailed = true;
        return outcome;
    }
    JsonParser parser;
    for (;;) {
        auto item = (*source)->next();
        if (!item || !*item)
            break;
        const auto document = readOrderDocument(*parser.parse((*item)->json));
        if (!document) {
            outcome.error = document.error();
            return outcome;
        }
        report.acceptOrder((*item)->currency, (*item)->total, false);
        outcome.orders.push_back(*document);
    }
    outcome.counts = report.orders();
    outcome.files = report.files();
    outcome.remarks = report.remarks();
    outcome.rowsBalance = report.isBalanced();
    return outcome;
}

/// All rejections as `word:line:reason`, sorted, where word is the distinctive one of the file's name.
QByteArray rejectionsOf(const ReadResult& outcome)
{
    std::vector<std::string> all;
    for (const Rejection& rejection : outcome.rejections) {
        std::string file;
        for (const char* word : {"orders", "items", "payments", "customers", "products", "translation"})
            if (rejection.file.find(std::string(word) + "_dataset") != std::string::npos
                || rejection.file.find(std::string("_") + word + ".csv") != std::string::npos)
                file = word;
        all.push_back(file + ':' + std::to_string(rejection.line) + ':' + rejection.reason);
    }
    std::sort(all.begin(), all.end());
    QByteArray text;
    for (const std::string& one : all)
        text += (text.isEmpty() ? "" : " ") + QByteArray::fromStdString(one);
    return text;
}

QByteArray bytes(const std::string& text)
{
    return QByteArray::fromStdString(text);
}

} // namespace

class TestOlistSource : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void mapsASoundOrder();
    void groupsPieces();
    void rejects_data();
    void rejects();
    void refusesFiles_data();
    void refusesFiles();
    void remarks_data();
    void remarks();
    void keepsLongSellerLists();
    void readsBrazilianTime();
};

void TestOlistSource::mapsASoundOrder()
{
    OlistFolder folder;
    const ReadResult outcome = readAll(folder);
    QVERIFY2(outcome.error.message.empty(), outcome.error.message.c_str());
    QCOMPARE(outcome.orders.size(), 1U);
    OrderDocument expected{.channel = "olist", .externalId = "o1", .currency = *Currency::fromCode("BRL")};
    expected.lines = {{"p1", "perfumery", 2, 1000}};
    expected.shippingAddress.city = "sao paulo";
    expected.shippingAddress.postalCode = "01310";
    expected.shippingAddress.region = "SP";
    expected.shippingAddress.country = "BR";
    expected.shipping = 500;
    expected.total = 2500;
    expected.payments = {{"credit_card", 2000}, {"voucher", 500}};
    expected.promiseAt = parseRfc3339("2017-05-20T03:00:00Z");
    expected.metadata = {{"customer_id", "c1"}, {"customer_unique_id", "u1"},
        {"order_approved_at", "2017-05-02 10:05:00"}, {"order_delivered_carrier_date", "2017-05-03 09:00:00"},
        {"order_delivered_customer_date", "2017-05-08 14:00:00"},
        {"order_estimated_delivery_date", "2017-05-20 00:00:00"},
        {"order_purchase_timestamp", "2017-05-02 10:00:00"}, {"order_status", "delivered"},
        {"payment_installments", "3,1"}, {"seller_id", "s1"}};
    QCOMPARE(bytes(encodeDocument(outcome.orders.front())), bytes(encodeDocument(expected)));
    QVERIFY(outcome.rejections.empty());
    QVERIFY(outcome.remarks.empty());
    QVERIFY(outcome.rowsBalance);
    for (const auto& [file, counts] : outcome.files)
        QCOMPARE(counts.used, counts.rows);
}

void TestOlistSource::groupsPieces()
{
    // The same product at another price, and of another seller, is another line.
    OlistFolder folder;
    folder.add("items",
        "o1,5,p1,s1,2017-05-06 10:00:00,10.00,0.00\n"
        "o1,3,p1,s2,2017-05-06 10:00:00,10.00,0.00\n"
        "o1,4,p1,s1,2017-05-06 10:00:00,9.99,0.00\n");
    folder.add("payments", "o1,3,boleto,1,29.99\n");
    const ReadResult outcome = readAll(folder);
    QCOMPARE(outcome.orders.size(), 1U);
    const std::vector<OrderLine> expected{
        {"p1", "perfumery", 3, 1000}, {"p1", "perfumery", 1, 1000}, {"p1", "perfumery", 1, 999}};
    QVERIFY(outcome.orders.front().lines == expected);
    const auto& metadata = outcome.orders.front().metadata;
    QVERIFY(std::find(metadata.begin(), metadata.end(),
                std::pair<std::string, std::string>("line_seller_ids", "s1,s2,s1"))
        != metadata.end());
}

void TestOlistSource::rejects_data()
{
    QTest::addColumn<QString>("file");
    QTest::addColumn<QString>("rows");
    QTest::addColumn<QByteArray>("rejections");
    QTest::addColumn<int>("accepted");
    const auto row = [](const char* name, const char* file, const char* rows, const char* rejections,
                         int accepted = 1) {
        QTest::newRow(name) << QString::fromLatin1(file) << QString::fromUtf8(rows) << QByteArray(rejections)
                            << accepted;
    };
    row("an order without customer, items, payments", "orders",
        "o2,c2,created,2017-05-02 10:00:00,,,,2017-05-20 00:00:00\n", "orders:3:no_customer");
    row("a second row of an order", "orders", "o1,c1,delivered,2017-05-02 10:00:00,,,,\n",
        "orders:3:duplicate_order");
    row("an order without id", "orders", ",c1,delivered,2017-05-02 10:00:00,,,,\n", "orders:3:bad_text");
    row("an order of too few columns", "orders", "o2,c1\n", "orders:3:too_few_fields");
    row("an item of no order", "items", "o9,1,p1,s1,2017-05-06 10:00:00,1.00,0.00\n",
        "items:4:unknown_order");
    row("an item that makes payments too small", "items", "o1,3,p1,s1,2017-05-06 10:00:00,0.01,0.00\n",
        "customers:2:order_rejected items:2:order_rejected items:3:order_rejected items:4:order_rejected "
        "orders:2:payments_mismatch payments:2:order_rejected payments:3:order_rejected",
        0);
    const char* itemsOut =
        "customers:2:order_rejected items:2:order_rejected items:3:order_rejected items:4:%1 "
        "orders:2:part_rejected payments:2:order_rejected payments:3:order_rejected";
    const auto item = [&](const char* name, const char* rows, const char* reason) {
        row(name, "items", rows, QByteArray(itemsOut).replace("%1", reason).constData(), 0);
    };
    item("the same item again", "o1,2,p1,s1,2017-05-06 10:00:00,10.00,2.50\n", "duplicate_row");
    item("a price with three decimals", "o1,3,p1,s1,2017-05-06 10:00:00,1.005,0.00\n", "bad_amount");
    item("a price in the Brazilian way", "o1,3,p1,s1,2017-05-06 10:00:00,\"1,00\",0.00\n", "bad_amount");
    item("a price in floating point", "o1,3,p1,s1,2017-05-06 10:00:00,1e2,0.00\n", "bad_amount");
    item("no price", "o1,3,p1,s1,2017-05-06 10:00:00,,0.00\n", "bad_amount");
    item("a price beyond all numbers", "o1,3,p1,s1,2017-05-06 10:00:00,99999999999999999999,0.00\n",
        "bad_amount");
    item("a negative price", "o1,3,p1,s1,2017-05-06 10:00:00,-1.00,0.00\n", "negative_amount");
    item("a negative freight", "o1,3,p1,s1,2017-05-06 10:00:00,1.00,-0.01\n", "negative_amount");
    item("an item number that is none", "o1,x,p1,s1,2017-05-06 10:00:00,1.00,0.00\n", "bad_number");
    item("item number zero", "o1,0,p1,s1,2017-05-06 10:00:00,1.00,0.00\n", "bad_number");
    item("an item without product", "o1,3,,s1,2017-05-06 10:00:00,1.00,0.00\n", "bad_id");
    item("an item with a control character", "o1,3,p\x1b,s1,2017-05-06 10:00:00,1.00,0.00\n", "bad_id");
    row("a payment of no order", "payments", "o9,1,boleto,1,1.00\n", "payments:4:unknown_order");
    row("a payment of nothing", "payments", "o1,3,voucher,1,0.00\n", "");
    const char* paymentsOut =
        "customers:2:order_rejected items:2:order_rejected items:3:order_rejected "
        "orders:2:part_rejected payments:2:order_rejected payments:3:order_rejected payments:4:%1";
    const auto payment = [&](const char* name, const char* rows, const char* reason) {
        row(name, "payments", rows, QByteArray(paymentsOut).replace("%1", reason).constData(), 0);
    };
    payment("the same payment again", "o1,1,credit_card,3,20.00\n", "duplicate_row");
    payment("a payment without type", "o1,3,,1,1.00\n", "bad_id");
    payment("a payment's number that is none", "o1,3.5,boleto,1,1.00\n", "bad_number");
    payment("minus one installments", "o1,3,boleto,-1,1.00\n", "bad_number");
    payment("a payment's value that is none", "o1,3,boleto,1,NaN\n", "bad_amount");
    row("a customer of no order", "customers", "c9,u9,01310,sao paulo,SP\n", "customers:3:unknown_order");
    row("the same customer again", "customers", "c1,u1,01310,campinas,SP\n",
        "customers:2:order_rejected customers:3:duplicate_row items:2:order_rejected items:3:order_rejected "
        "orders:2:part_rejected payments:2:order_rejected payments:3:order_rejected",
        0);
    row("the same product again", "products", "p1,artes,40,287,1,225,16,10,14\n", "products:3:duplicate_row");
    row("the same translation again", "translation", "perfumaria,scent\n", "translation:3:duplicate_row");
    row("a broken quote", "payments", "\"o1,3,boleto,1,1.00\n", "payments:4:unclosed_quote");
}

void TestOlistSource::rejects()
{
    QFETCH(QString, file);
    QFETCH(QString, rows);
    QFETCH(QByteArray, rejections);
    QFETCH(int, accepted);
    OlistFolder folder;
    folder.add(file.toStdString(), rows.toStdString());
    const ReadResult outcome = readAll(folder);
    QVERIFY2(outcome.error.message.empty(), outcome.error.message.c_str());
    QCOMPARE(rejectionsOf(outcome), rejections);
    QCOMPARE(outcome.orders.size(), static_cast<std::size_t>(accepted));
    QVERIFY(outcome.rowsBalance);
    for (const Rejection& rejection : outcome.rejections)
        QVERIFY(!rejection.detail.empty());
}

void TestOlistSource::refusesFiles_data()
{
    QTest::addColumn<QString>("file");
    QTest::addColumn<QString>("from");
    QTest::addColumn<QString>("to");
    QTest::addColumn<QString>("message");
    QTest::newRow("a column is missing") << "items"
                                         << ",freight_value"
                                         << ""
                                         << "line 1: the header lacks freight_value";
    QTest::newRow("a column too many") << "orders"
                                       << "order_estimated_delivery_date"
                                       << "order_estimated_delivery_date,channel"
                                       << "line 1: the header has unknown columns: channel";
    QTest::newRow("a column renamed")
        << "payments"
        << "payment_value"
        << "value"
        << "line 1: the header lacks payment_value and has unknown columns: value";
    QTest::newRow("a column twice") << "customers"
                                    << "customer_state"
                                    << "customer_state,customer_state"
                                    << "line 1: a column stands twice";
    QTest::newRow("a header that is none") << "translation"
                                           << "product_category_name,"
                                           << "\"product_category_name,"
                                           << "line 1: the header can't be read";
}

void TestOlistSource::refusesFiles()
{
    QFETCH(QString, file);
    QFETCH(QString, from);
    QFETCH(QString, to);
    QFETCH(QString, message);
    OlistFolder folder;
    folder.replace(file.toStdString(), from.toStdString(), to.toStdString());
    const ReadResult outcome = readAll(folder);
    QVERIFY(outcome.hasFailed);
    QCOMPARE(outcome.error.code, ErrorCode::InvalidValue);
    QVERIFY2(outcome.error.message.find(message.toStdString()) != std::string::npos,
        outcome.error.message.c_str());
}

void TestOlistSource::remarks_data()
{
    QTest::addColumn<QString>("file");
    QTest::addColumn<QString>("from");
    QTest::addColumn<QString>("to");
    QTest::addColumn<QByteArray>("expected");
    const auto row = [](const char* name, const char* file, const char* from, const char* to,
                         const char* expected) {
        QTest::newRow(name) << QString::fromLatin1(file) << QString::fromLatin1(from)
                            << QString::fromLatin1(to) << QByteArray(expected);
    };
    row("no approval", "orders", "2017-05-02 10:05:00", "", "no_approval_time");
    row("delivered without time", "orders", "2017-05-08 14:00:00", "",
        "delivered_without_time no_delivery_time");
    row("handed over before approval", "orders", "2017-05-02 10:05:00", "2017-05-03 09:00:01",
        "carrier_before_approval");
    row("handed over before purchase", "orders", "2017-05-02 10:00:00", "2017-05-03 09:00:01",
        "carrier_before_purchase");
    row("delivered before handed over", "orders", "2017-05-03 09:00:00", "2017-05-09 09:00:00",
        "delivered_before_carrier");
    row("delivered late", "orders", "2017-05-20 00:00:00", "2017-05-08 00:00:00", "delivered_after_promise");
    row("a time that is none", "orders", "2017-05-02 10:05:00", "2017-05-32 10:05:00", "unreadable_time");
    row("payments begin at 2", "payments", "o1,1,", "o1,3,", "payment_sequence_gap");
    row("no category", "products", "perfumaria", "", "no_category");
    row("no translation", "products", "perfumaria", "pc_gamer", "untranslated_category");
    row("no such product", "products", "p1,", "p9,", "unknown_product");
}

void TestOlistSource::remarks()
{
    QFETCH(QString, file);
    QFETCH(QString, from);
    QFETCH(QString, to);
    QFETCH(QByteArray, expected);
    OlistFolder folder;
    folder.replace(file.toStdString(), from.toStdString(), to.toStdString());
    const ReadResult outcome = readAll(folder);
    QByteArray remarks;
    for (const auto& [remark, count] : outcome.remarks)
        remarks += (remarks.isEmpty() ? "" : " ") + bytes(remark);
    QCOMPARE(remarks, expected);
    QCOMPARE(outcome.orders.size(), 1U);
    QVERIFY(outcome.rowsBalance);
}

void TestOlistSource::keepsLongSellerLists()
{
    // Sixty sellers do not fit into one entry of metadata; none may get lost.
    OlistFolder folder;
    std::string rows;
    std::string sellers = "s1";
    for (int i = 3; i < 60; ++i) {
        const std::string seller(32, static_cast<char>('a' + i % 26));
        rows += "o1," + std::to_string(i) + ",p" + std::to_string(i) + ',' + seller + ",,1.00,0.00\n";
        sellers += ',' + seller;
    }
    folder.add("items", rows);
    folder.add("payments", "o1,3,boleto,1,57.00\n");
    const ReadResult outcome = readAll(folder);
    QCOMPARE(outcome.orders.size(), 1U);
    std::string found;
    for (const auto& [name, value] : outcome.orders.front().metadata)
        if (name.starts_with("line_seller_ids"))
            found += (found.empty() ? "" : ",") + value;
    QCOMPARE(bytes(found), bytes(sellers));
}

void TestOlistSource::readsBrazilianTime()
{
    QCOMPARE(
        toMillis(*parseOlistTime("2017-11-24 10:09:00")), toMillis(*parseRfc3339("2017-11-24T13:09:00Z")));
    for (const char* text : {"", "2017-11-24", "2017-11-24T10:09:00", "2017-11-24 10:09",
             "2017-02-29 10:09:00", "2017-11-24 10:09:00Z", "2017-11-24 24:00:00"})
        QVERIFY2(!parseOlistTime(text), text);
}

QTEST_APPLESS_MAIN(TestOlistSource)
#include "tst_olist_source.moc"
