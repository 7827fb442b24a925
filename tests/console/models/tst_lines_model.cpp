// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/models/lines_model.h"

#include "tests/console/support/model_log.h"

#include <QAbstractItemModelTester>
#include <QLocale>
#include <QTextDocument>
#include <QtTest>
#include <limits>

using namespace gantry;
using namespace gantry::console;
using namespace gantry::test;
using namespace Qt::StringLiterals;

class TestLinesModel : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void showsLinesWithTheirSums()
    {
        QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedStates));
        LinesModel model;
        QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::Fatal);
        ModelLog log(model, LinesModel::SumColumn);
        model.setLines(
            {{"A-1", "Lamp", 3, 1'250}, {"B-2", {}, 1'000'000, std::numeric_limits<MinorUnits>::max()}},
            *Currency::fromCode("EUR"));
        QCOMPARE(log.take(), QStringList{u"reset"_s});
        QCOMPARE(model.index(0, LinesModel::NameColumn).data().toString(), u"Lamp"_s);
        QCOMPARE(model.index(0, LinesModel::PriceColumn).data().toString(), u"12.50\u00A0EUR"_s);
        QCOMPARE(log.mirror(), (QStringList{u"37.50\u00A0EUR"_s, u"too large"_s}));
        const auto alignment = model.index(0, LinesModel::SumColumn).data(Qt::TextAlignmentRole);
        QVERIFY(alignment.value<Qt::Alignment>().testFlag(Qt::AlignRight));
        model.setLines({}, *Currency::fromCode("EUR"));
        QCOMPARE(model.rowCount(), 0);
    }

    void tipsAreLetterForLetter_data()
    {
        QTest::addColumn<QString>("name");
        QTest::newRow("plain") << u"Lamp, 3 < 4 & \"5\""_s;
        QTest::newRow("markup") << u"<b>Lamp</b>"_s;
        QTest::newRow("picture") << u"<img src='file:///etc/hostname' width=9999>"_s;
        QTest::newRow("entity") << u"<i>&lt;</i>"_s;
        QTest::newRow("whole page") << u"<!DOCTYPE html><h1>Paid</h1>"_s;
    }

    void tipsAreLetterForLetter()
    {
        QFETCH(const QString, name);
        LinesModel model;
        model.setLines({{"A-1", name.toStdString(), 1, 1}}, *Currency::fromCode("EUR"));
        const QModelIndex cell = model.index(0, LinesModel::NameColumn);
        QCOMPARE(cell.data().toString(), name); // delegates draw it as it is
        const QString tip = cell.data(Qt::ToolTipRole).toString();
        QTextDocument shown; // as a tool tip shows it
        Qt::mightBeRichText(tip) ? shown.setHtml(tip) : shown.setPlainText(tip);
        QCOMPARE(shown.toPlainText(), name);
    }
};

QTEST_MAIN(TestLinesModel)
#include "tst_lines_model.moc"
