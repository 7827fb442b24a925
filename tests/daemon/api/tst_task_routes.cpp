// SPDX-License-Identifier: GPL-3.0-or-later
// Workers over real HTTP, down to the disk.
#include "tests/daemon/api/task_world.h"

#include <QTest>
#include <atomic>
#include <thread>

using namespace gantry;
using test::HttpAnswer;
using test::HttpClient;
using test::TaskWorld;

namespace {

std::string claimBody(const std::string& more = {})
{
    return R"({"worker":"w1","tasks":["payment.authorize","payment.void","ship"])" + more + "}";
}

QJsonArray claim(const TaskWorld& world, const std::string& more = {})
{
    return TaskWorld::jsonOf(world.post("/v1/tasks/claim", claimBody(more)))[QLatin1String("items")]
        .toArray();
}

std::string tokenOf(const QJsonValue& item)
{
    return item.toObject()[QLatin1String("token")].toString().toStdString();
}

std::string pathOf(const std::string& token, const std::string& verb)
{
    return "/v1/tasks/" + token + '/' + verb;
}

std::string codeOf(const HttpAnswer& answer)
{
    return TaskWorld::jsonOf(answer)[QLatin1String("code")].toString().toStdString();
}

} // namespace

class TaskRoutesTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void aWorkerCarriesAnOrderThrough();
    void answersAnEmptyClaimAtOnce();
    void aLongPollHoldsNoThread();
    void aCallerThatHungUpCostsNoAttempt();
    void extendsFailsAndTriesAgain();
    void staleTokensChangeNothing();
    void aTokenOutlivesTheDaemon();
    void manyWorkersDoEachTaskOnce();
    void refusesClaims_data();
    void refusesClaims();
    void refusesReports_data();
    void refusesReports();
    void onlyThoseWhoMay();
    void handsOutNothingWhileItStops();
};

void TaskRoutesTest::aWorkerCarriesAnOrderThrough()
{
    const TaskWorld world;
    const std::string id = world.submit("1");
    const QJsonArray items = claim(world, R"(,"max":10)");
    QCOMPARE(items.size(), 1);
    const QJsonObject task = items[0].toObject();
    QCOMPARE(task[QLatin1String("task")].toString(), QStringLiteral("payment.authorize"));
    QCOMPARE(task[QLatin1String("order_id")].toString().toStdString(), id);
    QCOMPARE(task[QLatin1String("step")].toString(), QStringLiteral("authorize"));
    QCOMPARE(task[QLatin1String("attempt")].toInt(), 1);
    QCOMPARE(task[QLatin1String("idempotency_key")].toString().toStdString(), id + "/authorize");
    QVERIFY(parseRfc3339(task[QLatin1String("lease_until")].toString().toStdString()).has_value());
    QCOMPARE(task[QLatin1String("lease_ms")].toInt(), 30'000);
    QCOMPARE(task[QLatin1String("order")].toObject()[QLatin1String("id")].toString().toStdString(), id);
    QCOMPARE(task[QLatin1String("order")].toObject()[QLatin1String("external_id")].toString(),
        QStringLiteral("1"));
    QCOMPARE(task[QLatin1String("order")].toObject()[QLatin1String("lines")].toArray().size(), 1);

    const auto done = world.post(pathOf(tokenOf(task), "complete"), R"({"result":{"authorization":"a-17"}})");
    QCOMPARE(done.status, 200);
    QCOMPARE(TaskWorld::jsonOf(done)[QLatin1String("order_id")].toString().toStdString(), id);
    QCOMPARE(TaskWorld::jsonOf(done)[QLatin1String("state")].toString(), QStringLiteral("running"));
    QCOMPARE(TaskWorld::jsonOf(done)[QLatin1String("version")].toInt(), 2);

    const QJsonArray next = claim(world);
    QCOMPARE(next[0].toObject()[QLatin1String("task")].toString(), QStringLiteral("ship"));
    const auto last = world.post(pathOf(tokenOf(next[0]), "complete"), {}); // a body is not needed
    QCOMPARE(last.status, 200);
    QCOMPARE(TaskWorld::jsonOf(last)[QLatin1String("state")].toString(), QStringLiteral("completed"));

    auto client = world.client();
    const auto events = client.request("GET", "/v1/orders/" + id + "/events", TaskWorld::headers());
    QVERIFY(events.has_value());
    const auto second = TaskWorld::jsonOf(*events)[QLatin1String("items")].toArray()[1].toObject();
    QCOMPARE(second[QLatin1String("actor")].toString(), QStringLiteral("support"));
    QCOMPARE(second[QLatin1String("data")]
                 .toObject()[QLatin1String("result")]
                 .toObject()[QLatin1String("authorization")]
                 .toString(),
        QStringLiteral("a-17"));
}

void TaskRoutesTest::answersAnEmptyClaimAtOnce()
{
    const TaskWorld world;
    const auto answer = world.post("/v1/tasks/claim", claimBody());
    QCOMPARE(answer.status, 200);
    QCOMPARE(answer.body, std::string(R"({"items":[]})"));
    const auto waited = world.post("/v1/tasks/claim", claimBody(R"(,"wait_ms":20)"));
    QCOMPARE(waited.status, 200);
    QCOMPARE(waited.body, std::string(R"({"items":[]})"));
}

void TaskRoutesTest::aLongPollHoldsNoThread()
{
    constexpr int waiting = 20;
    auto world = std::make_unique<TaskWorld>(); // it has one HTTP thread
    std::vector<HttpClient> clients;
    const std::string body = claimBody(R"(,"wait_ms":30000)");
    const std::string request = "POST /v1/tasks/claim HTTP/1.1\r\nHost: here\r\nAuthorization: Bearer "
                                "support-key\r\nContent-Type: application/json\r\nContent-Length: "
        + std::to_string(body.size()) + "\r\n\r\n" + body;
    for (int i = 0; i < waiting; ++i) {
        clients.push_back(world->client());
        QVERIFY(clients.back().connect().has_value());
        QVERIFY(clients.back().send(request).has_value());
    }
    const std::string id = world->submit("1"); // while all of them wait
    QVERIFY(!id.empty());
    // The next step goes to another that waits, in the same round.
    world->queue().drain();
    int got = 0;
    for (HttpClient& client : clients) {
        const auto answer = client.receive();
        QVERIFY(answer.has_value());
        if (answer->status == 503) { // it came in when nothing more was handed out
            QCOMPARE(codeOf(*answer), std::string("shutting_down"));
            continue;
        }
        QCOMPARE(answer->status, 200);
        got += static_cast<int>(TaskWorld::jsonOf(*answer)[QLatin1String("items")].toArray().size());
    }
    QCOMPARE(got, 1);
}

void TaskRoutesTest::aCallerThatHungUpCostsNoAttempt()
{
    const TaskWorld world;
    {
        auto gone = world.client();
        const std::string body = claimBody(R"(,"wait_ms":30000)");
        QVERIFY(gone.connect().has_value());
        QVERIFY(gone.send("POST /v1/tasks/claim HTTP/1.1\r\nHost: here\r\nAuthorization: Bearer "
                          "support-key\r\nContent-Type: application/json\r\nContent-Length: "
                        + std::to_string(body.size()) + "\r\n\r\n" + body)
                    .has_value());
        // A second request on the same thread is answered only after the first was read.
        static_cast<void>(claim(world));
        gone.close();
    }
    const std::string id = world.submit("1");
    const QJsonArray items = claim(world, R"(,"wait_ms":8000)"); // far less than the lease of 30 s
    QCOMPARE(items.size(), 1);
    QCOMPARE(items[0].toObject()[QLatin1String("attempt")].toInt(), 1);
    QCOMPARE(world.post(pathOf(tokenOf(items[0]), "complete"), {}).status, 200);
}

void TaskRoutesTest::extendsFailsAndTriesAgain()
{
    const TaskWorld world;
    const std::string id = world.submit("1");
    const std::string token = tokenOf(claim(world)[0]);
    const auto extended = world.post(pathOf(token, "extend"), "{}");
    QCOMPARE(extended.status, 200);
    QCOMPARE(TaskWorld::jsonOf(extended)[QLatin1String("lease_ms")].toInt(), 30'000);
    QVERIFY(parseRfc3339(TaskWorld::jsonOf(extended)[QLatin1String("lease_until")].toString().toStdString())
                .has_value());
    const auto failed = world.post(pathOf(token, "fail"),
        R"({"code":"no_answer","message":"the bank is silent","retry_after_ms":60000})");
    QCOMPARE(failed.status, 200);
    QCOMPARE(TaskWorld::jsonOf(failed)[QLatin1String("state")].toString(), QStringLiteral("waiting"));
    QCOMPARE(world.post("/v1/orders/" + id + "/actions", R"({"action":"retry","reason":"now"})").status, 200);
    const auto again = claim(world, R"(,"wait_ms":5000)");
    QCOMPARE(again[0].toObject()[QLatin1String("attempt")].toInt(), 2);
    const auto fatal =
        world.post(pathOf(tokenOf(again[0]), "fail"), R"({"code":"odd","message":"","fatal":true})");
    QCOMPARE(fatal.status, 200);
    QCOMPARE(TaskWorld::jsonOf(fatal)[QLatin1String("state")].toString(), QStringLiteral("failed"));
}

void TaskRoutesTest::staleTokensChangeNothing()
{
    const TaskWorld world;
    static_cast<void>(world.submit("1"));
    const std::string token = tokenOf(claim(world)[0]);
    std::string bent = token;
    bent[20] = bent[20] == 'A' ? 'B' : 'A';
    const std::string foreign = engine::TokenSeal::fromSecret("another secret")
                                    .text(*engine::TokenSeal::fromSecret("pepper").read(token));
    for (const std::string& wrong : {std::string("x"), bent, foreign, token + "A", std::string(64, 'A')})
        for (const std::string verb : {"complete", "fail", "extend"}) {
            const auto answer =
                world.post(pathOf(wrong, verb), verb == "fail" ? R"({"code":"c","message":"m"})" : "{}");
            QCOMPARE(answer.status, 409);
            QCOMPARE(codeOf(answer), std::string("stale_token"));
        }
    QCOMPARE(world.post(pathOf(token, "complete"), "{}").status, 200);
    const auto again = world.post(pathOf(token, "complete"), "{}");
    QCOMPARE(again.status, 409);
    QCOMPARE(codeOf(again), std::string("stale_token"));
    QCOMPARE(TaskWorld::jsonOf(again)[QLatin1String("retryable")].toBool(true), false);
}

void TaskRoutesTest::aTokenOutlivesTheDaemon()
{
    TaskWorld world;
    const std::string id = world.submit("1");
    const std::string token = tokenOf(claim(world)[0]);
    world.restart();
    QCOMPARE(world.post(pathOf(token, "extend"), "{}").status, 200);
    QVERIFY(claim(world).isEmpty()); // it is the worker's again
    world.restart();
    QCOMPARE(world.post(pathOf(token, "complete"), "{}").status, 200);

    const std::string old = tokenOf(claim(world)[0]);
    world.restart();
    const std::string taken = tokenOf(claim(world)[0]);
    QCOMPARE(world.post(pathOf(old, "complete"), "{}").status, 409);
    const auto last = world.post(pathOf(taken, "complete"), "{}");
    QCOMPARE(TaskWorld::jsonOf(last)[QLatin1String("state")].toString(), QStringLiteral("completed"));
}

void TaskRoutesTest::manyWorkersDoEachTaskOnce()
{
    constexpr int orders = 40;
    constexpr int steps = 2;
    constexpr int workers = 4;
    const TaskWorld world;
    std::atomic<int> recorded{0};
    std::atomic<int> refused{0};
    std::atomic<bool> isOver{false};
    std::vector<std::thread> threads;
    for (int w = 0; w < workers; ++w)
        threads.emplace_back([&] {
            auto client = world.client();
            const auto ask = [&client](const std::string& path, const std::string& body) {
                auto answer = client.request("POST", path, TaskWorld::headers(), body);
                return answer ? std::move(*answer) : HttpAnswer{};
            };
            while (!isOver) {
                const auto claimed = ask("/v1/tasks/claim", claimBody(R"(,"max":5,"wait_ms":50)"));
                for (const auto& item : TaskWorld::jsonOf(claimed)[QLatin1String("items")].toArray())
                    for (int twice = 0; twice < 2; ++twice) { // each report is doubled
                        const int status = ask(pathOf(tokenOf(item), "complete"), "{}").status;
                        recorded += status == 200 ? 1 : 0;
                        refused += status == 409 ? 1 : 0;
                    }
            }
        });
    std::vector<std::string> ids;
    for (int i = 0; i < orders; ++i)
        ids.push_back(world.submit(std::to_string(i)));
    auto client = world.client();
    const auto isDone = [&client](const std::string& id) {
        const auto answer = client.request("GET", "/v1/orders/" + id, TaskWorld::headers());
        return answer && TaskWorld::jsonOf(*answer)[QLatin1String("state")] == QLatin1String("completed");
    };
    bool areDone = true;
    for (const std::string& id : ids)
        areDone = areDone && QTest::qWaitFor([&] { return isDone(id); }, 20'000);
    isOver = true;
    for (std::thread& thread : threads)
        thread.join();
    QVERIFY(areDone);
    QCOMPARE(recorded.load(), orders * steps);
    QCOMPARE(refused.load(), orders * steps);
}

void TaskRoutesTest::refusesClaims_data()
{
    QTest::addColumn<std::string>("body");
    QTest::addColumn<int>("status");
    QTest::addColumn<std::string>("code");
    const auto row = [](const char* name, std::string body, int status, const char* code) {
        QTest::newRow(name) << std::move(body) << status << std::string(code);
    };
    row("no body", "", 422, "missing_field");
    row("not JSON", "{", 400, "malformed_json");
    row("no tasks", R"({"worker":"w"})", 422, "missing_field");
    row("no worker", R"({"tasks":["a"]})", 422, "missing_field");
    row("empty tasks", R"({"worker":"w","tasks":[]})", 422, "invalid_value");
    row("a task without a name", R"({"worker":"w","tasks":[""]})", 422, "invalid_value");
    row("a task that is no text", R"({"worker":"w","tasks":[7]})", 422, "wrong_type");
    row("a long worker", R"({"worker":")" + std::string(101, 'w') + R"(","tasks":["a"]})", 422,
        "invalid_value");
    std::string many = R"({"worker":"w","tasks":["t0")";
    for (int i = 1; i < 65; ++i)
        many += ",\"t" + std::to_string(i) + '"';
    row("too many tasks", many + "]}", 422, "invalid_value");
    row("none wanted", claimBody(R"(,"max":0)"), 422, "invalid_value");
    row("too much wanted", claimBody(R"(,"max":1001)"), 422, "invalid_value");
    row("waits too long", claimBody(R"(,"wait_ms":30001)"), 422, "invalid_value");
    row("waits backwards", claimBody(R"(,"wait_ms":-1)"), 422, "invalid_value");
    row("an unknown member", claimBody(R"(,"maximum":1)"), 422, "unknown_field");
}

void TaskRoutesTest::refusesClaims()
{
    QFETCH(std::string, body);
    QFETCH(int, status);
    QFETCH(std::string, code);
    const TaskWorld world;
    static_cast<void>(world.submit("1"));
    const auto answer = world.post("/v1/tasks/claim", body);
    QCOMPARE(answer.status, status);
    QCOMPARE(codeOf(answer), code);
    QCOMPARE(claim(world).size(), 1); // nothing was leased by it
}

void TaskRoutesTest::refusesReports_data()
{
    QTest::addColumn<std::string>("verb");
    QTest::addColumn<std::string>("body");
    QTest::addColumn<std::string>("code");
    const auto row = [](const char* name, const char* verb, std::string body, const char* code) {
        QTest::newRow(name) << std::string(verb) << std::move(body) << std::string(code);
    };
    row("a result that is no object", "complete", R"({"result":7})", "wrong_type");
    row("a result that is too long", "complete", R"({"result":{"a":")" + std::string(4000, 'x') + R"("}})",
        "invalid_value");
    row("unknown member of complete", "complete", R"({"results":{}})", "unknown_field");
    row("a failure without a code", "fail", R"({"message":"m"})", "missing_field");
    row("a negative wait", "fail", R"({"code":"c","message":"m","retry_after_ms":-1})", "invalid_value");
    row("unknown member of extend", "extend", R"({"by":7})", "unknown_field");
}

void TaskRoutesTest::refusesReports()
{
    QFETCH(std::string, verb);
    QFETCH(std::string, body);
    QFETCH(std::string, code);
    const TaskWorld world;
    static_cast<void>(world.submit("1"));
    const std::string token = tokenOf(claim(world)[0]);
    const auto answer = world.post(pathOf(token, verb), body);
    QCOMPARE(answer.status, 422);
    QCOMPARE(codeOf(answer), code);
    QCOMPARE(world.post(pathOf(token, "complete"), "{}").status, 200); // the task is still the worker's
}

void TaskRoutesTest::onlyThoseWhoMay()
{
    const TaskWorld world;
    static_cast<void>(world.submit("1"));
    const std::string token = tokenOf(claim(world)[0]);
    for (const std::string role : {"viewer", "warehouse", "nobody"}) {
        const int expected = role == "nobody" ? 401 : 403;
        QCOMPARE(world.post("/v1/tasks/claim", claimBody(), role).status, expected);
        for (const std::string verb : {"complete", "fail", "extend"})
            QCOMPARE(world.post(pathOf(token, verb), "{}", role).status, expected);
    }
    QCOMPARE(world.post(pathOf(token, "complete"), "{}", "admin").status, 200);
}

void TaskRoutesTest::handsOutNothingWhileItStops()
{
    TaskWorld world;
    static_cast<void>(world.submit("1"));
    const std::string token = tokenOf(claim(world)[0]);
    world.queue().drain();
    const auto refused = world.post("/v1/tasks/claim", claimBody());
    QCOMPARE(refused.status, 503);
    QCOMPARE(codeOf(refused), std::string("shutting_down"));
    QCOMPARE(world.post(pathOf(token, "complete"), "{}").status, 200); // what was done is still taken
}

QTEST_GUILESS_MAIN(TaskRoutesTest)
#include "tst_task_routes.moc"
