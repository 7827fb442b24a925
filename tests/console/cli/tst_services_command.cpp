// SPDX-License-Identifier: GPL-3.0-or-later
// gantryctl services: what is printed of the services that workflows call.
#include "tests/console/cli/support/cli_run.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

using namespace gantry::console;

namespace {

// The run's clock says 2026-03-01T12:00:00Z.
const std::string list =
    R"({"items":[{"name":"carrier","url":"https://carrier.example/api","state":"open","since":"2026-03-01T11:59:50Z",)"
    R"("calls":8,"failures":6,"in_flight":1,"max_in_flight":16,"last_success":"2026-03-01T11:00:00Z",)"
    R"("last_failure":"2026-03-01T11:59:50Z","last_error":"http_503: closed\u001b[31m today",)"
    R"("next_probe":"2026-03-01T12:00:20Z"},)"
    R"({"name":"mailer","url":"http://mail.example","state":"closed","since":"2026-03-01T10:00:00Z","calls":0,)"
    R"("failures":0,"in_flight":0,"max_in_flight":4}]})";

} // namespace

class TestServicesCommand : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void tellsOfEachService()
    {
        CliRun cli;
        cli.daemon.answer("GET /v1/services", 200, list);
        QVERIFY2(cli.run({"services"}) == 0, cli.all());
        const QStringList lines = QString::fromStdString(cli.out).split(QLatin1Char('\n'));
        QCOMPARE(lines.size(), 4); // titles, two services, and what follows the last line break
        const QString carrier = lines[1].simplified();
        QVERIFY2(
            carrier.startsWith(QLatin1String(
                "carrier open, tried again in 20 s 10 s 1 of 16 6 of 8 60 min https://carrier.example/api")),
            cli.all());
        QVERIFY2(carrier.endsWith(QLatin1String("http_503: closed\\x1b[31m today")), cli.all());
        QVERIFY2(lines[2].simplified()
                == QLatin1String("mailer closed 2 h 0 of 4 0 of 0 never http://mail.example"),
            cli.all());
    }

    void saysThatThereAreNone()
    {
        CliRun cli;
        cli.daemon.answer("GET /v1/services", 200, R"({"items":[]})");
        QCOMPARE(cli.run({"services"}), 0);
        QVERIFY2(cli.out.starts_with("The daemon calls no services"), cli.all());
    }

    void givesTheAnswerAsItIs()
    {
        CliRun cli;
        cli.daemon.answer("GET /v1/services", 200, list);
        QCOMPARE(cli.run({"services", "--json"}), 0);
        const auto items =
            QJsonDocument::fromJson(QByteArray::fromStdString(cli.out)).object()[QLatin1String("items")];
        QCOMPARE(items.toArray().size(), 2);
    }

    void anAnswerThatCantBeRead()
    {
        CliRun cli;
        cli.daemon.answer("GET /v1/services", 200, "{}");
        QCOMPARE(cli.run({"services"}), 70);
    }
};

QTEST_APPLESS_MAIN(TestServicesCommand)
#include "tst_services_command.moc"
