// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/workflows/call_text.h"

#include "shared/protocol/json_reader.h"

#include <QTest>

namespace gantry::workflows {

namespace {

/// Every field gives this.
FieldSource giving(const std::string& value)
{
    return [value](TemplateField, const std::string&) { return value; };
}

} // namespace

class CallTextTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void noByteBreaksOutOfABody()
    {
        const auto text = parseTemplate("{\"a\":\"x{{step}}y\"}");
        for (int code = 1; code < 0x80; ++code) {
            const std::string value(1, static_cast<char>(code));
            JsonParser parser;
            const auto root = parser.parse(renderJson(*text, giving(value)));
            QVERIFY2(root, std::to_string(code).c_str());
            QCOMPARE(std::string((*root)["a"].get_string().value()), 'x' + value + 'y');
        }
    }

    void noByteBreaksOutOfAPath()
    {
        const auto text = parseTemplate("/a/x{{step}}/b?c={{step}}");
        for (int code = 1; code < 0x100; ++code) {
            const auto path = renderPath(*text, giving(std::string(1, static_cast<char>(code))));
            QVERIFY2(path, std::to_string(code).c_str());
            QCOMPARE(std::count(path->begin(), path->end(), '/'), 3);
            QCOMPARE(std::count(path->begin(), path->end(), '?'), 1);
            for (const char c : *path)
                QVERIFY(c > ' ' && c <= '~' && c != '#');
        }
    }

    void noByteEndsAHeader()
    {
        const auto text = parseTemplate("x{{step}}y");
        for (const char* value : {"a\r\nEvil: yes", "a\nb", "a\rb", "\x01", "\x7f"})
            QCOMPARE(renderHeader(*text, giving(value)).error().code, ErrorCode::InvalidValue);
        QCOMPARE(renderHeader(*text, giving("ä: \"b\"")).value(), std::string("xä: \"b\"y"));
    }

    void knowsItsOwnHeaders()
    {
        for (const char* name : {"Host", "HOST", "content-length", "Transfer-Encoding", "Idempotency-Key",
                 "traceparent", "Proxy-Authorization"})
            QVERIFY2(isOwnHeader(name), name);
        for (const char* name : {"Authorization", "X-Host", "Accept", "tracestate"})
            QVERIFY2(!isOwnHeader(name), name);
        for (const char* name : {"", "a b", "a:", "a\r", "ä"})
            QVERIFY2(!isHeaderName(name), name);
    }
};

} // namespace gantry::workflows

QTEST_APPLESS_MAIN(gantry::workflows::CallTextTest)
#include "tst_call_text.moc"
