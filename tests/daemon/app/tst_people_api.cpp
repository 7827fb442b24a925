// SPDX-License-Identifier: GPL-3.0-or-later
// People on a whole daemon: they log in, choose passwords, are logged out, and are kept from guessing.
#include "tests/daemon/app/principal_world.h"

#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QJsonArray>
#include <QTest>
#include <future>

using namespace gantry;
using namespace gantry::test;
using HttpCaller = PrincipalWorld::HttpCaller;

namespace {

const std::string why = "{\"reason\":\"because\"}";
const std::string chosen = "seven grey herons at dusk";

std::string text(const QJsonObject& object, const char* name)
{
    return object[QLatin1String(name)].toString().toStdString();
}

} // namespace

class PeopleApiTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase()
    {
        m_world = std::make_unique<PrincipalWorld>();
        m_world->add("carol", "support", ",\"kind\":\"person\"");
        m_world->add("shop", "support");
        m_nobody = std::make_unique<HttpCaller>(*m_world, std::string());
    }

    void aPasswordOfAnAdminIsGoodForChoosingAnother()
    {
        PrincipalWorld& w = *m_world;
        const auto reset = w.admin().call("PUT", "/v1/principals/carol/password", why);
        QCOMPARE(reset.status, 200);
        QCOMPARE(w.admin().last().header("cache-control"), std::string_view("no-store"));
        const std::string first = text(reset.body, "password");
        QCOMPARE(first.size(), 24U);

        const auto login = logIn("carol", first);
        QCOMPARE(login.status, 200);
        QCOMPARE(m_nobody->last().header("cache-control"), std::string_view("no-store"));
        QCOMPARE(text(login.body, "principal"), std::string("carol"));
        QCOMPARE(text(login.body, "role"), std::string("support"));
        QVERIFY(login.body[QLatin1String("must_change_password")].toBool());
        HttpCaller carol(w, text(login.body, "token"));
        QCOMPARE(carol.call("GET", "/v1/orders").status, 403);
        for (const std::string& bad :
            {std::string("elevenchars"), std::string("passwordpassword"), std::string("aaaaaaaaaaaaaaa"),
                std::string("abcdefghijklmnopq"), std::string("carol1234567"), std::string(257, 'x'), first})
            QVERIFY2(change(carol, first, bad).status == 422, bad.c_str());
        QCOMPARE(change(carol, "another one entirely", chosen).status, 422);
        QCOMPARE(change(carol, first, chosen).status, 200);
        QCOMPARE(carol.call("GET", "/v1/orders").status, 200); // the same session
        QCOMPARE(carol.call("GET", "/v1/principals").status, 403); // with her role
        QCOMPARE(logIn("carol", first).status, 401);
        const auto again = logIn("carol", chosen);
        QCOMPARE(again.status, 200);
        QVERIFY(!again.body[QLatin1String("must_change_password")].toBool());

        const auto log = w.admin().call("GET", "/v1/principals/log?principal=carol&limit=2");
        const QJsonArray entries = log.body[QLatin1String("items")].toArray();
        QCOMPARE(entries[0][QLatin1String("act")].toString(), QStringLiteral("password_changed"));
        QCOMPARE(entries[0][QLatin1String("by")].toString(), QStringLiteral("carol"));
        QCOMPARE(entries[1][QLatin1String("act")].toString(), QStringLiteral("password_reset"));
        QCOMPARE(entries[1][QLatin1String("by")].toString(), QStringLiteral("admin"));
    }

    void whatIsWrongTellsNothing()
    {
        const auto wrong = logIn("carol", "not her password");
        QCOMPARE(wrong.status, 401);
        for (const char* name : {"nobody", "shop", "admin", "Carol"}) {
            const auto other = logIn(name, "not the password");
            QCOMPARE(other.status, 401);
            QCOMPARE(other.body, wrong.body);
        }
        for (const char* body : {"{}", "{\"name\":\"carol\"}", "{\"name\":\"carol\",\"password\":1}",
                 "{\"name\":\"carol\",\"password\":\"x\",\"badge\":\"y\"}"})
            QVERIFY2(m_nobody->call("POST", "/v1/login", body).status == 422, body);
        PrincipalWorld& w = *m_world;
        QCOMPARE(w.admin().call("PUT", "/v1/principals/shop/password", why).status, 409);
        QCOMPARE(w.admin().call("PUT", "/v1/principals/nobody/password", why).status, 404);
        QCOMPARE(w.admin().call("PUT", "/v1/principals/carol/password", "{}").status, 422);
        QCOMPARE(w.admin().call("POST", "/v1/logout").status, 409); // a key
        QCOMPARE(HttpCaller(w, "gs_" + std::string(43, 'A')).call("GET", "/v1/orders").status, 401);
    }

    void sessionsEndAtOnce()
    {
        PrincipalWorld& w = *m_world;
        const std::string first = tokenOf("carol");
        HttpCaller leaving(w, first);
        QCOMPARE(leaving.call("POST", "/v1/logout").status, 200);
        QCOMPARE(leaving.call("GET", "/v1/orders").status, 401);
        QCOMPARE(leaving.call("POST", "/v1/logout").status, 401);

        int id = 0;
        HttpCaller carol(w, tokenOf("carol", &id));
        QVERIFY(sessionIds().contains(id));
        QVERIFY(w.admin().last().body.find("gs_") == std::string::npos);
        const std::string path = "/v1/sessions/" + std::to_string(id);
        auto wait = std::async(
            std::launch::async, [&] { return carol.call("GET", "/v1/events?after=0&wait_ms=30000"); });
        QVERIFY(wait.wait_for(std::chrono::milliseconds(300)) == std::future_status::timeout);
        QCOMPARE(w.admin().call("DELETE", path, "{}").status, 422);
        QCOMPARE(w.admin().call("DELETE", path, why).status, 200);
        QVERIFY(wait.wait_for(std::chrono::seconds(10)) == std::future_status::ready);
        QCOMPARE(wait.get().status, 401);
        QVERIFY(!sessionIds().contains(id));
        QCOMPARE(w.admin().call("DELETE", path, why).status, 404);
        QCOMPARE(w.admin().call("DELETE", "/v1/sessions/x", why).status, 404);
    }

    void whoIsDisabledIsOutForGood()
    {
        PrincipalWorld& w = *m_world;
        HttpCaller carol(w, tokenOf("carol"));
        QCOMPARE(carol.call("GET", "/v1/orders").status, 200);
        QCOMPARE(put("carol", "\"disabled\":true").status, 200);
        QCOMPARE(carol.call("GET", "/v1/orders").status, 401);
        QCOMPARE(logIn("carol", chosen).status, 401);
        QCOMPARE(put("carol", "\"disabled\":false").status, 200);
        QCOMPARE(carol.call("GET", "/v1/orders").status, 401); // sessions don't come back
        QCOMPARE(logIn("carol", chosen).status, 200);
    }

    void aRehearsalShutsNobodyOut()
    {
        PrincipalWorld& w = *m_world;
        HttpCaller carol(w, tokenOf("carol"));
        const std::string shut = "{\"disabled\":true,\"reason\":\"because\"}";
        QCOMPARE(w.admin().call("PUT", "/v1/principals/carol?dry_run=true", shut).status, 200);
        QCOMPARE(carol.call("GET", "/v1/orders").status, 200);
        QCOMPARE(carol.call("POST", "/v1/logout?dry_run=true").status, 400);
        QCOMPARE(carol.call("GET", "/v1/orders").status, 200);
    }

    void aNewRoleCountsForOpenSessions()
    {
        PrincipalWorld& w = *m_world;
        HttpCaller carol(w, tokenOf("carol"));
        QCOMPARE(put("carol", "\"role\":\"admin\"").status, 200);
        QCOMPARE(carol.call("GET", "/v1/sessions").status, 200);
        QCOMPARE(put("carol", "\"role\":\"support\"").status, 200);
        QCOMPARE(carol.call("GET", "/v1/sessions").status, 403);
    }

    void atAConsoleBothThePersonAndTheMachineCount()
    {
        PrincipalWorld& w = *m_world;
        w.add("desk", "viewer");
        w.add("office", "admin");
        PrincipalWorld::BusCaller desk(w, w.addCurveKey("desk"));
        int key = 0;
        PrincipalWorld::BusCaller office(w, w.addCurveKey("office", &key));
        const std::string token = tokenOf("carol");
        const std::string pause = "{\"reason\":\"carol's\"}";
        QCOMPARE(
            onBus(desk, "PUT", "/v1/pauses/channels/web", token, pause), 403); // the machine may only look
        QCOMPARE(onBus(office, "GET", "/v1/principals", token), 403); // the person may not
        QCOMPARE(onBus(office, "GET", "/v1/principals", {}), 200); // the machine alone may
        QCOMPARE(onBus(office, "GET", "/v1/orders", "gs_" + std::string(43, 'A')), 401);
        QCOMPARE(
            w.admin().call("DELETE", "/v1/principals/office/keys/" + std::to_string(key), why).status, 200);
        QCOMPARE(onBus(office, "GET", "/v1/orders", token), 401); // the machine is out, and the person there
        QCOMPARE(onBus(desk, "GET", "/v1/orders", token), 200);
    }

    void tokensAndPasswordsAreNotOnDisk()
    {
        const std::string token = tokenOf("carol");
        const QDir folder(QString::fromStdString(m_world->daemon().dataDir()));
        for (const QString& name : folder.entryList({QStringLiteral("gantry.db*")}, QDir::Files)) {
            QFile file(folder.filePath(name));
            QVERIFY(file.open(QIODevice::ReadOnly));
            const QByteArray bytes = file.readAll();
            QVERIFY(!bytes.contains(token.c_str()));
            QVERIFY(!bytes.contains(chosen.c_str()));
        }
    }

    void aSessionOutlivesTheDaemon()
    {
        PrincipalWorld& w = *m_world;
        const std::string living = tokenOf("carol");
        const std::string ended = tokenOf("carol");
        QCOMPARE(HttpCaller(w, ended).call("POST", "/v1/logout").status, 200);
        w.restart();
        m_nobody = std::make_unique<HttpCaller>(w, std::string());
        QCOMPARE(HttpCaller(w, living).call("GET", "/v1/orders").status, 200);
        QCOMPARE(HttpCaller(w, ended).call("GET", "/v1/orders").status, 401);
        QCOMPARE(logIn("carol", chosen).status, 200);
    }

    void whoGuessesHasToWait()
    {
        for (const char* name : {"carol", "nobody"}) { // whether there is one or not
            int status = 0;
            for (int tries = 0; tries < 10 && status != 429; ++tries)
                status = logIn(name, "a wrong password").status;
            QCOMPARE(status, 429);
            QVERIFY(std::stoi(std::string(m_nobody->last().header("retry-after"))) >= 1);
        }
        QTRY_COMPARE_WITH_TIMEOUT(logIn("carol", chosen).status, 200, 30'000); // but not for good
    }

private:
    PrincipalWorld::Answer logIn(const std::string& name, const std::string& password)
    {
        return m_nobody->call(
            "POST", "/v1/login", "{\"name\":\"" + name + "\",\"password\":\"" + password + "\"}");
    }

    static PrincipalWorld::Answer change(HttpCaller& who, const std::string& current, const std::string& next)
    {
        return who.call("POST", "/v1/password", "{\"current\":\"" + current + "\",\"new\":\"" + next + "\"}");
    }

    std::string tokenOf(const std::string& name, int* id = nullptr)
    {
        const auto login = logIn(name, chosen);
        if (login.status != 200)
            qFatal("%s could not log in: %s", name.c_str(), m_nobody->last().body.c_str());
        if (id)
            *id = login.body[QLatin1String("session")][QLatin1String("id")].toInt();
        return text(login.body, "token");
    }

    QList<int> sessionIds()
    {
        QList<int> ids;
        const auto all = m_world->admin().call("GET", "/v1/sessions");
        for (const QJsonValue& each : all.body[QLatin1String("items")].toArray())
            ids << each[QLatin1String("id")].toInt();
        return ids;
    }

    PrincipalWorld::Answer put(const std::string& name, const std::string& what)
    {
        return m_world->admin().call(
            "PUT", "/v1/principals/" + name, '{' + what + ",\"reason\":\"because\"}");
    }

    /// The status of a call by the command socket with a session's token.
    static int onBus(PrincipalWorld::BusCaller& caller, const std::string& method, const std::string& target,
        const std::string& token, const std::string& body = {})
    {
        std::string head = "{\"method\":\"" + method + "\",\"target\":\"" + target + '"';
        if (!token.empty())
            head += ",\"headers\":{\"authorization\":\"Bearer " + token + "\"}";
        std::vector<std::string> frames{numberFrame(77), head + '}'};
        if (!body.empty())
            frames.push_back(body);
        const auto answer =
            caller.peer().send(frames) ? caller.peer().receive(std::chrono::seconds(30)) : std::nullopt;
        if (!answer || answer->size() < 2)
            return 0;
        const auto said = QJsonDocument::fromJson(QByteArray::fromStdString(answer->at(1))).object();
        const auto problem = said[QLatin1String("problem")].toObject();
        return (problem.isEmpty() ? said : problem)[QLatin1String("status")].toInt();
    }

    std::unique_ptr<PrincipalWorld> m_world;
    std::unique_ptr<HttpCaller> m_nobody;
};

QTEST_GUILESS_MAIN(PeopleApiTest)
#include "tst_people_api.moc"
