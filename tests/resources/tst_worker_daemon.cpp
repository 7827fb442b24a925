// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/protocol/json_writer.h"
#include "tests/support/daemon_process.h"
#include "tests/support/http_client.h"

#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

using namespace gantry;
using namespace gantry::test;

namespace {

constexpr const char* definition = R"(name = "by-workers"
version = 1
[[step]]
name = "authorize"
kind = "worker"
handler = "payment.authorize"
compensation = "none"
[[step]]
name = "label"
kind = "worker"
handler = "carrier.label"
compensation = "none"
)";

} // namespace

/// gantryd as it is shipped, with a workflow of worker steps, and both example workers at it.
class TestWorkerDaemon : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void bothExamplesCarryOrdersThroughOneDaemon()
    {
        QTemporaryDir folder;
        auto daemon = DaemonProcess::start(folder.path().toStdString());
        QVERIFY2(daemon, daemon ? "" : daemon.error().message.c_str());
        m_port = daemon->httpPort();
        m_key = daemon->key();
        JsonWriter source;
        source.beginObject().member("source", definition).endObject();
        QCOMPARE(post("/v1/workflows", source.text()).status, 201);
        QCOMPARE(post("/v1/workflows/by-workers/1/activate", "{}").status, 200);
        for (int i = 0; i < 20; ++i)
            QCOMPARE(
                post("/v1/orders",
                    R"({"channel":"web","external_id":")" + std::to_string(i)
                        + R"(","currency":"EUR","lines":[{"sku":"a","quantity":2,"unit_price":100}],"total":200})")
                    .status,
                201);
        QProcess python;
        QProcess node;
        const QString data = folder.path();
        if (!start(python, QStringLiteral("/usr/bin/python3"), QStringLiteral("-c"),
                QStringLiteral("import zmq"),
                {QStringLiteral("worker.py"), QStringLiteral("--profile"),
                    data + QStringLiteral("/admin.profile"), QStringLiteral("--task"),
                    QStringLiteral("payment.authorize")}))
            QSKIP("THE EXAMPLES ARE NOT TESTED against gantryd: install python3-zmq.");
        if (!start(node, QStringLiteral("node"), QStringLiteral("-e"), QStringLiteral("fetch"),
                {QStringLiteral("worker.mjs"), QStringLiteral("--url"),
                    QStringLiteral("http://127.0.0.1:") + QString::number(m_port),
                    QStringLiteral("--key-file"), data + QStringLiteral("/admin.key"),
                    QStringLiteral("--task"), QStringLiteral("carrier.label")}))
            QSKIP("THE EXAMPLES ARE NOT TESTED against gantryd: install nodejs 18 or later.");
        QVERIFY(QTest::qWaitFor([this] { return completed() == 20; }, 30'000));
        for (QProcess* worker : {&python, &node}) {
            worker->terminate();
            QVERIFY(worker->waitForFinished(30'000));
            QCOMPARE(worker->exitCode(), 0);
        }
        QCOMPARE(daemon->process().terminate(), 0);
    }

private:
    [[nodiscard]] HttpAnswer send(const char* method, const std::string& path, const std::string& body) const
    {
        auto answer =
            HttpClient("127.0.0.1", m_port)
                .request(method, path,
                    {{"Authorization", "Bearer " + m_key}, {"Content-Type", "application/json"}}, body);
        return answer ? std::move(*answer) : HttpAnswer{};
    }

    [[nodiscard]] HttpAnswer post(const std::string& path, const std::string& body) const
    {
        return send("POST", path, body);
    }

    [[nodiscard]] qsizetype completed() const
    {
        const std::string body = send("GET", "/v1/orders?state=completed&limit=100", {}).body;
        return QByteArray::fromStdString(body).count("\"state\":\"completed\"");
    }

    /// Starts an example, if what it needs is there.
    static bool start(QProcess& worker, const QString& program, const QString& flag, const QString& question,
        QStringList arguments)
    {
        QProcess probe;
        probe.start(program, {flag, question});
        if (!probe.waitForFinished() || probe.exitCode() != 0)
            return false;
        arguments.front().prepend(qEnvironmentVariable("GANTRY_SOURCE", QStringLiteral("."))
            + QStringLiteral("/resources/examples/"));
        worker.setProcessChannelMode(QProcess::ForwardedChannels);
        worker.start(program, arguments);
        return worker.waitForStarted();
    }

    std::uint16_t m_port = 0;
    std::string m_key;
};

QTEST_GUILESS_MAIN(TestWorkerDaemon)
#include "tst_worker_daemon.moc"
