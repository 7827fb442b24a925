// SPDX-License-Identifier: GPL-3.0-or-later
// gantryctl correct-money and verify: what is asked of the daemon, what is printed, and how it ends.
#include "tests/console/cli/support/cli_run.h"

#include <QTest>

using namespace gantry;
using namespace gantry::console;

namespace {

const std::string id = "ord_01kjjmzqq8njar2mmfgj9vnyp4";

const std::string corrected =
    R"({"id":"ord_01kjjmzqq8njar2mmfgj9vnyp4","state":"completed","currency":"EUR","version":9,)"
    R"("money":{"authorized":3390,"captured":3290,"refunded":0}})";

std::string verification(const std::string& state, const std::string& rest)
{
    return "{\"id\":\"ver_1\",\"state\":\"" + state + "\",\"orders\":40,\"orders_total\":80,\"events\":500,"
        + rest + '}';
}

const std::string oneFinding =
    R"("findings_total":1002,"findings":[{"check":"history","order_id":"ord_1","version":3,"sequence":7,)"
    R"("expected":"event 3","found":"nothing","message":"Order ord_1 has a gap.\u001b[2J"}])";
const std::string stopped = R"("findings_total":0,"findings":[],"problem":{"detail":"The daemon stops."})";
const std::string runsAlready =
    R"({"code":"action_not_allowed","detail":"The verification ver_7 runs already.","status":409})";
const std::string noBalance = R"({"code":"invalid_value","detail":"would not balance","status":422})";
const std::string sentBody = R"({"authorized":0,"captured":-100,"refunded":0,"reason":"counted twice"})";

const std::string begun = R"({"id":"ver_1"})";
const std::string nothingFound = R"("findings_total":0,"findings":[])";

} // namespace

class MoneyCommandsTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void correctsMoney()
    {
        CliRun cli;
        cli.daemon.answer("POST /v1/orders/" + id + "/money/corrections", 200, corrected);
        QVERIFY2(cli.run({"correct-money", id, "--captured", "-100", "--reason", "counted twice"}) == 0,
            cli.all());
        const ApiCall& call = cli.daemon.calls().back();
        QCOMPARE(call.body, sentBody);
        QVERIFY(valueOf(call, "if-match").empty());
        QVERIFY(!valueOf(call, "idempotency-key").empty());
        QCOMPARE(cli.out, id + ": authorized 33.90 EUR, captured 32.90 EUR, refunded 0.00 EUR\n");
        QCOMPARE(cli.run({"correct-money", id, "--refunded", "5", "--reason", "r", "--if-version", "8"}), 0);
        QCOMPARE(valueOf(cli.daemon.calls().back(), "if-match"), std::string("\"8\""));
        QCOMPARE(cli.run({"correct-money", id, "--captured", "-100"}), 64); // no reason
        QCOMPARE(cli.run({"correct-money", id, "--captured", "1.5", "--reason", "r"}), 64);
        cli.daemon.answer("POST /v1/orders/" + id + "/money/corrections", 422, noBalance);
        QCOMPARE(cli.run({"correct-money", id, "--captured", "9", "--reason", "r"}), 65);
        QVERIFY2(cli.err.find("would not balance") != std::string::npos, cli.all());
    }

    void verifiesAndWaits()
    {
        CliRun cli;
        cli.daemon.answerNext(ApiAnswer{202, begun});
        cli.daemon.answerNext(ApiAnswer{200, verification("running", nothingFound)});
        cli.daemon.answerNext(ApiAnswer{200, verification("running", nothingFound)});
        cli.daemon.answerNext(ApiAnswer{200, verification("done", nothingFound)});
        QVERIFY2(cli.run({"verify"}) == 0, cli.all());
        QCOMPARE(cli.out, std::string("All is well: 40 orders with 500 events.\n"));
        QCOMPARE(cli.daemon.callNames(),
            (std::vector<std::string>{"POST /v1/verifications", "GET /v1/verifications/ver_1",
                "GET /v1/verifications/ver_1", "GET /v1/verifications/ver_1"}));
    }

    void namesFindings()
    {
        CliRun cli;
        cli.daemon.answer("GET /v1/verifications/ver_1", 200, verification("done", oneFinding));
        QCOMPARE(cli.run({"verify", "ver_1"}), 2);
        for (const char* part : {"history: Order ord_1 has a gap.\\x1b[2J", "expected  event 3",
                 "found     nothing", "and 1001 more", "1002 findings in 40 orders"})
            QVERIFY2(cli.out.find(part) != std::string::npos, cli.all());
        QCOMPARE(cli.run({"verify", "ver_1", "--json"}), 2);
        QVERIFY2(cli.out.starts_with('{') && cli.out.find("\"check\":\"history\"") != std::string::npos,
            cli.all());
    }

    void saysWhyItDidNotEnd()
    {
        CliRun cli;
        cli.daemon.answer("GET /v1/verifications/ver_1", 200, verification("failed", stopped));
        QCOMPARE(cli.run({"verify", "ver_1"}), 70);
        QVERIFY2(cli.err.find("The daemon stops.") != std::string::npos, cli.all());
        cli.daemon.answer("POST /v1/verifications", 409, runsAlready);
        QCOMPARE(cli.run({"verify"}), 1);
        QVERIFY2(cli.err.find("ver_7") != std::string::npos, cli.all());
    }

private:
    static std::string valueOf(const ApiCall& call, const std::string& name)
    {
        for (const auto& [key, value] : call.headers)
            if (key == name)
                return value;
        return {};
    }
};

QTEST_APPLESS_MAIN(MoneyCommandsTest)
#include "tst_money_commands.moc"
