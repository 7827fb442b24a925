// SPDX-License-Identifier: GPL-3.0-or-later
// Every route, by every kind of caller, at both doors of a whole daemon: who gets in stands in one table.
#include "daemon/api/people.h"
#include "daemon/api/routes.h"
#include "daemon/bulk/bulk_queue.h"
#include "daemon/store/sqlite/sqlite_store.h"
#include "tests/daemon/app/principal_world.h"

#include <QDateTime>
#include <QTest>
#include <array>
#include <map>

using namespace gantry;
using namespace gantry::test;
using api::Access;
using HttpCaller = PrincipalWorld::HttpCaller;
using BusCaller = PrincipalWorld::BusCaller;

namespace {

enum Column { Viewer, Warehouse, Support, Admin, Clerk, Nobody, Revoked, Expired, Disabled };
constexpr std::array names{
    "viewer", "warehouse", "support", "boss", "clerk", "nobody", "revoked", "expired", "disabled"};
constexpr std::array roles{"viewer", "warehouse", "support", "admin", "clerk", "", "admin", "admin", "admin"};
constexpr int ok = 0; ///< whatever comes of the request: it was let in

/// Role by access: what the door says.
const std::map<Access, std::array<int, names.size()>> table{
    {Access::Public, {ok, ok, ok, ok, ok, ok, ok, ok, ok}},
    {Access::Anybody, {ok, ok, ok, ok, ok, 401, 401, 401, 401}},
    {Access::Orders, {ok, ok, ok, ok, ok, 401, 401, 401, 401}},
    {Access::AllOrders, {ok, ok, ok, ok, 403, 401, 401, 401, 401}},
    {Access::Everything, {ok, ok, ok, ok, 403, 401, 401, 401, 401}},
    {Access::Reader, {ok, ok, ok, ok, 403, 401, 401, 401, 401}},
    {Access::Worker, {403, ok, ok, ok, ok, 401, 401, 401, 401}},
    {Access::Stock, {403, ok, ok, ok, 403, 401, 401, 401, 401}},
    {Access::Tasks, {403, 403, ok, ok, 403, 401, 401, 401, 401}},
    {Access::Writer, {403, 403, ok, ok, 403, 401, 401, 401, 401}},
    {Access::Deliveries, {403, 403, ok, ok, 403, 401, 401, 401, 401}},
    {Access::Money, {403, 403, 403, ok, 403, 401, 401, 401, 401}},
    {Access::Admin, {403, 403, 403, ok, 403, 401, 401, 401, 401}},
};

struct RouteName {
    std::string method;
    std::string target; ///< with something at each placeholder
    Access access;
};

/// The routes of the whole API, as the daemon makes them.
std::vector<RouteName> allRoutes(const QTemporaryDir& folder)
{
    struct NoInbox final : engine::Inbox {
        bool post(engine::Message) override { return false; }
    } inbox;
    const SystemClock clock;
    const auto store =
        store::openSqliteStore({.file = folder.filePath(QStringLiteral("r.db")).toStdString()});
    const auto readers = api::ReaderPool::start(**store, 1, 1);
    bulk::BulkQueue bulk;
    const api::Principals principals({}, std::string(32, 'p'), clock);
    api::Sessions sessions({}, std::string(32, 'p'), clock);
    api::LoginThrottle throttle(clock);
    const api::People people{sessions, throttle, **readers, {}};
    const api::Router router(api::makeRoutes({.inbox = inbox,
                                 .readers = **readers,
                                 .clock = clock,
                                 .metricsText = {},
                                 .isReady = {},
                                 .seal = engine::TokenSeal::fromSecret(std::string(32, 'p')),
                                 .bulk = &bulk,
                                 .principals = &principals,
                                 .people = &people}),
        principals);
    std::vector<RouteName> routes;
    for (const api::Route& route : router.routes()) {
        std::string target = route.path;
        for (auto at = target.find("{}"); at != std::string::npos; at = target.find("{}"))
            target.replace(at, 2, "x");
        routes.push_back({route.method, std::move(target), route.access});
    }
    return routes;
}

/// Whether an answer is what the table says. What is let in may be wrong in every other way: the request is empty.
bool fits(int expected, int status)
{
    if (expected != ok)
        return status == expected;
    return status >= 200 && status < 500 && status != 401 && status != 403 && status != 405;
}

std::string bodyFor(const std::string& method)
{
    return method == "GET" ? std::string() : std::string("{}");
}

} // namespace

class AccessMatrixTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase()
    {
        m_routes = allRoutes(m_folder);
        QVERIFY(m_routes.size() > 40);
        // A custom role that sees and holds the orders of one channel, and nothing else.
        QCOMPARE(m_world.admin()
                     .call("PUT", "/v1/roles/clerk",
                         R"({"rights":{"orders.read":{"channels":["web"]},"hold":{}},"reason":"test"})")
                     .status,
            201);
        const QDateTime soon = QDateTime::currentDateTimeUtc().addSecs(15);
        for (std::size_t i = 0; i < names.size(); ++i) {
            if (i == Nobody) {
                m_http.push_back(std::make_unique<HttpCaller>(m_world, std::string()));
                m_bus.push_back(nullptr); // is not let in: tst_bus_access
                continue;
            }
            const std::string expiry =
                i == Expired ? ",\"expires_at\":\"" + soon.toString(Qt::ISODate).toStdString() + '"' : "";
            m_world.add(names[i], roles[i], expiry);
            m_http.push_back(
                std::make_unique<HttpCaller>(m_world, m_world.addKey(names[i], {}, &m_apiKey[i])));
            m_bus.push_back(
                std::make_unique<BusCaller>(m_world, m_world.addCurveKey(names[i], &m_curveKey[i])));
            QCOMPARE(m_http[i]->call("GET", "/v1/orders").status, 200);
            QCOMPARE(m_bus[i]->call("GET", "/v1/orders").status, 200);
        }
        const std::string why = R"({"reason":"test")";
        for (const int key : {m_apiKey[Revoked], m_curveKey[Revoked]})
            QCOMPARE(m_world.admin()
                         .call("DELETE", "/v1/principals/revoked/keys/" + std::to_string(key), why + '}')
                         .status,
                200);
        QCOMPARE(
            m_world.admin().call("PUT", "/v1/principals/disabled", why + R"(,"disabled":true})").status, 200);
        QTRY_COMPARE_WITH_TIMEOUT(m_http[Expired]->call("GET", "/v1/stats").status, 401, 30'000);
    }

    void httpHoldsToTheTable()
    {
        for (std::size_t caller = 0; caller < names.size(); ++caller)
            for (const RouteName& route : m_routes) {
                const int status =
                    m_http[caller]->call(route.method, route.target, bodyFor(route.method)).status;
                QVERIFY2(fits(table.at(route.access)[caller], status), describe(route, caller, status));
            }
    }

    void theCommandSocketHoldsToTheTable()
    {
        for (std::size_t caller = 0; caller < names.size(); ++caller) {
            if (!m_bus[caller])
                continue;
            for (const RouteName& route : m_routes) {
                const int status =
                    m_bus[caller]->call(route.method, route.target, bodyFor(route.method)).status;
                // Here the key is asked for first: nothing at all is open to one that is not accepted any more.
                const int expected = caller > Nobody ? 401 : table.at(route.access)[caller];
                QVERIFY2(fits(expected, status), describe(route, caller, status));
            }
        }
    }

    void theTableHasEveryAccess()
    {
        for (const RouteName& route : m_routes)
            QVERIFY(table.contains(route.access));
    }

private:
    static const char* describe(const RouteName& route, std::size_t caller, int status)
    {
        static std::string text;
        text = std::string(names[caller]) + ": " + route.method + ' ' + route.target + " gave "
            + std::to_string(status);
        return text.c_str();
    }

    QTemporaryDir m_folder;
    PrincipalWorld m_world;
    std::vector<RouteName> m_routes;
    std::vector<std::unique_ptr<HttpCaller>> m_http;
    std::vector<std::unique_ptr<BusCaller>> m_bus;
    std::array<int, names.size()> m_apiKey{};
    std::array<int, names.size()> m_curveKey{};
};

QTEST_GUILESS_MAIN(AccessMatrixTest)
#include "tst_access_matrix.moc"
