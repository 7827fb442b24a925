// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/models/wording.h"

#include <QLocale>
#include <QtTest>

using namespace gantry;
using namespace gantry::console;
using namespace Qt::StringLiterals;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

class TestWording : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase()
    {
        qputenv("TZ", "Europe/Berlin");
        QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedStates));
    }

    void ages_data()
    {
        QTest::addColumn<qint64>("millis");
        QTest::addColumn<QString>("text");
        QTest::newRow("negative") << qint64{-5'000} << u"0 s"_s;
        QTest::newRow("under a minute") << qint64{59'999} << u"59 s"_s;
        QTest::newRow("a minute") << qint64{60'000} << u"1 min"_s;
        QTest::newRow("under an hour") << qint64{3'599'000} << u"59 min"_s;
        QTest::newRow("padded, so that a column lines up")
            << qint64{3 * 3'600'000 + 5 * 60'000} << u"3 h 05 min"_s;
        QTest::newRow("days") << qint64{(24 + 24 + 4) * 3'600'000LL} << u"2 d 4 h"_s;
    }
    void ages()
    {
        QFETCH(qint64, millis);
        QTEST(ageText(milliseconds(millis)), "text");
    }

    void slackSaysOnWhichSideOfThePromise()
    {
        const Timestamp now = fromMillis(1'000'000'000);
        QCOMPARE(slackText(now + minutes(90), now), u"in 1 h 30 min"_s);
        QCOMPARE(slackText(now - minutes(12), now), u"12 min late"_s);
        QCOMPARE(slackTone(now - seconds(1), now), Tone::Danger);
        QCOMPARE(slackTone(now + minutes(119), now), Tone::Warning);
        QCOMPARE(slackTone(now + hours(2), now), Tone::Plain);
    }

    void exactTimesNameTheirOffset()
    {
        QCOMPARE(exactTime(fromMillis(1'772'446'530'000)), u"2026-03-02 11:15:30 +01:00"_s);
    }

    void theDateStandsOnlyWhenItIsNotToday()
    {
        const Timestamp now = fromMillis(1'772'446'530'000);
        QCOMPARE(clockTime(now - hours(1), now), u"10:15:30"_s);
        QCOMPARE(clockTime(now - hours(24), now), u"03-01 11:15:30"_s);
    }

    void money_data()
    {
        QTest::addColumn<qint64>("amount");
        QTest::addColumn<QByteArray>("currency");
        QTest::addColumn<QString>("text");
        QTest::newRow("cents") << qint64{123'456'789} << QByteArray("EUR") << u"1,234,567.89\u00A0EUR"_s;
        QTest::newRow("small") << qint64{-5} << QByteArray("EUR") << u"-0.05\u00A0EUR"_s;
        QTest::newRow("no group in three digits")
            << qint64{-99'900} << QByteArray("EUR") << u"-999.00\u00A0EUR"_s;
        QTest::newRow("no decimals") << qint64{1500} << QByteArray("JPY") << u"1,500\u00A0JPY"_s;
        QTest::newRow("three decimals") << qint64{1'000'000} << QByteArray("KWD") << u"1,000.000\u00A0KWD"_s;
    }
    void money()
    {
        QFETCH(qint64, amount);
        QFETCH(QByteArray, currency);
        const auto code = Currency::fromCode(currency.toStdString());
        QVERIFY(code);
        QTEST(moneyText(amount, *code), "text");
    }

    void numbersInTextsSortByValue()
    {
        QVERIFY(naturalKey(u"SO-9"_s) < naturalKey(u"SO-10"_s));
        QVERIFY(naturalKey(u"so-10"_s) < naturalKey(u"SO-11"_s));
        QVERIFY(naturalKey(u"A7b"_s) < naturalKey(u"A007c"_s));
        QCOMPARE(naturalKey(u"x007"_s), naturalKey(u"X7"_s));
        QCOMPARE(naturalKey({}), QString());
    }
};

QTEST_GUILESS_MAIN(TestWording)
#include "tst_wording.moc"
