// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/protocol/json_reader.h"
#include "shared/protocol/json_writer.h"
#include "tests/shared/support/documents.h"
#include "tests/shared/support/printing.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QTest>
#include <cmath>
#include <limits>

namespace gantry {

class JsonWriterTest : public QObject {
    Q_OBJECT

private:
    static std::string written(std::string_view text)
    {
        JsonWriter json;
        json.value(text);
        return json.take();
    }

private Q_SLOTS:
    void everyControlCharacterIsEscaped()
    {
        const char* const digits = "0123456789abcdef";
        for (int i = 0; i < 0x20; ++i) {
            const char c = static_cast<char>(i);
            std::string expected = std::string("\\u00") + digits[i / 16] + digits[i % 16];
            for (const auto& [character, letter] :
                {std::pair('\b', 'b'), {'\f', 'f'}, {'\n', 'n'}, {'\r', 'r'}, {'\t', 't'}})
                if (c == character)
                    expected = std::string("\\") + letter;
            QCOMPARE(written({&c, 1}), '"' + expected + '"');
            QCOMPARE(written(std::string("a") + c + 'b'), "\"a" + expected + "b\"");
        }
    }

    void quoteAndBackslashAreEscapedAndNothingElse()
    {
        QCOMPARE(written("\"\\/"), std::string("\"\\\"\\\\/\""));
        for (int i = 0x20; i < 0x80; ++i) {
            const char c = static_cast<char>(i);
            if (c != '"' && c != '\\')
                QCOMPARE(written({&c, 1}), '"' + std::string(1, c) + '"');
        }
    }

    void otherCharactersStandAsTheyAre()
    {
        const std::string text = "é ß 東京 \u2028 \ufeff 😀 \U0010ffff";
        QCOMPARE(written(text), '"' + text + '"');
    }

    void numbersAreExact()
    {
        JsonWriter json;
        json.beginArray()
            .value(std::numeric_limits<std::int64_t>::min())
            .value(std::numeric_limits<std::int64_t>::max())
            .value(std::numeric_limits<std::uint64_t>::max())
            .value(0)
            .value(-1)
            .value(std::uint8_t{255})
            .value(0.1)
            .value(1e300)
            .value(-0.5)
            .value(std::nan(""))
            .value(std::numeric_limits<double>::infinity())
            .endArray();
        QCOMPARE(json.text(),
            std::string("[-9223372036854775808,9223372036854775807,18446744073709551615,0,-1,255,"
                        "0.1,1e+300,-0.5,null,null]"));
    }

    void commasPlaceThemselves()
    {
        JsonWriter json;
        json.beginObject()
            .member("a", 1)
            .memberIf("left out", std::optional<int>())
            .memberIf("left out too", std::string_view())
            .memberIf("b", std::optional(2))
            .member("c", "text")
            .member("d", true)
            .member("t", fromMillis(0));
        json.key("e").beginArray().endArray();
        json.key("f").beginArray().null().beginObject().endObject().raw("[1]").value(false).endArray();
        json.key("g").beginObject().endObject();
        json.endObject();
        QCOMPARE(json.text(),
            std::string(R"({"a":1,"b":2,"c":"text","d":true,"t":"1970-01-01T00:00:00.000Z",)"
                        R"("e":[],"f":[null,{},[1],false],"g":{}})"));
    }

    void startsAfresh()
    {
        JsonWriter json;
        json.value(1);
        json.clear();
        json.value(2);
        QCOMPARE(json.text(), std::string("2"));
        QCOMPARE(json.take(), std::string("2"));
        json.value(3);
        QCOMPARE(json.text(), std::string("3"));
    }

    void whatIsWrittenReadsBack()
    {
        JsonParser parser;
        QVERIFY(test::holds(
            "a text written is read as it was, by our reader and by Qt's", [&](std::uint64_t chance) {
                test::Dice dice(chance);
                std::string text = test::randomText(dice, 200);
                for (auto i = dice.roll(5); i-- > 0;)
                    text += static_cast<char>(dice.roll(0x80));
                JsonWriter json;
                json.beginArray().value(text).endArray();
                const auto root = parser.parse(json.text());
                RC_ASSERT(root.has_value());
                RC_ASSERT(std::string(root->at(0).get_string().value()) == text);
                const auto qt = QJsonDocument::fromJson(QByteArray::fromStdString(json.text()));
                RC_ASSERT(qt.array().at(0).toString().toStdString() == text);
            }));
    }

    void numbersReadBack()
    {
        JsonParser parser;
        QVERIFY(test::holds("a number written is read as it was",
            [&](std::int64_t integer, std::uint64_t natural, double real) {
                JsonWriter json;
                json.beginArray().value(integer).value(natural).value(real).endArray();
                const auto root = parser.parse(json.text());
                RC_ASSERT(root.has_value());
                RC_ASSERT(root->at(0).get_int64().value() == integer);
                RC_ASSERT(root->at(1).get_uint64().value() == natural);
                RC_ASSERT(root->at(2).get_double().value() == real);
            }));
    }
};

} // namespace gantry

QTEST_APPLESS_MAIN(gantry::JsonWriterTest)
#include "tst_json_writer.moc"
