// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/protocol/problem.h"
#include "tests/console/cli/support/cli_run.h"
#include "tests/console/cli/support/olist_folder.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QTest>

using namespace gantry;
using namespace gantry::console;
using std::chrono::milliseconds;

namespace {

std::string order(const std::string& externalId, int total = 100)
{
    return R"({"channel":"test","external_id":")" + externalId
        + R"(","currency":"EUR","lines":[{"sku":"a","quantity":1,"unit_price":100}],"total":)"
        + std::to_string(total) + "}";
}

QJsonObject parse(const std::string& text)
{
    return QJsonDocument::fromJson(QByteArray::fromStdString(text)).object();
}

} // namespace

class TestImportJson : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void takesEveryForm_data();
    void takesEveryForm();
    void namesWhatIsRefused();
    void writesTheReport();
    void takesWholeOrdersOfABrokenFile();
    void tellsMissingFiles();
    void tellsHowFarItCame();
    void isReachedNever();
    void drawsABar();
};

void TestImportJson::takesEveryForm_data()
{
    QTest::addColumn<QByteArray>("text");
    const auto row = [](const char* name, const std::string& text) {
        QTest::newRow(name) << QByteArray::fromStdString(text);
    };
    row("wrapped", "{\"orders\":[" + order("1") + ',' + order("2") + "]}");
    row("array", "[" + order("1") + ",\n" + order("2") + "]\n");
    row("lines", order("1") + '\n' + order("2") + '\n');
}

void TestImportJson::takesEveryForm()
{
    QFETCH(QByteArray, text);
    CliRun cli;
    cli.input = text.toStdString();
    QVERIFY2(cli.run({"import", "json", "-", "--json"}) == 0, cli.all());
    const QJsonObject orders = parse(cli.out).value(QLatin1String("orders")).toObject();
    QCOMPARE(orders.value(QLatin1String("accepted")).toInt(), 2);
    QCOMPARE(
        parse(cli.out).value(QLatin1String("totals")).toObject().value(QLatin1String("EUR")).toInt(), 200);
    QCOMPARE(cli.daemon.orders().size(), 2U);
    QCOMPARE(cli.run({"import", "json", "-"}), 0);
    QVERIFY(cli.out.find("already there      2") != std::string::npos);
}

void TestImportJson::namesWhatIsRefused()
{
    CliRun cli;
    cli.input = order("1") + "\n" + order("2", 99) + "\n{\"channel\":\n" + order("1", 100) + "\n\xff{}\n7\n"
        + order("3") + "\n";
    QVERIFY2(cli.run({"import", "json", "-"}) == 1, cli.all());
    for (const char* text : {"standard input:2: 2: total_mismatch: ", "standard input:3: malformed_json: ",
             "standard input:5: invalid_utf8: ", "standard input:6: wrong_type: "})
        QVERIFY2(
            cli.err.find(text) != std::string::npos, (std::string(text) + "is not in\n" + cli.err).c_str());
    QCOMPARE(cli.daemon.orders().size(), 2U);
    for (const char* text : {"read", "rejected", "total EUR"})
        QVERIFY(cli.out.find(text) != std::string::npos);
}

void TestImportJson::writesTheReport()
{
    QTemporaryDir scratch;
    const QString path = scratch.filePath(QLatin1String("report.jsonl"));
    CliRun cli;
    cli.input = order("1") + '\n' + order("2", 99) + '\n';
    QCOMPARE(cli.run({"import", "json", "-", "--report", path.toStdString()}), 1);
    QFile file(path);
    QVERIFY(file.open(QIODevice::ReadOnly));
    const QJsonObject row = QJsonDocument::fromJson(file.readLine()).object();
    QVERIFY(file.atEnd());
    QCOMPARE(row.value(QLatin1String("file")).toString(), QLatin1String("standard input"));
    QCOMPARE(row.value(QLatin1String("line")).toInt(), 2);
    QCOMPARE(row.value(QLatin1String("id")).toString(), QLatin1String("2"));
    QCOMPARE(row.value(QLatin1String("reason")).toString(), QLatin1String("total_mismatch"));
    QVERIFY(!row.value(QLatin1String("detail")).toString().isEmpty());
    QCOMPARE(cli.run({"import", "json", "-", "--report", "/nowhere/report"}), 73);
    QCOMPARE(cli.daemon.calls().size(), 1U);
}

void TestImportJson::takesWholeOrdersOfABrokenFile()
{
    CliRun cli;
    cli.input = "[" + order("1") + ",\n" + order("2") + "\n";
    QVERIFY2(cli.run({"import", "json", "-", "--json"}) == 65, cli.all());
    QCOMPARE(parse(cli.out).value(QLatin1String("complete")).toBool(true), false);
    QVERIFY(cli.err.find("line 3") != std::string::npos);
    QCOMPARE(cli.daemon.orders().size(), 2U);
}

void TestImportJson::tellsMissingFiles()
{
    CliRun cli;
    QCOMPARE(cli.run({"import", "json", "/nowhere/orders.json"}), 66);
    QVERIFY(cli.err.find("/nowhere/orders.json") != std::string::npos);
    QCOMPARE(cli.run({"import", "olist", "/nowhere"}), 66);
    OlistFolder folder;
    folder.remove("payments");
    QCOMPARE(cli.run({"import", "olist", folder.write()}), 66);
    QVERIFY(cli.err.find("olist_order_payments_dataset.csv") != std::string::npos);
    QCOMPARE(cli.run({"import", "json", "/"}), 74);
    QVERIFY(cli.daemon.calls().empty());
}

void TestImportJson::tellsHowFarItCame()
{
    CliRun cli;
    for (int i = 0; i < 5000; ++i)
        cli.input += order(std::to_string(i)) + '\n';
    cli.daemon.awayBetween(cli.pace.now() + milliseconds(30), milliseconds::max());
    QVERIFY2(cli.run({"import", "json", "-", "--json", "--timeout", "20"}) == 75, cli.all());
    const QJsonObject orders = parse(cli.out).value(QLatin1String("orders")).toObject();
    QVERIFY(orders.value(QLatin1String("accepted")).toInt() > 0);
    QVERIFY(orders.value(QLatin1String("undecided")).toInt() > 0);
    QVERIFY(cli.err.find("accepted") != std::string::npos);
    // The daemon is back, and the same import again ends with each order once.
    cli.daemon.awayBetween(milliseconds(0), milliseconds(0));
    QVERIFY2(cli.run({"import", "json", "-", "--json"}) == 0, cli.all());
    QCOMPARE(cli.daemon.orders().size(), 5000U);
}

void TestImportJson::isReachedNever()
{
    CliRun cli;
    cli.input = order("1");
    cli.daemon.awayBetween(milliseconds(0), milliseconds::max());
    QCOMPARE(cli.run({"import", "json", "-"}), 69);
}

void TestImportJson::drawsABar()
{
    QTemporaryDir scratch;
    const std::string path = scratch.filePath(QLatin1String("orders.jsonl")).toStdString();
    {
        std::ofstream file(path);
        for (int i = 0; i < 30'000; ++i)
            file << order(std::to_string(i)) << '\n';
    }
    CliRun cli;
    cli.style.isTerminal = true;
    QCOMPARE(cli.run({"import", "json", path, "--batch", "100"}), 0);
    QVERIFY(cli.err.find("[####") != std::string::npos);
    QVERIFY(cli.err.ends_with("\r\x1b[K"));
    CliRun dumb;
    QCOMPARE(dumb.run({"import", "json", path, "--batch", "10"}), 0);
    QVERIFY(dumb.err.find('\r') == std::string::npos);
    QVERIFY(dumb.err.find(" %: ") != std::string::npos);
}

QTEST_APPLESS_MAIN(TestImportJson)
#include "tst_import_json.moc"
