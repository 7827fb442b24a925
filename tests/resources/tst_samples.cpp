// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/protocol/order_codec.h"

#include <QFile>
#include <QTest>
#include <map>
#include <numeric>
#include <set>

using namespace gantry;

namespace {

QByteArray readSample(const QString& name)
{
    QFile file(qEnvironmentVariable("GANTRY_SOURCE") + QStringLiteral("/resources/samples/") + name);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

std::string_view view(const QByteArray& bytes)
{
    return {bytes.constData(), static_cast<std::size_t>(bytes.size())};
}

std::string valueOf(simdjson::dom::element order, std::string_view pointer)
{
    std::string_view text;
    return order.at_pointer(pointer).get(text) == simdjson::SUCCESS ? std::string(text) : std::string();
}

} // namespace

/// Holds resources/samples to what its README.md says.
class TestSamples : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void everyOrderIsSound_data();
    void everyOrderIsSound();
    void ordersAreUnique();
    void ordersAreVaried();
    void faultsAreBuiltIn();
    void someGoodsRunShort();
    void rejectedOrdersAreRejectedForTheirReason();

private:
    static std::vector<OrderDocument> load(const QString& name);

    std::vector<OrderDocument> m_orders;
};

std::vector<OrderDocument> TestSamples::load(const QString& name)
{
    std::vector<OrderDocument> documents;
    const auto bytes = readSample(name);
    JsonParser parser;
    const auto root = parser.parse(view(bytes));
    simdjson::dom::array orders;
    if (!root || root->at_key("orders").get(orders) != simdjson::SUCCESS)
        return documents;
    for (const auto order : orders) {
        auto document = readOrderDocument(order);
        if (!document) {
            qWarning("%s: %s", qPrintable(name), document.error().message.c_str());
            return {};
        }
        documents.push_back(std::move(*document));
    }
    return documents;
}

void TestSamples::initTestCase()
{
    for (const auto* name : {"webshop.json", "marketplace.json", "phone.json", "b2b.json"})
        for (auto& document : load(QString::fromLatin1(name)))
            m_orders.push_back(std::move(document));
    QCOMPARE(m_orders.size(), std::size_t{300});
}

void TestSamples::everyOrderIsSound_data()
{
    QTest::addColumn<QString>("channel");
    QTest::addColumn<int>("count");
    QTest::newRow("webshop") << QStringLiteral("webshop") << 140;
    QTest::newRow("marketplace") << QStringLiteral("marketplace") << 80;
    QTest::newRow("phone") << QStringLiteral("phone") << 30;
    QTest::newRow("b2b") << QStringLiteral("b2b") << 50;
}

void TestSamples::everyOrderIsSound()
{
    QFETCH(QString, channel);
    QFETCH(int, count);
    const auto orders = load(channel + QStringLiteral(".json"));
    QCOMPARE(static_cast<int>(orders.size()), count);
    for (const auto& order : orders) {
        QCOMPARE(QString::fromStdString(order.channel), channel);
        QVERIFY2(findFaults(order).empty(), order.externalId.c_str());
        // Summed here once more, apart from the domain's own check.
        const auto lines = std::accumulate(order.lines.begin(), order.lines.end(), MinorUnits{0},
            [](MinorUnits sum, const OrderLine& line) { return sum + line.quantity * line.unitPrice; });
        QCOMPARE(order.total, lines + order.shipping + order.tax - order.discount);
        const auto paid = std::accumulate(order.payments.begin(), order.payments.end(), MinorUnits{0},
            [](MinorUnits sum, const Payment& payment) { return sum + payment.amount; });
        QCOMPARE(paid, order.total);
        QVERIFY(!order.customer.name.empty() && !order.shippingAddress.country.empty());
        const auto& email = order.customer.email;
        QVERIFY2(email.empty() || email.find("example.") != std::string::npos, email.c_str());
    }
}

void TestSamples::ordersAreUnique()
{
    std::set<std::pair<std::string, std::string>> keys;
    for (const auto& order : m_orders)
        keys.emplace(order.channel, order.externalId);
    QCOMPARE(keys.size(), m_orders.size());
}

void TestSamples::ordersAreVaried()
{
    std::set<std::string> countries;
    std::set<std::string_view> currencies;
    std::set<int> exponents;
    std::size_t mostLines = 0;
    std::int64_t mostPieces = 0;
    int free = 0;
    int repeated = 0;
    int discounted = 0;
    int promised = 0;
    for (const auto& order : m_orders) {
        countries.insert(order.shippingAddress.country);
        currencies.insert(order.currency.code());
        exponents.insert(order.currency.exponent());
        mostLines = std::max(mostLines, order.lines.size());
        std::set<std::string> skus;
        for (const auto& line : order.lines) {
            mostPieces = std::max(mostPieces, line.quantity);
            free += line.unitPrice == 0;
            repeated += !skus.insert(line.sku).second;
        }
        discounted += order.discount > 0;
        promised += order.promiseAt.has_value();
    }
    QVERIFY(countries.size() >= 30);
    QVERIFY(currencies.size() >= 20);
    QCOMPARE(exponents, (std::set<int>{0, 2, 3}));
    QCOMPARE(mostLines, std::size_t{40});
    QCOMPARE(mostPieces, std::int64_t{500});
    QVERIFY(free >= 10);
    QVERIFY(repeated >= 5);
    QVERIFY(discounted >= 20);
    QVERIFY(promised >= 100 && promised < 300);
}

void TestSamples::faultsAreBuiltIn()
{
    std::map<std::string, int> methods;
    for (const auto& order : m_orders)
        for (const auto& payment : order.payments)
            ++methods[payment.method];
    QCOMPARE(methods["test_declined"], 9);
    QCOMPARE(methods["test_flaky"], 13);
    QCOMPARE(methods["test_error"], 5);
    QCOMPARE(methods["test_garbage"], 3);
    QCOMPARE(methods["test_timeout"], 0); // each would hold the demo up for a minute
}

void TestSamples::someGoodsRunShort()
{
    std::map<std::string, std::int64_t> wanted;
    for (const auto& order : m_orders)
        for (const auto& line : order.lines)
            wanted[line.sku] += line.quantity;

    const auto bytes = readSample(QStringLiteral("stock.json"));
    JsonParser parser;
    const auto root = parser.parse(view(bytes));
    QVERIFY(root.has_value());
    simdjson::dom::array items;
    QVERIFY(root->at_key("items").get(items) == simdjson::SUCCESS);
    std::set<std::string> tracked;
    int isShort = 0;
    for (const auto item : items) {
        std::int64_t onHand = -1;
        QVERIFY(item.at_key("on_hand").get(onHand) == simdjson::SUCCESS);
        QVERIFY(onHand >= 0);
        const auto sku = valueOf(item, "/sku");
        QVERIFY2(tracked.insert(sku).second, sku.c_str());
        isShort += wanted[sku] > onHand;
    }
    QCOMPARE(tracked.size(), std::size_t{64});
    QCOMPARE(isShort, 9);
    QVERIFY(!tracked.contains("GIFT-WRAP") && wanted["GIFT-WRAP"] > 0);
}

void TestSamples::rejectedOrdersAreRejectedForTheirReason()
{
    const auto bytes = readSample(QStringLiteral("rejected.json"));
    JsonParser parser;
    const auto root = parser.parse(view(bytes));
    QVERIFY(root.has_value());
    simdjson::dom::array orders;
    QVERIFY(root->at_key("orders").get(orders) == simdjson::SUCCESS);
    QCOMPARE(orders.size(), std::size_t{21});
    for (const auto order : orders) {
        const auto why = valueOf(order, "/metadata/why");
        const auto code = valueOf(order, "/metadata/code");
        QVERIFY(!why.empty());
        const auto document = readOrderDocument(order);
        if (code == "order_exists") {
            QVERIFY2(document.has_value(), why.c_str());
            const auto twin = std::find_if(m_orders.begin(), m_orders.end(), [&](const OrderDocument& other) {
                return other.channel == document->channel && other.externalId == document->externalId;
            });
            QVERIFY2(twin != m_orders.end() && !(*twin == *document), why.c_str());
            continue;
        }
        QVERIFY2(!document.has_value(), why.c_str());
        QVERIFY2(codeName(document.error().code) == code,
            (why + " Wanted " + code + ", got " + std::string(codeName(document.error().code))).c_str());
    }
}

QTEST_GUILESS_MAIN(TestSamples)
#include "tst_samples.moc"
