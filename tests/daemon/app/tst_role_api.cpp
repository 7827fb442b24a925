// SPDX-License-Identifier: GPL-3.0-or-later
// Custom roles on a whole daemon: what they let see and do, at both doors, and that a change counts at once.
#include "tests/daemon/app/principal_world.h"

#include <QJsonArray>
#include <QTest>

using namespace gantry;
using namespace gantry::test;
using HttpCaller = PrincipalWorld::HttpCaller;
using BusCaller = PrincipalWorld::BusCaller;

namespace {

const std::string why = R"(,"reason":"because"})";

std::string orderBody(const std::string& channel, const std::string& number)
{
    const QString text = QStringLiteral(
        R"({"channel":"%1","external_id":"%2","currency":"EUR","total":2500,
            "lines":[{"sku":"MUG","quantity":1,"unit_price":2500}],
            "customer":{"name":"Ada Ek","email":"ada@example.org","phone":"+46 1"},
            "shipping_address":{"name":"Ada Ek","line1":"Storgatan 1","city":"Lund","postal_code":"22100","country":"SE"},
            "metadata":{"note":"for Ada"}})");
    return text.arg(QString::fromStdString(channel), QString::fromStdString(number)).toStdString();
}

} // namespace

class RoleApiTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase()
    {
        m_world = std::make_unique<PrincipalWorld>();
        m_web = submit("web", "W-1");
        m_shop = submit("shop", "S-1");
    }

    void aScopedRoleKnowsNoOrderOfAnotherChannel()
    {
        put("web-desk", R"({"orders.read":{"channels":["web"]},"hold":{},"release":{}})", 201);
        HttpCaller desk = holder("web-desk", "wanda");
        const auto seen = desk.call("GET", "/v1/orders").body[QLatin1String("items")].toArray();
        QCOMPARE(seen.size(), 1);
        QCOMPARE(seen[0][QLatin1String("id")].toString().toStdString(), m_web);
        for (const std::string parameter : {"channel=shop", "external_id=S-1", "q=S-1"})
            QCOMPARE(
                desk.call("GET", "/v1/orders?" + parameter).body[QLatin1String("items")].toArray().size(), 0);
        QCOMPARE(desk.call("GET", "/v1/orders?q=Ada").body[QLatin1String("items")].toArray().size(), 1);
        for (const std::string what : {"", "/events", "/actions", "/waiting"}) {
            QCOMPARE(desk.call("GET", "/v1/orders/" + m_web + what).status, 200);
            QCOMPARE(desk.call("GET", "/v1/orders/" + m_shop + what).status, 404);
        }
        QCOMPARE(hold(desk, m_web), 200);
        QCOMPARE(hold(desk, m_shop), 404);
        const std::string unknown = "ord_00000000000000000000000000";
        // Nothing tells such an order from none.
        hold(desk, m_shop);
        std::string hidden = desk.last().body;
        hold(desk, unknown);
        QCOMPARE(hidden.replace(hidden.find(m_shop), m_shop.size(), unknown), desk.last().body);
        QCOMPARE(act(desk, m_web, "cancel"), 403);
        QVERIFY(desk.last().body.find("web-desk may not cancel") != std::string::npos);
        QVERIFY(desk.last().body.find("support or admin") != std::string::npos);
    }

    void theFeedOfAScopedRoleHasItsChannelsAlone()
    {
        HttpCaller desk = holder("web-desk", "fred");
        const auto page = desk.call("GET", "/v1/events").body;
        const auto events = page[QLatin1String("items")].toArray();
        QVERIFY(!events.isEmpty());
        for (const auto& event : events)
            QCOMPARE(event[QLatin1String("order_id")].toString().toStdString(), m_web);
        QCOMPARE(page[QLatin1String("next_after")], page[QLatin1String("head")]);
    }

    void whatTellsOfAllOrdersIsRefusedToAScopedRole()
    {
        HttpCaller desk = holder("web-desk", "walt");
        for (const char* target : {"/v1/stats", "/v1/digest", "/metrics", "/v1/bulk-actions",
                 "/v1/incidents?group_by=cause", "/v1/stock", "/v1/principals"})
            QVERIFY2(desk.call("GET", target).status == 403, target);
        BusCaller console(*m_world, m_world->addCurveKey("walt"));
        QCOMPARE(console.ask(R"({"command":"hello","protocol":4})"), 200);
        QCOMPARE(console.ask(R"({"command":"snapshot","partition":0,"limit":10})"), 403);
        QCOMPARE(console.ask(R"({"command":"replay","partition":0,"epoch":1,"after":0})"), 403);
        QCOMPARE(console.call("GET", "/v1/orders/" + m_web).status, 200);
        QCOMPARE(console.call("GET", "/v1/orders/" + m_shop).status, 404);
        RawPeer events(
            zmq::socket_type::sub, m_world->eventsAddress(), m_world->identity(m_world->addCurveKey("walt")));
        QCOMPARE(events.isLetIn(), std::optional<bool>(false));
    }

    void aBulkActionFindsWhatTheRoleSees()
    {
        HttpCaller desk = holder("web-desk", "bea");
        const auto preview = [&](const std::string& selection) {
            const auto answer = desk.call("POST", "/v1/bulk-actions",
                R"({"action":"hold","dry_run":true,"selection":)" + selection + why);
            return QString::fromStdString(std::to_string(answer.status) + ' ' + desk.last().body);
        };
        const QString byState = preview(R"({"filter":{"state":"received,running,waiting,failed"}})");
        QVERIFY2(byState.startsWith(QLatin1String("200")), qPrintable(byState));
        QVERIFY2(byState.contains(QLatin1String(R"("selected":1,)")), qPrintable(byState));
        const QString byId = preview(R"({"ids":[")" + m_shop + R"("]})");
        QVERIFY2(byId.contains(QLatin1String("not_found")), qPrintable(byId));
    }

    void anAmountIsLimited()
    {
        put("small", R"({"orders.read":{},"override":{"limits":{"EUR":2499}},"hold":{}})", 201);
        HttpCaller small = holder("small", "sam");
        const std::string order = submit("web", "W-2");
        QCOMPARE(hold(small, order), 200); // it waits then, whatever else it does
        QCOMPARE(act(small, order, "override"), 403);
        QVERIFY2(
            small.last().body.find("override up to 24.99") != std::string::npos, small.last().body.c_str());
        const auto offered =
            small.call("GET", "/v1/orders/" + order + "/actions").body[QLatin1String("items")].toArray();
        for (const auto& action : offered)
            QVERIFY(action[QLatin1String("action")].toString() != QLatin1String("override"));
        // More from the next request on, on the same connection.
        put("small", R"({"orders.read":{},"override":{"limits":{"EUR":2500}},"hold":{}})", 200);
        QCOMPARE(act(small, order, "override"), 200);
        // A currency that is not named is not allowed at all.
        put("small", R"({"orders.read":{},"override":{"limits":{"USD":9900000}},"hold":{}})", 200);
        const std::string other = submit("web", "W-3");
        QCOMPARE(hold(small, other), 200);
        QCOMPARE(act(small, other, "override"), 403);
    }

    void submittingIsForTheChannelsOfTheRole()
    {
        put("feeder", R"({"orders.submit":{"channels":["web"]}})", 201);
        HttpCaller feeder = holder("feeder", "fay");
        QCOMPARE(feeder.call("POST", "/v1/orders", orderBody("web", "F-1")).status, 201);
        QCOMPARE(feeder.call("POST", "/v1/orders", orderBody("shop", "F-2")).status, 403);
        QVERIFY(feeder.last().body.find("not for the channel shop but for web") != std::string::npos);
        const auto batch = feeder.call("POST", "/v1/orders/batch",
            R"({"orders":[)" + orderBody("web", "F-3") + ',' + orderBody("shop", "F-4") + "]}");
        const auto results = batch.body[QLatin1String("results")].toArray();
        QCOMPARE(results[0][QLatin1String("status")].toInt(), 201);
        QCOMPARE(results[1][QLatin1String("status")].toInt(), 403);
        QCOMPARE(feeder.call("GET", "/v1/orders").status, 403);
        QCOMPARE(m_world->admin()
                     .call("GET", "/v1/orders?channel=shop")
                     .body[QLatin1String("items")]
                     .toArray()
                     .size(),
            1);
    }

    void stockIsForTheWarehousesOfTheRole()
    {
        put("north", R"({"system.read":{},"stock.change":{"warehouses":["north"]}})", 201);
        HttpCaller counter = holder("north", "nora");
        QCOMPARE(counter.call("PUT", "/v1/warehouses/north", R"({"rank":1})").status, 200);
        QCOMPARE(counter.call("PUT", "/v1/warehouses/south", R"({"rank":1})").status, 403);
        QCOMPARE(counter.call("PUT", "/v1/stock/MUG", R"({"on_hand":5,"warehouse":"north"})").status, 200);
        QCOMPARE(counter.call("PUT", "/v1/stock/MUG", R"({"on_hand":5})").status, 403); // the main one
        QCOMPARE(counter
                     .call("POST", "/v1/stock/MUG/movements",
                         R"({"kind":"moved","from":"north","to":"main","quantity":1)" + why)
                     .status,
            403);
    }

    void aMaskedRoleSeesNoPersonalData()
    {
        QCOMPARE(m_world->admin()
                     .call("PUT", "/v1/roles/blind",
                         R"({"masked":true,"rights":{"orders.read":{},"system.read":{},"hold":{}})" + why)
                     .status,
            201);
        HttpCaller blind = holder("blind", "bert");
        const std::string order = submit("web", "B-1");
        hold(blind, order);
        std::string told = blind.last().body;
        for (const std::string target :
            {"/v1/orders", "/v1/orders?external_id=B-1", "/v1/events", "/v1/incidents"}) {
            QCOMPARE(blind.call("GET", target).status, 200);
            told += blind.last().body;
        }
        for (const std::string what : {"", "/events", "/waiting"}) {
            QCOMPARE(blind.call("GET", "/v1/orders/" + order + what).status, 200);
            told += blind.last().body;
        }
        for (const char* secret : {"Ada", "ada@", "+46", "Storgatan", "22100"})
            QVERIFY2(told.find(secret) == std::string::npos, secret);
        blind.call("GET", "/v1/orders/" + order);
        for (const char* kept :
            {"\"city\":\"Lund\"", "\"country\":\"SE\"", "\"postal_code\":\"22***\"", "\"total\":2500"})
            QVERIFY2(blind.last().body.find(kept) != std::string::npos, kept);
        // No oracle: what is masked can't be searched by.
        QCOMPARE(blind.call("GET", "/v1/orders?q=Ada").status, 403);
        QCOMPARE(blind.call("GET", "/v1/orders?q=" + order).status, 200);
        QCOMPARE(blind
                     .call("POST", "/v1/bulk-actions",
                         R"({"action":"hold","dry_run":true,"selection":{"filter":{"q":"Ada"}})" + why)
                     .status,
            403);
        BusCaller console(*m_world, m_world->addCurveKey("bert"));
        QCOMPARE(console.ask(R"({"command":"snapshot","partition":0,"limit":10})"), 403);
        QCOMPARE(blind.call("GET", "/v1/stats").status, 200);
    }

    void refusesWhatNoRoleCanBe()
    {
        for (const char* rights : {R"({"fly":{}})", R"({"manage":{}})", R"({"retry":{}})", R"([])",
                 R"({"orders.read":{"warehouses":["x"]}})", R"({"orders.read":{"channels":[]}})",
                 R"({"orders.read":{"channels":[1]}})",
                 R"({"orders.read":{},"override":{"limits":{"EUR":-1}}})",
                 R"({"orders.read":{},"override":{"limits":{"XXY":1}}})",
                 R"({"orders.read":{},"complete":{"steps":["viewer"]}})",
                 R"({"orders.read":{"channels":["web"]},"tasks.work":{}})",
                 R"({"system.read":{},"system.read":{}})"})
            QVERIFY2(m_world->admin()
                         .call("PUT", "/v1/roles/odd", std::string(R"({"rights":)") + rights + why)
                         .status
                    == 422,
                rights);
        QCOMPARE(m_world->admin().call("GET", "/v1/roles/odd").status, 404);
        put("Odd", "{}", 422);
        put("support", "{}", 409);
        QCOMPARE(
            m_world->admin().call("POST", "/v1/principals", R"({"name":"odd","role":"odd"})").status, 422);
    }

    void changesAreVersionedAndOnRecord()
    {
        auto& admin = m_world->admin();
        put("brief", R"({"system.read":{}})", 201);
        put("brief", R"({"system.read":{}})", 200);
        QCOMPARE(admin.last().header("etag"), std::string_view("\"1\"")); // the same again is no change
        m_world->add("bob", "brief");
        QCOMPARE(admin.call("DELETE", "/v1/roles/brief", R"({"reason":"x"})").status, 409);
        QVERIFY(admin.last().body.find("still held") != std::string::npos);
        QCOMPARE(admin.call("PUT", "/v1/principals/bob", R"({"role":"viewer")" + why).status, 200);
        QCOMPARE(admin.call("DELETE", "/v1/roles/brief", R"({"reason":"x"})").status, 200);
        QCOMPARE(admin.call("GET", "/v1/roles/brief").status, 404);
        put("brief", R"({"system.read":{}})", 201);
        QCOMPARE(admin.last().header("etag"), std::string_view("\"3\""));
        const auto versions =
            admin.call("GET", "/v1/roles/brief/versions").body[QLatin1String("items")].toArray();
        QCOMPARE(versions.size(), 3);
        QVERIFY(versions[1][QLatin1String("deleted")].toBool());
        QCOMPARE(versions[0][QLatin1String("changed_by")].toString(), QStringLiteral("admin"));
        const auto log =
            admin.call("GET", "/v1/principals/log?principal=bob").body[QLatin1String("items")].toArray();
        QCOMPARE(log[0][QLatin1String("before")].toString(), QStringLiteral("brief"));
    }

    void rolesOutliveTheDaemon()
    {
        m_world->restart();
        HttpCaller desk = holder("web-desk", "rosa");
        QCOMPARE(desk.call("GET", "/v1/orders/" + m_web).status, 200);
        QCOMPARE(desk.call("GET", "/v1/orders/" + m_shop).status, 404);
        QCOMPARE(m_world->admin().call("DELETE", "/v1/roles/web-desk", R"({"reason":"x"})").status, 409);
    }

private:
    std::string submit(const std::string& channel, const std::string& number)
    {
        const auto made = m_world->admin().call("POST", "/v1/orders", orderBody(channel, number));
        if (made.status != 201)
            qFatal("%s", m_world->admin().last().body.c_str());
        return made.body[QLatin1String("id")].toString().toStdString();
    }

    void put(const std::string& role, const std::string& rights, int expected)
    {
        const int status =
            m_world->admin().call("PUT", "/v1/roles/" + role, R"({"rights":)" + rights + why).status;
        if (status != expected)
            qFatal("%s: %s", role.c_str(), m_world->admin().last().body.c_str());
    }

    /// A caller with a key of a new principal that has the role.
    HttpCaller holder(const std::string& role, const std::string& name)
    {
        m_world->add(name, role);
        return HttpCaller(*m_world, m_world->addKey(name));
    }

    static int act(HttpCaller& caller, const std::string& order, const std::string& action)
    {
        return caller.call("POST", "/v1/orders/" + order + "/actions", "{\"action\":\"" + action + "\"" + why)
            .status;
    }
    static int hold(HttpCaller& caller, const std::string& order) { return act(caller, order, "hold"); }

    std::unique_ptr<PrincipalWorld> m_world;
    std::string m_web;
    std::string m_shop;
};

QTEST_GUILESS_MAIN(RoleApiTest)
#include "tst_role_api.moc"
