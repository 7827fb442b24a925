// SPDX-License-Identifier: GPL-3.0-or-later
// gantryctl bulk: what is asked of the daemon, and what is printed.
#include "tests/console/cli/support/cli_run.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

using namespace gantry;
using namespace gantry::console;

namespace {

std::string bulk(const std::string& state, const std::string& counts, const std::string& more = {})
{
    return R"({"id":"blk_1","action":"retry","reason":"back","created_by":"ann","created_at":"2026-03-01T11:00:00Z","state":")"
        + state + R"(","total":5,"counts":{)" + counts + "}" + more + "}";
}

QJsonObject bodyOf(const ApiCall& call)
{
    return QJsonDocument::fromJson(QByteArray::fromStdString(call.body)).object();
}

} // namespace

class TestBulkCommands : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void asksByFilterAndFollowsToTheEnd()
    {
        CliRun cli;
        cli.daemon.answer("POST /v1/bulk-actions", 202, bulk("running", R"("pending":5)"));
        cli.daemon.answer("GET /v1/bulk-actions/blk_1", 200, bulk("completed", R"("pending":0,"fixed":5)"));
        QVERIFY2(cli.run({"bulk", "retry", "--reason", "back", "--state", "failed", "--step", "pay", "--code",
                     "timeout", "--rate", "50", "--canary", "3", "--stop-after", "2"})
                == 0,
            cli.all());
        const QJsonObject body = bodyOf(cli.daemon.calls().front());
        QCOMPARE(body[QLatin1String("action")].toString(), QStringLiteral("retry"));
        QVERIFY(!body[QLatin1String("dry_run")].toBool());
        QVERIFY(!body.contains(QLatin1String("step")));
        const QJsonObject filter =
            body[QLatin1String("selection")].toObject()[QLatin1String("filter")].toObject();
        QCOMPARE(filter.size(), 3);
        QCOMPARE(filter[QLatin1String("incident_code")].toString(), QStringLiteral("timeout"));
        QCOMPARE(body[QLatin1String("rate")].toInt(), 50);
        const QJsonObject canary = body[QLatin1String("canary")].toObject();
        QCOMPARE(canary[QLatin1String("first")].toInt(), 3);
        QCOMPARE(canary[QLatin1String("stop_after")].toInt(), 2);
        QVERIFY2(cli.out == "blk_1  It is completed: 5 orders, 5 fixed.\n", cli.all());
    }

    void asksByIds()
    {
        CliRun cli;
        cli.input = "ord_1\n\n  ord_2  # late\n#none\n";
        cli.daemon.answer("POST /v1/bulk-actions", 202, bulk("completed", R"("done":5)"));
        QVERIFY2(
            cli.run({"bulk", "override", "--reason", "r", "--ids", "-", "--step", "pay"}) == 0, cli.all());
        const QJsonObject body = bodyOf(cli.daemon.calls().front());
        QCOMPARE(body[QLatin1String("step")].toString(), QStringLiteral("pay"));
        const QJsonArray ids = body[QLatin1String("selection")].toObject()[QLatin1String("ids")].toArray();
        QCOMPARE(ids, (QJsonArray{QStringLiteral("ord_1"), QStringLiteral("ord_2")}));
    }

    void wantsOneKindOfChoice()
    {
        CliRun cli;
        QCOMPARE(cli.run({"bulk", "retry", "--reason", "r"}), 64);
        QCOMPARE(cli.run({"bulk", "retry", "--reason", "r", "--ids", "-", "--state", "failed"}), 64);
        QCOMPARE(cli.run({"bulk", "retry", "--state", "failed"}), 64); // no reason
        QCOMPARE(cli.run({"bulk", "cancel", "blk_1", "--reason", "r", "--state", "failed"}), 64);
        QCOMPARE(cli.run({"bulk", "retry", "--reason", "r", "--ids", "/no/such/file"}), 66);
        QVERIFY(cli.daemon.calls().empty());
    }

    void failuresAreToldByTheExitCode()
    {
        CliRun cli;
        cli.daemon.answer("POST /v1/bulk-actions", 202,
            bulk("stopped", R"("pending":2,"fixed":1,"failed_again":2)",
                R"(,"stopped_because":{"step":"pay","code":"timeout","count":2})"));
        QCOMPARE(cli.run({"bulk", "retry", "--reason", "r", "--state", "failed"}), 1);
        QVERIFY2(cli.out.find("It stopped after 2 times timeout at pay.") != std::string::npos, cli.all());
        QVERIFY2(cli.out.find("gantryctl bulk resume blk_1") != std::string::npos, cli.all());
    }

    void whatSomebodyElseEndedIsNoSuccess()
    {
        for (const char* state : {"paused", "canceled"}) {
            CliRun cli;
            cli.daemon.answer("POST /v1/bulk-actions", 202, bulk("running", R"("pending":5)"));
            cli.daemon.answer("GET /v1/bulk-actions/blk_1", 200, bulk(state, R"("pending":2,"fixed":3)"));
            QVERIFY2(cli.run({"bulk", "retry", "--reason", "r", "--state", "failed"}) == 1, cli.all());
        }
    }

    void cancelingABulkActionHasNoDryRun()
    {
        CliRun cli;
        QCOMPARE(cli.run({"bulk", "cancel", "blk_1", "--reason", "r", "--dry-run"}), 64);
        QVERIFY(cli.daemon.calls().empty());
    }

    void leavesItToTheDaemon()
    {
        CliRun cli;
        cli.daemon.answer("POST /v1/bulk-actions", 202, bulk("running", R"("pending":5)"));
        QCOMPARE(cli.run({"bulk", "retry", "--reason", "r", "--state", "failed", "--detach"}), 0);
        QCOMPARE(cli.daemon.calls().size(), std::size_t{1});
        CliRun stopped;
        stopped.daemon.answer("POST /v1/bulk-actions", 202, bulk("running", R"("pending":5)"));
        stopped.daemon.answer(
            "GET /v1/bulk-actions/blk_1", 200, bulk("running", R"("pending":4,"running":1)"));
        stopped.pace.interruptAt(std::chrono::seconds(5));
        QCOMPARE(stopped.run({"bulk", "retry", "--reason", "r", "--state", "failed"}), 0);
        QVERIFY2(stopped.err.find("It goes on in the daemon") != std::string::npos, stopped.all());
    }

    void saysWhatADryRunFound()
    {
        CliRun cli;
        const std::string answer =
            R"({"dry_run":true,"action":"cancel","selected":7,"would_act_on":5,"selected_by":[{"state":"failed","step":"pay","count":7}],)"
            R"("refused":[{"code":"action_not_allowed","count":2}],"at_stake":[{"currency":"EUR","total":1250}],"runs":[],)"
            R"("undoes":[{"step":"pay","handler":"payment.refund","count":5}],"ends":[]})";
        cli.daemon.answer("POST /v1/bulk-actions", 200, answer);
        QCOMPARE(cli.run({"bulk", "cancel", "--reason", "r", "--state", "failed", "--dry-run"}), 0);
        QVERIFY(bodyOf(cli.daemon.calls().front())[QLatin1String("dry_run")].toBool());
        for (const char* words : {"cancel would act on 5 of 7 orders", "7 failed at pay",
                 "2 action_not_allowed", "12.50 EUR", "5 × pay (payment.refund)"})
            QVERIFY2(cli.out.find(words) != std::string::npos, cli.all());
        QVERIFY(cli.out.find("Runs") == std::string::npos);
        QCOMPARE(cli.run({"bulk", "cancel", "--reason", "r", "--state", "failed", "--dry-run", "--json"}), 0);
        QCOMPARE(cli.out, answer + "\n");
    }

    void steers()
    {
        for (const std::string action : {"pause", "resume", "cancel"}) {
            CliRun cli;
            cli.daemon.answer("POST /v1/bulk-actions/blk_1/actions", 200, bulk("paused", R"("pending":5)"));
            QVERIFY2(cli.run({"bulk", action, "blk_1", "--reason", "lunch"}) == 0, cli.all());
            QCOMPARE(
                bodyOf(cli.daemon.calls().front())[QLatin1String("action")].toString().toStdString(), action);
            QCOMPARE(bodyOf(cli.daemon.calls().front())[QLatin1String("reason")].toString(),
                QStringLiteral("lunch"));
        }
    }

    void listsAndShows()
    {
        CliRun cli;
        cli.daemon.answer("GET /v1/bulk-actions", 200,
            R"({"items":[)" + bulk("running", R"("pending":2,"fixed":3)") + R"(],"next_cursor":null})");
        QCOMPARE(cli.run({"bulk", "list"}), 0);
        QVERIFY2(cli.out.find("2 pending, 3 fixed") != std::string::npos, cli.all());
        cli.daemon.answer("GET /v1/bulk-actions/blk_1", 200,
            bulk("running", R"("pending":2,"changed":3)",
                R"(,"log":[{"at":"2026-03-01T11:00:00Z","actor":"ann","what":"created","reason":"back"}])"));
        cli.daemon.answer("GET /v1/bulk-actions/blk_1/members", 200,
            R"({"items":[{"number":0,"order_id":"ord_1","version":4,"result":"changed"}],"next_cursor":null})");
        QVERIFY2(cli.run({"bulk", "show", "blk_1", "--result", "changed"}) == 0, cli.all());
        QVERIFY(cli.daemon.callNames().back().find("result=changed") != std::string::npos);
        for (const char* words : {"created by ann: back", "ord_1", "left alone"})
            QVERIFY2(cli.out.find(words) != std::string::npos, cli.all());
        QCOMPARE(cli.run({"bulk", "show", "blk_1", "--json"}), 0);
        const QJsonObject json = QJsonDocument::fromJson(QByteArray::fromStdString(cli.out)).object();
        QCOMPARE(json[QLatin1String("members")].toArray().size(), 1);
    }

    void aProblemIsTold()
    {
        CliRun cli;
        cli.daemon.answer("POST /v1/bulk-actions", 403,
            R"({"type":"about:blank","title":"Forbidden","status":403,"detail":"The role may not.","code":"forbidden","retryable":false})");
        QCOMPARE(cli.run({"bulk", "retry", "--reason", "r", "--state", "failed"}), 77);
    }
};

QTEST_GUILESS_MAIN(TestBulkCommands)
#include "tst_bulk_commands.moc"
