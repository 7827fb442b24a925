// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/domain/order_id.h"
#include "tests/shared/support/printing.h"
#include "tests/shared/support/property.h"

#include <QTest>
#include <algorithm>
#include <set>

namespace gantry {

class OrderIdTest : public QObject {
    Q_OBJECT

private:
    static OrderId sample()
    {
        return OrderId::make(fromMillis(1'770'000'000'000), 517, {0x2a, 0x0123456789abcdef});
    }

    static OrderId randomId(test::Dice& dice)
    {
        const auto millis = static_cast<std::int64_t>(dice.roll(std::uint64_t{1} << 48));
        return OrderId::make(
            fromMillis(millis), static_cast<Slot>(dice.roll(slotCount)), {dice.next(), dice.next()});
    }

private Q_SLOTS:
    void carriesTimeAndSlot()
    {
        QCOMPARE(sample().time(), fromMillis(1'770'000'000'000));
        QCOMPARE(sample().slot(), Slot{517});
        QCOMPARE(OrderId().text(), std::string("ord_00000000000000000000000000"));
        const OrderId last = OrderId::make(
            fromMillis((std::int64_t{1} << 48) - 1), 1023, {~std::uint64_t{0}, ~std::uint64_t{0}});
        QCOMPARE(last.text(), std::string("ord_7zzzzzzzzzzzzzzzzzzzzzzzzz"));
        QCOMPARE(last.slot(), Slot{1023});
    }

    void roundTrips()
    {
        QVERIFY(test::holds("an id written as text or bytes and read is the same", [](std::uint64_t chance) {
            test::Dice dice(chance);
            const OrderId id = randomId(dice);
            RC_ASSERT(OrderId::fromText(id.text()) == id);
            RC_ASSERT(OrderId::fromBytes(id.bytes()) == id);
            RC_ASSERT(id.text().size() == 30U);
        }));
    }

    void keepsWhatItWasMadeOf()
    {
        QVERIFY(test::holds("time and slot come out as they went in", [](std::uint64_t chance) {
            test::Dice dice(chance);
            const Timestamp time = fromMillis(static_cast<std::int64_t>(dice.roll(std::uint64_t{1} << 48)));
            const auto slot = static_cast<Slot>(dice.roll(slotCount));
            const OrderId id = OrderId::make(time, slot, {dice.next(), dice.next()});
            RC_ASSERT(id.time() == time);
            RC_ASSERT(id.slot() == slot);
        }));
    }

    void textsAndBytesSortAsTheIdsDo()
    {
        QVERIFY(test::holds("ids, texts and bytes sort alike, and by time first", [](std::uint64_t chance) {
            test::Dice dice(chance);
            const OrderId a = randomId(dice);
            const OrderId b = dice.chance(50) ? randomId(dice)
                                              : OrderId::make(a.time(), a.slot(), {dice.next(), dice.next()});
            RC_ASSERT((a < b) == (a.text() < b.text()));
            RC_ASSERT((a < b) == (a.bytes() < b.bytes()));
            if (a.time() != b.time())
                RC_ASSERT((a < b) == (a.time() < b.time()));
        }));
    }

    void entropyMakesIdsDiffer()
    {
        std::set<std::string> texts;
        test::Dice dice(1);
        for (int i = 0; i < 10'000; ++i)
            texts.insert(OrderId::make(fromMillis(1), 1, {dice.next(), dice.next()}).text());
        QCOMPARE(texts.size(), std::size_t{10'000});
        const auto idWith = [](std::uint64_t a, std::uint64_t b) {
            return OrderId::make(fromMillis(1), 1, {a, b});
        };
        for (int bit = 0; bit < 64; ++bit) {
            QCOMPARE(idWith(std::uint64_t{1} << bit, 0) != idWith(0, 0), bit < 6);
            QVERIFY(idWith(0, std::uint64_t{1} << bit) != idWith(0, 0));
        }
    }

    void readsEitherCase()
    {
        std::string upper = sample().text();
        std::transform(upper.begin(), upper.end(), upper.begin(),
            [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
        QCOMPARE(upper.substr(0, 4), std::string("ORD_"));
        QVERIFY(OrderId::fromText(upper) == sample());
    }

    void refusesOtherTexts_data()
    {
        QTest::addColumn<QByteArray>("text");
        const QByteArray good = QByteArray::fromStdString(sample().text());
        QTest::newRow("nothing") << QByteArray();
        QTest::newRow("prefix only") << QByteArray("ord_");
        QTest::newRow("no prefix") << good.mid(4);
        QTest::newRow("another prefix") << "orb_" + good.mid(4);
        QTest::newRow("too short") << good.chopped(1);
        QTest::newRow("too long") << good + '0';
        QTest::newRow("space before") << ' ' + good;
        QTest::newRow("more than 128 bits") << QByteArray("ord_80000000000000000000000000");
        QTest::newRow("far more than 128 bits") << QByteArray("ord_zzzzzzzzzzzzzzzzzzzzzzzzzz");
        for (const char c :
            {'i', 'l', 'o', 'u', 'I', 'L', 'O', 'U', '-', '_', ' ', '\0', '\x7f', '\xff', '{', '@'}) {
            QByteArray bad = good;
            bad[17] = c;
            QTest::newRow(("letter " + QByteArray::number(static_cast<unsigned char>(c))).constData()) << bad;
        }
    }

    void refusesOtherTexts()
    {
        QFETCH(QByteArray, text);
        QVERIFY(!OrderId::fromText({text.constData(), static_cast<std::size_t>(text.size())}));
    }

    void refusesOtherLengthsOfBytes()
    {
        for (std::size_t size = 0; size < 40; ++size)
            QCOMPARE(OrderId::fromBytes(std::string(size, 'x')).has_value(), size == 16);
    }

    void textIsReadOrRefusedWhateverCame()
    {
        QVERIFY(test::holds("a text that reads is an id's own", [](std::uint64_t chance) {
            test::Dice dice(chance);
            std::string text = randomId(dice).text();
            for (auto i = dice.roll(4); i-- > 0;)
                text[dice.roll(text.size())] = static_cast<char>(dice.roll(256));
            const auto id = OrderId::fromText(text);
            const auto isSameLetter = [](char a, char b) {
                return a == b || (a >= 'A' && a <= 'Z' && a + 32 == b);
            };
            RC_ASSERT((!id || std::equal(text.begin(), text.end(), id->text().begin(), isSameLetter)));
        }));
    }

    void slotsAreStable()
    {
        // Orders are never renamed: a change here loses every order stored.
        QCOMPARE(slotOf("web", "10001"), Slot{672});
        QCOMPARE(slotOf("", ""), Slot{800});
        QVERIFY(slotOf("ab", "c") != slotOf("a", "bc"));
    }

    void slotsAreSpreadEvenly()
    {
        std::array<int, slotCount> counts{};
        for (int i = 0; i < 102'400; ++i)
            ++counts[slotOf("olist", std::to_string(i))];
        const auto [fewest, mostIn] = std::minmax_element(counts.begin(), counts.end());
        QVERIFY2(
            *fewest > 50 && *mostIn < 160, QByteArray::number(*fewest) + ' ' + QByteArray::number(*mostIn));
    }

    void hashesAreSpread()
    {
        std::set<std::uint64_t> hashes;
        for (unsigned i = 0; i < 10'000; ++i)
            hashes.insert(
                hashOf(OrderId::make(fromMillis(i / 100), static_cast<Slot>(i % 100), {0, 0})) >> 40);
        QVERIFY(hashes.size() > 9'990);
    }
};

} // namespace gantry

QTEST_APPLESS_MAIN(gantry::OrderIdTest)
#include "tst_order_id.moc"
