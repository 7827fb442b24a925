// SPDX-License-Identifier: GPL-3.0-or-later
// gantryctl against a real gantryd that is killed (kill -9) and started again while an import runs: the same run of gantryctl goes on by itself, and
// the same import again changes nothing.
#include "tests/faults/order_flow.h"

#include <QElapsedTimer>
#include <QFile>
#include <QJsonDocument>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

using namespace gantry;
using namespace gantry::test;

namespace {

constexpr int orders = 6000;

QJsonObject parse(const QByteArray& text)
{
    return QJsonDocument::fromJson(text).object();
}

} // namespace

class ImportCommandTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void outlivesTheDaemon();
    void replaysAll();
    void triesACsvFileBeforehand();
    void followsEventsOverARestart();
    void stopsOnASignal();

private:
    /// Starts gantryctl on the daemon's data directory.
    std::unique_ptr<QProcess> start(const QStringList& arguments);
    QJsonObject finish(QProcess& process, int expectedCode);

    QTemporaryDir m_folder;
    QString m_file;
    std::unique_ptr<DaemonProcess> m_daemon;
};

void ImportCommandTest::initTestCase()
{
    m_file = m_folder.filePath(QStringLiteral("orders.json"));
    QFile file(m_file);
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(QByteArray::fromStdString(batchBody(1, orders)));
    file.close();
    const std::string dataDir = m_folder.filePath(QStringLiteral("data")).toStdString();
    QVERIFY(QDir(m_folder.path()).mkdir(QStringLiteral("data")));
    auto daemon = DaemonProcess::start(dataDir);
    QVERIFY2(daemon.has_value(), daemon ? "" : daemon.error().message.c_str());
    m_daemon = std::make_unique<DaemonProcess>(std::move(*daemon));
}

std::unique_ptr<QProcess> ImportCommandTest::start(const QStringList& arguments)
{
    auto process = std::make_unique<QProcess>();
    process->start(QString::fromStdString(programFolder() + "/gantryctl"),
        QStringList{QStringLiteral("--json"), QStringLiteral("--data-dir"),
            QString::fromStdString(m_daemon->dataDir())}
            + arguments);
    return process;
}

QJsonObject ImportCommandTest::finish(QProcess& process, int expectedCode)
{
    if (!process.waitForFinished(120'000))
        qWarning("gantryctl does not end");
    const QByteArray out = process.readAllStandardOutput();
    if (process.exitStatus() != QProcess::NormalExit || process.exitCode() != expectedCode)
        qWarning(
            "gantryctl ended with %d: %s", process.exitCode(), process.readAllStandardError().constData());
    return process.exitCode() == expectedCode ? parse(out) : QJsonObject();
}

void ImportCommandTest::outlivesTheDaemon()
{
    // Small batches make a long import; each kill comes when it has visibly gone on since the last.
    const auto import = start({QStringLiteral("import"), QStringLiteral("json"), m_file,
        QStringLiteral("--batch"), QStringLiteral("20")});
    QVERIFY(import->waitForStarted());
    int kills = 0;
    double seen = 0;
    while (kills < 4 && import->state() != QProcess::NotRunning) {
        ApiCaller api(*m_daemon);
        const auto stats = api.get("/v1/stats");
        QVERIFY2(stats.has_value(), stats ? "" : stats.error().message.c_str());
        const double total = (*stats)[QLatin1String("orders")][QLatin1String("total")].toDouble();
        if (total < seen + orders / 10.0) {
            import->waitForFinished(5);
            continue;
        }
        seen = total;
        const auto restarted = m_daemon->restart();
        QVERIFY2(restarted.has_value(), restarted ? "" : restarted.error().message.c_str());
        ++kills;
    }
    const QJsonObject report = finish(*import, 0);
    QVERIFY(kills > 0);
    const QJsonObject counts = report[QLatin1String("orders")].toObject();
    QCOMPARE(counts[QLatin1String("read")].toInt(), orders);
    QCOMPARE(counts[QLatin1String("accepted")].toInt() + counts[QLatin1String("replayed")].toInt(), orders);
    QCOMPARE(report[QLatin1String("complete")].toBool(), true);
    ApiCaller api(*m_daemon);
    const auto census = takeCensus(api);
    QVERIFY(census.has_value());
    QCOMPARE(census->ids.size(), static_cast<std::size_t>(orders));
    QCOMPARE(census->twice, 0);
    qInfo("%d kills, %d orders were sent twice, %lld ms", kills, counts[QLatin1String("replayed")].toInt(),
        static_cast<long long>(report[QLatin1String("milliseconds")].toInteger()));
}

void ImportCommandTest::replaysAll()
{
    const auto import = start({QStringLiteral("import"), QStringLiteral("json"), m_file});
    const QJsonObject counts = finish(*import, 0)[QLatin1String("orders")].toObject();
    QCOMPARE(counts[QLatin1String("replayed")].toInt(), orders);
    QCOMPARE(counts[QLatin1String("accepted")].toInt(), 0);
}

// A dry run is judged by the daemon, and leaves nothing behind: the real import then finds all to be new.
void ImportCommandTest::triesACsvFileBeforehand()
{
    const auto write = [this](const char* name, const QByteArray& text) {
        const QString path = m_folder.filePath(QLatin1String(name));
        QFile file(path);
        if (!file.open(QIODevice::WriteOnly) || file.write(text) != text.size())
            qFatal("can't write");
        return path;
    };
    const QString map = write("map.toml",
        "[order]\nexternal_id = \"No\"\nchannel = { value = \"csv\" }\ncurrency = { value = \"EUR\" }\n"
        "[line]\nsku = \"Article\"\nunit_price = \"Price\"\n");
    const QString file =
        write("orders.csv", "No,Article,Price\r\n1,A,1.50\r\n1,B,2.00\r\n2,A,1.5x\r\n3,C,1.00\r\n");
    const QStringList command{
        QStringLiteral("import"), QStringLiteral("csv"), file, QStringLiteral("--map"), map};
    bool isThere = false;
    for (const bool isDryRun : {true, true, false, true}) {
        const auto import = start(isDryRun ? command + QStringList{QStringLiteral("--dry-run")} : command);
        const QJsonObject report = finish(*import, 1); // one order has a price that is none
        QCOMPARE(report[QLatin1String("dry_run")].toBool(), isDryRun);
        const QJsonObject counts = report[QLatin1String("orders")].toObject();
        QCOMPARE(counts[QLatin1String("read")].toInt(), 3);
        QCOMPARE(counts[QLatin1String(isThere ? "replayed" : "accepted")].toInt(), 2);
        QCOMPARE(counts[QLatin1String("rejected")].toInt(), 1);
        isThere = isThere || !isDryRun;
    }
}

void ImportCommandTest::followsEventsOverARestart()
{
    const auto tail = start({QStringLiteral("tail"), QStringLiteral("--after"), QStringLiteral("0")});
    QVERIFY(tail->waitForStarted());
    std::uint64_t last = 0;
    QByteArray rest;
    // Reads lines until one satisfies; every sequence must follow on the one before.
    const auto readUntil = [&](std::uint64_t sequence) {
        QElapsedTimer timer;
        timer.start();
        while (last < sequence && timer.elapsed() < 60'000) {
            tail->waitForReadyRead(100);
            rest += tail->readAllStandardOutput();
            for (auto end = rest.indexOf('\n'); end >= 0; end = rest.indexOf('\n')) {
                const auto event = parse(rest.left(end));
                rest.remove(0, end + 1);
                if (static_cast<std::uint64_t>(event[QLatin1String("sequence")].toInteger()) != ++last)
                    return false;
            }
        }
        return last >= sequence;
    };
    const auto endOfLog = [&] {
        ApiCaller api(*m_daemon);
        const auto stats = api.get("/v1/stats");
        return stats ? static_cast<std::uint64_t>(
                   (*stats)[QLatin1String("partitions")][0][QLatin1String("sequence")].toInteger())
                     : 0;
    };
    const std::uint64_t before = endOfLog();
    QVERIFY(before >= static_cast<std::uint64_t>(orders));
    QVERIFY(readUntil(before));
    QVERIFY(m_daemon->restart().has_value());
    ApiCaller api(*m_daemon);
    QVERIFY(api.post("/v1/orders/batch", batchBody(orders + 1, 10)).has_value());
    const std::uint64_t after = endOfLog();
    QVERIFY(after >= before + 10);
    QVERIFY(readUntil(after));
    tail->terminate();
    QVERIFY(tail->waitForFinished(10'000));
    QCOMPARE(tail->exitStatus(), QProcess::NormalExit);
    QCOMPARE(tail->exitCode(), 0);
}

void ImportCommandTest::stopsOnASignal()
{
    // Without a daemon it waits; a signal ends that at once, in good order.
    m_daemon->process().kill();
    const auto import = start({QStringLiteral("import"), QStringLiteral("json"), m_file});
    QVERIFY(import->waitForStarted());
    QVERIFY(!import->waitForFinished(500));
    QElapsedTimer timer;
    timer.start();
    import->terminate();
    const QJsonObject report = finish(*import, 75);
    QVERIFY(timer.elapsed() < 5'000);
    QCOMPARE(report[QLatin1String("complete")].toBool(true), false);
    QCOMPARE(report[QLatin1String("orders")][QLatin1String("accepted")].toInt(), 0);
}

QTEST_GUILESS_MAIN(ImportCommandTest)
#include "tst_import_command.moc"
