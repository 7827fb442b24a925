// SPDX-License-Identifier: GPL-3.0-or-later
// What needs a person, asked of a real daemon that has no payment service: every order fails at pay.
#include "tests/faults/order_flow.h"

#include <QTemporaryDir>
#include <QTest>

using namespace gantry;
using namespace gantry::test;

class IncidentsTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase()
    {
        auto daemon = DaemonProcess::start(m_data.path().toStdString());
        QVERIFY2(daemon.has_value(), daemon ? "" : daemon.error().message.c_str());
        m_daemon = std::make_unique<DaemonProcess>(std::move(*daemon));
        m_api = std::make_unique<ApiCaller>(*m_daemon);
        QVERIFY(m_api->post("/v1/orders/batch", batchBody(0, 7)).has_value());
        QTRY_COMPARE(count(), 7);
    }

    void groupsByCause()
    {
        const QJsonArray items = get("/v1/incidents?group_by=cause")[QLatin1String("items")].toArray();
        QCOMPARE(items.size(), 1);
        const QJsonObject cause = items.first().toObject();
        QCOMPARE(cause[QLatin1String("step")].toString(), QStringLiteral("pay"));
        QCOMPARE(cause[QLatin1String("code")].toString(), QStringLiteral("not_configured"));
        QVERIFY(!cause[QLatin1String("compensating")].toBool());
        qint64 total = 0;
        for (const QJsonValue& incident : get("/v1/incidents")[QLatin1String("items")].toArray())
            total += incident[QLatin1String("total")].toInteger();
        const QJsonObject stake = cause[QLatin1String("at_stake")].toArray().first().toObject();
        QVERIFY(total > 0);
        QCOMPARE(stake[QLatin1String("total")].toInteger(), total);
        QCOMPARE(get("/v1/incidents?group_by=cause")[QLatin1String("omitted")].toInt(), 0);
    }

    void listsInPagesAndByFilter()
    {
        const std::string query = "/v1/incidents?limit=5&code=not_configured&step=pay";
        const QJsonObject first = get(query);
        QCOMPARE(first[QLatin1String("items")].toArray().size(), 5);
        const QString next = first[QLatin1String("next_cursor")].toString();
        QVERIFY(!next.isEmpty());
        const QJsonObject second = get(query + "&cursor=" + next.toStdString());
        QCOMPARE(second[QLatin1String("items")].toArray().size(), 2);
        QVERIFY(second[QLatin1String("next_cursor")].isNull());
        const QJsonObject incident = second[QLatin1String("items")].toArray().first().toObject();
        QVERIFY(incident[QLatin1String("order_id")].toString().startsWith(QLatin1String("ord_")));
        QVERIFY(!incident[QLatin1String("message")].toString().isEmpty());
        QCOMPARE(incident[QLatin1String("attempts")].toInt(), 1);
        QCOMPARE(get("/v1/incidents?code=other")[QLatin1String("items")].toArray().size(), 0);
        QCOMPARE(get("/v1/incidents?step=pick")[QLatin1String("items")].toArray().size(), 0);
    }

    void refusesWhatItCantAnswer()
    {
        for (const char* target : {"/v1/incidents?group_by=step", "/v1/incidents?group_by=cause&step=pay",
                 "/v1/incidents?group_by=cause&limit=0", "/v1/incidents?state=failed",
                 "/v1/incidents?limit=501"}) {
            const std::vector<std::pair<std::string, std::string>> key{
                {"Authorization", "Bearer " + m_daemon->key()}};
            const auto answer = m_api->client().request("GET", target, key);
            QVERIFY(answer.has_value());
            QVERIFY2(answer->status == 422 || answer->status == 400, target);
        }
    }

    void forgetsWhatIsMended()
    {
        const QJsonObject incident =
            get("/v1/incidents")[QLatin1String("items")].toArray().first().toObject();
        const std::string id = incident[QLatin1String("order_id")].toString().toStdString();
        QVERIFY(
            m_api->post(
                     "/v1/orders/" + id + "/actions", R"({"action":"override","reason":"paid by invoice"})")
                .has_value());
        QCOMPARE(count(), 6);
        QCOMPARE(get("/v1/incidents")[QLatin1String("items")].toArray().size(), 6);
    }

    void knowsThemAfterARestart()
    {
        const int before = count();
        QVERIFY(m_daemon->restart().has_value());
        m_api = std::make_unique<ApiCaller>(*m_daemon);
        QCOMPARE(count(), before);
    }

private:
    QJsonObject get(const std::string& target) { return m_api->get(target).value_or(QJsonObject()); }

    int count()
    {
        int sum = 0;
        for (const QJsonValue& cause : get("/v1/incidents?group_by=cause")[QLatin1String("items")].toArray())
            sum += cause[QLatin1String("count")].toInt();
        return sum;
    }

    QTemporaryDir m_data;
    std::unique_ptr<DaemonProcess> m_daemon;
    std::unique_ptr<ApiCaller> m_api;
};

QTEST_GUILESS_MAIN(IncidentsTest)
#include "tst_incidents.moc"
