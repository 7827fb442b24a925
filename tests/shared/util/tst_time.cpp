// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/util/time.h"
#include "tests/shared/support/printing.h"
#include "tests/shared/support/property.h"

#include <QDateTime>
#include <QTest>

namespace gantry {

class TimeTest : public QObject {
    Q_OBJECT

private:
    static constexpr std::int64_t firstMs = -62'167'219'200'000; // 0000-01-01T00:00:00.000Z
    static constexpr std::int64_t lastMs = 253'402'300'799'999; // 9999-12-31T23:59:59.999Z

private Q_SLOTS:
    void reads_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("expected");
        const auto row = [](const char* text, const char* expected) {
            QTest::newRow(text) << QByteArray(text) << QByteArray(expected);
        };
        row("1970-01-01T00:00:00Z", "1970-01-01T00:00:00.000Z");
        row("2026-03-01T08:15:30.25Z", "2026-03-01T08:15:30.250Z");
        row("2026-03-01t08:15:30z", "2026-03-01T08:15:30.000Z");
        row("2026-03-01T08:15:30+00:00", "2026-03-01T08:15:30.000Z");
        row("2026-03-01T08:15:30-00:00", "2026-03-01T08:15:30.000Z");
        row("2026-03-01T00:15:30+01:00", "2026-02-28T23:15:30.000Z");
        row("2024-02-29T23:59:59-05:30", "2024-03-01T05:29:59.000Z");
        row("2026-12-31T23:59:59-23:59", "2027-01-01T23:58:59.000Z");
        row("1969-12-31T23:59:59.999Z", "1969-12-31T23:59:59.999Z");
        row("2026-03-01T08:15:30.1Z", "2026-03-01T08:15:30.100Z");
        row("2026-03-01T08:15:30.000000001Z", "2026-03-01T08:15:30.000Z");
        row("2026-03-01T08:15:30.999999999Z", "2026-03-01T08:15:30.999Z");
        row("1969-12-31T23:59:59.0009Z", "1969-12-31T23:59:59.000Z");
        row("2000-02-29T00:00:00Z", "2000-02-29T00:00:00.000Z");
        row("0000-01-01T00:00:00Z", "0000-01-01T00:00:00.000Z");
        row("9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z");
        row("1990-12-31T23:59:60Z", "1991-01-01T00:00:00.000Z");
        row("1990-12-31T15:59:60.7-08:00", "1991-01-01T00:00:00.000Z");
        row("2015-07-01T01:59:60+02:00", "2015-07-01T00:00:00.000Z");
    }

    void reads()
    {
        QFETCH(QByteArray, text);
        QFETCH(QByteArray, expected);
        const auto time = parseRfc3339(text.toStdString());
        QVERIFY(time);
        QCOMPARE(formatRfc3339(*time), expected.toStdString());
    }

    void refuses_data()
    {
        QTest::addColumn<QByteArray>("text");
        for (const char* text : {"", "2026", "2026-03-01", "2026-03-01T08:15:30", "2026-03-01T08:15Z",
                 "2026-03-01 08:15:30Z", "2026-02-29T00:00:00Z", "1900-02-29T00:00:00Z",
                 "2026-04-31T00:00:00Z", "2026-00-01T00:00:00Z", "2026-13-01T00:00:00Z",
                 "2026-01-00T00:00:00Z", "2026-01-32T00:00:00Z", "2026-01-01T24:00:00Z",
                 "2026-01-01T23:60:00Z", "2026-01-01T23:59:61Z", "2026-01-01T00:00:00.Z",
                 "2026-01-01T00:00:00.1234567890Z", "2026-01-01T00:00:00,5Z", "2026-01-01T00:00:00+24:00",
                 "2026-01-01T00:00:00+01:60", "2026-01-01T00:00:00+0100", "2026-01-01T00:00:00+01",
                 "2026-01-01T00:00:00ZZ", "2026-01-01T00:00:00Z ", " 2026-01-01T00:00:00Z",
                 "+2026-01-01T00:00:00Z", "-026-01-01T00:00:00Z", "26-01-01T00:00:00Z",
                 "12026-01-01T00:00:00Z", "2026-1-01T00:00:00Z", "2026-01-01T0:00:00Z",
                 "2026-W01-1T00:00:00Z", "2026-01-01T00:00:0aZ", "2026/01/01T00:00:00Z", "now",
                 // no leap second can be there
                 "2026-03-01T08:15:60Z", "2026-03-01T23:59:60Z", "2015-07-01T01:59:60+01:00",
                 // beyond the years that can be written
                 "0000-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01", "9999-12-31T23:59:60Z"})
            QTest::newRow(text) << QByteArray(text);
        QTest::newRow("zero byte") << QByteArray("2026-01-01T00:00:00Z\0", 21);
        QTest::newRow("other digits") << QByteArray("٢٠٢٦-01-01T00:00:00Z");
    }

    void refuses()
    {
        QFETCH(QByteArray, text);
        QVERIFY(!parseRfc3339(text.toStdString()));
    }

    void roundTrips()
    {
        QVERIFY(test::holds("a time written and read is the same", [](std::uint64_t chance) {
            const auto span = static_cast<std::uint64_t>(lastMs - firstMs + 1);
            const Timestamp time = fromMillis(firstMs + static_cast<std::int64_t>(mix64(chance) % span));
            RC_ASSERT(parseRfc3339(formatRfc3339(time)) == time);
        }));
        for (const std::int64_t edge : {firstMs, std::int64_t{-1}, std::int64_t{0}, lastMs})
            QCOMPARE(toMillis(*parseRfc3339(formatRfc3339(fromMillis(edge)))), edge);
    }

    void agreesWithQt()
    {
        QVERIFY(test::holds("Qt writes the same time alike", [](std::uint64_t chance) {
            const auto millis = static_cast<std::int64_t>(mix64(chance) % static_cast<std::uint64_t>(lastMs));
            const QString qt = QDateTime::fromMSecsSinceEpoch(millis, Qt::UTC).toString(Qt::ISODateWithMs);
            RC_ASSERT(formatRfc3339(fromMillis(millis)) == qt.toStdString());
        }));
    }

    void anyOffsetIsTheSameTime()
    {
        QVERIFY(test::holds("an offset moves the text, not the time", [](std::uint64_t chance) {
            test::Dice dice(chance);
            const auto millis = 1'000'000'000'000 + static_cast<std::int64_t>(dice.roll(1'000'000'000'000));
            const auto minutes = static_cast<int>(dice.roll(2 * 1439 + 1)) - 1439;
            std::string text = formatRfc3339(fromMillis(millis + minutes * 60'000));
            text.pop_back();
            const int size = std::abs(minutes);
            text += minutes < 0 ? '-' : '+';
            for (const int number : {size / 60, size % 60}) {
                text += static_cast<char>('0' + number / 10);
                text += static_cast<char>('0' + number % 10);
                text += ':';
            }
            text.pop_back();
            RC_ASSERT(parseRfc3339(text) == fromMillis(millis));
        }));
    }

    void garbageNeverReads()
    {
        QVERIFY(test::holds(
            "what reads is a time that can be written, whatever bytes came", [](std::uint64_t chance) {
                test::Dice dice(chance);
                std::string text = "2026-03-01T08:15:30.250+01:00";
                for (auto i = dice.roll(4); i-- > 0;)
                    text[dice.roll(text.size())] = static_cast<char>(dice.roll(256));
                text.resize(text.size() - dice.roll(3));
                const auto time = parseRfc3339(text);
                RC_ASSERT((!time || (toMillis(*time) >= firstMs && toMillis(*time) <= lastMs)));
            }));
    }
};

} // namespace gantry

QTEST_GUILESS_MAIN(gantry::TimeTest)
#include "tst_time.moc"
