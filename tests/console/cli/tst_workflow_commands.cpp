// SPDX-License-Identifier: GPL-3.0-or-later
// gantryctl workflow: what is asked of the daemon, and what is printed.
#include "shared/protocol/problem.h"
#include "tests/console/cli/support/cli_run.h"

#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

using namespace gantry;
using namespace gantry::console;

namespace {

const std::string list =
    "{\"items\":[{\"name\":\"digital\",\"version\":2,\"channels\":[\"apps\",\"web\"],\"default\":false,"
    "\"steps\":[\"validate\",\"pay\"]},"
    "{\"name\":\"digital\",\"version\":10,\"channels\":[],\"default\":false,\"steps\":[\"validate\"]},"
    "{\"name\":\"standard\",\"version\":1,\"channels\":[],\"default\":true,\"steps\":[\"validate\"]}]}";
const std::string one =
    "{\"name\":\"digital\",\"version\":10,\"description\":\"Nothing to "
    "ship\",\"channels\":[\"apps\"],\"default\":false,\"steps\":["
    "{\"name\":\"validate\",\"kind\":\"builtin\",\"handler\":\"validate\"},"
    "{\"name\":\"look\",\"kind\":\"manual\",\"role\":\"support\",\"target_ms\":7200000,"
    "\"reserve_for_ms\":1800000,\"when\":\"total > 5\"}],\"source\":\"name = \\\"digital\\\"\\n# end\\n\"}";

QJsonObject bodyOf(const ApiCall& call)
{
    return QJsonDocument::fromJson(QByteArray::fromStdString(call.body)).object();
}

} // namespace

class TestWorkflowCommands : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void checksAndAdds()
    {
        for (const bool checks : {true, false}) {
            CliRun cli;
            cli.input = "name = \"w\"\n";
            cli.daemon.answer(
                "POST /v1/workflows", checks ? 200 : 201, "{\"name\":\"w\",\"version\":3,\"new\":true}");
            QVERIFY2(cli.run({"workflow", checks ? "check" : "add", "-"}) == 0, cli.all());
            const QJsonObject body = bodyOf(cli.daemon.calls().front());
            QCOMPARE(body[QLatin1String("source")].toString(), QStringLiteral("name = \"w\"\n"));
            QCOMPARE(body[QLatin1String("dry_run")].toBool(), checks);
            QVERIFY2(cli.out.starts_with(checks ? "w 3 is in order." : "w 3 is stored."), cli.all());
        }
    }

    void saysThatItIsThereAlready()
    {
        CliRun cli;
        cli.daemon.answer("POST /v1/workflows", 200, "{\"name\":\"w\",\"version\":3,\"new\":false}");
        QCOMPARE(cli.run({"workflow", "add", "-"}), 0);
        QCOMPARE(cli.out, std::string("w 3 is stored already, with the same contents.\n"));
    }

    void tellsEachMistake()
    {
        CliRun cli;
        Error error{ErrorCode::InvalidValue,
            "The workflow file f.toml can't be used: 2 mistakes. The first: f.toml:1:1: a."};
        error.fields = {{"/source", ErrorCode::InvalidValue, "f.toml:1:1: a."},
            {"/source", ErrorCode::InvalidValue, "f.toml:2:1: b."}};
        cli.daemon.answer("POST /v1/workflows", 422, encodeProblem(error));
        QCOMPARE(cli.run({"workflow", "check", "-"}), 65);
        QVERIFY2(cli.err.find("f.toml:1:1: a.") != std::string::npos
                && cli.err.find("f.toml:2:1: b.") != std::string::npos,
            cli.all());
    }

    void refusesFilesBeforeItAsks()
    {
        CliRun cli;
        QCOMPARE(cli.run({"workflow", "check", "/nowhere/w.toml"}), 66);
        cli.input = std::string(65 * 1024, '#');
        QCOMPARE(cli.run({"workflow", "check", "-"}), 65);
        cli.input = "\xff\xfe";
        QCOMPARE(cli.run({"workflow", "check", "-"}), 65);
        QVERIFY(cli.daemon.calls().empty());
    }

    void lists()
    {
        CliRun cli;
        cli.daemon.answer("GET /v1/workflows", 200, list);
        QVERIFY2(cli.run({"workflow", "list"}) == 0, cli.all());
        QCOMPARE(QByteArray::fromStdString(cli.out),
            QByteArray("NAME      VERSION  CHANNELS    STEPS\n"
                       "digital         2  apps, web   validate, pay\n"
                       "digital        10  -           validate\n"
                       "standard        1  all others  validate\n"));
    }

    void showsTheNewestUnlessTold()
    {
        CliRun cli;
        cli.daemon.answer("GET /v1/workflows", 200, list);
        cli.daemon.answer("GET /v1/workflows/digital/10", 200, one);
        QVERIFY2(cli.run({"workflow", "show", "digital"}) == 0, cli.all());
        QCOMPARE(cli.daemon.callNames().back(), std::string("GET /v1/workflows/digital/10"));
        QVERIFY2(cli.out.starts_with("digital 10  Nothing to ship\nchannels: apps\nSTEP"), cli.all());
        QVERIFY2(cli.out.find("look      manual   support") != std::string::npos, cli.all());
        QVERIFY2(cli.out.find("target 2 h, goods kept for 30 min") != std::string::npos, cli.all());
        QVERIFY2(cli.run({"workflow", "show", "digital", "10", "--source"}) == 0, cli.all());
        QCOMPARE(cli.out, std::string("name = \"digital\"\n# end\n"));
        QCOMPARE(cli.run({"workflow", "show", "none"}), 1);
        QCOMPARE(cli.run({"workflow", "show", "digital", "0"}), 64);
    }

    void activatesAndDeactivates()
    {
        CliRun cli;
        cli.daemon.answer("POST /v1/workflows/digital/2/activate", 200, "{}");
        cli.daemon.answer("POST /v1/workflows/deactivate", 200, "{}");
        QVERIFY2(
            cli.run({"workflow", "activate", "digital", "2", "--channel", "web", "--channel", "apps"}) == 0,
            cli.all());
        QCOMPARE(cli.daemon.calls().back().body, std::string("{\"channels\":[\"web\",\"apps\"]}"));
        QVERIFY2(cli.out.starts_with("New orders of web, apps go by digital 2."), cli.all());
        QVERIFY2(cli.run({"workflow", "activate", "digital", "2"}) == 0, cli.all());
        QCOMPARE(cli.daemon.calls().back().body, std::string("{\"channels\":[]}"));
        QVERIFY2(cli.run({"workflow", "deactivate", "--channel", "web"}) == 0, cli.all());
        QCOMPARE(cli.run({"workflow", "deactivate"}), 64);
        QCOMPARE(cli.run({"workflow", "activate", "digital"}), 64);
    }

    void isDocumented()
    {
        QFile file(qEnvironmentVariable("GANTRY_SOURCE") + QStringLiteral("/docs/gantryctl.md"));
        QVERIFY2(file.open(QIODevice::ReadOnly), qPrintable(file.errorString()));
        const QByteArray text = file.readAll();
        for (const char* command : {"workflow check|add FILE", "workflow list",
                 "workflow show NAME [VERSION]", "workflow activate NAME VERSION", "workflow deactivate",
                 "workflow migrate NAME --from N --to M"})
            QVERIFY2(text.contains(QByteArray(command).replace('|', "\\|")), command);
    }
};

QTEST_GUILESS_MAIN(TestWorkflowCommands)
#include "tst_workflow_commands.moc"
