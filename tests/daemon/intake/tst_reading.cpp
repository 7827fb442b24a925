// SPDX-License-Identifier: GPL-3.0-or-later
// What vendors' bodies become, and what is refused for not being guessed.
#include "daemon/intake/reading.h"
#include "shared/protocol/json_reader.h"
#include "shared/protocol/order_codec.h"
#include "tests/daemon/intake/shop_bodies.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

using namespace gantry;
using namespace gantry::intake;
using namespace gantry::test;
using store::DeliveryAsk;
using store::DeliveryOutcome;
using store::IntakeKind;

namespace {

/// A member put in at a path such as `line_items/0/sku`; undefined takes it out.
QJsonValue changed(const QJsonValue& value, QStringList path, const QJsonValue& member)
{
    if (path.isEmpty())
        return member;
    const QString name = path.takeFirst();
    if (value.isArray()) {
        QJsonArray array = value.toArray();
        array[name.toInt()] = changed(array[name.toInt()], path, member);
        return array;
    }
    QJsonObject object = value.toObject();
    const QJsonValue inner = changed(object[name], path, member);
    if (inner.isUndefined())
        object.remove(name);
    else
        object[name] = inner;
    return object;
}

QJsonValue words(const char* text)
{
    return QLatin1String(text);
}

QByteArray with(const QByteArray& body, const char* path, const QJsonValue& member)
{
    const QJsonObject root = QJsonDocument::fromJson(body).object();
    return QJsonDocument(changed(root, QString::fromLatin1(path).split(QLatin1Char('/')), member).toObject())
        .toJson();
}

Reading read(IntakeKind kind, const char* topic, const QByteArray& body)
{
    JsonParser parser;
    const auto root = parser.parse(body.toStdString());
    if (!root)
        qFatal("%s", root.error().message.c_str());
    return readDelivery(kind, "shop", topic, *root);
}

Reading shopify(const char* topic, const QByteArray& body)
{
    return read(IntakeKind::Shopify, topic, body);
}

Reading woo(const char* topic, const QByteArray& body)
{
    return read(IntakeKind::WooCommerce, topic, body);
}

Reading standard(const QByteArray& type, const QByteArray& data)
{
    return read(IntakeKind::Standard, "",
        "{\"type\":\"" + type + "\",\"timestamp\":\"2026-03-01T10:00:00Z\",\"data\":" + data + '}');
}

void compareUnmappable(const Reading& reading, const char* pointer)
{
    QCOMPARE(reading.ask, DeliveryAsk::Nothing);
    QCOMPARE(reading.outcome, DeliveryOutcome::Unmappable);
    QVERIFY(!reading.document);
    QVERIFY2(reading.problem.find(pointer) != std::string::npos, reading.problem.c_str());
}

const QByteArray standardOrder = R"({"channel":"shop","external_id":"9","currency":"EUR","total":200,
"lines":[{"sku":"A","name":"A","quantity":2,"unit_price":100}]})";

} // namespace

class ReadingTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void shopifyBecomesAnOrder()
    {
        const Reading reading = shopify("orders/create", shopifyOrder());
        QVERIFY2(reading.ask == DeliveryAsk::Create, reading.problem.c_str());
        const OrderDocument& order = *reading.document;
        QCOMPARE(order.channel, std::string("shop"));
        QCOMPARE(order.externalId, std::string("5001"));
        QCOMPARE(reading.externalId, order.externalId);
        QCOMPARE(order.currency.code(), std::string_view("EUR"));
        QCOMPARE(order.lines.size(), 2U);
        QCOMPARE(order.lines[0], (OrderLine{"MUG-BLUE", "Mug, blue", 2, 1450}));
        QCOMPARE(order.lines[1], (OrderLine{"TEA", "Tea", 1, 1260}));
        QCOMPARE(order.customer, (Customer{"Ada Example", "ada@example.org", ""}));
        QCOMPARE(
            order.shippingAddress, (Address{"Ada Example", "Lindenallee 5", "", "Kiel", "24103", "", "DE"}));
        QCOMPARE(order.shipping, 490);
        QCOMPARE(order.discount, 250);
        QCOMPARE(order.tax, 748);
        QCOMPARE(order.total, 5148);
        QCOMPARE(order.payments, (std::vector<Payment>{{"visa", 5148}}));
        QCOMPARE(order.tags, (std::vector<std::string>{"gift", "summer"}));
        const std::vector<std::pair<std::string, std::string>> metadata{
            {"financial_status", "paid"}, {"note", "ring twice"}, {"order_name", "#1001"}};
        QCOMPARE(order.metadata, metadata);
    }

    /// The same order gives the same bytes, and so the same fingerprint, by whichever door it comes.
    void anOrderIsInItsCanonicalForm()
    {
        for (const Reading& reading :
            {shopify("orders/create", shopifyOrder()), woo("order.created", wooOrder())}) {
            QVERIFY2(reading.document.has_value(), reading.problem.c_str());
            JsonParser parser;
            const std::string text = encodeDocument(*reading.document);
            const auto submitted = readOrderDocument(*parser.parse(text));
            QVERIFY(submitted.has_value());
            QVERIFY(*submitted == *reading.document);
            QCOMPARE(encodeDocument(*submitted), text);
        }
    }

    void shopifyTaxMayBeInside()
    {
        QByteArray body = with(shopifyOrder(), "taxes_included", true);
        compareUnmappable(shopify("orders/create", body), "/total"); // tax would count twice
        body = with(body, "total_price", words("44.00"));
        const Reading reading = shopify("orders/create", body);
        QVERIFY2(reading.document.has_value(), reading.problem.c_str());
        QCOMPARE(reading.document->tax, 0);
        QCOMPARE(
            reading.document->metadata.back(), (std::pair<std::string, std::string>{"tax_included", "7.48"}));
    }

    void guessesNothing_data()
    {
        QTest::addColumn<QByteArray>("path");
        QTest::addColumn<QJsonValue>("value");
        QTest::addColumn<QByteArray>("pointer");
        const auto row = [](const char* name, const char* path, const QJsonValue& value,
                             const char* pointer) {
            QTest::newRow(name) << QByteArray(path) << value << QByteArray(pointer);
        };
        row("no currency", "currency", QJsonValue::Undefined, "/currency");
        row("null currency", "currency", QJsonValue::Null, "/currency");
        row("unknown currency", "currency", words("XXY"), "/currency");
        row("no id", "id", QJsonValue::Undefined, "/id");
        row("fractional id", "id", 1.5, "/id");
        row("no lines", "line_items", QJsonArray(), "/lines");
        row("lines are no array", "line_items", words("two"), "/line_items");
        row("a line is no object", "line_items/0", 7, "/line_items/0");
        row("no sku", "line_items/0/sku", QJsonValue::Null, "/line_items/0/sku");
        row("empty sku", "line_items/1/sku", words(""), "/line_items/1/sku");
        row("fractional quantity", "line_items/0/quantity", 1.5, "/line_items/0/quantity");
        row("quantity as text", "line_items/0/quantity", words("2"), "/line_items/0/quantity");
        row("negative quantity", "line_items/0/quantity", -2, "/lines/0/quantity");
        row("no quantity", "line_items/0/quantity", QJsonValue::Null, "/lines/0/quantity");
        row("price as number", "line_items/0/price", 14.5, "/line_items/0/price");
        row("price with a comma", "line_items/0/price", words("14,50"), "/line_items/0/price");
        row("price with too many decimals", "line_items/0/price", words("14.505"), "/line_items/0/price");
        row("no price", "line_items/0/price", QJsonValue::Null, "/line_items/0/price");
        row("negative price", "line_items/0/price", words("-14.50"), "/lines/0/unit_price");
        row("huge price", "line_items/0/price", words("99999999999999999999"), "/line_items/0/price");
        row("no total", "total_price", QJsonValue::Null, "/total_price");
        row("total off by a cent", "total_price", words("51.49"), "/total");
        row("no tax", "total_tax", QJsonValue::Null, "/total_tax");
        row("no discounts", "total_discounts", QJsonValue::Undefined, "/total_discounts");
        row("a tip", "total_tip_received", words("1.00"), "/total_tip_received");
        row("a country by name", "shipping_address/country_code", words("Germany"),
            "/shipping_address/country");
        row("test is a text", "test", words("no"), "/test");
    }

    void guessesNothing()
    {
        QFETCH(const QByteArray, path);
        QFETCH(const QJsonValue, value);
        QFETCH(const QByteArray, pointer);
        compareUnmappable(
            shopify("orders/create", with(shopifyOrder(), path.constData(), value)), pointer.constData());
    }

    void isNotPutOffByDirt()
    {
        for (const char* path : {"customer", "shipping_address", "email", "note", "tags", "phone",
                 "payment_gateway_names", "total_tip_received", "test"}) {
            const Reading reading = shopify("orders/create", with(shopifyOrder(), path, QJsonValue::Null));
            QVERIFY2(reading.document.has_value(), (std::string(path) + reading.problem).c_str());
        }
        // Gateways: an empty name is none, and how two share the total is not told.
        Reading reading =
            shopify("orders/create", with(shopifyOrder(), "payment_gateway_names", QJsonArray{words("")}));
        QVERIFY(reading.document->payments.empty());
        reading = shopify("orders/create",
            with(shopifyOrder(), "payment_gateway_names", QJsonArray{words("gift_card"), words("visa")}));
        QVERIFY(reading.document->payments.empty());
        reading = shopify("orders/create", with(shopifyOrder(), "note", QString(5000, QLatin1Char('n'))));
        QVERIFY2(reading.document.has_value(), reading.problem.c_str());
    }

    void amountsAreExact()
    {
        // Yen have no decimals, and shops write some all the same; dinars have three.
        QByteArray yen = with(shopifyOrder(), "currency", words("JPY"));
        for (const char* path : {"total_tax", "total_discounts"})
            yen = with(yen, path, words("0.00"));
        yen = with(yen, "total_shipping_price_set/shop_money/amount", words("500.00"));
        yen = with(yen, "line_items/0/price", words("1450.0"));
        yen = with(yen, "line_items/1/price", words("1260"));
        yen = with(yen, "total_price", words("4660.00"));
        const Reading reading = shopify("orders/create", yen);
        QVERIFY2(reading.document.has_value(), reading.problem.c_str());
        QCOMPARE(reading.document->total, 4660);
        compareUnmappable(shopify("orders/create", with(yen, "line_items/0/price", words("1450.5"))),
            "/line_items/0/price");
    }

    void shopifyTopics()
    {
        const QByteArray canceled = with(shopifyOrder(), "cancelled_at", words("2026-03-01T10:00:00Z"));
        for (const char* topic :
            {"orders/updated", "orders/paid", "orders/fulfilled", "orders/partially_fulfilled"}) {
            QCOMPARE(shopify(topic, shopifyOrder()).ask, DeliveryAsk::Update);
            QCOMPARE(shopify(topic, canceled).ask, DeliveryAsk::Cancel);
        }
        const Reading cancel =
            shopify("orders/cancelled", with(canceled, "cancel_reason", words("customer")));
        QCOMPARE(cancel.ask, DeliveryAsk::Cancel);
        QCOMPARE(cancel.problem, std::string("Canceled in the shop: customer"));
        // The topic is not signed: a body that is not canceled cancels nothing.
        compareUnmappable(shopify("orders/cancelled", shopifyOrder()), "/cancelled_at");
        QCOMPARE(shopify("orders/create", canceled).outcome, DeliveryOutcome::Ignored);
        const Reading refund = shopify("refunds/create", R"({"id":1,"order_id":5001})");
        QCOMPARE(refund.ask, DeliveryAsk::Note);
        QCOMPARE(refund.externalId, std::string("5001"));
        QCOMPARE(
            shopify("orders/edited", R"({"order_edit":{"order_id":5001}})").externalId, std::string("5001"));
        compareUnmappable(shopify("orders/edited", "{}"), "/order_edit");
        QCOMPARE(shopify("orders/delete", R"({"id":5001})").ask, DeliveryAsk::Note);
        compareUnmappable(shopify("orders/delete", "[]"), "the body");
        for (const char* topic : {"products/update", "", "orders/", "ORDERS/CREATE"})
            QCOMPARE(shopify(topic, shopifyOrder()).outcome, DeliveryOutcome::Ignored);
        QCOMPARE(
            shopify("orders/create", with(shopifyOrder(), "test", true)).outcome, DeliveryOutcome::Ignored);
    }

    void tellsOfLinesThatAreGone()
    {
        QVERIFY(shopify("orders/updated", shopifyOrder()).problem.empty());
        const Reading reading =
            shopify("orders/updated", with(shopifyOrder(), "line_items/0/current_quantity", 1));
        QCOMPARE(reading.ask, DeliveryAsk::Update);
        QCOMPARE(reading.problem, std::string("Of MUG-BLUE 1 of 2 are left."));
    }

    void wooBecomesAnOrder()
    {
        const Reading reading = woo("order.created", wooOrder());
        QVERIFY2(reading.ask == DeliveryAsk::Create, reading.problem.c_str());
        const OrderDocument& order = *reading.document;
        QCOMPARE(order.externalId, std::string("727"));
        // 10.00 for three: shared out to the cent.
        QCOMPARE(order.lines.size(), 3U);
        QCOMPARE(order.lines[0], (OrderLine{"A", "Apples", 2, 333}));
        QCOMPARE(order.lines[1], (OrderLine{"A", "Apples", 1, 334}));
        QCOMPARE(order.lines[2], (OrderLine{"B", "Bowl", 2, 200}));
        QCOMPARE(order.total, 1890);
        QCOMPARE(order.discount, 100);
        QCOMPARE(order.payments, (std::vector<Payment>{{"bacs", 1890}}));
        QCOMPARE(order.shippingAddress, (Address{"Jo Doe", "Market 1", "", "Ulm", "89073", "BW", "DE"}));
        QCOMPARE(order.customer, (Customer{"Jo Doe", "jo@example.org", "1"}));
    }

    void wooGuessesNothing()
    {
        const auto refused = [](const char* path, const QJsonValue& value, const char* pointer) {
            compareUnmappable(woo("order.created", with(wooOrder(), path, value)), pointer);
        };
        refused("line_items/0/sku", words(""), "/line_items/0/sku");
        refused("line_items/0/subtotal", QJsonValue::Null, "/line_items/0/subtotal");
        refused("line_items/0/subtotal", words("-10.00"), "/line_items/0/subtotal");
        refused("line_items/0/quantity", 0, "/lines/0/quantity");
        refused("line_items/0/quantity", 2.5, "/line_items/0/quantity");
        refused("fee_lines", QJsonArray{QJsonObject{{QLatin1String("total"), words("3.00")}}},
            "/fee_lines/0/total");
        refused("total", words("18.91"), "/total");
        refused("total", 18.9, "/total");
        refused("currency", QJsonValue::Null, "/currency");
    }

    void wooStatuses()
    {
        QCOMPARE(woo("order.updated", wooOrder()).ask, DeliveryAsk::Update);
        QCOMPARE(woo("order.restored", wooOrder()).ask, DeliveryAsk::Update);
        QCOMPARE(
            woo("order.updated", with(wooOrder(), "status", words("cancelled"))).ask, DeliveryAsk::Cancel);
        QVERIFY(woo("order.updated", with(wooOrder(), "status", words("refunded"))).problem.find("refunded")
            != std::string::npos);
        QVERIFY(
            !woo("order.updated", with(wooOrder(), "refunds", QJsonArray{QJsonObject()})).problem.empty());
        for (const char* status : {"cancelled", "failed", "trash", "checkout-draft"})
            QCOMPARE(woo("order.created", with(wooOrder(), "status", words(status))).outcome,
                DeliveryOutcome::Ignored);
        QCOMPARE(woo("order.deleted", R"({"id":727})").ask, DeliveryAsk::Note);
        QCOMPARE(woo("product.created", wooOrder()).outcome, DeliveryOutcome::Ignored);
    }

    void standardCarriesOurOwn()
    {
        const Reading created = standard("order.created", standardOrder);
        QVERIFY2(created.ask == DeliveryAsk::Create, created.problem.c_str());
        QCOMPARE(created.topic, std::string("order.created"));
        QCOMPARE(created.document->total, 200);
        QCOMPARE(standard("order.updated", standardOrder).ask, DeliveryAsk::Update);
        const Reading cancel =
            standard("order.canceled", R"({"external_id":"9","reason":"changed my mind"})");
        QCOMPARE(cancel.ask, DeliveryAsk::Cancel);
        QCOMPARE(cancel.externalId, std::string("9"));
        QVERIFY(cancel.problem.find("changed my mind") != std::string::npos);
        compareUnmappable(standard("order.canceled", "{}"), "/data/external_id");
        QByteArray other = standardOrder;
        compareUnmappable(standard("order.created", other.replace("\"shop\"", "\"else\"")), "/data/channel");
        compareUnmappable(standard("order.created", R"({"channel":"shop"})"), "/data");
        compareUnmappable(standard("order.created", "7"), "/data");
        QCOMPARE(standard("invoice.paid", "{}").outcome, DeliveryOutcome::Ignored);
        compareUnmappable(read(IntakeKind::Standard, "", "{}"), "/type");
        compareUnmappable(read(IntakeKind::Standard, "", R"({"type":"order.created"})"), "/data");
        compareUnmappable(read(IntakeKind::Standard, "", "[1]"), "the body");
    }
};

QTEST_APPLESS_MAIN(ReadingTest)
#include "tst_reading.moc"
