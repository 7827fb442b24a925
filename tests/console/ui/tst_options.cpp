// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/ui/options.h"

#include <QtTest>

using namespace gantry;
using namespace gantry::console;
using namespace Qt::StringLiterals;

class TestOptions : public QObject {
    Q_OBJECT

    static Result<Options> read(QStringList arguments)
    {
        arguments.prepend(u"gantry-console"_s);
        return readOptions(arguments, u"/var/lib/gantry"_s);
    }

private Q_SLOTS:
    void theProfileIsThatOfTheDataDirectoryUnlessNamed()
    {
        QCOMPARE(read({})->profile, u"/var/lib/gantry/admin.profile"_s);
        QCOMPARE(read({u"--data-dir"_s, u"/tmp/x"_s})->profile, u"/tmp/x/admin.profile"_s);
        QCOMPARE(
            read({u"--profile"_s, u"a.profile"_s, u"--data-dir"_s, u"/tmp/x"_s})->profile, u"a.profile"_s);
    }

    void readsTheRest()
    {
        const auto options = read({u"--theme"_s, u"dark"_s, u"--screenshot"_s, u"a.png"_s,
            u"--size=1280x800"_s, u"--select"_s, u"W-1"_s});
        QVERIFY(options);
        QCOMPARE(options->theme, ThemeChoice::Dark);
        QCOMPARE(options->screenshot, u"a.png"_s);
        QCOMPARE(options->size, QSize(1280, 800));
        QCOMPARE(options->select, u"W-1"_s);
        QVERIFY(options->finalWords.isEmpty());
        QVERIFY(read({u"--help"_s})->finalWords.contains(u"--screenshot"_s));
        QVERIFY(read({u"--version"_s})->finalWords.startsWith(u"gantry-console "_s));
    }

    void refusesWhatItDoesNotKnow_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::newRow("option") << QStringList{u"--colour"_s};
        QTest::newRow("argument") << QStringList{u"now"_s};
        QTest::newRow("theme") << QStringList{u"--theme"_s, u"pink"_s};
        QTest::newRow("no value") << QStringList{u"--size"_s};
        for (const char* size : {"1280", "1280x", "99x800", "100x100", "9999x800", "12 80x800", "-1280x800"})
            QTest::newRow(size) << QStringList{u"--size=%1"_s.arg(QLatin1StringView(size))};
    }
    void refusesWhatItDoesNotKnow()
    {
        QFETCH(QStringList, arguments);
        const auto options = read(arguments);
        QVERIFY(!options);
        QCOMPARE(options.error().code, ErrorCode::InvalidValue);
        QVERIFY(options.error().message.find("--help") != std::string::npos);
    }
};

QTEST_GUILESS_MAIN(TestOptions)
#include "tst_options.moc"
