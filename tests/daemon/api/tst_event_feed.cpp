// SPDX-License-Identifier: GPL-3.0-or-later
// The change feed over real HTTP, down to the disk.
#include "shared/util/random_source.h"
#include "tests/daemon/api/task_world.h"

#include <QTest>
#include <condition_variable>
#include <mutex>
#include <random>
#include <thread>

using namespace gantry;
using std::chrono::seconds;
using std::chrono::steady_clock;
using test::HttpAnswer;
using test::HttpClient;
using test::TaskWorld;

namespace {

QJsonObject feed(const TaskWorld& world, const std::string& query = {})
{
    return TaskWorld::jsonOf(world.get("/v1/events?" + query));
}

std::uint64_t numberIn(const QJsonObject& page, const char* name)
{
    return static_cast<std::uint64_t>(page[QLatin1String(name)].toInteger(-1));
}

QJsonArray itemsOf(const QJsonObject& page)
{
    return page[QLatin1String("items")].toArray();
}

QStringList textsOf(const QJsonArray& items, const char* name)
{
    QStringList texts;
    for (const QJsonValue& item : items)
        texts << item.toObject()[QLatin1String(name)].toVariant().toString();
    return texts;
}

std::string codeOf(const HttpAnswer& answer)
{
    return TaskWorld::jsonOf(answer)[QLatin1String("code")].toString().toStdString();
}

/// Asks, and does not wait for the answer.
HttpClient asked(const TaskWorld& world, const std::string& query)
{
    HttpClient client = world.client();
    if (!client.connect()
        || !client.send("GET /v1/events?" + query
            + " HTTP/1.1\r\nHost: here\r\nAuthorization: Bearer viewer-key\r\n\r\n"))
        qFatal("the request did not go out");
    return client;
}

std::string after(std::uint64_t sequence)
{
    return "after=" + std::to_string(sequence);
}

} // namespace

class EventFeedTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void aPageTellsItsPlace();
    void waitsForTheNextCommit();
    void anEmptyPageWhenTheTimeIsOver();
    void manyWaitOnOneThread();
    void tooManyAreRefusedAndWhoGoesMakesRoom();
    void stoppingAnswersAllAtOnce();
    void waitsOverTheBusToo();
    void aCursorOfAnotherLogIsRefused();
    void filtersGoPastWhatTheyLeaveOut();
    void aFilteredWaitEndsWithWhatItIsFor();
    void goesOnWhenALookIsBounded();
    void eventsAsCloudEvents();
    void refusesWhatItCannotRead_data();
    void refusesWhatItCannotRead();
    void aFollowerSeesEachEventOnce();
};

void EventFeedTest::aPageTellsItsPlace()
{
    const TaskWorld world;
    const QJsonObject none = feed(world);
    QVERIFY(itemsOf(none).isEmpty());
    QVERIFY(!none.contains(QLatin1String("first")) && !none.contains(QLatin1String("last")));
    QCOMPARE(numberIn(none, "next_after"), 0U);
    QCOMPARE(numberIn(none, "head"), 0U);
    for (int i = 0; i < 5; ++i)
        static_cast<void>(world.submit(std::to_string(i)));
    const QJsonObject page = feed(world, "after=1&limit=2");
    QCOMPARE(textsOf(itemsOf(page), "sequence"), QStringList({QStringLiteral("2"), QStringLiteral("3")}));
    QCOMPARE(numberIn(page, "partition"), 0U);
    QCOMPARE(numberIn(page, "epoch"), 1U);
    QCOMPARE(numberIn(page, "first"), 2U);
    QCOMPARE(numberIn(page, "last"), 3U);
    QCOMPARE(numberIn(page, "next_after"), 3U);
    QCOMPARE(numberIn(page, "head"), 5U);
    const QJsonObject end = feed(world, after(5));
    QCOMPARE(numberIn(end, "next_after"), 5U);
    QCOMPARE(numberIn(end, "head"), 5U);
    QVERIFY(itemsOf(end).isEmpty() && !end.contains(QLatin1String("first")));
}

void EventFeedTest::waitsForTheNextCommit()
{
    const TaskWorld world;
    static_cast<void>(world.submit("1"));
    const auto begin = steady_clock::now();
    // What is there already is told at once.
    QCOMPARE(itemsOf(feed(world, "wait_ms=30000")).size(), 1);
    HttpClient waiting = asked(world, "after=1&wait_ms=30000");
    const std::string id = world.submit("2");
    const auto answer = waiting.receive();
    QVERIFY(answer.has_value());
    QCOMPARE(answer->status, 200);
    QCOMPARE(
        textsOf(itemsOf(TaskWorld::jsonOf(*answer)), "order_id"), QStringList(QString::fromStdString(id)));
    QVERIFY(steady_clock::now() - begin < seconds(20));
}

void EventFeedTest::anEmptyPageWhenTheTimeIsOver()
{
    const TaskWorld world;
    static_cast<void>(world.submit("1"));
    const auto begin = steady_clock::now();
    const QJsonObject page = feed(world, "after=1&wait_ms=60");
    QVERIFY(steady_clock::now() - begin >= std::chrono::milliseconds(60));
    QVERIFY(itemsOf(page).isEmpty());
    QCOMPARE(numberIn(page, "next_after"), 1U);
}

void EventFeedTest::manyWaitOnOneThread()
{
    constexpr int waiting = 20;
    const TaskWorld world; // it has one HTTP thread
    std::vector<HttpClient> clients;
    for (int i = 0; i < waiting; ++i)
        clients.push_back(asked(world, "wait_ms=30000"));
    static_cast<void>(world.submit("1")); // while all of them wait
    for (HttpClient& client : clients) {
        const auto answer = client.receive();
        QVERIFY(answer.has_value());
        QCOMPARE(itemsOf(TaskWorld::jsonOf(*answer)).size(), 1);
    }
}

void EventFeedTest::tooManyAreRefusedAndWhoGoesMakesRoom()
{
    const TaskWorld world(2);
    HttpClient first = asked(world, "wait_ms=30000");
    HttpClient second = asked(world, "wait_ms=30000");
    // Who does not wait needs no place; and there is one reader, so both of those before have theirs now.
    QCOMPARE(world.get("/v1/events").status, 200);
    const auto refused = world.get("/v1/events?wait_ms=30000");
    QCOMPARE(refused.status, 503);
    QCOMPARE(codeOf(refused), std::string("busy"));
    QCOMPARE(std::string(refused.header("retry-after")), std::string("1"));
    first.close();
    QTRY_VERIFY_WITH_TIMEOUT(world.get("/v1/events?wait_ms=1").status == 200, 10'000);
    static_cast<void>(world.submit("1"));
    const auto answer = second.receive();
    QVERIFY(answer.has_value());
    QCOMPARE(itemsOf(TaskWorld::jsonOf(*answer)).size(), 1);
}

void EventFeedTest::stoppingAnswersAllAtOnce()
{
    TaskWorld world;
    const auto begin = steady_clock::now();
    std::vector<HttpClient> clients;
    for (int i = 0; i < 5; ++i)
        clients.push_back(asked(world, "wait_ms=30000"));
    world.feed().stop();
    for (HttpClient& client : clients) {
        const auto answer = client.receive();
        QVERIFY(answer.has_value());
        QCOMPARE(answer->status, 200);
        QVERIFY(itemsOf(TaskWorld::jsonOf(*answer)).isEmpty());
    }
    QVERIFY(itemsOf(feed(world, "wait_ms=30000")).isEmpty()); // nor does anybody wait from now on
    QVERIFY(steady_clock::now() - begin < seconds(20));
}

void EventFeedTest::waitsOverTheBusToo()
{
    const TaskWorld world;
    std::mutex mutex;
    std::condition_variable changed;
    std::optional<api::ApiResponse> answer;
    api::ApiRequest request;
    request.door = api::Door::Bus;
    request.method = "GET";
    request.path = "/v1/events";
    request.query = "wait_ms=30000";
    request.principal = "viewer";
    world.router().handle(std::move(request), [&](api::ApiResponse response) {
        const std::lock_guard lock(mutex);
        answer = std::move(response);
        changed.notify_all();
    });
    static_cast<void>(world.submit("1"));
    std::unique_lock lock(mutex);
    QVERIFY(changed.wait_for(lock, seconds(20), [&] { return answer.has_value(); }));
    QCOMPARE(answer->status, 200);
    QVERIFY(answer->body.find(R"("next_after":1)") != std::string::npos);
}

void EventFeedTest::aCursorOfAnotherLogIsRefused()
{
    TaskWorld world;
    static_cast<void>(world.submit("1"));
    static_cast<void>(world.submit("2"));
    // One beyond the end, waiting or not, and one of an epoch that has not come.
    for (const std::string query :
        {"after=3", "after=3&wait_ms=30000", "after=1&epoch=2", "after=3&epoch=1"}) {
        const auto refused = world.get("/v1/events?" + query);
        QCOMPARE(refused.status, 410);
        QCOMPARE(codeOf(refused), std::string("invalid_cursor"));
        QCOMPARE(TaskWorld::jsonOf(refused)[QLatin1String("status")].toInt(), 410);
        QCOMPARE(TaskWorld::jsonOf(refused)[QLatin1String("retryable")].toBool(true), false);
        QVERIFY(refused.body.find("ends at 2 in epoch 1") != std::string::npos);
    }
    world.restart(); // another epoch, and the log goes on
    const QJsonObject page = feed(world, "after=1&epoch=1");
    QCOMPARE(numberIn(page, "epoch"), 2U);
    QCOMPARE(textsOf(itemsOf(page), "sequence"), QStringList(QStringLiteral("2")));
}

void EventFeedTest::filtersGoPastWhatTheyLeaveOut()
{
    const TaskWorld world;
    const std::string web = world.submit("1");
    const std::string shop = world.submit("2", "shop");
    for (const std::string& id : {web, shop})
        QCOMPARE(
            world.post("/v1/orders/" + id + "/actions", R"({"action":"hold","reason":"count"})").status, 200);
    const auto sequences = [&world](const std::string& query) {
        return textsOf(itemsOf(feed(world, query)), "sequence").join(QLatin1Char(' '));
    };
    QCOMPARE(sequences("type=hold_placed"), QStringLiteral("3 4"));
    QCOMPARE(sequences("type=hold_placed,order_received"), QStringLiteral("1 2 3 4"));
    QCOMPARE(sequences("channel=shop"), QStringLiteral("2 4"));
    QCOMPARE(sequences("channel=shop&type=hold_placed"), QStringLiteral("4"));
    QCOMPARE(sequences("type=hold_placed&after=3"), QStringLiteral("4"));
    // A page that is full goes on right behind its last event.
    const QJsonObject full = feed(world, "type=order_received&limit=1");
    QCOMPARE(numberIn(full, "next_after"), 1U);
    QCOMPARE(sequences("type=order_received&" + after(numberIn(full, "next_after"))), QStringLiteral("2"));
    // And one that is empty goes past all that it looked at.
    const QJsonObject none = feed(world, "channel=market");
    QVERIFY(itemsOf(none).isEmpty());
    QCOMPARE(numberIn(none, "first"), 1U);
    QCOMPARE(numberIn(none, "last"), 4U);
    QCOMPARE(numberIn(none, "next_after"), 4U);
}

void EventFeedTest::aFilteredWaitEndsWithWhatItIsFor()
{
    const TaskWorld world;
    HttpClient waiting = asked(world, "channel=shop&wait_ms=30000");
    for (int i = 0; i < 20; ++i)
        static_cast<void>(world.submit(std::to_string(i)));
    const std::string id = world.submit("20", "shop");
    const auto answer = waiting.receive();
    QVERIFY(answer.has_value());
    const QJsonObject page = TaskWorld::jsonOf(*answer);
    QCOMPARE(textsOf(itemsOf(page), "order_id"), QStringList(QString::fromStdString(id)));
    QCOMPARE(numberIn(page, "first"), 1U); // from where it was asked for, however often it looked
    QCOMPARE(numberIn(page, "last"), 21U);
}

void EventFeedTest::goesOnWhenALookIsBounded()
{
    const TaskWorld world;
    constexpr int orders = 2100; // more than one look goes over
    for (int batch = 0; batch < orders / 300; ++batch) {
        std::string body = R"({"orders":[)";
        for (int i = 0; i < 300; ++i)
            body += std::string(i ? "," : "") + R"({"channel":"web","external_id":")"
                + std::to_string(batch * 300 + i)
                + R"(","currency":"EUR","lines":[{"sku":"a","quantity":2,"unit_price":100}],"total":200})";
        QCOMPARE(world.post("/v1/orders/batch", body + "]}").status, 200);
    }
    const std::string id = world.submit("last", "shop");
    // Nothing is found yet, and yet it does not wait: there is more to look at.
    const QJsonObject first = feed(world, "channel=shop&wait_ms=30000");
    QVERIFY(itemsOf(first).isEmpty());
    QVERIFY(numberIn(first, "next_after") < numberIn(first, "head"));
    const QJsonObject second =
        feed(world, "channel=shop&wait_ms=30000&" + after(numberIn(first, "next_after")));
    QCOMPARE(textsOf(itemsOf(second), "order_id"), QStringList(QString::fromStdString(id)));
}

void EventFeedTest::eventsAsCloudEvents()
{
    const TaskWorld world;
    const std::string id = world.submit("1");
    const auto answer =
        world.get("/v1/events", {{"Accept", "application/cloudevents-batch+json, application/json;q=0.5"}});
    QCOMPARE(answer.status, 200);
    QCOMPARE(std::string(answer.header("content-type")), std::string("application/cloudevents-batch+json"));
    const QJsonArray events = QJsonDocument::fromJson(QByteArray::fromStdString(answer.body)).array();
    QCOMPARE(events.size(), 1);
    const QJsonObject cloud = events[0].toObject();
    const QJsonObject plain = itemsOf(feed(world))[0].toObject();
    const std::vector<std::pair<const char*, QString>> expected{{"specversion", QStringLiteral("1.0")},
        {"id", QStringLiteral("0-1")}, {"source", QStringLiteral("/v1/events")},
        {"type", QStringLiteral("io.gantry.order.order_received")}, {"subject", QString::fromStdString(id)},
        {"partitionkey", QString::fromStdString(id)}, {"time", plain[QLatin1String("at")].toString()},
        {"sequence", QStringLiteral("00000000000001")},
        {"datacontenttype", QStringLiteral("application/json")}, {"actor", QStringLiteral("support")}};
    for (const auto& [name, value] : expected)
        QCOMPARE(cloud[QLatin1String(name)].toString(), value);
    QCOMPARE(cloud[QLatin1String("orderversion")].toInt(), 1);
    QCOMPARE(cloud[QLatin1String("data")], plain[QLatin1String("data")]);
    QCOMPARE(cloud.size(), static_cast<qsizetype>(expected.size()) + 2);
    const std::vector<std::pair<const char*, std::string>> place{{"gantry-partition", "0"},
        {"gantry-epoch", "1"}, {"gantry-first", "1"}, {"gantry-last", "1"}, {"gantry-next-after", "1"},
        {"gantry-head", "1"}};
    for (const auto& [name, value] : place)
        QCOMPARE(std::string(answer.header(name)), value);
}

void EventFeedTest::refusesWhatItCannotRead_data()
{
    QTest::addColumn<QString>("query");
    QTest::addColumn<int>("status");
    QTest::newRow("waits too long") << QStringLiteral("wait_ms=30001") << 422;
    QTest::newRow("waits backwards") << QStringLiteral("wait_ms=-1") << 422;
    QTest::newRow("no epoch") << QStringLiteral("epoch=0") << 422;
    QTest::newRow("no such type") << QStringLiteral("type=order_received,weather") << 422;
    QTest::newRow("an empty type among others") << QStringLiteral("type=order_received,,hold_placed") << 422;
    QTest::newRow("a page of none") << QStringLiteral("limit=0") << 422;
    QTest::newRow("no such partition") << QStringLiteral("partition=7&wait_ms=30000") << 404;
    QTest::newRow("a filter that is not known") << QStringLiteral("order_id=ord_1") << 400;
}

void EventFeedTest::refusesWhatItCannotRead()
{
    QFETCH(const QString, query);
    QFETCH(const int, status);
    const TaskWorld world;
    QCOMPARE(world.get("/v1/events?" + query.toStdString()).status, status);
}

void EventFeedTest::aFollowerSeesEachEventOnce()
{
    constexpr int writers = 3;
    constexpr int ordersOfEach = 60;
    const std::uint64_t seed = qEnvironmentVariableIsSet("GANTRY_SEED")
        ? qEnvironmentVariable("GANTRY_SEED").toULongLong()
        : std::random_device{}();
    qInfo("GANTRY_SEED=%llu replays this run", static_cast<unsigned long long>(seed));
    SeededRandom random(seed);
    const TaskWorld world;
    std::vector<std::thread> threads;
    for (int writer = 0; writer < writers; ++writer)
        threads.emplace_back([&world, writer] {
            for (int i = 0; i < ordersOfEach; ++i)
                static_cast<void>(world.submit(std::to_string(writer) + '-' + std::to_string(i)));
        });
    constexpr std::uint64_t total = std::uint64_t{writers} * ordersOfEach;
    QStringList seen;
    bool isSound = true;
    for (std::uint64_t cursor = 0; cursor < total && isSound;) {
        const QJsonObject page =
            feed(world, after(cursor) + "&wait_ms=20000&limit=" + std::to_string(1 + random.next() % 7));
        const QJsonArray items = itemsOf(page);
        seen += textsOf(items, "sequence");
        // A page of a wait is never empty here: there is more to come.
        isSound = !items.isEmpty() && numberIn(page, "first") == cursor + 1
            && numberIn(page, "next_after") == cursor + static_cast<std::uint64_t>(items.size())
            && numberIn(page, "head") >= numberIn(page, "last");
        cursor = numberIn(page, "next_after");
    }
    for (std::thread& thread : threads)
        thread.join();
    QVERIFY(isSound);
    QStringList expected;
    for (std::uint64_t sequence = 1; sequence <= total; ++sequence)
        expected << QString::number(sequence);
    QCOMPARE(seen, expected);
}

QTEST_GUILESS_MAIN(EventFeedTest)
#include "tst_event_feed.moc"
