// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/domain/condition.h"
#include "tests/shared/support/documents.h"

#include <QTest>
#include <limits>

namespace gantry {

using test::Dice;

namespace {

ConditionValue randomValue(Dice& dice, ConditionField field)
{
    if (typeOf(field) == ConditionType::Number)
        return field == ConditionField::Priority ? static_cast<std::int64_t>(dice.roll(10))
                                                 : static_cast<std::int64_t>(dice.next());
    if (field == ConditionField::Currency)
        return dice.chance(50) ? "EUR" : "JPY";
    if (field == ConditionField::Country)
        return dice.chance(50) ? "DE" : "";
    return test::randomText(dice, 20);
}

Condition randomLeaf(Dice& dice)
{
    Condition leaf;
    leaf.field = static_cast<ConditionField>(dice.roll(conditionFieldCount));
    if (leaf.field == ConditionField::Metadata)
        leaf.key = dice.chance(50) ? "gift" : "a-1_b";
    leaf.values.push_back(randomValue(dice, leaf.field));
    if (typeOf(leaf.field) == ConditionType::Set) {
        leaf.kind = Condition::Kind::Contains;
    } else if (dice.chance(40)) {
        leaf.kind = Condition::Kind::OneOf;
        for (auto more = dice.roll(3); more > 0; --more)
            leaf.values.push_back(randomValue(dice, leaf.field));
    } else {
        const bool isText = typeOf(leaf.field) == ConditionType::Text;
        leaf.comparison = static_cast<Comparison>(dice.roll(isText ? 2 : 6));
    }
    return leaf;
}

/// Any condition in normal form, up to `depth` levels over the leaves.
Condition randomCondition(Dice& dice, int depth)
{
    if (depth == 0 || dice.chance(30))
        return randomLeaf(dice);
    Condition condition;
    if (dice.chance(30)) {
        condition.kind = Condition::Kind::Not;
        condition.parts.push_back(randomCondition(dice, depth - 1));
        return condition;
    }
    condition.kind = dice.chance(50) ? Condition::Kind::All : Condition::Kind::Any;
    for (auto count = 2 + dice.roll(2); condition.parts.size() < count;) {
        Condition part = randomCondition(dice, depth - 1);
        if (part.kind != condition.kind)
            condition.parts.push_back(std::move(part));
    }
    return condition;
}

bool judged(std::string_view text, const OrderDocument& document)
{
    const auto condition = parseCondition(text);
    if (!condition)
        qFatal("%s", condition.error().message.c_str());
    return isTrue(*condition, document);
}

} // namespace

class ConditionTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void judges_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<bool>("expected");
        // Written with single quotes, which are easier to read here.
        const auto row = [](const char* text, bool expected) {
            QTest::newRow(text) << QByteArray(text).replace('\'', '"') << expected;
        };
        row("channel == 'web'", true);
        row("channel != 'web'", false);
        row("channel in ['pos', 'web']", true);
        row("channel in ['pos']", false);
        row("currency == 'EUR'", true);
        row("country == 'DE'", true);
        row("region == 'NW'", true);
        row("total > 1000", false);
        row("total >= 1000", true);
        row("total < 1000", false);
        row("total <= 1000", true);
        row("total == 1000", true);
        row("total != 1000", false);
        row("total in [1, 1000]", true);
        row("shipping == 300", true);
        row("discount == 20", true);
        row("tax == 10", true);
        row("priority == 3", true);
        row("lines == 2", true);
        row("quantity == 5", true);
        row("total > -1", true);
        row("'vip' in tags", true);
        row("'gift' in tags", false);
        row("'card' in payment_methods", true);
        row("'voucher' in payment_methods", true);
        row("'invoice' in payment_methods", false);
        row("'B-2' in skus", true);
        row("metadata.gift == 'yes'", true);
        row("metadata.none == ''", true);
        row("not channel == 'web'", false);
        row("not (channel == 'pos' or total == 1)", true);
        // and binds tighter than or: the first is false and true, or true.
        row("channel == 'pos' and total == 1 or priority == 3", true);
        row("channel == 'pos' and (total == 1 or priority == 3)", false);
        row("not not total == 1000", true);
    }
    void judges()
    {
        QFETCH(QByteArray, text);
        QFETCH(bool, expected);
        OrderDocument document{.channel = "web", .externalId = "1", .currency = *Currency::fromCode("EUR")};
        document.lines = {{"A-1", "", 2, 100}, {"B-2", "", 3, 170}};
        document.shippingAddress.country = "DE";
        document.shippingAddress.region = "NW";
        document.shipping = 300;
        document.discount = 20;
        document.tax = 10;
        document.total = 1000;
        document.payments = {{"card", 900}, {"voucher", 100}};
        document.priority = 3;
        document.tags = {"new", "vip"};
        document.metadata = {{"gift", "yes"}};
        QCOMPARE(judged(text.toStdString(), document), expected);
    }

    void tellsWhereAndWhatIsWrong_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<int>("offset");
        QTest::addColumn<QByteArray>("words");
        const auto row = [](const char* text, int offset, const char* words) {
            QTest::newRow(text) << QByteArray(text).replace('\'', '"') << offset << QByteArray(words);
        };
        row("", 0, "is expected here");
        row("total", 5, "a comparison is expected");
        row("totl > 5", 0, "totl is not a field");
        row("total > ", 8, "a value is expected");
        row("total > 5 6", 10, "after the condition's end");
        row("total > 5 and", 13, "is expected here");
        row("total = 5", 6, "a comparison is expected");
        row("total > '5'", 8, "is a number");
        row("channel == 5", 11, "is a text");
        row("channel < 'a'", 8, "can only be compared");
        row("channel == 'a", 11, "has no end");
        row("channel == 'a\\n'", 13, "after a backslash");
        row("channel == \"a\x01\"", 11, "control character");
        row("total > 5.00", 8, "minor units");
        row("total > 5e3", 8, "minor units");
        row("total > 99999999999999999999", 8, "beyond 64 bits");
        row("(total > 5", 10, "a ) is missing");
        row("total in 5", 9, "a list is expected");
        row("total in []", 10, "a value is expected");
        row("total in [5", 11, "] is missing");
        row("tags == 'vip'", 0, "is a set");
        row("'vip' in channel", 9, "is no set");
        row("'vip' == tags", 6, "only in SET");
        row("5 in tags", 0, "begins with a field");
        row("priority == 10", 12, "0 (first) to 9");
        row("currency == 'EUX'", 12, "ISO 4217");
        row("country == 'Germany'", 11, "ISO 3166");
        row("metadata == \"x\"", 8, "needs a key");
        row("metadata. == \"x\"", 8, "needs a key");
    }
    void tellsWhereAndWhatIsWrong()
    {
        QFETCH(QByteArray, text);
        QFETCH(int, offset);
        QFETCH(QByteArray, words);
        const auto condition = parseCondition(text.toStdString());
        QVERIFY(!condition);
        QCOMPARE(static_cast<int>(condition.error().offset), offset);
        QVERIFY2(condition.error().message.find(words.toStdString()) != std::string::npos,
            condition.error().message.c_str());
    }

    void hasLimits()
    {
        const std::string tail = "total > 1";
        QVERIFY(parseCondition(std::string(31, '(') + tail + std::string(31, ')')));
        QVERIFY(!parseCondition(std::string(32, '(') + tail + std::string(32, ')')));
        QVERIFY(!parseCondition(std::string(1991, '(') + tail));
        QVERIFY(parseCondition(tail + std::string(1991, ' ')));
        QVERIFY(!parseCondition(tail + std::string(1992, ' ')));
    }

    void holdsForNoPiecesAndForTooMany()
    {
        OrderDocument document{.channel = "web", .externalId = "1", .currency = *Currency::fromCode("EUR")};
        QVERIFY(judged("quantity == 0 and lines == 0", document));
        constexpr auto most = std::numeric_limits<std::int64_t>::max();
        document.lines = {{"A", "", most, 1}, {"A", "", most, 1}};
        QVERIFY(judged("quantity == -2", document)); // wrapped, and defined
    }

    void whatIsWrittenIsReadAgain()
    {
        QVERIFY(test::holds(
            "a condition that is written and read is the same and judges the same", [](std::uint64_t seed) {
                Dice dice(seed);
                const Condition condition = randomCondition(dice, 3);
                const std::string text = formatCondition(condition);
                if (text.size() > ConditionLimits::bytes)
                    return;
                const auto again = parseCondition(text);
                RC_ASSERT(again.has_value());
                RC_ASSERT(*again == condition);
                RC_ASSERT(formatCondition(*again) == text);
                const OrderDocument document = test::randomDocument(dice);
                RC_ASSERT(isTrue(*again, document) == isTrue(condition, document));
                Condition opposite{.kind = Condition::Kind::Not, .parts = {condition}};
                RC_ASSERT(isTrue(opposite, document) != isTrue(condition, document));
            }));
    }

    void anyTextIsReadOrRefused()
    {
        QVERIFY(test::holds(
            "broken text is refused inside its bounds, and what is taken is judged", [](std::uint64_t seed) {
                Dice dice(seed);
                std::string text = formatCondition(randomCondition(dice, 3));
                for (auto changes = 1 + dice.roll(4); changes > 0 && !text.empty(); --changes) {
                    const auto at = dice.roll(text.size());
                    if (dice.chance(50))
                        text.erase(at, 1 + dice.roll(5));
                    else
                        text.insert(at, 1, dice.pick(std::string("()[]\"\\<>=!, .-09azin")));
                }
                const auto condition = parseCondition(text);
                if (condition)
                    static_cast<void>(isTrue(*condition, test::randomDocument(dice)));
                else
                    RC_ASSERT(condition.error().offset <= text.size());
            }));
    }
};

} // namespace gantry

QTEST_APPLESS_MAIN(gantry::ConditionTest)
#include "tst_condition.moc"
