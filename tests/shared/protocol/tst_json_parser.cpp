// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/protocol/json_reader.h"
#include "tests/shared/protocol/json_cases.h"
#include "tests/shared/support/printing.h"
#include "tests/shared/support/property.h"

#include <QTest>

namespace gantry {

class JsonParserTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void saysYesOrNo_data()
    {
        QTest::addColumn<int>("index");
        for (std::size_t i = 0; i < test::jsonCases().size(); ++i)
            QTest::newRow(test::jsonCases()[i].name) << static_cast<int>(i);
    }

    void saysYesOrNo()
    {
        QFETCH(int, index);
        const test::JsonCase& text = test::jsonCases()[static_cast<std::size_t>(index)];
        JsonParser parser;
        // Behind the text stands what would go on with it: no byte beyond its end may count.
        for (const std::string& behind : {std::string(), std::string("]}\"0"), std::string(200, '[')}) {
            const std::string memory = text.json + behind;
            const auto root = parser.parse(std::string_view(memory).substr(0, text.json.size()));
            QCOMPARE(codeOf(root), std::string(text.code));
            if (!root)
                QVERIFY(!root.error().message.empty());
        }
    }

    void parsesOnAfterARefusal()
    {
        JsonParser parser;
        for (int i = 0; i < 3; ++i) {
            QVERIFY(!parser.parse("[1,"));
            QVERIFY(!parser.parse(std::string(40, '[')));
            const auto root = parser.parse("[1]");
            QVERIFY(root && root->at(0).get_int64().value() == 1);
        }
    }

    void sizeIsBounded()
    {
        JsonParser parser(100);
        const auto ofSize = [](std::size_t size) { return '"' + std::string(size - 2, 'x') + '"'; };
        QVERIFY(parser.parse(ofSize(100)));
        QCOMPARE(codeOf(parser.parse(ofSize(101))), std::string("body_too_large"));
        QVERIFY(parser.parse(ofSize(100)));
    }

    void growsAsNeeded()
    {
        JsonParser parser;
        for (const std::size_t size : {10U, 5'000U, 100U, 2'000'000U, 10U}) {
            const std::string text(size, 'x');
            const auto root = parser.parse('"' + text + '"');
            QVERIFY(root && root->get_string().value() == text);
        }
    }

    void anyBytesAreReadOrRefused()
    {
        JsonParser parser;
        QVERIFY(test::holds("bytes are read or refused, and what is read is written and read alike",
            [&](std::uint64_t chance) {
                test::Dice dice(chance);
                std::string json = R"({"a":[1,-2.5e3,"x\ud83d\ude00é",null,true],"b":{"c":[[]]}})";
                for (auto i = dice.roll(4); i-- > 0;) {
                    const std::size_t at = dice.roll(json.size());
                    switch (dice.roll(3)) {
                    case 0: json[at] = static_cast<char>(dice.roll(256)); break;
                    case 1: json.erase(at, 1 + dice.roll(3)); break;
                    default: json.insert(at, 1, "{}[]\",:\\0-e.u"[dice.roll(14)]);
                    }
                }
                const auto root = parser.parse(json);
                if (!root)
                    return;
                const std::string written = simdjson::to_string(*root);
                const auto again = parser.parse(written);
                RC_ASSERT(again.has_value());
                RC_ASSERT(simdjson::to_string(*again) == written);
            }));
    }
};

} // namespace gantry

QTEST_APPLESS_MAIN(gantry::JsonParserTest)
#include "tst_json_parser.moc"
