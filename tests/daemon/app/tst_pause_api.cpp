// SPDX-License-Identifier: GPL-3.0-or-later
// Pauses over HTTP, on a whole daemon: begun, seen, ended, kept over a restart, and each on record.
#include "tests/faults/order_flow.h"

#include <QTemporaryDir>
#include <QTest>

using namespace gantry;
using namespace gantry::test;

class PauseApiTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase()
    {
        auto daemon = DaemonProcess::start(m_data.path().toStdString());
        QVERIFY2(daemon.has_value(), daemon ? "" : daemon.error().message.c_str());
        m_daemon = std::make_unique<DaemonProcess>(std::move(*daemon));
        m_api = std::make_unique<ApiCaller>(*m_daemon);
    }

    void pausesAndTellsIt()
    {
        QCOMPARE(send("PUT", "/v1/pauses/step/validate", R"({"reason":"a look first"})"), 201);
        QCOMPARE(send("PUT", "/v1/pauses/step/validate", R"({"reason":"again"})"), 200);
        QVERIFY(m_api->post("/v1/orders/batch", batchBody(0, 3)).has_value());
        const QJsonObject pause = items("/v1/pauses").first().toObject();
        QCOMPARE(pause[QLatin1String("scope")].toString(), QStringLiteral("step"));
        QCOMPARE(pause[QLatin1String("name")].toString(), QStringLiteral("validate"));
        QCOMPARE(pause[QLatin1String("reason")].toString(), QStringLiteral("a look first"));
        QCOMPARE(pause[QLatin1String("by")].toString(), QStringLiteral("admin"));
        QCOMPARE(pause[QLatin1String("state")].toString(), QStringLiteral("paused"));
        QCOMPARE(pause[QLatin1String("waiting")].toInt(), 3);
        QVERIFY(!pause[QLatin1String("since")].toString().isEmpty());
        const QJsonArray waiting = items("/v1/orders?step=validate");
        QCOMPARE(waiting.size(), 3);
        const std::string id = waiting[0][QLatin1String("id")].toString().toStdString();
        const QJsonObject told = m_api->get("/v1/orders/" + id + "/waiting").value_or(QJsonObject());
        QCOMPARE(told[QLatin1String("stage")].toString(), QStringLiteral("paused"));
        QVERIFY(
            told[QLatin1String("sentence")].toString().contains(QStringLiteral("by admin: a look first")));
        QCOMPARE(told[QLatin1String("help")].toString(),
            QStringLiteral("Resume it: gantryctl resume step validate."));
    }

    void namesArePercentEncoded()
    {
        QCOMPARE(send("PUT", "/v1/pauses/channel/a%20b", R"({"reason":"r"})"), 201);
        QCOMPARE(items("/v1/pauses").last()[QLatin1String("name")].toString(), QStringLiteral("a b"));
        QCOMPARE(send("DELETE", "/v1/pauses/channel/a%20b", R"({"reason":"r"})"), 200);
    }

    void refusesWhatIsWrong()
    {
        QCOMPARE(send("PUT", "/v1/pauses/order/1", R"({"reason":"r"})"), 404);
        QCOMPARE(send("DELETE", "/v1/pauses/step/none", R"({"reason":"r"})"), 404);
        QCOMPARE(send("PUT", "/v1/pauses/step/pay", "{}"), 422);
        QCOMPARE(send("PUT", "/v1/pauses/step/pay", R"({"reason":""})"), 422);
        QCOMPARE(send("PUT", "/v1/pauses/step/pay", R"({"reason":"r","until":"x"})"), 422);
        QCOMPARE(send("DELETE", "/v1/pauses/step/validate", "{}"), 422);
        const std::string tooLong(101, 'n');
        QCOMPARE(send("PUT", "/v1/pauses/step/" + tooLong, R"({"reason":"r"})"), 422);
        QCOMPARE(send("GET", "/v1/pauses?state=paused"), 422);
        QCOMPARE(send("GET", "/v1/pauses?limit=1"), 422); // it would say nothing
        QCOMPARE(items("/v1/pauses").size(), 1);
    }

    void holdsAfterARestartAndEnds()
    {
        QVERIFY(m_daemon->restart().has_value());
        m_api = std::make_unique<ApiCaller>(*m_daemon);
        QCOMPARE(items("/v1/pauses").first()[QLatin1String("waiting")].toInt(), 3);
        QCOMPARE(send("DELETE", "/v1/pauses/step/validate", R"({"reason":"all is well"})"), 200);
        QTRY_VERIFY(items("/v1/pauses").isEmpty());
        QTRY_VERIFY(items("/v1/orders?step=validate").isEmpty());
        const QJsonArray ended = items("/v1/pauses?state=ended");
        QCOMPARE(ended.size(), 2);
        QCOMPARE(ended.first()[QLatin1String("name")].toString(), QStringLiteral("validate"));
        QCOMPARE(ended.first()[QLatin1String("end_reason")].toString(), QStringLiteral("all is well"));
        QCOMPARE(ended.first()[QLatin1String("ended_by")].toString(), QStringLiteral("admin"));
        QCOMPARE(ended.first()[QLatin1String("reason")].toString(), QStringLiteral("a look first"));
    }

private:
    QJsonArray items(const std::string& target)
    {
        return m_api->get(target).value_or(QJsonObject())[QLatin1String("items")].toArray();
    }

    int send(const std::string& method, const std::string& target, const std::string& body = {})
    {
        std::vector<std::pair<std::string, std::string>> headers{
            {"Authorization", "Bearer " + m_daemon->key()}};
        if (!body.empty())
            headers.emplace_back("Content-Type", "application/json");
        const auto answer = m_api->client().request(method, target, headers, body);
        return answer ? answer->status : 0;
    }

    QTemporaryDir m_data;
    std::unique_ptr<DaemonProcess> m_daemon;
    std::unique_ptr<ApiCaller> m_api;
};

QTEST_GUILESS_MAIN(PauseApiTest)
#include "tst_pause_api.moc"
