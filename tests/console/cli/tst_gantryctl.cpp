// SPDX-License-Identifier: GPL-3.0-or-later
// Arguments in, calls to the daemon, and what is printed: every command but the imports.
#include "shared/protocol/problem.h"
#include "tests/console/cli/support/cli_run.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QTest>
#include <fstream>

using namespace gantry;
using namespace gantry::console;
using std::chrono::milliseconds;

namespace {

const std::string id = "ord_01jqzz0000000000000000000a";

std::string orderJson(const std::string& extra = {})
{
    return R"({"id":")" + id
        + R"(","channel":"web","external_id":"W-1","currency":"EUR","total":1250,"state":"failed","step":"pay",)"
          R"("performer":"machine","version":7,"created_at":"2026-03-01T10:00:00.000Z","customer_name":"Zoë",)"
          R"("incident":{"step":"pay","code":"declined","message":"The card was declined.","since":"2026-03-01T11:00:00.000Z"},)"
          R"("lines":[{"sku":"A-1","name":"Cup","quantity":2,"unit_price":500}],"shipping":250)"
        + extra + "}";
}

QJsonObject parse(const std::string& text)
{
    QJsonParseError error;
    const auto document = QJsonDocument::fromJson(QByteArray::fromStdString(text), &error);
    return error.error == QJsonParseError::NoError ? document.object() : QJsonObject();
}

std::string problem(ErrorCode code, const std::string& message)
{
    return encodeProblem({code, message});
}

} // namespace

class TestGantryctl : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void refusesBadCommandLines_data();
    void refusesBadCommandLines();
    void helps();
    void choosesTheProfile();
    void tellsWhatIsWrongWithTheProfile();
    void lists();
    void listsAllPages();
    void closesJsonWhenAPageFails();
    void shows();
    void findsByExternalId();
    void showsHostileTexts();
    void acts_data();
    void acts();
    void actsOnSeveral();
    void repeatsUnderTheSameKey();
    void tellsFailures_data();
    void tellsFailures();
    void waitsForTheDaemon();
    void countsStates();
    void groupsIncidents();
    void followsEvents();
    void setsStock();
    void showsStock();
    void showsWhatLiesWhere();
    void movesStock();
    void listsMovementsOfStock();
    void importsStock();
    void importsNoHalfStock();
};

void TestGantryctl::refusesBadCommandLines_data()
{
    QTest::addColumn<QStringList>("arguments");
    const auto row = [](const char* name, const QStringList& arguments) { QTest::newRow(name) << arguments; };
    const auto words = [](const char* text) { return QString::fromLatin1(text).split(QLatin1Char(' ')); };
    row("none", {});
    row("unknown command", words("frobnicate"));
    row("unknown option", words("list --frob"));
    row("unknown state", words("list --state lost"));
    row("limit too large", words("list --limit 501"));
    row("action without reason", words("retry ord_1"));
    row("action without order", words("retry --reason x"));
    row("hold until never", words("hold ord_1 --reason x --until soon"));
    row("half a command", words("import"));
    row("stock below zero", words("stock set A -- -1"));
    row("stock of half a piece", words("stock set A 1.5"));
    row("timeout of nothing", words("--timeout 0 stats"));
    row("two profiles", words("--data-dir /x --profile /y stats"));
    row("two commands", words("stats tail"));
}

void TestGantryctl::refusesBadCommandLines()
{
    QFETCH(QStringList, arguments);
    std::vector<std::string> all;
    for (const QString& argument : arguments)
        all.push_back(argument.toStdString());
    CliRun cli;
    QCOMPARE(cli.run(all), 64);
    QVERIFY(!cli.err.empty());
    QVERIFY(cli.daemon.calls().empty());
}

void TestGantryctl::helps()
{
    CliRun cli;
    QCOMPARE(cli.run({"--help"}), 0);
    for (const char* word : {"import", "list", "show", "retry", "tail", "stock", "--json", "75"})
        QVERIFY2(cli.out.find(word) != std::string::npos, word);
    QCOMPARE(cli.run({"import", "olist", "--help"}), 0);
    QVERIFY(cli.out.find("--report") != std::string::npos);
    QCOMPARE(cli.run({"--version"}), 0);
    QCOMPARE(cli.out, std::string("gantryctl " GANTRY_VERSION "\n"));
}

void TestGantryctl::choosesTheProfile()
{
    CliRun cli;
    cli.daemon.answer("GET /v1/stats", 200, "{}");
    cli.run({"stats"});
    QCOMPARE(cli.profilePath, std::string("/home/somebody/.local/share/gantry/admin.profile"));
    cli.environment["XDG_DATA_HOME"] = "/data";
    cli.run({"stats"});
    QCOMPARE(cli.profilePath, std::string("/data/gantry/admin.profile"));
    cli.environment["GANTRY_DATA_DIR"] = "/srv/gantry";
    cli.run({"stats"});
    QCOMPARE(cli.profilePath, std::string("/srv/gantry/admin.profile"));
    cli.run({"--data-dir", "/tmp/x", "stats"});
    QCOMPARE(cli.profilePath, std::string("/tmp/x/admin.profile"));
    cli.run({"stats", "--profile", "/tmp/p"});
    QCOMPARE(cli.profilePath, std::string("/tmp/p"));
    const DataDirSurroundings system{[](const char*) { return std::string(); },
        [](const std::string& path) { return path == "/var/lib/gantry"; }};
    QCOMPARE(defaultDataDir(system), std::string("/var/lib/gantry"));
}

void TestGantryctl::tellsWhatIsWrongWithTheProfile()
{
    CliRun cli;
    for (const auto& [error, code] : std::vector<std::pair<ErrorCode, int>>{
             {ErrorCode::NotFound, 66}, {ErrorCode::Forbidden, 77}, {ErrorCode::MalformedJson, 65}}) {
        cli.profileFault = Error{error, "The profile can't be used."};
        QCOMPARE(cli.run({"stats", "--json"}), code);
        QVERIFY(!parse(cli.out).value(QLatin1String("problem")).toObject().isEmpty());
        QCOMPARE(cli.err.find("Start gantryd") != std::string::npos, error == ErrorCode::NotFound);
    }
    QVERIFY(cli.daemon.calls().empty());
}

void TestGantryctl::lists()
{
    CliRun cli;
    cli.daemon.answer("GET /v1/orders", 200, "{\"items\":[" + orderJson() + "],\"next_cursor\":\"abc\"}");
    QVERIFY2(cli.run({"list", "--state", "failed", "--state", "waiting", "--step", "pay", "--channel", "web",
                 "--query", "Zo\xc3\xab & co", "--limit", "7"})
            == 0,
        cli.all());
    QCOMPARE(cli.daemon.callNames(),
        std::vector<std::string>{
            "GET /v1/orders?state=failed%2Cwaiting&step=pay&channel=web&q=Zo%C3%AB%20%26%20co&limit=7"});
    for (const char* word :
        {id.c_str(), "web", "W-1", "failed", "pay", "2 h", "12.50 EUR", "declined", "--all"})
        QVERIFY2(cli.out.find(word) != std::string::npos, word);
    cli.run({"list", "--json"});
    QCOMPARE(parse(cli.out).value(QLatin1String("items")).toArray().size(), 1);
    cli.daemon.answer("GET /v1/orders", 200, "{\"items\":[],\"next_cursor\":null}");
    QCOMPARE(cli.run({"list"}), 0);
    QCOMPARE(cli.out, std::string("No orders match.\n"));
}

void TestGantryctl::listsAllPages()
{
    for (const bool json : {false, true}) {
        CliRun cli;
        for (int page = 0; page < 3; ++page)
            cli.daemon.answerNext(ApiAnswer{200,
                "{\"items\":[" + orderJson() + ',' + orderJson() + "],\"next_cursor\":"
                    + (page == 2 ? "null" : "\"c/" + std::to_string(page) + '"') + "}"});
        std::vector<std::string> arguments{"list", "--all"};
        if (json)
            arguments.emplace_back("--json");
        QCOMPARE(cli.run(arguments), 0);
        QCOMPARE(cli.daemon.callNames().back(), std::string("GET /v1/orders?limit=500&cursor=c%2F1"));
        if (json)
            QCOMPARE(parse(cli.out).value(QLatin1String("items")).toArray().size(), 6);
        else
            QCOMPARE(std::count(cli.out.begin(), cli.out.end(), '\n'), 7);
    }
}

void TestGantryctl::closesJsonWhenAPageFails()
{
    CliRun cli;
    cli.daemon.answerNext(ApiAnswer{200, "{\"items\":[" + orderJson() + "],\"next_cursor\":\"x\"}"});
    cli.daemon.answerNext(
        ApiAnswer{400, problem(ErrorCode::InvalidCursor, "The cursor is of another list.")});
    QCOMPARE(cli.run({"list", "--all", "--json"}), 65);
    QCOMPARE(parse(cli.out).value(QLatin1String("items")).toArray().size(), 1);
    QCOMPARE(
        parse(cli.out).value(QLatin1String("problem")).toObject().value(QLatin1String("code")).toString(),
        QLatin1String("invalid_cursor"));
}

void TestGantryctl::shows()
{
    CliRun cli;
    cli.daemon.answer("GET /v1/orders/" + id, 200, orderJson());
    cli.daemon.answer("GET /v1/orders/" + id + "/events", 200,
        R"({"items":[{"version":1,"type":"order_received","at":"2026-03-01T10:00:00.000Z","actor":"web","data":{}},)"
        R"({"version":2,"type":"step_failed","at":"2026-03-01T11:00:00.000Z","actor":"system",)"
        R"("data":{"step":"pay","attempt":3,"code":"declined","message":"The card was declined."}},)"
        R"({"version":3,"type":"something_new","at":"2026-03-01T11:00:00.000Z","actor":"system","data":{"x":1}}]})");
    cli.daemon.answer("GET /v1/orders/" + id + "/waiting", 200,
        R"({"sentence":"pay failed 3 h ago: declined.","help":"Retry it."})");
    QVERIFY2(cli.run({"show", id}) == 0, cli.all());
    for (const char* text : {"failed at pay", "pay failed 3 h ago: declined. Retry it.", "A-1", "5.00 EUR",
             "12.50 EUR", "v1  received (web)",
             "v2  pay failed (attempt 3), declined: The card was declined. (not tried again by itself)",
             "v3  something_new {\"x\":1}"})
        QVERIFY2(
            cli.out.find(text) != std::string::npos, (std::string(text) + " is not in\n" + cli.out).c_str());
    QCOMPARE(cli.run({"show", id, "--json"}), 0);
    const QJsonObject shown = parse(cli.out);
    QCOMPARE(shown.value(QLatin1String("events")).toArray().size(), 3);
    QCOMPARE(shown.value(QLatin1String("order")).toObject().value(QLatin1String("total")).toInt(), 1250);
}

void TestGantryctl::findsByExternalId()
{
    CliRun cli;
    cli.daemon.answer("GET /v1/orders/" + id, 200, orderJson());
    cli.daemon.answer("GET /v1/orders/" + id + "/events", 200, "{\"items\":[]}");
    cli.daemon.answer("GET /v1/orders", 200, "{\"items\":[" + orderJson() + "]}");
    QVERIFY2(cli.run({"show", "W/1", "--channel", "web"}) == 0, cli.all());
    QCOMPARE(
        cli.daemon.callNames().front(), std::string("GET /v1/orders?external_id=W%2F1&channel=web&limit=10"));
    cli.daemon.answer("GET /v1/orders", 200, "{\"items\":[" + orderJson() + ',' + orderJson() + "]}");
    QCOMPARE(cli.run({"show", "W-1"}), 65);
    QVERIFY(cli.err.find("web, web") != std::string::npos);
    cli.daemon.answer("GET /v1/orders", 200, "{\"items\":[]}");
    QCOMPARE(cli.run({"show", "W-1"}), 1);
    QVERIFY(cli.err.find("W-1") != std::string::npos);
}

void TestGantryctl::showsHostileTexts()
{
    const std::string hostile = R"(,"customer":{"name":"\u001b]0;owned\u0007\u009b2J\u202e"},)"
                                R"("holds":[{"id":"h\u001b","owner":"x\r","reason":"\u001b[2K"}],)"
                                R"("metadata":{"k\u001b":"v\n"},"tags":["\u0000"])";
    CliRun cli;
    cli.daemon.answer("GET /v1/orders/" + id, 200, orderJson(hostile));
    cli.daemon.answer("GET /v1/orders/" + id + "/events", 200,
        R"({"items":[{"version":1,"type":"\u001b[31m","at":"\u001b","actor":"\u001b","data":{"reason":"\u001b"}}]})");
    cli.daemon.answer("GET /v1/orders", 200, "{\"items\":[" + orderJson(hostile) + "]}");
    cli.daemon.answer("GET /v1/stats", 200, R"({"orders":{"by_state":{"\u001b[31m":1}},"\u001b":"\u009b"})");
    cli.daemon.answer("POST /v1/orders/" + id + "/actions", 409,
        problem(ErrorCode::ActionNotAllowed, "No\x1b[31m \xc2\x9b"));
    for (const std::vector<std::string>& arguments :
        std::vector<std::vector<std::string>>{{"show", id}, {"list"}, {"stats"}, {"show", id, "--json"},
            {"list", "--json"}, {"retry", id, "--reason", "x"}}) {
        cli.run(arguments);
        for (const std::string* text : {&cli.out, &cli.err})
            for (const char* bad : {"\x1b", "\x07", "\r", "\xc2\x9b", "\xe2\x80\xae"})
                QVERIFY2(text->find(bad) == std::string::npos, text->c_str());
    }
    cli.run({"show", id});
    for (const char* escaped : {"\\x1b]0;owned\\x07\\x9b2J\\u202e", "\\x1b[2K", "k\\x1b: v\\x0a"})
        QVERIFY2(cli.out.find(escaped) != std::string::npos, cli.out.c_str());
}

void TestGantryctl::acts_data()
{
    QTest::addColumn<QStringList>("options");
    QTest::addColumn<QString>("action");
    QTest::addColumn<QByteArray>("body");
    const auto row = [](const char* action, const QStringList& options, const char* body) {
        QTest::newRow(action) << options << QString::fromLatin1(action) << QByteArray(body);
    };
    row("retry", {}, R"({"action":"retry","reason":"because"})");
    row("hold", {QStringLiteral("--until"), QStringLiteral("2026-04-01T00:00:00Z")},
        R"({"action":"hold","reason":"because","expires_at":"2026-04-01T00:00:00Z"})");
    row("release", {QStringLiteral("--hold"), QStringLiteral("h1")},
        R"({"action":"release","reason":"because","hold_id":"h1"})");
    row("cancel", {}, R"({"action":"cancel","reason":"because"})");
    row("override", {QStringLiteral("--step"), QStringLiteral("pay")},
        R"({"action":"override","reason":"because","step":"pay"})");
    row("complete", {QStringLiteral("--note"), QStringLiteral("2 boxes")},
        R"({"action":"complete","reason":"because","result":{"note":"2 boxes"}})");
}

void TestGantryctl::acts()
{
    QFETCH(QStringList, options);
    QFETCH(QString, action);
    QFETCH(QByteArray, body);
    CliRun cli;
    const std::string path = "/v1/orders/" + id + "/actions";
    cli.daemon.answer("POST " + path, 200, orderJson());
    std::vector<std::string> arguments{action.toStdString(), id, "--reason", "because"};
    for (const QString& option : options)
        arguments.push_back(option.toStdString());
    QVERIFY2(cli.run(arguments) == 0, cli.all());
    QCOMPARE(cli.daemon.callNames(), std::vector<std::string>{"POST " + path});
    QCOMPARE(QByteArray::fromStdString(cli.daemon.calls().front().body), body);
    QCOMPARE(cli.out, id + ": failed at pay\n");
}

void TestGantryctl::actsOnSeveral()
{
    CliRun cli;
    const std::string other = "ord_01jqzz0000000000000000000b";
    cli.daemon.answer("POST /v1/orders/" + id + "/actions", 200, orderJson());
    cli.daemon.answer("POST /v1/orders/" + other + "/actions", 409,
        problem(ErrorCode::ActionNotAllowed, "There is nothing to retry."));
    QCOMPARE(cli.run({"retry", other, id, "--reason", "bank is back", "--json"}), 1);
    const QJsonArray results = parse(cli.out).value(QLatin1String("results")).toArray();
    QCOMPARE(results.size(), 2);
    QCOMPARE(results[0]
                 .toObject()
                 .value(QLatin1String("problem"))
                 .toObject()
                 .value(QLatin1String("code"))
                 .toString(),
        QLatin1String("action_not_allowed"));
    QCOMPARE(results[1].toObject().value(QLatin1String("status")).toInt(), 200);
    // Without permission the second is not even tried.
    cli.daemon.answer(
        "POST /v1/orders/" + other + "/actions", 403, problem(ErrorCode::Forbidden, "A viewer may not."));
    const std::size_t before = cli.daemon.calls().size();
    QCOMPARE(cli.run({"retry", other, id, "--reason", "x"}), 77);
    QCOMPARE(cli.daemon.calls().size(), before + 1);
    QVERIFY(cli.err.find("1 orders were not tried") != std::string::npos);
}

void TestGantryctl::repeatsUnderTheSameKey()
{
    CliRun cli;
    cli.daemon.answer("POST /v1/orders/" + id + "/actions", 200, orderJson());
    cli.daemon.loseNextAnswer();
    QVERIFY2(cli.run({"retry", id, "--reason", "x"}) == 0, cli.all());
    const auto keyOf = [](const ApiCall& call) {
        for (const auto& [name, value] : call.headers)
            if (name == "idempotency-key")
                return value;
        return std::string();
    };
    QCOMPARE(cli.daemon.calls().size(), 2U);
    QVERIFY(!keyOf(cli.daemon.calls()[0]).empty());
    QCOMPARE(keyOf(cli.daemon.calls()[0]), keyOf(cli.daemon.calls()[1]));
    cli.run({"retry", id, "--reason", "x"});
    QVERIFY(keyOf(cli.daemon.calls()[2]) != keyOf(cli.daemon.calls()[1]));
}

void TestGantryctl::tellsFailures_data()
{
    QTest::addColumn<int>("status");
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<int>("code");
    const auto row = [](ErrorCode error, int code) {
        QTest::newRow(std::string(codeName(error)).c_str())
            << httpStatus(error) << QByteArray::fromStdString(problem(error, "It went wrong.")) << code;
    };
    row(ErrorCode::InvalidValue, 65);
    row(ErrorCode::UnknownParameter, 65);
    row(ErrorCode::Unauthenticated, 77);
    row(ErrorCode::Forbidden, 77);
    row(ErrorCode::NotFound, 1);
    row(ErrorCode::Busy, 75);
    row(ErrorCode::StorageFull, 75);
    row(ErrorCode::Internal, 70);
    row(ErrorCode::Corrupt, 70);
    QTest::newRow("no problem document") << 500 << QByteArray("<html>") << 70;
    QTest::newRow("an answer that is no JSON") << 200 << QByteArray("<html>") << 70;
}

void TestGantryctl::tellsFailures()
{
    QFETCH(int, status);
    QFETCH(QByteArray, body);
    QFETCH(int, code);
    for (const char* command : {"stats", "list", "tail", "show"}) {
        CliRun cli;
        for (const char* call : {"GET /v1/stats", "GET /v1/orders"})
            cli.daemon.answer(call, status, body.toStdString());
        std::vector<std::string> arguments{command, "--json"};
        if (arguments.front() == "show")
            arguments.emplace_back("W-1");
        QVERIFY2(cli.run(arguments) == code, cli.all());
        QVERIFY(!parse(cli.out)
                     .value(QLatin1String("problem"))
                     .toObject()
                     .value(QLatin1String("code"))
                     .toString()
                     .isEmpty());
        QVERIFY(cli.err.starts_with("gantryctl: "));
    }
}

void TestGantryctl::waitsForTheDaemon()
{
    CliRun cli;
    cli.daemon.answer("GET /v1/stats", 200, "{}");
    cli.daemon.awayBetween(milliseconds(0), cli.pace.now() + milliseconds(5000));
    QCOMPARE(cli.run({"stats"}), 0);
    cli.daemon.awayBetween(milliseconds(0), milliseconds::max());
    const auto began = cli.pace.now();
    QCOMPARE(cli.run({"--timeout", "4", "stats"}), 69);
    QVERIFY(cli.pace.now() - began >= milliseconds(3500));
    QVERIFY(cli.pace.now() - began <= milliseconds(4500));
}

void TestGantryctl::countsStates()
{
    CliRun cli;
    cli.daemon.answer("GET /v1/stats", 200,
        R"({"orders":{"total":12,"by_state":{"failed":2,"waiting":10},"open_by_step":{"pay":12}},"partitions":[{"partition":0}]})");
    QCOMPARE(cli.run({"stats"}), 0);
    QCOMPARE(QByteArray::fromStdString(cli.out),
        QByteArray("ORDERS  COUNT\ntotal      12\n\nBY STATE  COUNT\nfailed        2\nwaiting      10\n\n"
                   "OPEN BY STEP  COUNT\npay              12\n"));
    QCOMPARE(cli.run({"stats", "--json"}), 0);
    QCOMPARE(
        parse(cli.out).value(QLatin1String("orders")).toObject().value(QLatin1String("total")).toInt(), 12);
}

void TestGantryctl::groupsIncidents()
{
    CliRun cli;
    const std::string call = "GET /v1/incidents?group_by=cause&limit=100";
    cli.daemon.answer(call, 200, R"({"items":[],"omitted":0})");
    QCOMPARE(cli.run({"incidents"}), 0);
    QCOMPARE(QByteArray::fromStdString(cli.out), QByteArray("No order needs a person.\n"));
    cli.daemon.answer(call, 200,
        R"({"items":[{"step":"pay","compensating":true,"code":"time\u001bout","count":12,"at_stake":[)"
        R"({"currency":"EUR","total":1250},{"currency":"JPY","total":300}],"example":"ord_1",)"
        R"("message":"No answer"}],"omitted":3})");
    QCOMPARE(cli.run({"incidents"}), 0);
    const QByteArray out = QByteArray::fromStdString(cli.out);
    QVERIFY2(out.contains("12  undoing pay  time\\x1bout"), out.constData());
    QVERIFY2(out.contains("12.50 EUR + 300 JPY  ord_1    No answer"), out.constData());
    QVERIFY2(out.contains("3 causes are left off"), out.constData());
    QCOMPARE(cli.run({"incidents", "--json"}), 0);
    QCOMPARE(parse(cli.out).value(QLatin1String("omitted")).toInt(), 3);
    cli.daemon.answer(call, 200, "{}");
    QCOMPARE(cli.run({"incidents"}), 70);
}

void TestGantryctl::followsEvents()
{
    const auto events = [](int first, int last) {
        std::string items;
        for (int i = first; i <= last; ++i)
            items += (items.empty() ? "" : ",") + std::string(R"({"sequence":)") + std::to_string(i)
                + R"(,"order_id":")" + id + R"(","version":1,"type":)"
                + (i % 2 ? "\"order_completed\"" : "\"order_canceled\"")
                + R"(,"at":"2026-03-01T10:00:00.000Z","actor":"system","data":{}})";
        return ApiAnswer{200, "{\"items\":[" + items + "]}"};
    };
    CliRun cli;
    cli.daemon.answer("GET /v1/stats", 200, R"({"partitions":[{"partition":0,"epoch":1,"sequence":40}]})");
    cli.daemon.answer("GET /v1/events", 200, R"({"items":[]})");
    cli.daemon.answerNext(ApiAnswer{200, R"({"partitions":[{"partition":0,"epoch":1,"sequence":40}]})"});
    cli.daemon.answerNext(events(41, 540)); // a full page: the next is asked for at once
    cli.daemon.answerNext(events(541, 542));
    cli.daemon.awayBetween(cli.pace.now() + milliseconds(600), cli.pace.now() + milliseconds(30'000));
    cli.pace.interruptAt(cli.pace.now() + milliseconds(60'000));
    QVERIFY2(cli.run({"tail", "--json", "--type", "order_completed"}) == 0, cli.all());
    QCOMPARE(std::count(cli.out.begin(), cli.out.end(), '\n'), 251);
    QCOMPARE(cli.daemon.callNames()[1], std::string("GET /v1/events?partition=0&after=40&limit=500"));
    QCOMPARE(cli.daemon.callNames()[2], std::string("GET /v1/events?partition=0&after=540&limit=500"));
    QCOMPARE(cli.daemon.callNames().back(), std::string("GET /v1/events?partition=0&after=542&limit=500"));
    QVERIFY(cli.err.find("waiting for it") != std::string::npos);
    QVERIFY(cli.err.find("is back") != std::string::npos);
}

void TestGantryctl::setsStock()
{
    CliRun cli;
    cli.daemon.answer("PUT /v1/stock/A%2F1", 200, R"({"sku":"A/1","on_hand":5,"reserved":2,"available":3})");
    QVERIFY2(cli.run({"stock", "set", "A/1", "5"}) == 0, cli.all());
    QCOMPARE(cli.daemon.calls().front().body, std::string(R"({"on_hand":5})"));
    QCOMPARE(QByteArray::fromStdString(cli.out),
        QByteArray(
            "SKU  WAREHOUSE  ON HAND  RESERVED  AVAILABLE\nA/1  all              5         2          3\n"));
    QVERIFY2(
        cli.run({"stock", "set", "A/1", "5", "--warehouse", "east", "--reason", "counted"}) == 0, cli.all());
    QCOMPARE(cli.daemon.calls().back().body,
        std::string(R"({"on_hand":5,"warehouse":"east","reason":"counted"})"));
}

void TestGantryctl::showsStock()
{
    CliRun cli;
    const std::string level = R"({"sku":"A","on_hand":5,"reserved":2,"available":3})";
    cli.daemon.answer("GET /v1/stock/A", 200, level);
    QCOMPARE(cli.run({"stock", "show", "A", "--json"}), 0);
    QCOMPARE(cli.out, level + '\n');
    cli.daemon.answerNext(ApiAnswer{200, "{\"items\":[" + level + "],\"next_cursor\":\"A\"}"});
    cli.daemon.answerNext(ApiAnswer{200, "{\"items\":[" + level + "]}"});
    QCOMPARE(cli.run({"stock", "show", "--json"}), 0);
    QCOMPARE(parse(cli.out).value(QLatin1String("items")).toArray().size(), 2);
    QCOMPARE(cli.daemon.callNames().back(), std::string("GET /v1/stock?limit=500&cursor=A"));
}

void TestGantryctl::showsWhatLiesWhere()
{
    CliRun cli;
    const std::string main = R"({"warehouse":"main","on_hand":5,"reserved":2,"available":3})";
    const std::string east = R"({"warehouse":"east","on_hand":1,"reserved":0,"available":1})";
    const std::string totals = R"({"sku":"A","on_hand":6,"reserved":2,"available":4,"warehouses":[)";
    cli.daemon.answer("GET /v1/stock/A", 200, totals + main + ',' + east + "]}");
    QVERIFY2(cli.run({"stock", "show", "A"}) == 0, cli.all());
    QCOMPARE(QByteArray::fromStdString(cli.out),
        QByteArray("SKU  WAREHOUSE  ON HAND  RESERVED  AVAILABLE\n"
                   "A    all              6         2          4\n"
                   "A    main             5         2          3\n"
                   "A    east             1         0          1\n"));
    // Where there is one alone, it is all there is.
    cli.daemon.answer("GET /v1/stock/A", 200, R"({"sku":"A","warehouses":[)" + main + "]}");
    QVERIFY2(cli.run({"stock", "show", "A"}) == 0, cli.all());
    QCOMPARE(std::count(cli.out.begin(), cli.out.end(), '\n'), 2);
}

void TestGantryctl::movesStock()
{
    CliRun cli;
    cli.daemon.answer(
        "POST /v1/stock/A/movements", 201, R"({"sku":"A","on_hand":6,"reserved":2,"available":4})");
    QVERIFY2(cli.run({"stock", "receive", "A", "6", "--reason", "delivery"}) == 0, cli.all());
    QCOMPARE(
        cli.daemon.calls().back().body, std::string(R"({"kind":"received","change":6,"reason":"delivery"})"));
    QVERIFY2(cli.run({"stock", "adjust", "A", "--warehouse", "east", "--reason", "broken", "--", "-2"}) == 0,
        cli.all());
    QCOMPARE(cli.daemon.calls().back().body,
        std::string(R"({"kind":"adjusted","warehouse":"east","change":-2,"reason":"broken"})"));
    QVERIFY2(cli.run({"stock", "move", "A", "3", "main", "east", "--reason", "nearer"}) == 0, cli.all());
    QCOMPARE(cli.daemon.calls().back().body,
        std::string(R"({"kind":"moved","from":"main","to":"east","quantity":3,"reason":"nearer"})"));
    QVERIFY2(cli.run({"stock", "receive", "A", "0", "--reason", "x"}) == 64, cli.all());
    QVERIFY2(cli.run({"stock", "move", "A", "3", "main", "east"}) == 64, cli.all());
}

void TestGantryctl::listsMovementsOfStock()
{
    CliRun cli;
    cli.daemon.answer("GET /v1/stock/A/movements?limit=2", 200,
        R"({"items":[{"number":2,"at":"2026-03-01T00:00:00Z","kind":"reserved","warehouse":"main",)"
        R"("on_hand_change":0,"reserved_change":2,"order_id":"o1","actor":"system"},)"
        R"({"number":1,"at":"2026-03-01T00:00:00Z","kind":"counted","warehouse":"main",)"
        R"("on_hand_change":5,"reserved_change":0,"actor":"ann","reason":"stocktaking"}],"next_cursor":"1"})");
    QVERIFY2(cli.run({"stock", "movements", "A", "--limit", "2"}) == 0, cli.all());
    for (const char* word : {"reserved", "+2", "o1", "counted", "+5", "ann", "stocktaking"})
        QVERIFY2(cli.out.find(word) != std::string::npos, word);
    cli.daemon.answer("GET /v1/stock/B/movements?limit=50", 200, R"({"items":[],"next_cursor":null})");
    QVERIFY2(cli.run({"stock", "movements", "B"}) == 0, cli.all());
    QCOMPARE(cli.out, std::string("Nothing was done to the stock of B.\n"));
}

void TestGantryctl::importsStock()
{
    CliRun cli;
    cli.input = R"({"items":[{"sku":"A","on_hand":5},{"sku":"B","on_hand":1},{"sku":"C","on_hand":0}]})";
    for (const char* sku : {"A", "C"})
        cli.daemon.answer(std::string("PUT /v1/stock/") + sku, 200, "{}");
    cli.daemon.answer("PUT /v1/stock/B", 422, problem(ErrorCode::InvalidValue, "2 are reserved."));
    QVERIFY2(cli.run({"stock", "import", "-", "--json"}) == 1, cli.all());
    QCOMPARE(parse(cli.out).value(QLatin1String("set")).toInt(), 2);
    QCOMPARE(parse(cli.out).value(QLatin1String("refused")).toArray().size(), 1);
    QCOMPARE(cli.run({"stock", "import", "/nowhere/stock.json"}), 66);
}

void TestGantryctl::importsNoHalfStock()
{
    for (const char* text : {"", "[]", "{\"items\":[{\"sku\":\"A\",\"on_hand\":5},{\"sku\":\"B\"}]}",
             R"({"items":[{"sku":"A","on_hand":1.5}]})",
             R"({"items":[{"sku":"A","on_hand":1,"onhand":2}]})"}) {
        CliRun cli;
        cli.input = text;
        QVERIFY2(cli.run({"stock", "import", "-"}) == 65, text);
        QVERIFY(cli.daemon.calls().empty());
    }
}

QTEST_APPLESS_MAIN(TestGantryctl)
#include "tst_gantryctl.moc"
