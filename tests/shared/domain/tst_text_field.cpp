// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/domain/text_field.h"

#include <QTest>

using namespace gantry;

class TextFieldTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void readsWhatItWrites()
    {
        for (const char* text :
            {"channel", "currency", "country", "region", "metadata.carrier_account", "metadata.a.b c"}) {
            const auto field = parseTextField(text);
            QVERIFY2(field.has_value(), text);
            QCOMPARE(formatTextField(*field), std::string(text));
        }
        for (const char* text :
            {"", "Channel", "channel ", "total", "tags", "metadata", "metadata.", "metadata.a\n"})
            QVERIFY2(!parseTextField(text).has_value(), text);
        QVERIFY(!parseTextField("metadata." + std::string(DocumentLimits::keyBytes + 1, 'k')).has_value());
    }

    void givesTheValueOfAnOrder()
    {
        OrderDocument document{.channel = "web", .externalId = "1", .currency = *Currency::fromCode("EUR")};
        document.shippingAddress.country = "DE";
        document.shippingAddress.region = "NW";
        document.metadata = {{"carrier_account", "dhl-7"}, {"other", "x"}};
        const auto value = [&document](const char* text) {
            return std::string(valueOf(*parseTextField(text), document));
        };
        QCOMPARE(value("channel"), std::string("web"));
        QCOMPARE(value("currency"), std::string("EUR"));
        QCOMPARE(value("country"), std::string("DE"));
        QCOMPARE(value("region"), std::string("NW"));
        QCOMPARE(value("metadata.carrier_account"), std::string("dhl-7"));
        QCOMPARE(value("metadata.none"), std::string());
    }

    void knowsWhatNeedsNoDocument()
    {
        OrderSummary summary{
            .channel = "web", .externalId = {}, .customerName = {}, .currency = *Currency::fromCode("EUR")};
        QVERIFY(valueOf(*parseTextField("channel"), summary) == "web");
        QVERIFY(valueOf(*parseTextField("currency"), summary) == "EUR");
        for (const char* text : {"country", "region", "metadata.x"})
            QVERIFY(!valueOf(*parseTextField(text), summary).has_value());
    }
};

QTEST_APPLESS_MAIN(TextFieldTest)
#include "tst_text_field.moc"
