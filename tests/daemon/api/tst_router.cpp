// SPDX-License-Identifier: GPL-3.0-or-later
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

private:
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
