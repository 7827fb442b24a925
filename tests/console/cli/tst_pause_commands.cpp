// SPDX-License-Identifier: GPL-3.0-or-later
// gantryctl pause, resume and pauses: what is asked of the daemon, and what is printed.
#include "shared/protocol/problem.h"
#include "tests/console/cli/support/cli_run.h"

#include <QTest>

using namespace gantry;
using namespace gantry::console;

namespace {

const std::string paused =
    R"({"scope":"channel","name":"web shop","since":"2026-03-01T11:00:00Z","by":"ann",)"
    R"("reason":"stocktaking","state":"paused","waiting":7})";

} // namespace

class PauseCommandsTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void pauses()
    {
        CliRun cli;
        cli.daemon.answer("PUT /v1/pauses/channel/web%20shop", 201, paused);
        QVERIFY2(cli.run({"pause", "channel", "web shop", "--reason", "stocktaking"}) == 0, cli.all());
        QCOMPARE(cli.daemon.calls().front().body, std::string(R"({"reason":"stocktaking"})"));
        QCOMPARE(cli.out,
            std::string("The channel web shop is paused. What is in hand may still be reported. Orders "
                        "waiting behind it: 7.\n"));
        cli.daemon.answer("PUT /v1/pauses/channel/web%20shop", 200, paused);
        QCOMPARE(cli.run({"pause", "channel", "web shop", "--reason", "x"}), 0);
        QCOMPARE(cli.out, std::string("The channel web shop was paused already, by ann: stocktaking.\n"));
    }

    void resumes()
    {
        CliRun cli;
        cli.daemon.answer(
            "DELETE /v1/pauses/step/ship", 200, R"({"scope":"step","name":"ship","waiting":3})");
        QVERIFY2(cli.run({"resume", "step", "ship", "--reason", "mended"}) == 0, cli.all());
        QCOMPARE(cli.daemon.calls().front().body, std::string(R"({"reason":"mended"})"));
        QCOMPARE(cli.out, std::string("The step ship goes on. Orders that had gathered: 3.\n"));
        QVERIFY(cli.run({"resume", "step", "none", "--reason", "x"}) != 0);
    }

    void lists()
    {
        CliRun cli;
        cli.daemon.answer("GET /v1/pauses", 200, R"({"items":[)" + paused + "]}");
        QVERIFY2(cli.run({"pauses"}) == 0, cli.all());
        for (const char* part :
            {"SCOPE", "channel", "web shop", "paused", "7", "ann", "stocktaking", "60 min"})
            QVERIFY2(cli.out.find(part) != std::string::npos, cli.all());
        cli.daemon.answer("GET /v1/pauses", 200, R"({"items":[]})");
        QCOMPARE(cli.run({"pauses"}), 0);
        QCOMPARE(cli.out, std::string("Nothing is paused.\n"));
        cli.daemon.answer("GET /v1/pauses?state=ended", 200,
            R"({"items":[{"scope":"step","name":"ship","since":"2026-03-01T10:00:00Z","by":"ann","reason":"r1",)"
            R"("state":"ended","ended_at":"2026-03-01T11:00:00Z","ended_by":"bob","end_reason":"r2"}]})");
        QCOMPARE(cli.run({"pauses", "--ended"}), 0);
        for (const char* part : {"ship", "ann", "r1", "bob", "r2"})
            QVERIFY2(cli.out.find(part) != std::string::npos, cli.all());
    }

    void wantsAReasonAndAKnownScope()
    {
        CliRun cli;
        QCOMPARE(cli.run({"pause", "channel", "web"}), 64);
        QCOMPARE(cli.run({"pause", "order", "web", "--reason", "x"}), 64);
        QVERIFY(cli.daemon.calls().empty());
    }
};

QTEST_APPLESS_MAIN(PauseCommandsTest)
#include "tst_pause_commands.moc"
