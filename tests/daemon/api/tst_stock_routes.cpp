// SPDX-License-Identifier: GPL-3.0-or-later
// Stock over real HTTP, down to the disk.
#include "tests/daemon/api/task_world.h"

#include <QTest>

using namespace gantry;
using test::HttpAnswer;
using test::HttpHeaders;
using test::TaskWorld;

namespace {

std::string codeOf(const HttpAnswer& answer)
{
    return TaskWorld::jsonOf(answer)[QLatin1String("code")].toString().toStdString();
}

QJsonArray itemsOf(const HttpAnswer& answer)
{
    return TaskWorld::jsonOf(answer)[QLatin1String("items")].toArray();
}

HttpHeaders keyed(const std::string& key)
{
    HttpHeaders headers = TaskWorld::headers("warehouse");
    headers.emplace_back("Idempotency-Key", '"' + key + '"');
    return headers;
}

const std::string received = R"({"kind":"received","change":5,"reason":"delivery 7"})";
const std::string movements = "/v1/stock/A/movements";

} // namespace

class StockRoutesTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void tellsWhatLiesWhere();
    void aKeyMovesStockOnce();
    void pagesOfMovements();
    void keepsWarehouses();
    void refuses_data();
    void refuses();
    void onlyThoseWhoMay();
};

void StockRoutesTest::tellsWhatLiesWhere()
{
    const TaskWorld world;
    QCOMPARE(world.send("PUT", "/v1/warehouses/east", R"({"rank":1})").status, 200);
    const auto put = world.send("PUT", "/v1/stock/A", R"({"on_hand":10})");
    QCOMPARE(put.body,
        std::string(R"({"sku":"A","on_hand":10,"reserved":0,"available":10,)"
                    R"("warehouses":[{"warehouse":"main","on_hand":10,"reserved":0,"available":10}]})"));
    QCOMPARE(
        world.send("PUT", "/v1/stock/A", R"({"on_hand":2,"warehouse":"east","reason":"counted"})").status,
        200);
    const auto moved =
        world.post(movements, R"({"kind":"moved","from":"main","to":"east","quantity":3,"reason":"nearer"})");
    QCOMPARE(moved.status, 201);
    QCOMPARE(moved.body,
        std::string(R"({"sku":"A","on_hand":12,"reserved":0,"available":12,)"
                    R"("warehouses":[{"warehouse":"main","on_hand":7,"reserved":0,"available":7},)"
                    R"({"warehouse":"east","on_hand":5,"reserved":0,"available":5}]})"));
    QCOMPARE(world.send("GET", "/v1/stock/A", {}).body, moved.body);
    QCOMPARE(itemsOf(world.send("GET", "/v1/stock", {})).size(), 1);
    QCOMPARE(world.post(movements, R"({"kind":"adjusted","change":-1,"warehouse":"east","reason":"broken"})")
                 .status,
        201);
    const auto list = itemsOf(world.send("GET", movements, {}));
    QCOMPARE(list.size(), 5);
    const QJsonObject newest = list.first().toObject();
    QCOMPARE(newest[QLatin1String("kind")].toString(), QStringLiteral("adjusted"));
    QCOMPARE(newest[QLatin1String("on_hand_change")].toInt(), -1);
    QCOMPARE(newest[QLatin1String("warehouse")].toString(), QStringLiteral("east"));
    QCOMPARE(newest[QLatin1String("actor")].toString(), QStringLiteral("support"));
    QCOMPARE(newest[QLatin1String("reason")].toString(), QStringLiteral("broken"));
    QVERIFY(!newest.contains(QLatin1String("order_id")));
    QVERIFY(itemsOf(world.send("GET", "/v1/stock/B/movements", {})).isEmpty());
}

void StockRoutesTest::aKeyMovesStockOnce()
{
    TaskWorld world;
    QCOMPARE(world.send("POST", movements, received, keyed("k1")).status, 201);
    world.restart();
    const auto again = world.send("POST", movements, received, keyed("k1"));
    QCOMPARE(again.status, 200);
    QCOMPARE(again.header("idempotency-replayed"), std::string_view("true"));
    QCOMPARE(TaskWorld::jsonOf(again)[QLatin1String("on_hand")].toInt(), 5);
    const auto other =
        world.send("POST", movements, R"({"kind":"received","change":6,"reason":"x"})", keyed("k1"));
    QCOMPARE(other.status, 422);
    QCOMPARE(codeOf(other), std::string("idempotency_key_reused"));
    QCOMPARE(world.send("POST", movements, received, keyed("k2")).status, 201);
    QCOMPARE(itemsOf(world.send("GET", movements, {})).size(), 2);
}

void StockRoutesTest::pagesOfMovements()
{
    const TaskWorld world;
    for (int i = 0; i < 5; ++i)
        QCOMPARE(world.post(movements, received).status, 201);
    const auto first = TaskWorld::jsonOf(world.send("GET", movements + "?limit=3", {}));
    const std::string cursor = first[QLatin1String("next_cursor")].toString().toStdString();
    const auto rest = TaskWorld::jsonOf(world.send("GET", movements + "?limit=3&cursor=" + cursor, {}));
    QCOMPARE(first[QLatin1String("items")].toArray().size(), 3);
    QCOMPARE(rest[QLatin1String("items")].toArray().size(), 2);
    QVERIFY(rest[QLatin1String("next_cursor")].isNull());
    QCOMPARE(rest[QLatin1String("items")].toArray().last()[QLatin1String("number")].toInt(), 1);
}

void StockRoutesTest::keepsWarehouses()
{
    const TaskWorld world;
    QCOMPARE(
        world.send("GET", "/v1/warehouses", {}).body, std::string(R"({"items":[{"name":"main","rank":0}]})"));
    QCOMPARE(world.send("PUT", "/v1/warehouses/east", R"({"rank":5})").body,
        std::string(R"({"name":"east","rank":5})"));
    QCOMPARE(world.send("PUT", "/v1/warehouses/main", R"({"rank":9})").status, 200);
    QCOMPARE(world.send("GET", "/v1/warehouses", {}).body,
        std::string(R"({"items":[{"name":"east","rank":5},{"name":"main","rank":9}]})"));
}

void StockRoutesTest::refuses_data()
{
    QTest::addColumn<QByteArray>("method");
    QTest::addColumn<QByteArray>("path");
    QTest::addColumn<QByteArray>("body");
    const auto post = [](const char* title, const char* body) {
        QTest::newRow(title) << QByteArray("POST") << QByteArray::fromStdString(movements)
                             << QByteArray(body);
    };
    post("no kind", R"({"change":1,"reason":"r"})");
    post("no reason", R"({"kind":"received","change":1})");
    post("another kind", R"({"kind":"consumed","change":1,"reason":"r"})");
    post("nothing received", R"({"kind":"received","change":0,"reason":"r"})");
    post("nothing adjusted", R"({"kind":"adjusted","change":0,"reason":"r"})");
    post("below zero", R"({"kind":"adjusted","change":-1,"reason":"r"})");
    post("too much", R"({"kind":"received","change":1000000000001,"reason":"r"})");
    post("unknown key", R"({"kind":"received","change":1,"reason":"r","to":"main"})");
    post("unknown warehouse", R"({"kind":"received","change":1,"reason":"r","warehouse":"moon"})");
    post("moved to where it is", R"({"kind":"moved","from":"main","to":"main","quantity":1,"reason":"r"})");
    post("moved without from", R"({"kind":"moved","to":"main","quantity":1,"reason":"r"})");
    QTest::newRow("count in no warehouse") << QByteArray("PUT") << QByteArray("/v1/stock/A")
                                           << QByteArray(R"({"on_hand":1,"warehouse":"moon"})");
    QTest::newRow("name of a warehouse")
        << QByteArray("PUT") << QByteArray("/v1/warehouses/East") << QByteArray(R"({"rank":1})");
    QTest::newRow("rank") << QByteArray("PUT") << QByteArray("/v1/warehouses/east")
                          << QByteArray(R"({"rank":-1})");
}

void StockRoutesTest::refuses()
{
    QFETCH(const QByteArray, method);
    QFETCH(const QByteArray, path);
    QFETCH(const QByteArray, body);
    const TaskWorld world;
    const auto answer = world.send(method.toStdString(), path.toStdString(), body.toStdString());
    QCOMPARE(answer.status, 422);
    QVERIFY(itemsOf(world.send("GET", movements, {})).isEmpty());
    QCOMPARE(itemsOf(world.send("GET", "/v1/warehouses", {})).size(), 1);
}

void StockRoutesTest::onlyThoseWhoMay()
{
    const TaskWorld world;
    const HttpHeaders viewer = TaskWorld::headers("viewer");
    QCOMPARE(world.send("POST", movements, received, viewer).status, 403);
    QCOMPARE(world.send("PUT", "/v1/stock/A", R"({"on_hand":1})", viewer).status, 403);
    QCOMPARE(world.send("PUT", "/v1/warehouses/east", R"({"rank":1})", viewer).status, 403);
    QCOMPARE(world.send("GET", movements, {}, viewer).status, 200);
    QCOMPARE(world.send("GET", "/v1/warehouses", {}, viewer).status, 200);
    QCOMPARE(world.send("POST", movements, received, TaskWorld::headers("warehouse")).status, 201);
}

QTEST_GUILESS_MAIN(StockRoutesTest)
#include "tst_stock_routes.moc"
