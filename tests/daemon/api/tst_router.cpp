// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/api/fingerprint.h"
#include "daemon/api/router.h"

#include <QTest>

using namespace gantry;
using namespace gantry::api;

namespace {

/// What a route was called with, as text.
std::string told(const Call& call)
{
    std::string text = call.request.method;
    for (const std::string& part : call.parts)
        text += ' ' + part;
    for (const auto& [name, value] : call.query)
        text += ' ' + name + '=' + value;
    return text;
}

Route route(std::string method, std::string path)
{
    const std::string pattern = path;
    return {std::move(method), std::move(path), Access::Public, {"limit", "q"},
        [pattern](const Call& call, const ApiReply& reply) {
            reply({200, "text/plain", {}, pattern + ": " + told(call)});
        }};
}

} // namespace

/// Which route a request finds, and what is said where it finds none.
class TestRouter : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void findsTheRouteOfAPath()
    {
        QCOMPARE(text(ask("GET", "/things")), QStringLiteral("/things: GET"));
        QCOMPARE(text(ask("GET", "/things/7")), QStringLiteral("/things/{}: GET 7"));
        QCOMPARE(text(ask("POST", "/things/batch")), QStringLiteral("/things/batch: POST"));
        QCOMPARE(text(ask("GET", "/things/7/parts/8", "limit=3&q=a+b%C3%A4")),
            QString::fromUtf8("/things/{}/parts/{}: GET 7 8 limit=3 q=a bä"));
        QCOMPARE(ask("GET", "/thing").status, 404);
        QCOMPARE(ask("GET", "/things/").status, 404);
    }

    void answersHeadAsGet()
    {
        QCOMPARE(text(ask("HEAD", "/things")), QStringLiteral("/things: HEAD"));
        const ApiResponse refused = ask("HEAD", "/things/batch/begin");
        QCOMPARE(refused.status, 405);
        QCOMPARE(allow(refused), QStringLiteral("OPTIONS, POST"));
    }

    void tellsWhatAPathTakes_data()
    {
        QTest::addColumn<QString>("path");
        QTest::addColumn<QString>("allowed");
        QTest::newRow("two methods") << QStringLiteral("/things")
                                     << QStringLiteral("GET, HEAD, OPTIONS, POST");
        QTest::newRow("no GET") << QStringLiteral("/things/batch/begin") << QStringLiteral("OPTIONS, POST");
        QTest::newRow("two routes fit, one method each")
            << QStringLiteral("/things/batch") << QStringLiteral("GET, HEAD, OPTIONS, POST");
        QTest::newRow("two routes fit with the same method")
            << QStringLiteral("/things/7/parts/all") << QStringLiteral("GET, HEAD, OPTIONS");
    }

    void tellsWhatAPathTakes()
    {
        QFETCH(const QString, path);
        QFETCH(const QString, allowed);
        const ApiResponse options = ask("OPTIONS", path.toStdString());
        QCOMPARE(options.status, 204);
        QVERIFY(options.body.empty());
        QCOMPARE(allow(options), allowed);
        const ApiResponse refused = ask("DELETE", path.toStdString());
        QCOMPARE(refused.status, 405);
        QCOMPARE(allow(refused), allowed);
        QVERIFY(text(refused).contains(allowed));
    }

    void hasNothingToTellOfOtherPaths() { QCOMPARE(ask("OPTIONS", "/nothing").status, 404); }

    void refusesParametersByName()
    {
        const ApiResponse unknown = ask("GET", "/things", "limit=3&limt=4");
        QCOMPARE(unknown.status, 400);
        QVERIFY(text(unknown).contains(QLatin1String("\"code\":\"unknown_parameter\"")));
        QVERIFY(text(unknown).contains(QLatin1String("limt")));
        QVERIFY(text(ask("HEAD", "/things", "limt=4")).contains(QLatin1String("unknown_parameter")));
        QVERIFY(text(ask("GET", "/things", "limit=3&limit=4")).contains(QLatin1String("malformed_request")));
        QVERIFY(text(ask("GET", "/things", "limit=%4")).contains(QLatin1String("malformed_request")));
        QVERIFY(text(ask("GET", "/things", "limit=%ff")).contains(QLatin1String("malformed_request")));
    }

    void saysThatARouteIsOnItsWayOut()
    {
        using namespace std::chrono;
        Route old = route("GET", "/old");
        old.retirement = Retirement{sys_days(2027y / January / 1), sys_days(2027y / December / 31), "/new"};
        Route open = route("GET", "/open");
        open.retirement = Retirement{sys_days(2027y / January / 1), {}, {}};
        const Router router({old, open, route("GET", "/new")}, m_principals);
        const ApiResponse told = ask(router, "GET", "/old");
        QCOMPARE(header(told, "Deprecation"), QStringLiteral("@1798761600"));
        QCOMPARE(header(told, "Sunset"), QStringLiteral("Fri, 31 Dec 2027 00:00:00 GMT"));
        QCOMPARE(header(told, "Link"), QStringLiteral("</new>; rel=\"successor-version\""));
        // Also what is refused there, and what is made whole later.
        QCOMPARE(
            header(ask(router, "GET", "/old", "colour=red"), "Deprecation"), QStringLiteral("@1798761600"));
        QCOMPARE(header(ask(router, "GET", "/open"), "Deprecation"), QStringLiteral("@1798761600"));
        QCOMPARE(header(ask(router, "GET", "/open"), "Sunset"), QString());
        QCOMPARE(header(ask(router, "GET", "/new"), "Deprecation"), QString());
    }

    void tellsAKeyItsLimit()
    {
        const std::string pepper(32, 'p');
        store::PrincipalRecord shop{.name = "shop", .role = Role::Support};
        shop.keys.push_back({.id = 1, .material = hashApiKey("gk_shop", pepper)});
        const Principals principals({shop}, pepper, m_clock);
        RateLimiter rates({1, 3});
        Route mine = route("GET", "/mine");
        mine.access = Access::Reader;
        const Router router({mine, route("GET", "/open")}, principals, &rates);
        const auto asShop = [&](const char* path) { return ask(router, "GET", path, {}, "Bearer gk_shop"); };
        const ApiResponse first = asShop("/mine");
        QCOMPARE(first.status, 200);
        QCOMPARE(header(first, "RateLimit-Policy"), QStringLiteral("\"key\";q=3;w=3"));
        QCOMPARE(header(first, "RateLimit"), QStringLiteral("\"key\";r=2;t=1"));
        QCOMPARE(header(asShop("/mine"), "RateLimit"), QStringLiteral("\"key\";r=1;t=2"));
        QCOMPARE(asShop("/mine").status, 200);
        const ApiResponse refused = asShop("/mine");
        QCOMPARE(refused.status, 429);
        QVERIFY(header(refused, "RateLimit").startsWith(QStringLiteral("\"key\";r=0;t=")));
        QCOMPARE(header(refused, "Retry-After"), QStringLiteral("1"));
        QCOMPARE(header(asShop("/open"), "RateLimit"), QString()); // nobody's key, nobody's limit
    }

    void rehearsesWhatIsToBeTold()
    {
        const auto answering = [](std::string word) {
            return [word = std::move(word)](const Call& call, const ApiReply& reply) {
                ApiResponse response{.status = 201};
                response.headers = {{"Location", "/things/1"}, {"ETag", "\"1\""}, {"Kept", "yes"}};
                response.encode = [text = word + (call.isRehearsal ? " rehearsed" : "")](
                                      ApiResponse& answer) { answer.body = text; };
                reply(std::move(response));
            };
        };
        const Route thing{
            "POST", "/things", Access::Public, {"dry_run"}, answering("done"), answering("told"), {}};
        const Router router({thing}, m_principals);
        QCOMPARE(text(ask(router, "POST", "/things")), QStringLiteral("done"));
        QCOMPARE(ask(router, "POST", "/things", "dry_run=false").status, 201);
        const ApiResponse told = ask(router, "POST", "/things", "dry_run=true");
        QCOMPARE(text(told), QStringLiteral("told rehearsed"));
        QCOMPARE(told.status, 200);
        QCOMPARE(header(told, "Gantry-Dry-Run"), QStringLiteral("true"));
        QCOMPARE(header(told, "Kept"), QStringLiteral("yes"));
        QCOMPARE(header(told, "Location"), QString());
        QCOMPARE(header(told, "ETag"), QString());
        const ApiResponse unclear = ask(router, "POST", "/things", "dry_run=yes");
        QCOMPARE(unclear.status, 422);
        QVERIFY(text(unclear).contains(QLatin1String("dry_run")));
        QVERIFY(text(ask("POST", "/things", "dry_run=true")).contains(QLatin1String("unknown_parameter")));
    }

private:
    [[nodiscard]] static ApiResponse ask(const Router& router, const std::string& method,
        const std::string& path, const std::string& query = {}, const std::string& authorization = {})
    {
        ApiRequest request;
        request.method = method;
        request.path = path;
        request.query = query;
        request.headers = {{"authorization", authorization}};
        ApiResponse answer{.status = 0};
        router.handle(std::move(request), [&answer](ApiResponse response) { answer = std::move(response); });
        answer.complete();
        return answer;
    }

    static QString header(const ApiResponse& response, std::string_view wanted)
    {
        for (const auto& [name, value] : response.headers)
            if (name == wanted)
                return QString::fromStdString(value);
        return {};
    }

    [[nodiscard]] ApiResponse ask(
        const std::string& method, const std::string& path, const std::string& query = {}) const
    {
        ApiRequest request;
        request.method = method;
        request.path = path;
        request.query = query;
        ApiResponse answer{.status = 0};
        m_router.handle(
            std::move(request), [&answer](ApiResponse response) { answer = std::move(response); });
        return answer;
    }

    static QString text(const ApiResponse& response) { return QString::fromStdString(response.body); }

    static QString allow(const ApiResponse& response)
    {
        for (const auto& [name, value] : response.headers)
            if (name == "Allow")
                return QString::fromStdString(value);
        return {};
    }

    SystemClock m_clock;
    Principals m_principals{{}, {}, m_clock};
    Router m_router{{route("POST", "/things/batch"), route("POST", "/things"), route("GET", "/things"),
                        route("GET", "/things/{}"), route("GET", "/things/{}/parts/all"),
                        route("GET", "/things/{}/parts/{}"), route("POST", "/things/{}/begin")},
        m_principals};
};

QTEST_APPLESS_MAIN(TestRouter)
#include "tst_router.moc"
