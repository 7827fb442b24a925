// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/ui/theme.h"

#include "console/models/event_words.h"
#include "console/ui/icons.h"

#include <QApplication>
#include <QFile>
#include <QtTest>

using namespace gantry;
using namespace gantry::console;
using namespace Qt::StringLiterals;

class TestTheme : public QObject {
    Q_OBJECT

    /// Every pair of text and ground that is painted.
    static QList<std::pair<QString, std::pair<QColor, QColor>>> pairs(const Theme& theme)
    {
        QList<std::pair<QString, QColor>> grounds{{u"window"_s, theme.window()},
            {u"surface"_s, theme.surface()}, {u"hover"_s, theme.hover()},
            {u"selection"_s, theme.selection()}};
        QList<std::pair<QString, QColor>> texts{
            {u"text"_s, theme.text()}, {u"muted"_s, theme.muted()}, {u"accent"_s, theme.accent()}};
        for (std::size_t state = 0; state < orderStateCount; ++state)
            texts.append({toText(stateName(static_cast<OrderState>(state))),
                theme.stateColor(static_cast<OrderState>(state))});
        QList<std::pair<QString, std::pair<QColor, QColor>>> all;
        for (const auto& [text, color] : texts)
            for (const auto& [ground, behind] : grounds)
                all.append({text + u" on "_s + ground, {color, behind}});
        for (const Tone tone :
            {Tone::Plain, Tone::Muted, Tone::Good, Tone::Notice, Tone::Warning, Tone::Danger})
            all.append(
                {u"banner %1"_s.arg(static_cast<int>(tone)), {theme.toneColor(tone), theme.banner(tone)}});
        all.append({u"primary button"_s, {theme.onAccent(), theme.accent()}});
        return all;
    }

private Q_SLOTS:
    void everyTextHasContrast_data()
    {
        QTest::addColumn<bool>("isDark");
        QTest::newRow("light") << false;
        QTest::newRow("dark") << true;
    }
    void everyTextHasContrast()
    {
        QFETCH(bool, isDark);
        for (const auto& [name, colors] : pairs(Theme(isDark))) {
            const double contrast = Theme::contrast(colors.first, colors.second);
            QVERIFY2(contrast >= 4.5, qPrintable(u"%1: %2"_s.arg(name).arg(contrast)));
        }
    }

    void contrastIsThatOfWcag()
    {
        QCOMPARE(qRound(Theme::contrast(Qt::black, Qt::white) * 100), 2100);
        QCOMPARE(qRound(Theme::contrast(Qt::white, QColor(0x767676)) * 100), 454);
        QCOMPARE(Theme::contrast(Qt::red, Qt::red), 1.0);
    }

    void statesDifferInColorFromTheirNeighbors()
    {
        for (const bool isDark : {false, true}) {
            const Theme theme(isDark);
            QVERIFY(theme.stateColor(OrderState::Failed) != theme.stateColor(OrderState::Waiting));
            QVERIFY(theme.stateColor(OrderState::Completed) != theme.stateColor(OrderState::Running));
        }
    }

    void theSheetNamesNoUnknownColor()
    {
        QVERIFY(!Theme(false).styleSheet().contains(u'@'));
        QVERIFY(!Theme(true).styleSheet().contains(u'@'));
    }

    void systemFollowsTheSystemsPalette()
    {
        auto* application = qobject_cast<QApplication*>(QCoreApplication::instance());
        QVERIFY(application);
        QApplication::setPalette(QPalette(Qt::white, QColor(0x202020)));
        Theme::apply(*application, ThemeChoice::System);
        QVERIFY(Theme::current().isDark());
        QApplication::setPalette(QPalette(Qt::black, QColor(0xf0f0f0)));
        Theme::apply(*application, ThemeChoice::System);
        QVERIFY(!Theme::current().isDark());
        Theme::apply(*application, ThemeChoice::Dark);
        QVERIFY(Theme::current().isDark());
    }

    void everyStateAndActionHasAnIconOfItsOwn()
    {
        QList<QImage> seen;
        QStringList names;
        for (std::size_t state = 0; state < orderStateCount; ++state)
            names << stateIconName(static_cast<OrderState>(state));
        for (const Action action : allActions)
            names << actionIconName(action);
        for (const QString& name : names) {
            const QImage image = tintedPixmap(name, Qt::red, 16, 1).toImage();
            QVERIFY2(QFile::exists(u":/icons/%1.svg"_s.arg(name)), qPrintable(name));
            QVERIFY2(!seen.contains(image), qPrintable(name));
            seen << image;
        }
    }
};

QTEST_MAIN(TestTheme)
#include "tst_theme.moc"
