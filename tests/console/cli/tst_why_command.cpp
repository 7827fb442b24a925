// SPDX-License-Identifier: GPL-3.0-or-later
// gantryctl why: the daemon's own sentence, for people and as it is.
#include "tests/console/cli/support/cli_run.h"

#include <QTest>

using namespace gantry::console;

namespace {

const std::string id = "ord_01kjkxjw00000000000000000a";
const std::string paused =
    R"({"stage":"paused","sentence":"The step ship is paused by ann: \u001b[31m.","help":"Resume it."})";

} // namespace

class TestWhyCommand : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void saysWhyAndWhatWouldHelp()
    {
        CliRun cli;
        cli.daemon.answer("GET /v1/orders/" + id + "/waiting", 200, paused);
        QVERIFY2(cli.run({"why", id}) == 0, cli.all());
        QCOMPARE(cli.out,
            std::string("The step ship is paused by ann: \\x1b[31m.\nWhat would help: Resume it.\n"));
    }

    void saysNothingOfHelpWhereNoneIsNeeded()
    {
        CliRun cli;
        cli.daemon.answer("GET /v1/orders/" + id + "/waiting", 200, R"({"sentence":"It goes on."})");
        QVERIFY2(cli.run({"why", id}) == 0, cli.all());
        QCOMPARE(cli.out, std::string("It goes on.\n"));
    }

    void tellsOfAnOrderThatThereIsNot()
    {
        CliRun cli;
        QVERIFY(cli.run({"why", id}) != 0);
        QVERIFY(cli.out.empty() && !cli.err.empty());
    }
};

QTEST_GUILESS_MAIN(TestWhyCommand)
#include "tst_why_command.moc"
