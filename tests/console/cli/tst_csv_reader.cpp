// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/cli/import/csv_reader.h"

#include <QTest>
#include <sstream>

using namespace gantry::console;

namespace {

/// What a reader makes of a text, as one line a record: `line|field|field` or `line!fault`.
QByteArray readAll(const QByteArray& text)
{
    std::istringstream stream(text.toStdString());
    CsvReader reader(stream);
    CsvRecord record;
    QByteArray all;
    while (reader.next(record)) {
        all += QByteArray::number(static_cast<qulonglong>(record.line));
        if (record.fault) {
            all += '!' + QByteArray::fromStdString(std::string(csvFaultName(*record.fault)));
        } else {
            for (const std::string& field : record.fields)
                all += '|' + QByteArray::fromStdString(field);
        }
        all += '\n';
    }
    if (reader.bytesDone() != static_cast<std::uint64_t>(text.size()))
        all += "not read to the end";
    return all;
}

} // namespace

class TestCsvReader : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void reads_data();
    void reads();
    void readsAcrossBlocks();
    void limitsRecords();
    void tellsFailure();
};

void TestCsvReader::reads_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("expected");
    const auto row = [](const char* name, const QByteArray& text, const QByteArray& expected) {
        QTest::newRow(name) << text << expected;
    };
    row("nothing", "", "");
    row("plain", "a,b\n1,2\n", "1|a|b\n2|1|2\n");
    row("no last line break", "a,b\n1,2", "1|a|b\n2|1|2\n");
    row("windows line ends", "a,b\r\n1,2\r\n", "1|a|b\n2|1|2\n");
    row("byte order mark",
        "\xef\xbb\xbf"
        "a,b\n1,2\n",
        "1|a|b\n2|1|2\n");
    row("empty fields", "a,b,c\n,,\n", "1|a|b|c\n2|||\n");
    row("quoted", "a,b\n\"1\",\"2\"\n", "1|a|b\n2|1|2\n");
    row("quoted at the end", "a,b\n1,\"2\"", "1|a|b\n2|1|2\n");
    row("comma in quotes", "a,b\n\"1,5\",2\n", "1|a|b\n2|1,5|2\n");
    row("quote in quotes", "a,b\n\"say \"\"hi\"\"\",2\n", "1|a|b\n2|say \"hi\"|2\n");
    row("empty in quotes", "a,b\n\"\",2\n", "1|a|b\n2||2\n");
    row("line break in quotes", "a,b\n\"1\n5\",2\n3,4\n", "1|a|b\n2|1\n5|2\n4|3|4\n");
    row("spaces are kept", "a,b\n 1 ,2\n", "1|a|b\n2| 1 |2\n");
    row("blank lines are passed over", "a,b\n\n1,2\n\r\n3,4\n\n", "1|a|b\n3|1|2\n5|3|4\n");
    row("too few fields", "a,b\n1\n3,4\n", "1|a|b\n2!too_few_fields\n3|3|4\n");
    row("too many fields", "a,b\n1,2,3\n3,4\n", "1|a|b\n2!too_many_fields\n3|3|4\n");
    row("a quote inside a field", "a,b\n1\"x,2\n3,4\n", "1|a|b\n2!quote_in_field\n3|3|4\n");
    row("text behind a quote", "a,b\n\"1\"x,2\n3,4\n", "1|a|b\n2!text_after_quote\n3|3|4\n");
    row("carriage return alone", "a,b\n1\r,2\n3,4\n", "1|a|b\n2!bare_carriage_return\n3|3|4\n");
    row("carriage return at the end", "a,b\n1,2\r", "1|a|b\n2!bare_carriage_return\n");
    row("zero byte", QByteArray("a,b\n1\0,2\n3,4\n", 13), "1|a|b\n2!nul_byte\n3|3|4\n");
    row("latin 1", "a,b\nS\xe3o,2\n3,4\n", "1|a|b\n2!invalid_utf8\n3|3|4\n");
    row("cut off in a character", "a,b\n1,\xc3", "1|a|b\n2!invalid_utf8\n");
    row("a quote never closed swallows nothing", "a,b\n\"1,2\n3,4\n5,6\n",
        "1|a|b\n2!unclosed_quote\n3|3|4\n4|5|6\n");
    row("a quote closed lines later swallows nothing", "a,b\n\"1,2\n3,4\n\"5\",6\n",
        "1|a|b\n2!text_after_quote\n3|3|4\n4|5|6\n");
    row("a broken record of several lines", "a,b\n\"1\n2\"\n3,4\n",
        "1|a|b\n2!too_few_fields\n3!quote_in_field\n4|3|4\n");
    row("a file of quotes", "\"\"\"", "1!unclosed_quote\n");
}

void TestCsvReader::reads()
{
    QFETCH(QByteArray, text);
    QFETCH(QByteArray, expected);
    QCOMPARE(readAll(text), expected);
}

void TestCsvReader::readsAcrossBlocks()
{
    // Records of a length that shares no factor with a block: every kind of byte comes to lie on a boundary.
    QByteArray text = "a,b\r\n";
    QByteArray expected = "1|a|b\n";
    for (int i = 0; i < 20'000; ++i) {
        text += "\"x\"\"y,\xc3\xa9\",\"" + QByteArray::number(i) + "\"\r\n";
        expected += QByteArray::number(i + 2) + "|x\"y,\xc3\xa9|" + QByteArray::number(i) + '\n';
    }
    QVERIFY(readAll(text) == expected);
}

void TestCsvReader::limitsRecords()
{
    const QByteArray longText(static_cast<qsizetype>(CsvReader::maxRecordBytes) * 3, 'x');
    QCOMPARE(readAll("a,b\n" + longText + ",2\n3,4\n"), "1|a|b\n2!record_too_long\n3|3|4\n");
    QCOMPARE(readAll("a,b\n\"" + longText + ",2\n3,4\n"), "1|a|b\n2!unclosed_quote\n3|3|4\n");
}

void TestCsvReader::tellsFailure()
{
    std::istringstream stream("a,b\n1,2\n");
    CsvReader reader(stream);
    CsvRecord record;
    QVERIFY(reader.next(record));
    QVERIFY(reader.next(record));
    QVERIFY(!reader.hasFailed());
    stream.setstate(std::ios::badbit);
    QVERIFY(!reader.next(record));
    QVERIFY(reader.hasFailed());
}

QTEST_APPLESS_MAIN(TestCsvReader)
#include "tst_csv_reader.moc"
