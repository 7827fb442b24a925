// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/protocol/json_reader.h"
#include "tests/shared/support/printing.h"

#include <QTest>
#include <functional>

namespace gantry {

/// A document, what reads it, and the faults that come of it: "code pointer", one after the other.
struct Reading {
    const char* name;
    const char* json;
    std::function<void(ObjectReader&)> read;
    const char* faults;
};

const Reading readings[] = {
    {"all as asked for", R"({"t":"x","i":-5,"b":true,"at":"2026-03-01T08:15:30Z","a":[],"o":{},"n":null})",
        [](ObjectReader& r) {
            QCOMPARE(r.requiredText("t", 1), std::string("x"));
            QCOMPARE(r.requiredInteger("i"), std::int64_t{-5});
            QCOMPARE(r.boolean("b"), std::optional(true));
            QCOMPARE(r.time("at"), parseRfc3339("2026-03-01T08:15:30Z"));
            QVERIFY(r.requiredArray("a") && r.object("o") && r.any("n"));
        },
        ""},
    {"absent and not required", "{}",
        [](ObjectReader& r) {
            QCOMPARE(r.text("t", 1), std::string());
            QCOMPARE(r.integerOr("i", 7), std::int64_t{7});
            QVERIFY(!r.integer("i") && !r.boolean("b") && !r.time("at"));
            QVERIFY(!r.array("a") && !r.object("o") && !r.any("n"));
        },
        ""},
    {"absent and required", "{}",
        [](ObjectReader& r) {
            QCOMPARE(r.requiredText("t", 1), std::string());
            QCOMPARE(r.requiredInteger("i"), std::int64_t{0});
            QVERIFY(!r.requiredArray("a"));
        },
        "missing_field /t missing_field /i missing_field /a"},
    {"empty and required", R"({"t":"","s":""})",
        [](ObjectReader& r) {
            QCOMPARE(r.requiredText("t", 9), std::string());
            QCOMPARE(r.requiredStoredText("s"), std::string());
        },
        "invalid_value /t"},
    {"stored texts are as they are", R"({"s":"a\u0000\n","t":1})",
        [](ObjectReader& r) {
            QCOMPARE(r.storedText("s"), std::string("a\0\n", 3));
            QCOMPARE(r.requiredStoredText("u"), std::string());
            QCOMPARE(r.storedText("t"), std::string());
            QCOMPARE(r.storedText("absent"), std::string());
        },
        "missing_field /u wrong_type /t"},
    {"naturals", R"({"a":0,"b":7,"c":8,"d":-1,"e":"7"})",
        [](ObjectReader& r) {
            QCOMPARE(r.requiredNatural("a", 7), std::uint64_t{0});
            QCOMPARE(r.requiredNatural("b", 7), std::uint64_t{7});
            for (const char* name : {"c", "d", "e", "f"})
                QCOMPARE(r.requiredNatural(name, 7), std::uint64_t{0});
        },
        "invalid_value /c invalid_value /d wrong_type /e missing_field /f"},
    {"time required", R"({"a":"2026-03-01T08:15:30Z","b":"soon"})",
        [](ObjectReader& r) {
            QCOMPARE(r.requiredTime("a"), *parseRfc3339("2026-03-01T08:15:30Z"));
            QCOMPARE(r.requiredTime("b"), Timestamp{});
            QCOMPARE(r.requiredTime("c"), Timestamp{});
        },
        "invalid_value /b missing_field /c"},
    {"object kept as it came", R"({"a": {"x" : [1, "\u00e9\n"]}, "b": {}})",
        [](ObjectReader& r) {
            QCOMPARE(r.rawObject("a", 100), std::string("{\"x\":[1,\"é\\n\"]}"));
            QCOMPARE(r.rawObject("b", 2), std::string("{}"));
            QCOMPARE(r.rawObject("absent", 2), std::string());
        },
        ""},
    {"object that is too large, or none", R"({"a":{"x":1},"b":[]})",
        [](ObjectReader& r) {
            QCOMPARE(r.rawObject("a", 6), std::string());
            QCOMPARE(r.rawObject("b", 100), std::string());
        },
        "invalid_value /a wrong_type /b"},
    {"object that is too deep",
        R"({"a":{"x":[[[[[[[1]]]]]]]},"b":{"x":{"y":[[[[[[]]]]]]}},"c":{"x":[[[[[[[[]]]]]]]]}})",
        [](ObjectReader& r) {
            QVERIFY(!r.rawObject("a", 100).empty());
            QVERIFY(!r.rawObject("b", 100).empty());
            QVERIFY(r.rawObject("c", 100).empty());
        },
        "invalid_value /c"},
    {"null is no value", R"({"t":null,"i":null,"b":null,"at":null,"a":null,"o":null})",
        [](ObjectReader& r) {
            r.text("t", 1);
            r.integer("i");
            r.boolean("b");
            r.time("at");
            r.array("a");
            r.object("o");
        },
        "wrong_type /t wrong_type /i wrong_type /b wrong_type /at wrong_type /a wrong_type /o"},
    {"of another type", R"({"t":1,"i":"1","b":1,"at":0,"a":{},"o":[]})",
        [](ObjectReader& r) {
            r.text("t", 1);
            r.integer("i");
            r.boolean("b");
            r.time("at");
            r.array("a");
            r.object("o");
        },
        "wrong_type /t wrong_type /i wrong_type /b wrong_type /at wrong_type /a wrong_type /o"},
    {"number with a fraction", R"({"i":1.0})", [](ObjectReader& r) { r.integer("i"); }, "wrong_type /i"},
    {"number with an exponent", R"({"i":1e2})", [](ObjectReader& r) { r.integer("i"); }, "wrong_type /i"},
    {"number as a text", R"({"i":"12"})", [](ObjectReader& r) { r.integer("i"); }, "wrong_type /i"},
    {"number in an array", R"({"i":[1]})", [](ObjectReader& r) { r.integer("i"); }, "wrong_type /i"},
    {"minus zero", R"({"i":-0})",
        [](ObjectReader& r) { QCOMPARE(r.integer("i"), std::optional<std::int64_t>(0)); }, ""},
    {"largest integer", R"({"i":9223372036854775807})",
        [](ObjectReader& r) { QCOMPARE(r.requiredInteger("i"), std::numeric_limits<std::int64_t>::max()); },
        ""},
    {"smallest integer", R"({"i":-9223372036854775808})",
        [](ObjectReader& r) { QCOMPARE(r.requiredInteger("i"), std::numeric_limits<std::int64_t>::min()); },
        ""},
    {"over the largest integer", R"({"i":9223372036854775808})", [](ObjectReader& r) { r.integer("i"); },
        "amount_overflow /i"},
    {"unknown members", R"({"z":1,"a":2,"t":"x"})", [](ObjectReader& r) { r.text("t", 1); },
        "unknown_field /a unknown_field /z"},
    {"names are told apart by every letter", R"({"T":"x","t ":"x"})", [](ObjectReader& r) { r.text("t", 1); },
        "unknown_field /T unknown_field /t "},
    {"member twice", R"({"t":"x","t":"y"})", [](ObjectReader& r) { r.text("t", 1); }, "duplicate_key /t"},
    {"member twice, once escaped", R"({"t":"x","\u0074":"y"})", [](ObjectReader& r) { r.text("t", 1); },
        "duplicate_key /t"},
    {"member three times", R"({"t":"x","t":"x","t":"x"})", [](ObjectReader& r) { r.text("t", 1); },
        "duplicate_key /t"},
    {"unknown member twice", R"({"u":1,"u":2})", [](ObjectReader&) {}, "duplicate_key /u unknown_field /u"},
    {"text too long", R"({"t":"é"})", [](ObjectReader& r) { r.text("t", 1); }, "invalid_value /t"},
    {"text just long enough", R"({"t":"é"})",
        [](ObjectReader& r) { QCOMPARE(r.text("t", 2), std::string("é")); }, ""},
    {"zero character", R"({"t":"a\u0000b"})", [](ObjectReader& r) { r.text("t", 9); }, "invalid_value /t"},
    {"newline", R"({"t":"a\nb"})", [](ObjectReader& r) { r.text("t", 9); }, "invalid_value /t"},
    {"delete", "{\"t\":\"a\x7f\"}", [](ObjectReader& r) { r.text("t", 9); }, "invalid_value /t"},
    {"surrogates make one character", R"({"t":"\ud83d\ude00"})",
        [](ObjectReader& r) { QCOMPARE(r.text("t", 4), std::string("😀")); }, ""},
    {"no time", R"({"at":"yesterday"})", [](ObjectReader& r) { QVERIFY(!r.time("at")); },
        "invalid_value /at"},
    {"names are escaped in pointers", R"({"a/b":1,"c~d":1,"~1":1,"":1})", [](ObjectReader&) {},
        "unknown_field / unknown_field /a~1b unknown_field /c~0d unknown_field /~01"},
    {"no object", R"([1])",
        [](ObjectReader& r) {
            r.requiredText("t", 1);
            r.requiredInteger("i");
            r.requiredArray("a");
        },
        "wrong_type "},
};

class JsonReaderTest : public QObject {
    Q_OBJECT

private:
    static std::string textOf(const FieldErrors& errors)
    {
        if (errors.isEmpty())
            return {};
        std::string text;
        for (const FieldError& error : errors.toError("It").fields)
            text += (text.empty() ? "" : " ") + std::string(codeName(error.code)) + ' ' + error.pointer;
        return text;
    }

private Q_SLOTS:
    void readsStrictly_data()
    {
        QTest::addColumn<int>("index");
        for (std::size_t i = 0; i < std::size(readings); ++i)
            QTest::newRow(readings[i].name) << static_cast<int>(i);
    }

    void readsStrictly()
    {
        QFETCH(int, index);
        const Reading& reading = readings[index];
        JsonParser parser;
        const auto root = parser.parse(reading.json);
        QVERIFY(root);
        FieldErrors errors;
        ObjectReader reader(*root, "", errors);
        reading.read(reader);
        reader.finish();
        QCOMPARE(textOf(errors), std::string(reading.faults));
    }

    void pointersSayWhere()
    {
        JsonParser parser;
        const auto root = parser.parse(R"({"x":1})");
        FieldErrors errors;
        ObjectReader reader(*root, "/lines/3", errors);
        reader.requiredText("sku", 1);
        reader.finish();
        QCOMPARE(textOf(errors), std::string("missing_field /lines/3/sku unknown_field /lines/3/x"));
        QCOMPARE(reader.pointerTo("a/b~"), std::string("/lines/3/a~1b~0"));
    }

    void errorTellsTheFirstAndListsAll()
    {
        FieldErrors errors;
        errors.add("/total", ErrorCode::WrongType, "must be an integer");
        errors.add({{"/lines", ErrorCode::MissingField, "is missing"}});
        const Error error = errors.toError("The order");
        QCOMPARE(error.code, ErrorCode::WrongType);
        QCOMPARE(error.fields.size(), std::size_t{2});
        QCOMPARE(error.message,
            std::string(
                "The order is not acceptable: /total must be an integer, and 1 more. Mend what `errors` "
                "lists and send it again."));
    }

    void errorsAreBounded()
    {
        FieldErrors errors;
        for (int i = 0; i < 100'000; ++i)
            errors.add("/x", ErrorCode::UnknownField, "is not a known field");
        QCOMPARE(errors.toError("It").fields.size(), std::size_t{50});
    }

    void largeObjectIsReadInGoodTime()
    {
        std::string members;
        for (int i = 0; i < 100'000; ++i)
            members += (i ? ",\"k" : "\"k") + std::to_string(i) + "\":1";
        const std::string json = '{' + members + '}';
        JsonParser parser;
        const auto root = parser.parse(json);
        QVERIFY(root);
        FieldErrors errors;
        ObjectReader reader(*root, "", errors);
        for (int i = 0; i < 100'000; ++i)
            QCOMPARE(reader.requiredInteger("k" + std::to_string(i)), std::int64_t{1});
        reader.finish();
        QVERIFY(errors.isEmpty());
        const auto twice = parser.parse('{' + members + ',' + members + '}');
        QVERIFY(twice);
        ObjectReader(*twice, "", errors).finish();
        QCOMPARE(errors.toError("It").fields.size(), std::size_t{50});
    }
};

} // namespace gantry

QTEST_APPLESS_MAIN(gantry::JsonReaderTest)
#include "tst_json_reader.moc"
