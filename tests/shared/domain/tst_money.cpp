// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/domain/money.h"
#include "tests/shared/support/printing.h"
#include "tests/shared/support/property.h"

#include <QTest>
#include <limits>
#include <map>

namespace gantry {

class MoneyTest : public QObject {
    Q_OBJECT

private:
    static constexpr MinorUnits most = std::numeric_limits<MinorUnits>::max();
    static constexpr MinorUnits least = std::numeric_limits<MinorUnits>::min();

    static Currency currencyOf(int exponent)
    {
        constexpr std::string_view codes[] = {"JPY", "", "EUR", "KWD", "CLF"};
        return *Currency::fromCode(codes[exponent]);
    }

    static std::vector<std::string> allCodes()
    {
        std::vector<std::string> codes;
        for (char a = 'A'; a <= 'Z'; ++a)
            for (char b = 'A'; b <= 'Z'; ++b)
                for (char c = 'A'; c <= 'Z'; ++c)
                    codes.push_back({a, b, c});
        return codes;
    }

private Q_SLOTS:
    void currenciesAreThoseOfTheStandard()
    {
        std::map<int, int> countByExponent;
        for (const std::string& code : allCodes())
            if (const auto currency = Currency::fromCode(code)) {
                QCOMPARE(currency->code(), std::string_view(code));
                ++countByExponent[currency->exponent()];
            }
        QCOMPARE(countByExponent, (std::map<int, int>{{0, 17}, {2, 139}, {3, 7}, {4, 2}}));
        for (const std::string_view code :
            {"EUR", "USD", "GBP", "CHF", "BRL", "CNY", "INR", "MGA", "MRU", "ZWG"})
            QVERIFY(Currency::fromCode(code) && Currency::fromCode(code)->exponent() == 2);
        for (const std::string_view code : {"JPY", "KRW", "ISK", "CLP", "XOF", "XPF", "VND"})
            QVERIFY(Currency::fromCode(code) && Currency::fromCode(code)->exponent() == 0);
        for (const std::string_view code : {"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"})
            QVERIFY(Currency::fromCode(code) && Currency::fromCode(code)->exponent() == 3);
    }

    void othersAreNone()
    {
        for (const std::string_view code : {"", "E", "EU", "EURO", "eur", "Eur", "ABC", "XDR", "XAU", "XTS",
                 "DEM", "HRK", " EU", "EU ", "UR"})
            QVERIFY2(!Currency::fromCode(code), std::string(code).c_str());
        QVERIFY(!Currency::fromCode(std::string_view("EU\0", 3)));
        QVERIFY2(!Currency::fromCode("DAF"), "no code across the border of two others");
    }

    void additionIsChecked()
    {
        QCOMPARE(addChecked(2, -3), std::optional<MinorUnits>(-1));
        QCOMPARE(addChecked(most, 0), std::optional(most));
        QCOMPARE(addChecked(most, least), std::optional<MinorUnits>(-1));
        QVERIFY(!addChecked(most, 1));
        QVERIFY(!addChecked(least, -1));
    }

    void multiplicationIsChecked()
    {
        QCOMPARE(multiplyChecked(-3, 4), std::optional<MinorUnits>(-12));
        QCOMPARE(multiplyChecked(most, 1), std::optional(most));
        QCOMPARE(multiplyChecked(most, -1), std::optional(least + 1));
        QVERIFY(!multiplyChecked(least, -1));
        QVERIFY(!multiplyChecked(most / 2 + 1, 2));
        QVERIFY(!multiplyChecked(1'000'000, most / 999'999));
    }

    void formats()
    {
        QCOMPARE(formatAmount(123'450, currencyOf(2)), std::string("1234.50"));
        QCOMPARE(formatAmount(-5, currencyOf(2)), std::string("-0.05"));
        QCOMPARE(formatAmount(0, currencyOf(2)), std::string("0.00"));
        QCOMPARE(formatAmount(1500, currencyOf(0)), std::string("1500"));
        QCOMPARE(formatAmount(-1, currencyOf(3)), std::string("-0.001"));
        QCOMPARE(formatAmount(12'345, currencyOf(4)), std::string("1.2345"));
        QCOMPARE(formatAmount(most, currencyOf(2)), std::string("92233720368547758.07"));
        QCOMPARE(formatAmount(least, currencyOf(0)), std::string("-9223372036854775808"));
    }

    void parses_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<int>("exponent");
        QTest::addColumn<qint64>("amount");
        const auto row = [](const char* text, int exponent, MinorUnits amount) {
            QTest::newRow(text) << QByteArray(text) << exponent << qint64{amount};
        };
        row("12.34", 2, 1234);
        row("5", 2, 500);
        row("5.1", 2, 510);
        row("0", 2, 0);
        row("-0.00", 2, 0);
        row("-0.05", 2, -5);
        row("007.10", 2, 710);
        row("1500", 0, 1500);
        row("1.2345", 4, 12'345);
        row("92233720368547758.07", 2, most);
        row("-92233720368547758.08", 2, least);
    }

    void parses()
    {
        QFETCH(QByteArray, text);
        QFETCH(int, exponent);
        QFETCH(qint64, amount);
        QCOMPARE(parseAmount(text.toStdString(), currencyOf(exponent)), std::optional<MinorUnits>(amount));
    }

    void refuses_data()
    {
        QTest::addColumn<QByteArray>("text");
        for (const char* text : {"", "-", ".", "-.", "5.", ".5", "+5", "--5", "5-", "1,5", "1.234", "1.2.3",
                 "1e3", "0x10", " 5", "5 ", "5\n", "1 000", "NaN", "inf", "٥", "92233720368547758.08",
                 "-92233720368547758.09", "100000000000000000000000000000"})
            QTest::newRow(text) << QByteArray(text);
        QTest::newRow("zero byte") << QByteArray("5\0", 2);
    }

    void refuses()
    {
        QFETCH(QByteArray, text);
        QVERIFY(!parseAmount(text.toStdString(), currencyOf(2)));
    }

    void decimalsThatTheCurrencyHasNot()
    {
        QVERIFY(!parseAmount("5.0", currencyOf(0)));
        QVERIFY(!parseAmount("5.0001", currencyOf(3)));
        QVERIFY(!parseAmount("5.00001", currencyOf(4)));
    }

    void roundTrips()
    {
        const auto roundTrip = [](MinorUnits amount, int exponent) {
            return parseAmount(formatAmount(amount, currencyOf(exponent)), currencyOf(exponent)) == amount;
        };
        QVERIFY(test::holds("an amount written and read is the same", [&](MinorUnits amount) {
            for (const int exponent : {0, 2, 3, 4})
                RC_ASSERT(roundTrip(amount, exponent));
        }));
        for (const MinorUnits edge : {most, least, most - 1, least + 1, MinorUnits{0}, MinorUnits{-1}})
            for (const int exponent : {0, 2, 3, 4})
                QVERIFY(roundTrip(edge, exponent));
    }
};

} // namespace gantry

QTEST_APPLESS_MAIN(gantry::MoneyTest)
#include "tst_money.moc"
