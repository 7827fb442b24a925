// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/cli/printable.h"

#include "console/cli/text_table.h"
#include "shared/protocol/json_reader.h"

#include <QTest>

using namespace gantry::console;

class TestPrintable : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void escapes_data();
    void escapes();
    void keepsJsonTheSame();
    void alignsWideTexts();
};

void TestPrintable::escapes_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("expected");
    QTest::newRow("plain") << QByteArray("Zo\xc3\xab \xe2\x82\xac") << QByteArray("Zo\xc3\xab \xe2\x82\xac");
    QTest::newRow("colour") << QByteArray("\x1b[31mred") << QByteArray("\\x1b[31mred");
    QTest::newRow("line break and tab") << QByteArray("a\nb\tc\r") << QByteArray("a\\x0ab\\x09c\\x0d");
    QTest::newRow("bell and delete") << QByteArray("\x07\x7f") << QByteArray("\\x07\\x7f");
    QTest::newRow("zero") << QByteArray("\0", 1) << QByteArray("\\x00");
    QTest::newRow("8-bit control sequence") << QByteArray("\xc2\x9b"
                                                          "31m")
                                            << QByteArray("\\x9b31m");
    QTest::newRow("direction override") << QByteArray("a\xe2\x80\xae"
                                                      "b")
                                        << QByteArray("a\\u202eb");
    QTest::newRow("line separator") << QByteArray("\xe2\x80\xa8") << QByteArray("\\u2028");
    QTest::newRow("broken UTF-8") << QByteArray("a\xc3") << QByteArray("a\\xc3");
    QTest::newRow("overlong") << QByteArray("\xc0\x9b") << QByteArray("\\xc0\\x9b");
    QTest::newRow("surrogate") << QByteArray("\xed\xa0\x80") << QByteArray("\\xed\\xa0\\x80");
    QTest::newRow("emoji of several") << QByteArray("\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x92\xbb")
                                      << QByteArray("\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x92\xbb");
}

void TestPrintable::escapes()
{
    QFETCH(QByteArray, text);
    QFETCH(QByteArray, expected);
    QCOMPARE(QByteArray::fromStdString(printable(text.toStdString())), expected);
}

void TestPrintable::keepsJsonTheSame()
{
    const std::string json = "{\"a\":\"\xc2\x9b"
                             "31m \xe2\x80\xae \xf3\xa0\x81\x81 \x7f\"}";
    const std::string safe = printableJson(json);
    QCOMPARE(
        QByteArray::fromStdString(safe), QByteArray("{\"a\":\"\\u009b31m \\u202e \\udb40\\udc41 \\u007f\"}"));
    gantry::JsonParser before;
    gantry::JsonParser after;
    std::string_view one;
    std::string_view other;
    QVERIFY((*before.parse(json))["a"].get(one) == simdjson::SUCCESS);
    QVERIFY((*after.parse(safe))["a"].get(other) == simdjson::SUCCESS);
    QVERIFY(one == other);
}

void TestPrintable::alignsWideTexts()
{
    TextTable table({{"NAME"}, {"N", Alignment::Right}});
    table.addRow({"\xe5\xb1\xb1\xe7\x94\xb0", "1"});
    table.addRow({"Zo\xc3\xab", "22"});
    QCOMPARE(QByteArray::fromStdString(table.take()),
        QByteArray("NAME   N\n\xe5\xb1\xb1\xe7\x94\xb0   1\nZo\xc3\xab   22"));
}

QTEST_APPLESS_MAIN(TestPrintable)
#include "tst_printable.moc"
