// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/ui/layout_store.h"

#include <QFile>
#include <QTemporaryDir>
#include <QtTest>

using namespace gantry;
using namespace gantry::console;
using namespace Qt::StringLiterals;

class TestLayoutStore : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void keepsValuesFromOneStartToTheNext()
    {
        const QTemporaryDir folder;
        const QString path = folder.filePath(u"console.sqlite"_s);
        {
            auto store = LayoutStore::open(path);
            QVERIFY(store);
            QCOMPARE((*store)->value(u"geometry"_s), QByteArray());
            (*store)->setValue(u"geometry"_s, QByteArray("\0\1\2", 3));
            (*store)->setValue(u"geometry"_s, QByteArray("\0\3", 2));
            (*store)->setValue(u"filter"_s, "{}");
        }
        auto store = LayoutStore::open(path);
        QVERIFY(store);
        QCOMPARE((*store)->value(u"geometry"_s), QByteArray("\0\3", 2));
        QCOMPARE((*store)->value(u"filter"_s), QByteArray("{}"));
    }

    void twoAtOnceShareTheFile()
    {
        const QTemporaryDir folder;
        const QString path = folder.filePath(u"console.sqlite"_s);
        auto first = LayoutStore::open(path);
        auto second = LayoutStore::open(path);
        QVERIFY(first && second);
        (*first)->setValue(u"a"_s, "1");
        (*second)->setValue(u"b"_s, "2");
        QCOMPARE((*second)->value(u"a"_s), QByteArray("1"));
    }

    void whatItCantUseIsSaid()
    {
        const QTemporaryDir folder;
        QCOMPARE(LayoutStore::open(folder.filePath(u"none/console.sqlite"_s)).error().code,
            ErrorCode::Unavailable);
        QFile file(folder.filePath(u"other"_s));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(QByteArray(5000, 'x'));
        file.close();
        const auto store = LayoutStore::open(file.fileName());
        QVERIFY(!store);
        QCOMPARE(store.error().code, ErrorCode::Corrupt);
        QVERIFY(store.error().message.find("everything else works") != std::string::npos);
    }
};

QTEST_GUILESS_MAIN(TestLayoutStore)
#include "tst_layout_store.moc"
