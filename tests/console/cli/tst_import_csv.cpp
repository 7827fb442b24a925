// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/protocol/problem.h"
#include "tests/console/cli/support/cli_run.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QTest>

using namespace gantry;
using namespace gantry::console;

namespace {

const QByteArray mapping = R"([file]
delimiter = ";"
decimal = ","
zone = "+01:00"

[order]
external_id = "Nummer"
channel = { value = "altshop" }
currency = { column = "Währung", default = "EUR" }
shipping = "Versand"
total = "Summe"
promise_at = "Termin"
priority = "Eile"
payment_method = { value = "card" }

[order.customer]
name = "Kunde"

[order.metadata]
note = "Notiz"

[line]
sku = "Artikel"
quantity = "Menge"
unit_price = "Preis"
)";

const QByteArray header = "Nummer;Währung;Versand;Summe;Termin;Eile;Kunde;Notiz;Artikel;Menge;Preis\n";

QJsonObject parse(const std::string& text)
{
    return QJsonDocument::fromJson(QByteArray::fromStdString(text)).object();
}

} // namespace

/// Orders out of CSV files that somebody else's program has written.
class TestImportCsv : public QObject {
    Q_OBJECT

private:
    /// Runs the import of `rows` below the header.
    void import(CliRun& cli, const QByteArray& rows, const std::vector<std::string>& more = {},
        const QByteArray& map = mapping)
    {
        write("map.toml", map);
        write("orders.csv", rows);
        std::vector<std::string> arguments{"import", "csv", path("orders.csv"), "--map", path("map.toml")};
        arguments.insert(arguments.end(), more.begin(), more.end());
        cli.run(arguments);
    }

    [[nodiscard]] std::string path(const char* name) const
    {
        return m_folder.filePath(QLatin1String(name)).toStdString();
    }

    void write(const char* name, const QByteArray& text)
    {
        QFile file(QString::fromStdString(path(name)));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(text);
    }

    QTemporaryDir m_folder;

private Q_SLOTS:
    void makesOrdersOfRows()
    {
        CliRun cli;
        import(cli,
            header
                + "1001;EUR;4,95;29,95;2026-03-04 12:00:00;2;\"Müller; \"\"Anna\"\"\";\"zweimal "
                  "klingeln\";A-1;2;10,00\n"
                  "1001;EUR;4,95;29,95;2026-03-04 12:00:00;2;\"Müller; \"\"Anna\"\"\";\"zweimal "
                  "klingeln\";B-2;1;5,00\n"
                  "1002;;;1;;;;;A-1;;1\n",
            {"--json"});
        QVERIFY2(cli.code == 0, cli.all());
        const QJsonObject report = parse(cli.out);
        QCOMPARE(report[QLatin1String("orders")][QLatin1String("accepted")].toInt(), 2);
        const QJsonObject file = report[QLatin1String("files")][0].toObject();
        QCOMPARE(file[QLatin1String("rows")].toInt(), 3);
        QCOMPARE(file[QLatin1String("used")].toInt(), 3);
        const auto& orders = cli.daemon.orders();
        QCOMPARE(orders.size(), 2U);
        const QJsonObject first = parse(orders.begin()->second);
        QCOMPARE(first[QLatin1String("external_id")].toString(), QStringLiteral("1001"));
        QCOMPARE(first[QLatin1String("channel")].toString(), QStringLiteral("altshop"));
        QCOMPARE(first[QLatin1String("lines")].toArray().size(), 2);
        QCOMPARE(first[QLatin1String("lines")][0][QLatin1String("unit_price")].toInt(), 1000);
        QCOMPARE(first[QLatin1String("shipping")].toInt(), 495);
        QCOMPARE(first[QLatin1String("total")].toInt(), 2995);
        QCOMPARE(first[QLatin1String("payments")][0][QLatin1String("amount")].toInt(), 2995);
        QCOMPARE(first[QLatin1String("priority")].toInt(), 2);
        QVERIFY(
            first[QLatin1String("promise_at")].toString().startsWith(QLatin1String("2026-03-04T11:00:00")));
        QCOMPARE(first[QLatin1String("customer")][QLatin1String("name")].toString(),
            QString::fromUtf8("Müller; \"Anna\""));
        QCOMPARE(first[QLatin1String("metadata")][QLatin1String("note")].toString(),
            QStringLiteral("zweimal klingeln"));
    }

    void readsFilesOfManyPrograms_data()
    {
        QTest::addColumn<QByteArray>("file");
        QTest::addColumn<QByteArray>("encoding");
        const QByteArray rows = header + "1;EUR;;1,00;;;Zoë €;;A;1;1,00\n";
        QTest::newRow("plain") << rows << QByteArray("utf-8");
        QTest::newRow("byte order mark") << "\xef\xbb\xbf" + rows << QByteArray("utf-8");
        QTest::newRow("CRLF") << QByteArray(rows).replace("\n", "\r\n") << QByteArray("utf-8");
        QTest::newRow("blank lines") << QByteArray(rows).replace("\n", "\n\n") << QByteArray("utf-8");
        QTest::newRow("no last line end") << rows.chopped(1) << QByteArray("utf-8");
        QTest::newRow("Windows-1252")
            << QByteArray(rows).replace("ä", "\xe4").replace("ë", "\xeb").replace("€", "\x80")
            << QByteArray("windows-1252");
    }

    void readsFilesOfManyPrograms()
    {
        QFETCH(const QByteArray, file);
        QFETCH(const QByteArray, encoding);
        CliRun cli;
        import(
            cli, file, {}, QByteArray(mapping).replace("[file]", "[file]\nencoding = \"" + encoding + '"'));
        QVERIFY2(cli.code == 0, cli.all());
        QCOMPARE(cli.daemon.orders().size(), 1U);
        const QJsonObject order = parse(cli.daemon.orders().begin()->second);
        QCOMPARE(
            order[QLatin1String("customer")][QLatin1String("name")].toString(), QString::fromUtf8("Zoë €"));
    }

    void namesLineAndColumn_data()
    {
        QTest::addColumn<QByteArray>("row");
        QTest::addColumn<QByteArray>("told");
        const auto row = [](const char* name, const char* text, const char* told) {
            QTest::newRow(name) << QByteArray(text) << QByteArray(told);
        };
        row("no amount", "1;EUR;;1,00;;;;;A;1;1,0x\n",
            "orders.csv:2: 1: bad_amount: column Preis (11): \"1,0x\"");
        row("other mark", "1;EUR;;1.00;;;;;A;1;1,00\n",
            "orders.csv:2: 1: bad_amount: column Summe (4): \"1.00\"");
        row("thousands", "1;EUR;;1.000,00;;;;;A;1;1000,00\n", "bad_amount: column Summe (4)");
        row("too many digits", "1;EUR;;;;;;;A;1;1,005\n", "bad_amount: column Preis (11)");
        row("negative", "1;EUR;-1,00;;;;;;A;1;1,00\n", "negative_amount: column Versand (3)");
        row("no number", "1;EUR;;1,00;;;;;A;one;1,00\n", "bad_number: column Menge (10): \"one\"");
        row("no currency", "1;XXY;;1,00;;;;;A;1;1,00\n", "unknown_currency: column Währung (2)");
        row("no time", "1;EUR;;1,00;soon;;;;A;1;1,00\n", "bad_time: column Termin (5): \"soon\"");
        row("no priority", "1;EUR;;1,00;;77;;;A;1;1,00\n", "bad_number: column Eile (6)");
        row("no sum", "1;EUR;;1,01;;;;;A;1;1,00\n", "total_mismatch: column Summe (4): is 1.01");
        row("no article", "1;EUR;;1,00;;;;;;1;1,00\n", "column Artikel (9)");
        row("no quantity", "1;EUR;;;;;;;A;0;1,00\n", "column Menge (10)");
        row("second row", "1;EUR;;3,00;;;;;A;1;1,00\n1;EUR;;3,00;;;;;B;1;2,0x\n",
            "orders.csv:3: 1: bad_amount: column Preis (11)");
        row("another sum in the second row", "1;EUR;;3,00;;;;;A;1;1,00\n1;EUR;;4,00;;;;;B;1;2,00\n",
            "orders.csv:3: 1: differs: column Summe (4): is not the same as in line 2");
        row("too few fields", "1;EUR\n", "orders.csv:2: too_few_fields: ");
        row("a quote inside", "1;EUR;;1,00;;;An\"na;;A;1;1,00\n", "orders.csv:2: quote_in_field: ");
        row("not UTF-8", "1;EUR;;1,00;;;Anna \xe4;;A;1;1,00\n", "orders.csv:2: invalid_utf8: ");
    }

    void namesLineAndColumn()
    {
        QFETCH(const QByteArray, row);
        QFETCH(const QByteArray, told);
        CliRun cli;
        import(cli, header + row + "9;EUR;;1,00;;;;;A;1;1,00\n10;EUR;;1,00;;;;;A;1;1,00\n");
        QCOMPARE(cli.code, 1);
        QVERIFY2(cli.err.find(told.toStdString()) != std::string::npos, cli.all());
        QVERIFY2(cli.daemon.orders().size() >= 1, cli.all()); // the others are taken
        QVERIFY2(cli.err.find("do not add up") == std::string::npos, cli.all());
    }

    // A row that can't be read may be a line of the order before it or behind it: neither is taken without it.
    void takesNoOrderThatMayLackALine()
    {
        CliRun cli;
        import(cli,
            header
                + "1;EUR;;;;;;;A;1;1,00\n2;EUR;;;;;;;A;1;1,00\nbroken\n3;EUR;;;;;;;A;1;1,00\n4;EUR;;;;;;;A;1;"
                  "1,00\n",
            {"--json"});
        QCOMPARE(cli.code, 1);
        const QJsonObject orders = parse(cli.out)[QLatin1String("orders")].toObject();
        QCOMPARE(orders[QLatin1String("read")].toInt(), 4);
        QCOMPARE(orders[QLatin1String("accepted")].toInt(), 2);
        QCOMPARE(orders[QLatin1String("rejected")].toInt(), 2);
        QCOMPARE(parse(cli.out)[QLatin1String("files")][0][QLatin1String("rows")].toInt(), 5);
    }

    void saysWhatIsWrongWithTheMapping_data()
    {
        QTest::addColumn<QByteArray>("from");
        QTest::addColumn<QByteArray>("to");
        QTest::addColumn<QByteArray>("told");
        const auto row = [](const char* name, const char* from, const char* to, const char* told) {
            QTest::newRow(name) << QByteArray(from) << QByteArray(to) << QByteArray(told);
        };
        row("no TOML", "[file]", "[file", "map.toml:1:");
        row("unknown member", "priority =", "prio =", "map.toml:13:");
        row("unknown table", "[line]", "[lines]", "the table lines is not known");
        row("missing member", "sku = \"Artikel\"", "", "nothing says where line.sku comes from");
        row("column and value", "{ value = \"card\" }", "{ value = \"card\", column = \"Art\" }",
            "either a column, or a value");
        row("no column", "\"Versand\"", "7", "order.shipping must be the name of a column");
        row("delimiter", "\";\"", "\"::\"", "delimiter must be");
        row("column that the file has not", "\"Versand\"", "\"Porto\"", "the header lacks Porto");
    }

    void saysWhatIsWrongWithTheMapping()
    {
        QFETCH(const QByteArray, from);
        QFETCH(const QByteArray, to);
        QFETCH(const QByteArray, told);
        CliRun cli;
        QVERIFY(mapping.contains(from));
        import(cli, header + "1;EUR;;1,00;;;;;A;1;1,00\n", {}, QByteArray(mapping).replace(from, to));
        QVERIFY(cli.code != 0);
        QVERIFY2(cli.err.find(told.toStdString()) != std::string::npos, cli.all());
        QCOMPARE(cli.daemon.orders().size(), 0U);
    }

    void asksBeforehand()
    {
        CliRun cli;
        cli.daemon.answer(
            "POST /v1/orders/batch?dry_run=true", 200, R"({"results":[{"status":201,"order":{}}]})");
        import(cli, header + "1;EUR;;1,00;;;;;A;1;1,00\n", {"--dry-run"});
        QVERIFY2(cli.code == 0, cli.all());
        QCOMPARE(cli.daemon.orders().size(), 0U);
        QVERIFY2(cli.out.find("This was a dry run: nothing was taken.") != std::string::npos, cli.all());
    }

    // As shops write it that repeat but the number.
    void takesRowsThatLeaveTheOrdersOwnOut()
    {
        CliRun cli;
        import(cli, header + "1;EUR;1,00;4,00;;3;Anna;;A;1;1,00\n1;;;;;;;;B;1;2,00\n");
        QVERIFY2(cli.code == 0, cli.all());
        const QJsonObject order = parse(cli.daemon.orders().begin()->second);
        QCOMPARE(order[QLatin1String("lines")].toArray().size(), 2);
        QCOMPARE(order[QLatin1String("total")].toInt(), 400);
    }

    void tellsWhatIsNoFile()
    {
        CliRun cli;
        write("map.toml", mapping);
        QVERIFY(cli.run({"import", "csv", m_folder.path().toStdString(), "--map", path("map.toml")}) != 0);
        QVERIFY2(cli.err.find("can't be read. Is it a file?") != std::string::npos, cli.all());
    }

    void tellsMissingFiles()
    {
        CliRun cli;
        QVERIFY(cli.run({"import", "csv", path("none.csv"), "--map", path("none.toml")}) != 0);
        QVERIFY2(cli.err.find("none.toml") != std::string::npos, cli.all());
    }
};

QTEST_GUILESS_MAIN(TestImportCsv)
#include "tst_import_csv.moc"
