// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/domain/http_call.h"

#include <QTest>

using namespace gantry;

class HttpCallTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void readsTemplates()
    {
        const auto parsed = parseTemplate("a{{order.id}}{{ attempt }}b}}{c");
        QVERIFY(parsed);
        QCOMPARE(parsed->pieces.size(), std::size_t{3});
        QCOMPARE(parsed->pieces[0].text, std::string("a"));
        QVERIFY(parsed->pieces[0].field == TemplateField::OrderId);
        QVERIFY(parsed->pieces[1].text.empty() && parsed->pieces[1].field == TemplateField::Attempt);
        QCOMPARE(parsed->pieces[2].text, std::string("b}}{c"));
        QVERIFY(!parsed->pieces[2].field);
        QVERIFY(parseTemplate("")->pieces.empty());
        QCOMPARE(parseTemplate("{{metadata.a.b c}}")->pieces[0].key, std::string("a.b c"));
    }

    void tellsWhereATemplateIsWrong()
    {
        QCOMPARE(parseTemplate("ab{{order.id").error().offset, std::size_t{2});
        QCOMPARE(parseTemplate("{{step}} {{stepp}}").error().offset, std::size_t{9});
        QVERIFY(parseTemplate("{{ORDER.ID}}").error().message.find("order.id, ") != std::string::npos);
        QVERIFY(!parseTemplate("{{metadata.}}"));
        QVERIFY(!parseTemplate("{{metadata." + std::string(101, 'x') + "}}"));
        QVERIFY(!parseTemplate("{{{{step}}}}"));
    }

    void knowsTheTypesOfFields()
    {
        QVERIFY(typeOf(TemplateField::Metadata) == TemplateType::Text);
        QVERIFY(typeOf(TemplateField::OrderId) == TemplateType::Text);
        QVERIFY(typeOf(TemplateField::Total) == TemplateType::Number);
        QVERIFY(typeOf(TemplateField::AllMetadata) == TemplateType::Json);
    }

    void aStatusGoesBeforeItsHundred()
    {
        HttpCall call;
        call.statuses = {{4, CallVerdict::Retryable}, {404, CallVerdict::Success}, {2, CallVerdict::Fatal}};
        QVERIFY(verdictOf(call, 404) == CallVerdict::Success);
        QVERIFY(verdictOf(call, 403) == CallVerdict::Retryable);
        QVERIFY(verdictOf(call, 200) == CallVerdict::Fatal);
        QVERIFY(verdictOf(call, 500) == CallVerdict::Retryable);
        QVERIFY(verdictOf(call, 302) == CallVerdict::Fatal);
    }
};

QTEST_APPLESS_MAIN(HttpCallTest)
#include "tst_http_call.moc"
