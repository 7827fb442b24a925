// SPDX-License-Identifier: GPL-3.0-or-later
// gantryctl role: what is asked of the daemon, and what is printed.
#include "tests/console/cli/support/cli_run.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

using namespace gantry;
using namespace gantry::console;

namespace {

const std::string desk =
    R"json({"name":"desk","built_in":false,"version":3,"masked":true,"rights":{"orders.read":{"channels":["web","shop"]},)json"
    R"json("cancel":{"limits":{"EUR":5000}},"complete":{"steps":["warehouse"]}},)json"
    R"json("changed_at":"2026-03-01T09:00:00Z","changed_by":"ann","reason":"new desk"})json";

} // namespace

class RoleCommandsTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void listsAndShows()
    {
        CliRun cli;
        cli.daemon.answer("GET /v1/roles", 200,
            R"json({"items":[{"name":"viewer","built_in":true,"version":0,"masked":false,"rights":{"orders.read":{}}},)json"
                + desk + "]}");
        QVERIFY2(cli.run({"role", "list"}) == 0, cli.all());
        for (const char* part : {"viewer", "built in", "desk", "version 3, masked",
                 "orders.read (channels web, shop), cancel (up to 50.00 EUR), complete (steps of warehouse)"})
            QVERIFY2(cli.out.find(part) != std::string::npos, cli.all());
        cli.daemon.answer("GET /v1/roles/desk", 200, desk);
        QVERIFY2(cli.run({"role", "show", "desk"}) == 0, cli.all());
        for (const char* part : {"desk, version 3, masked", "by ann: new desk", "channels web, shop"})
            QVERIFY2(cli.out.find(part) != std::string::npos, cli.all());
        cli.daemon.answer("GET /v1/roles/desk/versions", 200,
            R"json({"items":[{"name":"desk","version":4,"deleted":true,"changed_at":"2026-03-02T09:00:00Z","changed_by":"bob","reason":"gone"},)json"
                + desk + "]}");
        QVERIFY2(cli.run({"role", "log", "desk"}) == 0, cli.all());
        for (const char* part : {"bob", "deleted", "gone", "orders.read, cancel, complete"})
            QVERIFY2(cli.out.find(part) != std::string::npos, cli.all());
    }

    void putsAFileAndDeletes()
    {
        const QTemporaryDir folder;
        const QString path = folder.filePath(QStringLiteral("desk.json"));
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(QByteArray::fromStdString(desk)); // as role show --json prints it
        file.close();
        CliRun cli;
        cli.daemon.answer("PUT /v1/roles/desk", 200, desk);
        cli.daemon.answer("DELETE /v1/roles/desk", 200, "{}");
        QVERIFY2(
            cli.run({"role", "put", "desk", path.toStdString(), "--if-version", "3", "--reason", "r"}) == 0,
            cli.all());
        QVERIFY2(cli.run({"role", "delete", "desk", "--reason", "r"}) == 0, cli.all());
        const auto& calls = cli.daemon.calls();
        QCOMPARE(calls.size(), std::size_t{2});
        QVERIFY(calls[0].body.find("\"masked\":true") != std::string::npos);
        QVERIFY(calls[0].body.find("changed_by") == std::string::npos);
        QCOMPARE(calls[0].headers.at(0).second, std::string("\"3\""));
        QCOMPARE(calls[1].body, std::string("{\"reason\":\"r\"}"));
    }

    void refusesBeforeItAsks()
    {
        CliRun cli;
        QCOMPARE(cli.run({"role", "put", "desk", "/no/such/file", "--reason", "r"}), 66);
        QCOMPARE(cli.run({"role", "put", "desk", "/dev/null"}), 64); // without a reason
        QVERIFY(cli.daemon.calls().empty());
    }
};

QTEST_GUILESS_MAIN(RoleCommandsTest)
#include "tst_role_commands.moc"
