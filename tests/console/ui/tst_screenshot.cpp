// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/ui/screenshot.h"

#include "tests/console/support/console_bench.h"

#include <QImage>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QtTest>

using namespace gantry;
using namespace gantry::console;
using namespace gantry::test;
using namespace Qt::StringLiterals;

class TestScreenshot : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;

    QString take(const QString& file, const QString& select)
    {
        ConsoleBench bench;
        bench.window.resize(1280, 800);
        bench.window.show();
        Screenshot screenshot(bench.session, bench.window, file, select);
        QSignalSpy finished(&screenshot, &Screenshot::finished);
        bench.goLive(100);
        if (!finished.wait(10'000))
            return u"never finished"_s;
        return finished.front().front().toString();
    }

private Q_SLOTS:
    void drawsTheWindowOnceItIsLive()
    {
        const QString file = m_folder.filePath(u"a.png"_s);
        QCOMPARE(take(file, u"W-48250"_s), QString());
        QCOMPARE(QImage(file).size(), QSize(1280, 800));
    }

    void saysWhatItCouldNotDo()
    {
        QVERIFY(take(m_folder.filePath(u"b.png"_s), u"nowhere"_s).contains(u"no open order"_s));
        QVERIFY(take(m_folder.filePath(u"none/c.png"_s), {}).contains(u"could not be written"_s));
    }
};

QTEST_MAIN(TestScreenshot)
#include "tst_screenshot.moc"
