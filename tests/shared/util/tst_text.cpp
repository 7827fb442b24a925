// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/util/text.h"
#include "tests/shared/support/printing.h"
#include "tests/shared/support/property.h"

#include <QStringDecoder>
#include <QTest>

namespace gantry {

class TextTest : public QObject {
    Q_OBJECT

private:
    static bool isUtf8(const std::string& text)
    {
        QStringDecoder decoder(QStringDecoder::Utf8);
        const QString decoded = decoder(QByteArray::fromStdString(text));
        return !decoder.hasError() && decoded.toUtf8().toStdString() == text;
    }

private Q_SLOTS:
    void controlCharactersAreThoseOfAscii()
    {
        for (int i = 0; i < 256; ++i) {
            const std::string text{'a', static_cast<char>(i), 'b'};
            QCOMPARE(hasControlCharacter(text), i < 0x20 || i == 0x7f);
        }
        QVERIFY(!hasControlCharacter(""));
        QVERIFY(!hasControlCharacter("東京 é 😀"));
    }

    void pointersAreEscaped()
    {
        QCOMPARE(escapePointer(""), std::string());
        QCOMPARE(escapePointer("a/b~c"), std::string("a~1b~0c"));
        QCOMPARE(escapePointer("~1"), std::string("~01"));
        QCOMPARE(escapePointer("%\"\\ é"), std::string("%\"\\ é"));
    }

    void plainTextKeepsWhatIsPlain()
    {
        const std::string text = "é ߿ ࠀ ퟿  \ufffd 😀 \U0010ffff \"quoted\" \\";
        QCOMPARE(toPlainText(text, 1000), text);
        QCOMPARE(toPlainText("", 1000), std::string());
    }

    void plainTextReplaces_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QByteArray>("text");
        const QByteArray bad("\xef\xbf\xbd");
        QTest::newRow("newline, zero, escape, delete")
            << QByteArray("a\nb\0c\x1b\x7f", 7) << QByteArray("a b c  ");
        QTest::newRow("lone continuation") << QByteArray("a\x80z") << "a" + bad + "z";
        QTest::newRow("Latin-1") << QByteArray("Caf\xe9 au lait") << "Caf" + bad + " au lait";
        QTest::newRow("cut at the end") << QByteArray("\xe6\x9d") << bad + bad;
        QTest::newRow("overlong slash") << QByteArray("\xc0\xaf") << bad + bad;
        QTest::newRow("overlong, three bytes") << QByteArray("\xe0\x9f\xbf") << bad + bad + bad;
        QTest::newRow("surrogate") << QByteArray("\xed\xa0\x80") << bad + bad + bad;
        QTest::newRow("over U+10FFFF") << QByteArray("\xf4\x90\x80\x80") << bad + bad + bad + bad;
        QTest::newRow("no such byte") << QByteArray("\xff\xfe") << bad + bad;
    }

    void plainTextReplaces()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(QByteArray, text);
        QCOMPARE(toPlainText({bytes.constData(), static_cast<std::size_t>(bytes.size())}, 1000),
            text.toStdString());
    }

    void plainTextIsCutBetweenCharacters()
    {
        const std::string text = "a😀é";
        const std::size_t sizes[] = {0, 1, 1, 1, 1, 5, 5, 7, 7};
        for (std::size_t most = 0; most < std::size(sizes); ++most)
            QCOMPARE(toPlainText(text, most), text.substr(0, sizes[most]));
    }

    void plainTextIsPlainWhateverCame()
    {
        QVERIFY(test::holds("any bytes become valid UTF-8 without control characters, and stay so",
            [](std::uint64_t chance, const std::string& arbitrary) {
                test::Dice dice(chance);
                std::string bytes = arbitrary;
                for (char& c : bytes)
                    if (dice.chance(60))
                        c = static_cast<char>(dice.roll(256));
                const std::size_t most = dice.roll(100);
                const std::string text = toPlainText(bytes, most);
                RC_ASSERT(text.size() <= most);
                RC_ASSERT(isUtf8(text));
                RC_ASSERT(!hasControlCharacter(text));
                RC_ASSERT(toPlainText(text, most) == text);
            }));
    }
};

} // namespace gantry

QTEST_APPLESS_MAIN(gantry::TextTest)
#include "tst_text.moc"
