// SPDX-License-Identifier: GPL-3.0-or-later
// A console that is stopped under load, or loses the daemon for a while, shows exactly the daemon's state afterwards: by digests.
#include "tests/faults/order_flow.h"

#include <QElapsedTimer>
#include <QFile>
#include <QJsonDocument>
#include <QTemporaryDir>
#include <QTest>
#include <csignal>

using namespace gantry;
using namespace gantry::test;

namespace {

constexpr int batchSize = 20;

} // namespace

class ReplicaConvergesTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init();
    void afterItWasStoppedUnderLoad();
    void afterTheDaemonWasKilledUnderLoad();
    void afterTheDaemonWasAwayForAWhile();
    void cleanup();

private:
    void load(std::chrono::milliseconds duration);
    void work();
    [[nodiscard]] QJsonObject seen() const;
    void checkConverged();

    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<DaemonProcess> m_daemon;
    std::unique_ptr<ChildProcess> m_probe;
    int m_next = 0; ///< number of the next order
};

void ReplicaConvergesTest::init()
{
    m_next = 0;
    m_folder = std::make_unique<QTemporaryDir>();
    const std::string folder = m_folder->path().toStdString();
    auto daemon = DaemonProcess::start(folder);
    QVERIFY2(daemon.has_value(), daemon ? "" : daemon.error().message.c_str());
    m_daemon = std::make_unique<DaemonProcess>(std::move(*daemon));
    auto probe = ChildProcess::start(programFolder() + "/replica-probe",
        {folder + "/admin.profile", folder + "/probe.json"}, folder + "/probe.json");
    QVERIFY2(probe.has_value(), probe ? "" : probe.error().message.c_str());
    m_probe = std::make_unique<ChildProcess>(std::move(*probe));
    load(std::chrono::milliseconds(200));
    checkConverged();
}

void ReplicaConvergesTest::cleanup()
{
    m_probe.reset();
    m_daemon.reset();
}

/// Takes orders in for that long, and acts on some: every third batch is canceled in part, so that orders leave the replica, too.
void ReplicaConvergesTest::load(std::chrono::milliseconds duration)
{
    QElapsedTimer timer;
    timer.start();
    while (timer.elapsed() < duration.count())
        work();
}

void ReplicaConvergesTest::work()
{
    ApiCaller api(*m_daemon);
    const auto answer = api.post("/v1/orders/batch", batchBody(m_next, batchSize));
    QVERIFY2(answer.has_value(), answer ? "" : answer.error().message.c_str());
    m_next += batchSize;
    const QJsonArray results = (*answer)[QLatin1String("results")].toArray();
    for (int i = 0; i < results.size(); i += 5) {
        const std::string id = results[i]
                                   .toObject()[QLatin1String("order")]
                                   .toObject()[QLatin1String("id")]
                                   .toString()
                                   .toStdString();
        const std::string action = i % 2 == 0 ? "cancel" : "hold";
        QVERIFY(api.post("/v1/orders/" + id + "/actions", R"({"action":")" + action + R"(","reason":"load"})")
                    .has_value());
    }
}

QJsonObject ReplicaConvergesTest::seen() const
{
    QFile file(m_folder->filePath(QStringLiteral("probe.json")));
    if (!file.open(QIODevice::ReadOnly))
        return {};
    return QJsonDocument::fromJson(file.readAll()).object();
}

void ReplicaConvergesTest::checkConverged()
{
    const auto isSame = [this] {
        const QJsonObject probe = seen();
        const auto truth = ApiCaller(*m_daemon).get("/v1/digest");
        return truth && probe[QLatin1String("live")].toBool()
            && probe[QLatin1String("digest")] == (*truth)[QLatin1String("digest")]
            && probe[QLatin1String("sequence")] == (*truth)[QLatin1String("sequence")]
            && probe[QLatin1String("epoch")] == (*truth)[QLatin1String("epoch")]
            && probe[QLatin1String("count")] == (*truth)[QLatin1String("count")]
            && (*truth)[QLatin1String("count")].toInt() > 0;
    };
    QTRY_VERIFY_WITH_TIMEOUT(isSame(), 60'000);
}

void ReplicaConvergesTest::afterItWasStoppedUnderLoad()
{
    const int seconds = qEnvironmentVariableIsSet("GANTRY_STALL_SECONDS")
        ? qEnvironmentVariableIntValue("GANTRY_STALL_SECONDS")
        : 30;
    m_probe->signal(SIGSTOP);
    load(std::chrono::seconds(seconds));
    const QJsonObject frozen = seen();
    const auto truth = ApiCaller(*m_daemon).get("/v1/digest");
    QVERIFY(
        frozen[QLatin1String("digest")] != (*truth)[QLatin1String("digest")]); // it really missed something
    m_probe->signal(SIGCONT);
    checkConverged();
    qInfo("%d orders while it stood still", m_next);
}

void ReplicaConvergesTest::afterTheDaemonWasKilledUnderLoad()
{
    for (int round = 0; round < 3; ++round) {
        load(std::chrono::milliseconds(300));
        const auto restarted = m_daemon->restart();
        QVERIFY2(restarted.has_value(), restarted ? "" : restarted.error().message.c_str());
        load(std::chrono::milliseconds(300));
        checkConverged();
    }
}

void ReplicaConvergesTest::afterTheDaemonWasAwayForAWhile()
{
    m_daemon->process().kill();
    QTRY_VERIFY_WITH_TIMEOUT(
        !seen()[QLatin1String("live")].toBool(), 20'000); // it never shows old data as live
    const auto restarted = m_daemon->restart();
    QVERIFY2(restarted.has_value(), restarted ? "" : restarted.error().message.c_str());
    load(std::chrono::milliseconds(200));
    checkConverged();
}

QTEST_GUILESS_MAIN(ReplicaConvergesTest)
#include "tst_replica_converges.moc"
