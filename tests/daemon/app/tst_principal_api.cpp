// SPDX-License-Identifier: GPL-3.0-or-later
// Principals and their keys on a whole daemon: made, seen, changed, and taken away under open connections.
#include "tests/daemon/app/principal_world.h"

#include <QElapsedTimer>
#include <QFile>
#include <QJsonArray>
#include <QTest>
#include <future>

using namespace gantry;
using namespace gantry::test;
using HttpCaller = PrincipalWorld::HttpCaller;
using BusCaller = PrincipalWorld::BusCaller;

namespace {

const std::string why = R"("reason":"because")";

} // namespace

class PrincipalApiTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { m_world = std::make_unique<PrincipalWorld>(); }

    void givesAKeyOnce()
    {
        PrincipalWorld& w = *m_world;
        w.add("shop", "support", ",\"reason\":\"the new shop\"");
        const std::string body = "{\"kind\":\"api\"}";
        const auto first = w.admin().call("POST", "/v1/principals/shop/keys", body, "once");
        QCOMPARE(first.status, 201);
        QCOMPARE(w.admin().last().header("cache-control"), std::string_view("no-store"));
        const QString secret = first.body[QLatin1String("secret")].toString();
        QVERIFY(secret.startsWith(QLatin1String("gk_")) && secret.size() == 46);
        QCOMPARE(HttpCaller(w, secret.toStdString()).call("GET", "/v1/stats").status, 200);

        const auto repeat = w.admin().call("POST", "/v1/principals/shop/keys", body, "once");
        QCOMPARE(repeat.status, 200);
        QCOMPARE(w.admin().last().header("idempotency-replayed"), std::string_view("true"));
        QVERIFY(!repeat.body.contains(QLatin1String("secret")));
        QCOMPARE(repeat.body[QLatin1String("key")][QLatin1String("id")],
            first.body[QLatin1String("key")][QLatin1String("id")]);
        QCOMPARE(w.admin().call("POST", "/v1/principals/shop/keys", body).status, 400); // without a key
        QCOMPARE(w.admin()
                     .call("POST", "/v1/principals/shop/keys", "{\"kind\":\"api\",\"reason\":\"x\"}", "once")
                     .status,
            422);

        const QJsonObject shop = principal("shop");
        const QJsonArray keys = shop[QLatin1String("keys")].toArray();
        QCOMPARE(keys.size(), 1);
        QVERIFY(!keys[0][QLatin1String("last_used_at")].toString().isEmpty());
        QVERIFY(w.admin().last().body.find(secret.toStdString()) == std::string::npos);
    }

    void refusesWhatIsWrong()
    {
        PrincipalWorld& w = *m_world;
        for (const char* body :
            {"{\"name\":\"Shop\",\"role\":\"admin\"}", "{\"name\":\"\",\"role\":\"admin\"}",
                "{\"name\":\"-a\",\"role\":\"admin\"}", "{\"name\":\"a b\",\"role\":\"admin\"}",
                "{\"name\":\"log\",\"role\":\"admin\"}", "{\"name\":\"system\",\"role\":\"admin\"}",
                "{\"name\":\"a\",\"role\":\"boss\"}", "{\"name\":\"a\"}", "{\"name\":\"a\",\"role\":\"\"}",
                "{\"name\":\"a\",\"role\":\"admin\",\"kind\":\"robot\"}",
                "{\"name\":\"a\",\"role\":\"admin\",\"key\":\"x\"}",
                "{\"name\":\"a\",\"role\":\"admin\",\"expires_at\":\"2020-01-01T00:00:00Z\"}"})
            QVERIFY2(w.admin().call("POST", "/v1/principals", body).status == 422, body);
        const std::string tooLong(65, 'a');
        QCOMPARE(w.admin()
                     .call("POST", "/v1/principals", "{\"role\":\"admin\",\"name\":\"" + tooLong + "\"}")
                     .status,
            422);
        QCOMPARE(
            w.admin().call("POST", "/v1/principals", "{\"name\":\"shop\",\"role\":\"viewer\"}").status, 409);
        for (const char* body : {"{}", "{\"kind\":\"rsa\"}", "{\"kind\":\"curve\"}",
                 "{\"kind\":\"curve\",\"public_key\":\"short\"}",
                 "{\"kind\":\"curve\",\"public_key\":\"~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~\"}",
                 "{\"kind\":\"api\",\"public_key\":\"x\"}",
                 "{\"kind\":\"api\",\"expires_at\":\"2020-01-01T00:00:00Z\"}"})
            QVERIFY2(w.admin().call("POST", "/v1/principals/shop/keys", body, "bad").status == 422, body);
        QCOMPARE(w.admin().call("POST", "/v1/principals/nobody/keys", "{\"kind\":\"api\"}", "n").status, 404);
        QCOMPARE(
            w.admin().call("PUT", "/v1/principals/nobody", "{\"role\":\"viewer\"," + why + '}').status, 404);
        QCOMPARE(w.admin().call("PUT", "/v1/principals/shop", "{\"role\":\"viewer\"}").status, 422);
        QCOMPARE(w.admin().call("DELETE", "/v1/principals/shop/keys/1", "{}").status, 422);
        QCOMPARE(
            w.admin().call("DELETE", "/v1/principals/shop/keys/1", '{' + why + '}').status, 404); // another's
        QCOMPARE(w.admin().call("DELETE", "/v1/principals/shop/keys/x", '{' + why + '}').status, 404);
        QCOMPARE(w.admin().call("GET", "/v1/principals/log?limit=0").status, 422);
    }

    void takesAKeyAwayUnderAnOpenConnection()
    {
        PrincipalWorld& w = *m_world;
        w.add("carol", "support", ",\"kind\":\"person\"");
        int apiId = 0;
        int curveId = 0;
        HttpCaller http(w, w.addKey("carol", {}, &apiId));
        const auto curve = w.addCurveKey("carol", &curveId);
        BusCaller commands(w, curve);
        RawPeer events(zmq::socket_type::sub, w.eventsAddress(), w.identity(curve));
        events.subscribe("heartbeat");
        QCOMPARE(http.call("GET", "/v1/orders").status, 200);
        QCOMPARE(commands.call("GET", "/v1/orders").status, 200);
        QVERIFY(events.receive());

        QCOMPARE(remove("carol", apiId).status, 200);
        QCOMPARE(http.call("GET", "/v1/orders").status, 401);
        QCOMPARE(commands.call("GET", "/v1/orders").status, 200); // by the other key
        QCOMPARE(remove("carol", curveId).status, 200);
        QCOMPARE(remove("carol", curveId).status, 200); // again: nothing more
        for (const char* query : {"{\"command\":\"hello\",\"protocol\":3}",
                 "{\"command\":\"snapshot\",\"partition\":0,\"limit\":10}",
                 "{\"command\":\"replay\",\"partition\":0,\"epoch\":1,\"after\":0,\"limit\":10}"})
            QVERIFY2(commands.ask(query) == 401, query);
        QCOMPARE(commands.call("GET", "/v1/orders").status, 401);
        // The stream that was open has ended, and no other one is begun.
        while (events.receive(std::chrono::milliseconds(0)))
            ;
        QVERIFY(!events.receive(std::chrono::milliseconds(2'500))); // heartbeats come each second
        RawPeer again(zmq::socket_type::sub, w.eventsAddress(), w.identity(curve));
        QVERIFY(again.isLetIn() != std::optional<bool>(true));
    }

    void endsWaitsOfAKeyThatIsTakenAway()
    {
        PrincipalWorld& w = *m_world;
        w.add("erin", "support");
        int apiId = 0;
        int curveId = 0;
        HttpCaller reader(w, w.addKey("erin", {}, &apiId));
        const std::string secret = w.addKey("erin");
        HttpCaller worker(w, secret);
        BusCaller console(w, w.addCurveKey("erin", &curveId));
        const std::string wait = "/v1/events?after=0&wait_ms=30000";
        const std::string claim = R"({"worker":"w","tasks":["pick"],"wait_ms":30000})";
        auto feed = std::async(std::launch::async, [&] { return reader.call("GET", wait); });
        auto claims =
            std::async(std::launch::async, [&] { return worker.call("POST", "/v1/tasks/claim", claim); });
        auto feedOfBus = std::async(std::launch::async, [&] { return console.call("GET", wait); });
        QVERIFY(feed.wait_for(std::chrono::milliseconds(300)) == std::future_status::timeout);
        QVERIFY(claims.wait_for(std::chrono::milliseconds(0)) == std::future_status::timeout);
        QVERIFY(feedOfBus.wait_for(std::chrono::milliseconds(0)) == std::future_status::timeout);
        QElapsedTimer timer;
        timer.start();
        QCOMPARE(remove("erin", apiId).status, 200);
        QCOMPARE(feed.get().status, 401);
        QCOMPARE(remove("erin", curveId).status, 200); // another key, by another door
        QCOMPARE(feedOfBus.get().status, 401);
        QVERIFY(claims.wait_for(std::chrono::milliseconds(0)) == std::future_status::timeout);
        QCOMPARE(put("erin", "\"role\":\"viewer\"").status, 200);
        QCOMPARE(claims.get().status, 403);
        QVERIFY(timer.elapsed() < 10'000);
    }

    void changesTheRoleUnderAnOpenConnection()
    {
        PrincipalWorld& w = *m_world;
        w.add("dan", "viewer");
        HttpCaller http(w, w.addKey("dan"));
        BusCaller commands(w, w.addCurveKey("dan"));
        const auto all = [&](int status) {
            return http.call("GET", "/v1/principals").status == status
                && commands.call("GET", "/v1/principals").status == status;
        };
        QVERIFY(all(403));
        QCOMPARE(put("dan", "\"role\":\"admin\"").status, 200);
        QVERIFY(all(200));
        QCOMPARE(put("dan", "\"role\":\"support\"").status, 200);
        QVERIFY(all(403));
        QCOMPARE(put("dan", "\"disabled\":true").status, 200);
        QVERIFY(all(401));
        QVERIFY(principal("dan")[QLatin1String("disabled")].toBool());
        QCOMPARE(put("dan", "\"disabled\":false").status, 200);
        QVERIFY(all(403));
    }

    void theLastAdminStays()
    {
        PrincipalWorld& w = *m_world;
        QCOMPARE(put("admin", "\"role\":\"viewer\"").status, 409);
        QCOMPARE(put("admin", "\"disabled\":true").status, 409);
        const QJsonArray keys = principal("admin")[QLatin1String("keys")].toArray();
        QCOMPARE(keys.size(), 2);
        QCOMPARE(
            remove("admin", keys[0][QLatin1String("id")].toInt()).status, 200); // the API key: in use no more
        QCOMPARE(w.admin().call("GET", "/v1/principals").status, 401);
        // The console's key is the last one.
        const auto admin = bus::loadKeyPair(w.daemon().dataDir() + "/admin.curve");
        QVERIFY(admin);
        BusCaller commands(w, *admin);
        const std::string last = std::to_string(keys[1][QLatin1String("id")].toInt());
        QCOMPARE(commands.call("DELETE", "/v1/principals/admin/keys/" + last, '{' + why + '}').status, 409);
        const auto log = commands.call("GET", "/v1/principals/log?principal=admin&limit=2");
        QCOMPARE(log.status, 200);
        const QJsonArray entries = log.body[QLatin1String("items")].toArray();
        QCOMPARE(entries[0][QLatin1String("act")].toString(), QStringLiteral("key_revoked"));
        QCOMPARE(entries[0][QLatin1String("by")].toString(), QStringLiteral("admin"));
        QCOMPARE(entries[0][QLatin1String("reason")].toString(), QStringLiteral("because"));
        QCOMPARE(log.body[QLatin1String("next_before")], entries[1][QLatin1String("number")]);
    }

    void aRestartBringsNoRevokedKeyBack()
    {
        PrincipalWorld& w = *m_world;
        w.restart();
        QCOMPARE(w.admin().call("GET", "/v1/principals").status, 401);
        // Whoever holds the machine and lost the key takes the file away, and gets a new one.
        QVERIFY(QFile::remove(QString::fromStdString(w.daemon().dataDir() + "/admin.key")));
        w.restart();
        QFile file(QString::fromStdString(w.daemon().dataDir() + "/admin.key"));
        QVERIFY(file.open(QIODevice::ReadOnly));
        HttpCaller admin(w, file.readAll().trimmed().toStdString());
        const auto all = admin.call("GET", "/v1/principals");
        QCOMPARE(all.status, 200);
        QCOMPARE(all.body[QLatin1String("items")].toArray().size(), 5);
    }

private:
    PrincipalWorld::Answer put(const std::string& name, const std::string& change)
    {
        return m_world->admin().call("PUT", "/v1/principals/" + name, '{' + change + ',' + why + '}');
    }

    PrincipalWorld::Answer remove(const std::string& name, int key)
    {
        return m_world->admin().call(
            "DELETE", "/v1/principals/" + name + "/keys/" + std::to_string(key), '{' + why + '}');
    }

    QJsonObject principal(const std::string& name)
    {
        const auto all = m_world->admin().call("GET", "/v1/principals");
        for (const QJsonValue& each : all.body[QLatin1String("items")].toArray())
            if (each[QLatin1String("name")].toString().toStdString() == name)
                return each.toObject();
        return {};
    }

    std::unique_ptr<PrincipalWorld> m_world;
};

QTEST_GUILESS_MAIN(PrincipalApiTest)
#include "tst_principal_api.moc"
