// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/cli/import/json_splitter.h"

#include <QTest>
#include <sstream>

using namespace gantry::console;

namespace {

/// The pieces as `line:text`, a line each, and the fault.
QByteArray splitAll(const QByteArray& text, std::size_t maxBytes = 1000)
{
    std::istringstream stream(text.toStdString());
    JsonSplitter splitter(stream, maxBytes);
    QByteArray all;
    while (const auto piece = splitter.next())
        all += QByteArray::number(static_cast<qulonglong>(piece->line)) + ':'
            + (piece->isTooLong ? QByteArray("too long") : QByteArray::fromStdString(piece->text)) + '\n';
    if (!splitter.fault().empty())
        all += "fault in " + QByteArray::number(static_cast<qulonglong>(splitter.faultLine()));
    return all;
}

} // namespace

class TestJsonSplitter : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void splits_data();
    void splits();
    void splitsAcrossBlocks();
    void passesOverLongValues();
};

void TestJsonSplitter::splits_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("expected");
    const auto row = [](const char* name, const QByteArray& text, const QByteArray& expected) {
        QTest::newRow(name) << text << expected;
    };
    row("empty", "", "fault in 1");
    row("white space", " \n ", "fault in 2");
    row("not JSON", "order_id,customer\n", "fault in 1");
    row("array", "[{\"a\":1},{\"b\":2}]", "1:{\"a\":1}\n1:{\"b\":2}\n");
    row("empty array", "[]", "");
    row("array on lines", "[\n  {\"a\":1},\n  {\"b\":2}\n]\n", "2:{\"a\":1}\n3:{\"b\":2}\n");
    row("byte order mark", "\xef\xbb\xbf[{}]", "1:{}\n");
    row("wrapped", "{\"orders\":[{\"a\":1},{\"b\":2}]}", "1:{\"a\":1}\n1:{\"b\":2}\n");
    row("wrapped, spaced", "{\n \"orders\" : [\n{\"a\":1}\n]\n}\n", "3:{\"a\":1}\n");
    row("wrapped, none", "{\"orders\":[]}", "");
    row("another member behind", "{\"orders\":[{}],\"x\":1}", "1:{}\nfault in 1");
    row("lines", "{\"a\":1}\n{\"b\":2}\n", "1:{\"a\":1}\n2:{\"b\":2}\n");
    row("lines, windows", "{\"a\":1}\r\n\r\n{\"b\":2}", "1:{\"a\":1}\r\n3:{\"b\":2}\n");
    row("a broken line does not spoil the next", "{\"a\":1}\n{\"b\":\n{\"c\":3}\n",
        "1:{\"a\":1}\n2:{\"b\":\n3:{\"c\":3}\n");
    row("one order over several lines", "{\n\"a\":1\n}\n", "1:{\n\"a\":1\n}\n");
    row("several over several lines", "{\n\"a\":1}\n{\"b\":\n2}", "1:{\n\"a\":1}\n3:{\"b\":\n2}\n");
    row("brackets in texts", "[{\"a\":\"]}\\\"{[\"},{}]", "1:{\"a\":\"]}\\\"{[\"}\n1:{}\n");
    row("a backslash before the quote", R"([{"a":"\\"},{}])", "1:{\"a\":\"\\\\\"}\n1:{}\n");
    row("values that are no orders", "[1,\"a,b\",null,[2]]", "1:1\n1:\"a,b\"\n1:null\n1:[2]\n");
    row("cut off between", "[{\"a\":1},", "1:{\"a\":1}\nfault in 1");
    row("cut off behind", "[{\"a\":1}\n", "1:{\"a\":1}\nfault in 2");
    row("cut off inside", "[{\"a\":1},\n{\"b\":", "1:{\"a\":1}\n2:{\"b\":\nfault in 2");
    row("cut off in a text", "[{\"a\":\"x", "1:{\"a\":\"x\nfault in 1");
    row("wrapped, cut off at the end", "{\"orders\":[{}]", "1:{}\nfault in 1");
    row("a comma missing", "[{} {}]", "1:{}\nfault in 1");
    row("a comma too many", "[{},]", "1:{}\nfault in 1");
    row("an order missing", "[,{}]", "fault in 1");
    row("text behind", "[{}] x", "1:{}\nfault in 1");
}

void TestJsonSplitter::splits()
{
    QFETCH(QByteArray, text);
    QFETCH(QByteArray, expected);
    QCOMPARE(splitAll(text), expected);
}

void TestJsonSplitter::splitsAcrossBlocks()
{
    QByteArray text = "[";
    QByteArray expected;
    for (int i = 0; i < 20'000; ++i) {
        const QByteArray order = "{\"external_id\":\"" + QByteArray::number(i) + "\",\"x\":\"\\\"}\"}";
        text += (i == 0 ? "" : ",\n") + order;
        expected += QByteArray::number(i + 1) + ':' + order + '\n';
    }
    QVERIFY(splitAll(text + "]") == expected);
}

void TestJsonSplitter::passesOverLongValues()
{
    const QByteArray longText(500'000, 'x');
    QCOMPARE(splitAll("[{\"a\":\"" + longText + "\"},{\"b\":2}]"), "1:too long\n1:{\"b\":2}\n");
    QCOMPARE(splitAll("[" + longText + ",{\"b\":2}]"), "1:too long\n1:{\"b\":2}\n");
    QCOMPARE(splitAll("{}\n{\"a\":\"" + longText + "\"}\n{\"b\":2}\n"), "1:{}\n2:too long\n3:{\"b\":2}\n");
}

QTEST_APPLESS_MAIN(TestJsonSplitter)
#include "tst_json_splitter.moc"
