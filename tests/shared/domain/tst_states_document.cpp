// SPDX-License-Identifier: GPL-3.0-or-later
// docs/states.md shows the state machine as the code has it: its table is made from the code's own.
// GANTRY_WRITE=1 writes the table anew.
#include "shared/domain/order.h"

#include <QFile>
#include <QTest>

using namespace gantry;

namespace {

constexpr auto beginMark = "<!-- table: made from isLegalTransition(), by tst_states_document -->\n";
constexpr auto endMark = "<!-- end of table -->\n";

QByteArray nameOf(std::size_t state)
{
    return QByteArray::fromStdString(std::string(stateName(static_cast<OrderState>(state))));
}

QByteArray table()
{
    QByteArray head = "| from \\ to |";
    QByteArray line = "|---|";
    for (std::size_t to = 0; to < orderStateCount; ++to) {
        head += " " + nameOf(to) + " |";
        line += ":-:|";
    }
    QByteArray text = head + "\n" + line + "\n";
    for (std::size_t from = 0; from < orderStateCount; ++from) {
        text += "| **" + nameOf(from) + "** |";
        for (std::size_t to = 0; to < orderStateCount; ++to)
            text +=
                isLegalTransition(static_cast<OrderState>(from), static_cast<OrderState>(to)) ? " ● |" : " |";
        text += "\n";
    }
    return text;
}

} // namespace

class StatesDocumentTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void showsTheCodesOwnTable()
    {
        QFile file(qEnvironmentVariable("GANTRY_SOURCE") + QStringLiteral("/docs/states.md"));
        QVERIFY2(file.open(QIODevice::ReadOnly), qPrintable(file.errorString()));
        QByteArray text = file.readAll();
        file.close();
        const auto begin = text.indexOf(beginMark);
        const auto end = text.indexOf(endMark);
        QVERIFY2(begin >= 0 && end > begin, "docs/states.md has no place for the table");
        const auto first = begin + static_cast<qsizetype>(qstrlen(beginMark));
        if (qEnvironmentVariableIsSet("GANTRY_WRITE")) {
            text.replace(first, end - first, table());
            QVERIFY(file.open(QIODevice::WriteOnly));
            QCOMPARE(file.write(text), text.size());
            return;
        }
        QCOMPARE(text.mid(first, end - first), table());
    }

    void tellsOfEachState()
    {
        QFile file(qEnvironmentVariable("GANTRY_SOURCE") + QStringLiteral("/docs/states.md"));
        QVERIFY(file.open(QIODevice::ReadOnly));
        const QByteArray text = file.readAll();
        for (std::size_t state = 0; state < orderStateCount; ++state)
            QVERIFY2(text.contains("\n| `" + nameOf(state) + "` | "), nameOf(state).constData());
    }
};

QTEST_APPLESS_MAIN(StatesDocumentTest)
#include "tst_states_document.moc"
