// SPDX-License-Identifier: GPL-3.0-or-later
// Leases and time-outs on the daemon as it is shipped: one that was stopped for a while, a handler that hangs, and work that nobody takes.
#include "shared/protocol/json_writer.h"
#include "tests/faults/order_flow.h"

#include <QElapsedTimer>
#include <QJsonDocument>
#include <QTemporaryDir>
#include <QTest>
#include <csignal>

using namespace gantry;
using namespace gantry::test;

namespace {

/// One worker step, tried once.
std::string workflow(const std::string& name, const std::string& times)
{
    return "name = \"" + name
        + "\"\nversion = 1\n[[step]]\nname = \"label\"\nkind = \"worker\"\nhandler = \"label." + name
        + "\"\ncompensation = \"none\"\nretry = { max_attempts = 1 }\n" + times;
}

} // namespace

class WorkerTimeOutsTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase()
    {
        auto daemon = DaemonProcess::start(m_data.path().toStdString());
        QVERIFY2(daemon.has_value(), daemon ? "" : daemon.error().message.c_str());
        m_daemon = std::make_unique<DaemonProcess>(std::move(*daemon));
        m_api = std::make_unique<ApiCaller>(*m_daemon);
    }

    void aDaemonThatWasStoppedTakesNoLeaseAway()
    {
        constexpr int leaseMs = 6'000;
        const QString id = submit("stopped", "timeout_ms = " + std::to_string(leaseMs) + "\n");
        const std::string token = claim("stopped");
        QVERIFY(!token.empty());
        m_daemon->process().signal(SIGSTOP);
        QElapsedTimer stopped;
        stopped.start();
        QTRY_VERIFY_WITH_TIMEOUT(stopped.hasExpired(leaseMs + 500), leaseMs + 5'000);
        m_daemon->process().signal(SIGCONT);
        QCOMPARE(tell(token, "extend").status, 200); // the worker had no way to say so before
        QCOMPARE(tell(token, "complete").status, 200);
        QCOMPARE(order(id)[QLatin1String("state")].toString(), QStringLiteral("completed"));
    }

    void aHandlerThatHangsIsGivenUp()
    {
        const QString id = submit("hangs", "timeout_ms = 2_000\nrun_timeout_ms = 3_000\n");
        const std::string token = claim("hangs");
        QVERIFY(!token.empty());
        // It is alive and says so, again and again: only the time in all comes to an end.
        QTRY_COMPARE_WITH_TIMEOUT(tell(token, "extend").status, 409, 20'000);
        QTRY_COMPARE_WITH_TIMEOUT(incidentOf(id), QStringLiteral("run_timeout"), 10'000);
        QCOMPARE(tell(token, "complete").status, 409);
    }

    void whatNobodyTakesIsTold()
    {
        const QString id = submit("nobody", "start_timeout_ms = 500\n");
        QTRY_COMPARE_WITH_TIMEOUT(incidentOf(id), QStringLiteral("not_started"), 20'000);
    }

    void theDefinitionTellsItsTimes()
    {
        const auto step = m_api->get("/v1/workflows/hangs/1")
                              .value_or(QJsonObject())[QLatin1String("steps")]
                              .toArray()
                              .first()
                              .toObject();
        QCOMPARE(step[QLatin1String("timeout_ms")].toInt(), 2'000);
        QCOMPARE(step[QLatin1String("run_timeout_ms")].toInt(), 3'000);
        QVERIFY(!step.contains(QLatin1String("start_timeout_ms")));
    }

private:
    /// Stores the workflow and gives it to a channel of its own; an order on it.
    QString submit(const std::string& name, const std::string& times)
    {
        JsonWriter source;
        source.beginObject().member("source", workflow(name, times)).endObject();
        static_cast<void>(m_api->post("/v1/workflows", source.text()));
        static_cast<void>(
            m_api->post("/v1/workflows/" + name + "/1/activate", R"({"channels":[")" + name + R"("]})"));
        const auto taken = m_api->post("/v1/orders",
            R"({"channel":")" + name
                + R"(","external_id":"1","currency":"EUR","lines":[{"sku":"a","quantity":1,"unit_price":100}],"total":100})");
        return taken.value_or(QJsonObject())[QLatin1String("id")].toString();
    }

    /// The token of the one task of that workflow; empty if none came.
    std::string claim(const std::string& name)
    {
        const auto got = m_api->post(
            "/v1/tasks/claim", R"({"worker":"w","tasks":["label.)" + name + R"("],"wait_ms":10000})");
        const QJsonArray items = got.value_or(QJsonObject())[QLatin1String("items")].toArray();
        return items.isEmpty() ? std::string()
                               : items.first().toObject()[QLatin1String("token")].toString().toStdString();
    }

    HttpAnswer tell(const std::string& token, const std::string& what)
    {
        auto answer = m_api->client().request("POST", "/v1/tasks/" + token + '/' + what,
            {{"Authorization", "Bearer " + m_daemon->key()}, {"Content-Type", "application/json"}}, "{}");
        return answer ? std::move(*answer) : HttpAnswer{};
    }

    QJsonObject order(const QString& id)
    {
        return m_api->get("/v1/orders/" + id.toStdString()).value_or(QJsonObject());
    }

    QString incidentOf(const QString& id)
    {
        return order(id)[QLatin1String("incident")].toObject()[QLatin1String("code")].toString();
    }

    QTemporaryDir m_data;
    std::unique_ptr<DaemonProcess> m_daemon;
    std::unique_ptr<ApiCaller> m_api;
};

QTEST_GUILESS_MAIN(WorkerTimeOutsTest)
#include "tst_worker_time_outs.moc"
