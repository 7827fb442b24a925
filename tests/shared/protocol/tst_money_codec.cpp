// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/protocol/money_codec.h"
#include "shared/protocol/worker_codec.h"

#include <QTest>

namespace gantry {

class MoneyCodecTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void readsTheMoneyOfAResult_data()
    {
        QTest::addColumn<QByteArray>("result");
        QTest::addColumn<QByteArray>("wrong"); // where something is; empty: nowhere
        QTest::addColumn<qlonglong>("captured");
        const auto row = [](const char* result, const char* wrong, qlonglong captured = 0) {
            QTest::newRow(result) << QByteArray(result) << QByteArray(wrong) << captured;
        };
        row("{}", "");
        row(R"({"note":"x"})", "");
        row(R"({"money":{}})", "");
        row(R"({"money":{"captured":5}})", "", 5);
        row(R"({"a":1,"money":{"authorized":7,"captured":5,"refunded":0}})", "", 5);
        row(R"({"money":{"captured":9223372036854775807}})", "", 9223372036854775807);
        row(R"({"money":5})", "/result/money");
        row(R"({"money":null})", "/result/money");
        row(R"({"money":{"captured":-1}})", "/result/money/captured");
        row(R"({"money":{"captured":1.5}})", "/result/money/captured");
        row(R"({"money":{"captured":"5"}})", "/result/money/captured");
        row(R"({"money":{"captured":9223372036854775808}})", "/result/money/captured");
        row(R"({"money":{"capture":5}})", "/result/money/capture");
        row(R"({"money":{"captured":5},"money":{"captured":5}})", "/result/money");
    }

    void readsTheMoneyOfAResult()
    {
        QFETCH(QByteArray, result);
        QFETCH(QByteArray, wrong);
        QFETCH(qlonglong, captured);
        JsonParser parser;
        const auto root = parser.parse(R"({"result":)" + result.toStdString() + '}');
        QVERIFY(root.has_value());
        const auto completion = readCompletion(*root);
        QCOMPARE(completion.has_value(), wrong.isEmpty());
        if (completion)
            QCOMPARE(static_cast<qlonglong>(completion->money.captured), captured);
        else
            QCOMPARE(completion.error().fields.front().pointer, wrong.toStdString());
    }

    void changesAndBooksRoundTrip()
    {
        for (const MoneyChange& change :
            {MoneyChange{}, MoneyChange{1, -2, 3}, MoneyChange{0, INT64_MIN, INT64_MAX}}) {
            JsonWriter json;
            json.beginObject();
            writeMoneyChange(json, change);
            QVERIFY(read(json.endObject().take(), readMoneyChange) == change);
        }
        JsonWriter json;
        json.beginObject();
        writeOrderMoney(json, {3, 2, 1});
        const std::string text = json.endObject().take();
        QCOMPARE(text, std::string(R"({"money":{"authorized":3,"captured":2,"refunded":1}})"));
        QVERIFY((read(text, readOrderMoney) == OrderMoney{3, 2, 1}));
        QVERIFY((read("{}", readOrderMoney) == OrderMoney{}));
    }

private:
    template <typename Money>
    static Money read(const std::string& text, Money (*take)(ObjectReader&))
    {
        JsonParser parser;
        FieldErrors errors;
        ObjectReader reader(*parser.parse(text), "", errors);
        return take(reader);
    }
};

} // namespace gantry

QTEST_GUILESS_MAIN(gantry::MoneyCodecTest)
#include "tst_money_codec.moc"
