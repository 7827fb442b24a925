// SPDX-License-Identifier: GPL-3.0-or-later
// gantryctl workflow migrate: the plan that it shows, the list that it sends, and what it makes of each answer.
#include "shared/protocol/problem.h"
#include "tests/console/cli/support/cli_run.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

using namespace gantry;
using namespace gantry::console;

namespace {

const std::string resource = "/v1/workflows/digital/migration";
const std::string call = "POST " + resource;

std::string moving(const std::string& id, int version)
{
    return "{\"id\":\"" + id + "\",\"version\":" + std::to_string(version)
        + ",\"at_step\":\"pick\",\"moves\":true,\"step\":\"gather\",\"attempt\":\"renewed\","
          "\"skipped_steps\":[\"weigh\"],\"passed_steps\":[\"weigh\"],"
          "\"changed_compensations\":[{\"step\":\"pay\",\"from\":\"refund\",\"to\":\"refund-2\"}]}";
}

std::string staying(const std::string& id)
{
    return "{\"id\":\"" + id
        + "\",\"version\":4,\"at_step\":\"pay\",\"moves\":false,\"reason\":\"It is in hand.\"}";
}

std::string page(const std::string& items, const std::string& next = {})
{
    return "{\"items\":[" + items + "],\"next_cursor\":" + (next.empty() ? "null" : '"' + next + '"') + '}';
}

std::string result(const std::string& id, const std::string& what)
{
    return "{\"id\":\"" + id + "\",\"result\":\"" + what + "\"}";
}

/// A daemon that plans three orders over two pages: two move, one stays.
struct MigrateRun : CliRun {
    explicit MigrateRun(const std::string& channels = "[]", bool isDefault = false)
    {
        daemon.answer("GET /v1/workflows/digital/1", 200,
            "{\"name\":\"digital\",\"channels\":" + channels
                + ",\"default\":" + (isDefault ? "true" : "false") + '}');
        const std::string query = "GET " + resource + "?from=1&to=2&map=pick%3Agather&limit=500";
        daemon.answer(query, 200, page(moving("ord_a", 3) + ',' + staying("ord_b"), "c1.x"));
        daemon.answer(query + "&cursor=c1.x", 200, page(moving("ord_c", 5)));
    }

    int migrate(std::vector<std::string> more)
    {
        std::vector<std::string> words{
            "workflow", "migrate", "digital", "--from", "1", "--to", "2", "--map", "pick=gather"};
        words.insert(words.end(), more.begin(), more.end());
        return run(words);
    }

    [[nodiscard]] bool says(const std::string& text) const
    {
        return out.find(text) != std::string::npos || err.find(text) != std::string::npos;
    }

    [[nodiscard]] std::vector<QJsonObject> moves() const
    {
        std::vector<QJsonObject> bodies;
        for (const ApiCall& each : daemon.calls())
            if (each.method == "POST")
                bodies.push_back(QJsonDocument::fromJson(QByteArray::fromStdString(each.body)).object());
        return bodies;
    }
};

} // namespace

class TestMigrateCommand : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void aDryRunShowsThePlanAndMovesNothing()
    {
        MigrateRun cli("[\"web\"]", true);
        QVERIFY2(cli.migrate({"--dry-run"}) == 0, cli.all());
        QVERIFY(cli.moves().empty());
        for (const char* text : {"digital 1 → 2", "3 open orders: 2 move, 1 stay.",
                 "2  pick → gather: begins anew", "2  weigh", "2  pay: refund → refund-2",
                 "1  It is in hand.  (ord_b)", "New orders of web, all others still go by digital 1"})
            QVERIFY2(cli.says(text), cli.all() + text);
    }

    void doesExactlyWhatWasPlanned()
    {
        MigrateRun cli;
        cli.daemon.answer(
            call, 200, "{\"results\":[" + result("ord_a", "moved") + ',' + result("ord_c", "moved") + "]}");
        QVERIFY2(cli.migrate({"--reason", "better", "--yes"}) == 1, cli.all()); // one stays
        QVERIFY2(cli.says("2 moved, 0 had changed since they were planned, 0 refused, 1 stay."), cli.all());
        QVERIFY2(!cli.says("still go by"), cli.all());
        QCOMPARE(cli.moves().size(), std::size_t{1});
        const QJsonObject expected =
            QJsonDocument::fromJson(R"({"from":1,"to":2,"reason":"better","map":{"pick":"gather"},)"
                                    R"("orders":[{"id":"ord_a","version":3},{"id":"ord_c","version":5}]})")
                .object();
        QCOMPARE(cli.moves().front(), expected);
    }

    void tellsChangedAndRefusedApart()
    {
        MigrateRun cli;
        std::string refused = result("ord_c", "refused");
        refused.pop_back();
        refused += ",\"problem\":" + encodeProblem({ErrorCode::ActionNotAllowed, "It has ended."}) + '}';
        cli.daemon.answer(call, 200, "{\"results\":[" + result("ord_a", "changed") + ',' + refused + "]}");
        QVERIFY2(cli.migrate({"--reason", "better", "--yes"}) == 1, cli.all());
        QVERIFY2(cli.says("ord_a has changed since it was planned"), cli.all());
        QVERIFY2(cli.says("ord_c was refused: It has ended."), cli.all());
        QVERIFY2(cli.says("0 moved, 1 had changed since they were planned, 1 refused"), cli.all());
    }

    void asksBeforeItMoves()
    {
        for (const std::string& answer : {std::string("yes\n"), std::string("no\n"), std::string()}) {
            MigrateRun cli;
            cli.input = answer;
            cli.daemon.answer(call, 200,
                "{\"results\":[" + result("ord_a", "moved") + ',' + result("ord_c", "moved") + "]}");
            QCOMPARE(cli.migrate({"--reason", "better"}), 1);
            QVERIFY2(cli.says("Move 2 orders of digital from version 1 to 2? Type yes:"), cli.all());
            QCOMPARE(cli.moves().size(), std::size_t{answer == "yes\n" ? 1U : 0U});
            QCOMPARE(cli.says("Nothing was moved"), answer != "yes\n");
        }
    }

    void sendsAgainWhatWasNotDone()
    {
        MigrateRun first;
        first.daemon.answer(call, 200,
            "{\"results\":[" + result("ord_a", "not_done") + ',' + result("ord_c", "not_done") + "]}");
        QVERIFY2(first.migrate({"--reason", "better", "--yes", "--timeout", "5"}) == 75, first.all());
        QVERIFY2(first.says("0 orders were moved before, 2 are not known to be."), first.all());
        const auto sent = first.moves();
        QVERIFY(sent.size() > 2);
        for (const QJsonObject& body : sent)
            QCOMPARE(body[QLatin1String("orders")].toArray().size(), 2);
    }

    void anUnknownAnswerIsNoSuccess()
    {
        MigrateRun cli;
        cli.daemon.answer(call, 200, "{\"results\":[]}");
        QVERIFY2(cli.migrate({"--reason", "better", "--yes"}) == 70, cli.all());
        cli.daemon.answer(call, 403, encodeProblem({ErrorCode::Forbidden, "The role may not."}));
        QVERIFY2(cli.migrate({"--reason", "better", "--yes"}) == 77, cli.all());
        QVERIFY2(cli.says("2 are not known to be"), cli.all());
    }

    void jsonIsOneDocumentWhateverHappens()
    {
        const auto parsed = [](const MigrateRun& cli) {
            QJsonParseError error;
            const auto document = QJsonDocument::fromJson(QByteArray::fromStdString(cli.out), &error);
            return error.error == QJsonParseError::NoError ? document.object() : QJsonObject();
        };
        MigrateRun dry;
        QVERIFY2(dry.migrate({"--dry-run", "--json"}) == 0, dry.all());
        QCOMPARE(parsed(dry)[QLatin1String("plan")].toArray().size(), 3);
        QCOMPARE(parsed(dry)[QLatin1String("moving")].toInt(), 2);
        MigrateRun real;
        real.daemon.answer(
            call, 200, "{\"results\":[" + result("ord_a", "moved") + ',' + result("ord_c", "changed") + "]}");
        QVERIFY2(real.migrate({"--reason", "better", "--yes", "--json"}) == 1, real.all());
        QCOMPARE(parsed(real)[QLatin1String("results")].toArray().size(), 2);
        QCOMPARE(parsed(real)[QLatin1String("changed")].toInt(), 1);
        MigrateRun broken;
        broken.daemon.answer("GET " + resource + "?from=1&to=2&map=pick%3Agather&limit=500&cursor=c1.x", 400,
            encodeProblem({ErrorCode::InvalidCursor, "No."}));
        QVERIFY2(broken.migrate({"--reason", "better", "--yes", "--json"}) == 65, broken.all());
        QVERIFY2(parsed(broken).contains(QLatin1String("problem")), broken.all());
        QVERIFY(broken.moves().empty());
        MigrateRun asked;
        QVERIFY2(asked.migrate({"--reason", "better", "--json"}) == 1, asked.all());
        QVERIFY2(parsed(asked).contains(QLatin1String("problem")), asked.all());
    }

    void theCommandLineIsChecked()
    {
        MigrateRun cli;
        QCOMPARE(cli.migrate({}), 64); // neither a reason nor a dry run
        QCOMPARE(cli.migrate({"--dry-run", "--map", "pick"}), 64);
        QCOMPARE(cli.migrate({"--dry-run", "--map", "pick=a,b=c"}), 64);
        QCOMPARE(cli.migrate({"--dry-run", "--map", "pi\"ck=a"}), 64);
        QCOMPARE(cli.run({"workflow", "migrate", "digital", "--from", "1", "--dry-run"}), 64);
        QVERIFY(cli.daemon.calls().empty());
    }
};

QTEST_GUILESS_MAIN(TestMigrateCommand)
#include "tst_migrate_command.moc"
