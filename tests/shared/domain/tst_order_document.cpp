// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/domain/order_document.h"
#include "tests/shared/support/documents.h"
#include "tests/shared/support/printing.h"

#include <QTest>
#include <algorithm>
#include <functional>
#include <limits>

namespace gantry {

using test::sampleDocument;

/// One way to spoil the sample, and what findFaults() must say of it: "code pointer", one after the other.
struct Spoiling {
    const char* name;
    std::function<void(OrderDocument&)> spoil;
    const char* faults;
};

constexpr MinorUnits most = std::numeric_limits<MinorUnits>::max();
const std::string longKey(101, 'k');
const std::string longText(1001, 't');

const Spoiling spoilings[] = {
    {"sound", [](OrderDocument&) {}, ""},
    {"no channel", [](OrderDocument& d) { d.channel.clear(); }, "invalid_value /channel"},
    {"long channel", [](OrderDocument& d) { d.channel = longKey; }, "invalid_value /channel"},
    {"channel of 100 bytes", [](OrderDocument& d) { d.channel = longKey.substr(1); }, ""},
    {"zero byte in channel", [](OrderDocument& d) { d.channel.push_back('\0'); }, "invalid_value /channel"},
    {"no external id", [](OrderDocument& d) { d.externalId.clear(); }, "invalid_value /external_id"},
    {"newline in external id", [](OrderDocument& d) { d.externalId += '\n'; }, "invalid_value /external_id"},
    {"no lines", [](OrderDocument& d) { d.lines.clear(); }, "invalid_value /lines"},
    {"1,000 lines",
        [](OrderDocument& d) {
            d.lines.resize(1000, {"FREE", "", 1, 0});
        },
        ""},
    {"1,001 lines", [](OrderDocument& d) { d.lines.resize(1001); }, "too_many_lines /lines"},
    {"no SKU", [](OrderDocument& d) { d.lines[1].sku.clear(); }, "invalid_value /lines/1/sku"},
    {"long SKU", [](OrderDocument& d) { d.lines[1].sku = longKey; }, "invalid_value /lines/1/sku"},
    {"escape in SKU", [](OrderDocument& d) { d.lines[1].sku = "\x1b[31m"; }, "invalid_value /lines/1/sku"},
    {"long line name", [](OrderDocument& d) { d.lines[0].name = longText; }, "invalid_value /lines/0/name"},
    {"delete in line name", [](OrderDocument& d) { d.lines[0].name += '\x7f'; },
        "invalid_value /lines/0/name"},
    {"quantity 0", [](OrderDocument& d) { d.lines[0].quantity = 0; }, "invalid_value /lines/0/quantity"},
    {"quantity -1", [](OrderDocument& d) { d.lines[0].quantity = -1; }, "invalid_value /lines/0/quantity"},
    {"quantity 1,000,001", [](OrderDocument& d) { d.lines[0].quantity = 1'000'001; },
        "invalid_value /lines/0/quantity"},
    {"negative price", [](OrderDocument& d) { d.lines[0].unitPrice = -1; },
        "invalid_value /lines/0/unit_price"},
    {"all wrong in a line",
        [](OrderDocument& d) {
            d.lines[0] = {"", "", 0, -1};
        },
        "invalid_value /lines/0/sku invalid_value /lines/0/quantity invalid_value /lines/0/unit_price"},
    {"long customer name", [](OrderDocument& d) { d.customer.name = longText; },
        "invalid_value /customer/name"},
    {"tab in e-mail", [](OrderDocument& d) { d.customer.email = "a\tb"; }, "invalid_value /customer/email"},
    {"long phone", [](OrderDocument& d) { d.customer.phone = longText; }, "invalid_value /customer/phone"},
    {"long address",
        [](OrderDocument& d) {
            d.shippingAddress = {longText, longText, longText, longText, longText, longText, "GB"};
        },
        "invalid_value /shipping_address/name invalid_value /shipping_address/line1 "
        "invalid_value /shipping_address/line2 invalid_value /shipping_address/city "
        "invalid_value /shipping_address/postal_code invalid_value /shipping_address/region"},
    {"country in small letters", [](OrderDocument& d) { d.shippingAddress.country = "gb"; },
        "invalid_value /shipping_address/country"},
    {"country of three letters", [](OrderDocument& d) { d.shippingAddress.country = "GBR"; },
        "invalid_value /shipping_address/country"},
    {"no country", [](OrderDocument& d) { d.shippingAddress.country.clear(); }, ""},
    {"negative shipping", [](OrderDocument& d) { d.shipping = -1; }, "invalid_value /shipping"},
    {"negative discount", [](OrderDocument& d) { d.discount = -1; }, "invalid_value /discount"},
    {"negative tax", [](OrderDocument& d) { d.tax = -1; }, "invalid_value /tax"},
    {"negative total", [](OrderDocument& d) { d.total = -1; }, "invalid_value /total"},
    {"total too high",
        [](OrderDocument& d) {
            ++d.total;
            d.payments.clear();
        },
        "total_mismatch /total"},
    {"total too low",
        [](OrderDocument& d) {
            --d.total;
            d.payments.clear();
        },
        "total_mismatch /total"},
    {"total and payments apart", [](OrderDocument& d) { ++d.total; },
        "total_mismatch /total total_mismatch /payments"},
    {"payments too low", [](OrderDocument& d) { --d.payments[0].amount; }, "total_mismatch /payments"},
    {"no payments", [](OrderDocument& d) { d.payments.clear(); }, ""},
    {"discount over the sum", [](OrderDocument& d) { d.discount = 1'000'000; }, "total_mismatch /total"},
    {"one line overflows",
        [](OrderDocument& d) {
            d.lines[0] = {"S", "", 2, most};
        },
        "amount_overflow /total"},
    {"lines overflow together",
        [](OrderDocument& d) {
            d.lines = {{"S", "", 1, most}, {"S", "", 1, 2}};
        },
        "amount_overflow /total"},
    {"shipping and tax overflow", [](OrderDocument& d) { d.shipping = d.tax = most; },
        "amount_overflow /total"},
    {"payments overflow", [](OrderDocument& d) { d.payments[0].amount = most; }, "amount_overflow /payments"},
    {"largest total that fits",
        [](OrderDocument& d) {
            d.lines = {{"S", "", 1, most}};
            d.shipping = d.tax = d.discount = 0;
            d.total = most;
            d.payments = {{"card", most}};
        },
        ""},
    {"the discount brings it back in range",
        [](OrderDocument& d) {
            d.lines = {{"S", "", 1, most}};
            d.shipping = d.discount = 490;
            d.tax = 0;
            d.total = most;
            d.payments.clear();
        },
        ""},
    {"no payment method", [](OrderDocument& d) { d.payments[1].method.clear(); },
        "invalid_value /payments/1/method"},
    {"negative payment", [](OrderDocument& d) { d.payments[1].amount = -498; },
        "invalid_value /payments/1/amount"},
    {"101 payments", [](OrderDocument& d) { d.payments.resize(101); }, "invalid_value /payments"},
    {"priority -1", [](OrderDocument& d) { d.priority = -1; }, "invalid_value /priority"},
    {"priority 10", [](OrderDocument& d) { d.priority = 10; }, "invalid_value /priority"},
    {"51 tags", [](OrderDocument& d) { d.tags.resize(51); }, "invalid_value /tags"},
    {"empty tag", [](OrderDocument& d) { d.tags[1].clear(); }, "invalid_value /tags/1"},
    {"control character in tag", [](OrderDocument& d) { d.tags[1] = "\a"; }, "invalid_value /tags/1"},
    {"51 metadata", [](OrderDocument& d) { d.metadata.resize(51); }, "invalid_value /metadata"},
    {"empty metadata name", [](OrderDocument& d) { d.metadata[0].first.clear(); }, "invalid_value /metadata"},
    {"long metadata name", [](OrderDocument& d) { d.metadata[0].first = longKey; },
        "invalid_value /metadata"},
    {"newline in metadata name", [](OrderDocument& d) { d.metadata[0].first = "a\nb"; },
        "invalid_value /metadata"},
    {"metadata name twice", [](OrderDocument& d) { d.metadata[1].first = d.metadata[0].first; },
        "duplicate_key /metadata/campaign"},
    {"long metadata value",
        [](OrderDocument& d) {
            d.metadata[0] = {"a/b~c", longText};
        },
        "invalid_value /metadata/a~1b~0c"},
};

class OrderDocumentTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void findsTheFaults_data()
    {
        QTest::addColumn<int>("index");
        for (std::size_t i = 0; i < std::size(spoilings); ++i)
            QTest::newRow(spoilings[i].name) << static_cast<int>(i);
    }

    void findsTheFaults()
    {
        QFETCH(int, index);
        OrderDocument document = sampleDocument();
        spoilings[index].spoil(document);
        std::string faults;
        for (const FieldError& fault : findFaults(document)) {
            faults += (faults.empty() ? "" : " ") + std::string(codeName(fault.code)) + ' ' + fault.pointer;
            QVERIFY(!fault.message.empty());
        }
        QCOMPARE(faults, std::string(spoilings[index].faults));
    }

    void faultsAreTheSameOnALargeDocument()
    {
        OrderDocument document = sampleDocument();
        document.lines.assign(1000, {"", "", 0, -1});
        QCOMPARE(findFaults(document).size(), std::size_t{3000});
        document.lines.resize(100'000);
        QCOMPARE(findFaults(document).size(), std::size_t{1});
    }

    void generatedDocumentsAreSound()
    {
        QVERIFY(test::holds("a document whose sums are right has no fault", [](std::uint64_t chance) {
            test::Dice dice(chance);
            RC_ASSERT(findFaults(test::randomDocument(dice)).empty());
        }));
    }

    void anyAmountPutOffIsFound()
    {
        QVERIFY(test::holds("no amount can be changed without a fault", [](std::uint64_t chance) {
            test::Dice dice(chance);
            OrderDocument document = test::randomDocument(dice);
            const MinorUnits by = 1 + static_cast<MinorUnits>(dice.roll(1000));
            switch (dice.roll(5)) {
            case 0: document.total += by; break;
            case 1: document.shipping += by; break;
            case 2: document.tax += by; break;
            case 3: document.discount += by; break;
            default: document.lines.front().unitPrice += by; break;
            }
            RC_ASSERT(!findFaults(document).empty());
        }));
    }
};

} // namespace gantry

QTEST_APPLESS_MAIN(gantry::OrderDocumentTest)
#include "tst_order_document.moc"
