// SPDX-License-Identifier: GPL-3.0-or-later
// kill -9 of the daemon at seeded moments of the import of the real orders; then a restart and the same import again. It must end with the same
// orders as an import that nothing befell, each once.
#include "shared/util/random_source.h"
#include "tests/faults/order_flow.h"

#include <QDir>
#include <QElapsedTimer>
#include <QJsonDocument>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>
#include <random>
#include <set>

using namespace gantry;
using namespace gantry::test;

namespace {

/// `olist` beside the sources, or what GANTRY_OLIST names; empty if neither is there.
QString realOrders()
{
    for (const QString& folder :
        {qEnvironmentVariable("GANTRY_SOURCE") + QLatin1String("/../shared/data/olist"),
            qEnvironmentVariable("GANTRY_OLIST")})
        if (!folder.isEmpty() && QDir(folder).exists())
            return QDir::cleanPath(folder);
    return {};
}

std::set<std::string> externalIds(const Census& census)
{
    std::set<std::string> ids;
    for (const auto& [externalId, id] : census.ids)
        ids.insert(externalId);
    return ids;
}

} // namespace

class KillDuringRealImportTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void endsWithTheSameOrders();

private:
    std::unique_ptr<QProcess> startImport(const DaemonProcess& daemon);
    QJsonObject finish(QProcess& import);
    void checkHistories(ApiCaller& api, const Census& census);
    void killAt(std::chrono::milliseconds moment);

    QString m_orders;
    std::uint64_t m_seed = 0;
    std::set<std::string> m_expected; ///< external ids, of an import that nothing befell
    int m_accepted = 0;
    int m_rejected = 0;
    qint64 m_importMs = 0;
    int m_hits = 0; ///< how often the import was under way
};

std::unique_ptr<QProcess> KillDuringRealImportTest::startImport(const DaemonProcess& daemon)
{
    auto import = std::make_unique<QProcess>();
    import->setStandardErrorFile(QProcess::nullDevice());
    import->start(QString::fromStdString(programFolder() + "/gantryctl"),
        {QStringLiteral("--json"), QStringLiteral("--data-dir"), QString::fromStdString(daemon.dataDir()),
            QStringLiteral("import"), QStringLiteral("olist"), m_orders});
    return import;
}

QJsonObject KillDuringRealImportTest::finish(QProcess& import)
{
    const bool ended = import.state() == QProcess::NotRunning || import.waitForFinished(120'000);
    // 1: some rows were no orders, which is the data set's dirt.
    if (!ended || import.exitStatus() != QProcess::NormalExit || import.exitCode() != 1)
        return {};
    return QJsonDocument::fromJson(import.readAllStandardOutput())
        .object()[QLatin1String("orders")]
        .toObject();
}

void KillDuringRealImportTest::initTestCase()
{
    m_orders = realOrders();
    if (m_orders.isEmpty())
        QSKIP("THE REAL DATA SET IS NOT THERE: lay it into ../shared/data/olist beside the sources, or name "
              "it in GANTRY_OLIST.");
    m_seed = qEnvironmentVariableIsSet("GANTRY_SEED") ? qEnvironmentVariable("GANTRY_SEED").toULongLong()
                                                      : std::random_device{}();
    qInfo("GANTRY_SEED=%llu replays this run; GANTRY_MOMENTS sets how many kills",
        static_cast<unsigned long long>(m_seed));
    QTemporaryDir data;
    auto daemon = DaemonProcess::start(data.path().toStdString());
    QVERIFY2(daemon.has_value(), daemon ? "" : daemon.error().message.c_str());
    QElapsedTimer timer;
    timer.start();
    const auto import = startImport(*daemon);
    const QJsonObject counts = finish(*import);
    m_importMs = timer.elapsed();
    m_accepted = counts[QLatin1String("accepted")].toInt();
    m_rejected = counts[QLatin1String("rejected")].toInt();
    QVERIFY(m_accepted > 0);
    ApiCaller api(*daemon);
    const auto census = takeCensus(api);
    QVERIFY(census.has_value());
    m_expected = externalIds(*census);
    QCOMPARE(static_cast<int>(m_expected.size()), m_accepted);
}

void KillDuringRealImportTest::endsWithTheSameOrders()
{
    const int moments =
        qEnvironmentVariableIsSet("GANTRY_MOMENTS") ? qEnvironmentVariableIntValue("GANTRY_MOMENTS") : 50;
    for (int at = 0; at < moments; ++at) {
        SeededRandom random(m_seed + static_cast<std::uint64_t>(at));
        const auto moment = static_cast<qint64>(random.next() % static_cast<std::uint64_t>(m_importMs));
        killAt(std::chrono::milliseconds(moment));
        if (QTest::currentTestFailed()) {
            qWarning(
                "failed at kill %d, %lld ms after the import's start", at, static_cast<long long>(moment));
            return;
        }
    }
    qInfo("%d of %d kills hit an import under way", m_hits, moments);
    QVERIFY(moments < 10 || m_hits > 0);
}

void KillDuringRealImportTest::killAt(std::chrono::milliseconds moment)
{
    QTemporaryDir data;
    auto daemon = DaemonProcess::start(data.path().toStdString());
    QVERIFY2(daemon.has_value(), daemon ? "" : daemon.error().message.c_str());
    const auto cut = startImport(*daemon);
    cut->waitForFinished(static_cast<int>(moment.count()));
    daemon->process().kill();
    if (cut->state() != QProcess::NotRunning) {
        ++m_hits;
        cut->kill();
        cut->waitForFinished();
    }
    const auto restarted = daemon->restart();
    QVERIFY2(restarted.has_value(), restarted ? "" : restarted.error().message.c_str());
    const auto again = startImport(*daemon);
    const QJsonObject counts = finish(*again);
    QCOMPARE(
        counts[QLatin1String("accepted")].toInt() + counts[QLatin1String("replayed")].toInt(), m_accepted);
    QCOMPARE(counts[QLatin1String("rejected")].toInt(), m_rejected);
    ApiCaller api(*daemon);
    const auto census = takeCensus(api);
    QVERIFY(census.has_value());
    QCOMPARE(census->twice, 0);
    QVERIFY(externalIds(*census) == m_expected);
    checkHistories(api, *census);
    QCOMPARE(daemon->process().terminate(), 0);
}

void KillDuringRealImportTest::checkHistories(ApiCaller& api, const Census& census)
{
    int looked = 0;
    for (const auto& [externalId, id] : census.ids) {
        if (++looked % 200 != 0)
            continue; // a sample keeps the run short
        const auto events = api.get("/v1/orders/" + id + "/events");
        QVERIFY(events.has_value());
        const QJsonArray items = (*events)[QLatin1String("items")].toArray();
        QVERIFY(!items.isEmpty());
        for (int i = 0; i < items.size(); ++i)
            QCOMPARE(items[i].toObject()[QLatin1String("version")].toInt(), i + 1);
    }
}

QTEST_GUILESS_MAIN(KillDuringRealImportTest)
#include "tst_kill_during_real_import.moc"
