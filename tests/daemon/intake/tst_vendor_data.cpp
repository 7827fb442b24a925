// SPDX-License-Identifier: GPL-3.0-or-later
// Real bodies and deliveries of vendors, where they lie beside the sources: each has its outcome.
#include "daemon/intake/reading.h"
#include "daemon/intake/webhook.h"
#include "shared/protocol/json_reader.h"

#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

using namespace gantry;
using namespace gantry::intake;
using store::DeliveryAsk;
using store::DeliveryOutcome;
using store::IntakeKind;

namespace {

using Headers = std::vector<std::pair<std::string, std::string>>;

Headers headersOf(const QJsonObject& object)
{
    Headers headers;
    for (auto each = object.begin(); each != object.end(); ++each)
        headers.emplace_back(each.key().toStdString(), each.value().toString().toStdString());
    return headers;
}

/// What a body asks for, or what came of it: `create`, `unmappable`, …
std::string verdict(const Reading& reading)
{
    return std::string(reading.ask == DeliveryAsk::Nothing ? store::deliveryOutcomeName(reading.outcome)
                                                           : store::deliveryAskName(reading.ask));
}

Reading read(IntakeKind kind, const std::string& topic, const QByteArray& body)
{
    JsonParser parser;
    const auto root = parser.parse(body.toStdString());
    if (!root)
        qFatal("%s", root.error().message.c_str());
    return readDelivery(kind, "shop", topic, *root);
}

} // namespace

class VendorDataTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase()
    {
        m_folder = QDir::cleanPath(qEnvironmentVariable("GANTRY_SOURCE") + QLatin1String("/../shared/data"));
        if (!QDir(m_folder + QLatin1String("/payloads")).exists())
            m_folder = QDir::cleanPath(qEnvironmentVariable("GANTRY_VENDOR_DATA"));
        if (m_folder.isEmpty() || !QDir(m_folder + QLatin1String("/payloads")).exists())
            QSKIP("THE REAL PAYLOADS ARE NOT THERE: lay them into ../shared/data beside the sources, or name "
                  "the "
                  "folder in GANTRY_VENDOR_DATA.");
    }

    void deliveries_data()
    {
        QTest::addColumn<QString>("file");
        QTest::addColumn<bool>("isGood");
        QTest::addColumn<QByteArray>("expected");
        const auto row = [](const char* file, bool isGood, const char* expected) {
            QTest::newRow(file) << QString::fromLatin1(file) << isGood << QByteArray(expected);
        };
        // Their lines have no SKU: which article is meant is not guessed.
        row("shopify-01-orders-create", true, "unmappable");
        row("shopify-02-orders-paid-eur", true, "unmappable");
        row("shopify-03-orders-cancelled", true, "cancel");
        row("shopify-04-refunds-create", true, "note");
        row("shopify-05-tampered", false, "");
        row("woocommerce-01-order-created", true, "unmappable");
        row("woocommerce-02-order-updated", true, "unmappable");
        row("woocommerce-03-documented", true, "ignored");
        row("woocommerce-04-wrong-secret", false, "");
    }

    void deliveries()
    {
        QFETCH(const QString, file);
        QFETCH(const bool, isGood);
        QFETCH(const QByteArray, expected);
        const QString name = QStringLiteral("webhook-deliveries/") + file + QStringLiteral(".body");
        const QByteArray body = contents(name);
        QJsonObject delivery;
        const QJsonArray all =
            QJsonDocument::fromJson(contents(QStringLiteral("webhook-deliveries/manifest.json"))).array();
        QCOMPARE(all.size(), 9); // none is left out above
        for (const QJsonValue& each : all)
            if (each[QLatin1String("body")] == name)
                delivery = each.toObject();
        QVERIFY(!delivery.isEmpty());
        QCOMPARE(delivery[QLatin1String("expect")].toString() == QLatin1String("accept"), isGood);
        const auto kind =
            *store::intakeKindFromName(delivery[QLatin1String("vendor")].toString().toStdString());
        const Headers headers = headersOf(delivery[QLatin1String("headers")].toObject());
        const std::string text = body.toStdString();
        const std::string secret = delivery[QLatin1String("secret")].toString().toStdString();
        const Webhook webhook{headers, text};
        QCOMPARE(checkSignature(kind, webhook, {secret}, Timestamp()).has_value(), isGood);
        QVERIFY(!checkSignature(kind, webhook, {secret + 'x'}, Timestamp()).has_value());
        if (isGood)
            QCOMPARE(verdict(read(kind, nameOf(kind, webhook).topic, body)), expected.toStdString());
    }

    void standardVectors()
    {
        const QJsonArray vectors =
            QJsonDocument::fromJson(contents(QStringLiteral("standard-webhooks/vectors.json")))
                .object()[QLatin1String("vectors")]
                .toArray();
        QCOMPARE(vectors.size(), 4);
        for (const QJsonValue& each : vectors) {
            const Headers headers = headersOf(each[QLatin1String("headers")].toObject());
            const std::string payload = each[QLatin1String("payload")].toString().toStdString();
            const auto checked = checkSignature(IntakeKind::Standard, {headers, payload},
                {each[QLatin1String("secret")].toString().toStdString()},
                Timestamp(std::chrono::seconds(each[QLatin1String("now")].toInteger())));
            QVERIFY2(
                checked.has_value() == (each[QLatin1String("expect")].toString() == QLatin1String("accept")),
                qPrintable(each[QLatin1String("name")].toString()));
        }
    }

    void shopifyOrders_data()
    {
        QTest::addColumn<QByteArray>("expected");
        QTest::addColumn<QByteArray>("because");
        const auto row = [](const char* file, const char* expected, const char* because) {
            QTest::newRow(file) << QByteArray(expected) << QByteArray(because);
        };
        row("order-create-minimal.response.json", "create", "");
        row("order-create-multi-line.response.json", "unmappable", "/line_items/0/sku");
        row("order-create-pending.response.json", "create", "");
        row("order-create-tax-eur.response.json", "unmappable", "/line_items/0/sku");
        row("order-get-partially-refunded.response.json", "create", "");
        row("order-update-note.response.json", "create", "");
        row("order-cancel.response.json", "ignored", "canceled before");
    }

    void shopifyOrders()
    {
        QFETCH(const QByteArray, expected);
        QFETCH(const QByteArray, because);
        const QJsonObject root = QJsonDocument::fromJson(
            contents(QStringLiteral("payloads/shopify/") + QString::fromLatin1(QTest::currentDataTag())))
                                     .object();
        const Reading reading = read(IntakeKind::Shopify, "orders/create",
            QJsonDocument(root[QLatin1String("order")].toObject()).toJson());
        QVERIFY2(verdict(reading) == expected.toStdString(), reading.problem.c_str());
        QVERIFY2(reading.problem.find(because.toStdString()) != std::string::npos, reading.problem.c_str());
    }

    void theRefundedOrderIsReadAsOrdered()
    {
        const QJsonObject root = QJsonDocument::fromJson(
            contents(QStringLiteral("payloads/shopify/order-get-partially-refunded.response.json")))
                                     .object();
        const Reading reading = read(IntakeKind::Shopify, "orders/updated",
            QJsonDocument(root[QLatin1String("order")].toObject()).toJson());
        QCOMPARE(reading.ask, DeliveryAsk::Update);
        QCOMPARE(reading.document->total, 59894); // 3 of 199.00, 10.00 off, 11.94 of tax
        QCOMPARE(reading.document->lines.size(), 3U);
        QCOMPARE(reading.problem,
            std::string("Of IPOD2008GREEN 0 of 1 are left. Of IPOD2008BLACK 0 of 1 are left."));
    }

    void whatIsNoOrderIsNoOrder()
    {
        // Whatever of this folder comes as an order, nothing but an order of it becomes one.
        const QDir folder(m_folder + QStringLiteral("/payloads"));
        int bodies = 0;
        for (const QString& vendor : folder.entryList(QDir::Dirs | QDir::NoDotAndDotDot))
            for (const QString& file : QDir(folder.filePath(vendor)).entryList({QStringLiteral("*.json")})) {
                const QByteArray body =
                    contents(QStringLiteral("payloads/") + vendor + QLatin1Char('/') + file);
                for (const IntakeKind kind : store::allIntakeKinds) {
                    const bool isShopify = kind == IntakeKind::Shopify;
                    const Reading reading = read(kind, isShopify ? "orders/create" : "order.created", body);
                    QVERIFY2(reading.ask == DeliveryAsk::Nothing, qPrintable(file));
                }
                ++bodies;
            }
        QCOMPARE(bodies, 52);
    }

    void wooOrders()
    {
        const QJsonArray orders = QJsonDocument::fromJson(
            contents(QStringLiteral("payloads/woocommerce/orders-list.response.json")))
                                      .array();
        QCOMPARE(orders.size(), 2);
        for (const QJsonValue& order : orders) {
            const Reading reading =
                read(IntakeKind::WooCommerce, "order.created", QJsonDocument(order.toObject()).toJson());
            QCOMPARE(verdict(reading), std::string("unmappable"));
            QVERIFY2(reading.problem.find("/line_items/0/sku") != std::string::npos, reading.problem.c_str());
        }
    }

private:
    QByteArray contents(const QString& name) const
    {
        QFile file(m_folder + QLatin1Char('/') + name);
        if (!file.open(QIODevice::ReadOnly))
            qFatal("%s", qPrintable(file.fileName()));
        return file.readAll();
    }

    QString m_folder;
};

QTEST_APPLESS_MAIN(VendorDataTest)
#include "tst_vendor_data.moc"
