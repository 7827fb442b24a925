// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/util/random_source.h"
#include "tests/faults/order_flow.h"

#include <QJsonDocument>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>
#include <filesystem>
#include <random>

using namespace gantry;
using namespace gantry::test;

namespace {

namespace fs = std::filesystem;

constexpr int patienceMs = 60'000;
constexpr int ordersAtOnce = 20;

// What the consumer has kept, as one JSON document: its events in the sequence of coming, and its place. Nothing, if it has only begun.
constexpr const char* dump = R"(import json, sqlite3, sys
store = sqlite3.connect(sys.argv[1], timeout=30)
if not store.execute("SELECT 1 FROM sqlite_master WHERE name = 'place'").fetchone():
    sys.exit(print("{}"))
store.execute("BEGIN")  # both as they were at one moment
events = [json.loads(body) for body, in store.execute("SELECT body FROM event ORDER BY rowid")]
place = store.execute("SELECT after FROM place").fetchone()
print(json.dumps({"after": place[0] if place else 0, "events": events})))";

} // namespace

/// The example consumer at gantryd as it is shipped: what it keeps is the log, whatever befalls either of them.
class TestConsumerExample : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        QVERIFY(m_folder->isValid());
        m_dataDir = m_folder->filePath(QStringLiteral("data")).toStdString();
        fs::create_directory(m_dataDir);
        fs::permissions(m_dataDir, fs::perms::owner_all);
    }

    void keepsEachEventOnceThroughKillsOfBoth()
    {
        const std::uint64_t seed = qEnvironmentVariableIsSet("GANTRY_SEED")
            ? qEnvironmentVariable("GANTRY_SEED").toULongLong()
            : std::random_device{}();
        const int moments =
            qEnvironmentVariableIsSet("GANTRY_MOMENTS") ? qEnvironmentVariableIntValue("GANTRY_MOMENTS") : 12;
        qInfo("GANTRY_SEED=%llu replays this run; GANTRY_MOMENTS sets how many kills",
            static_cast<unsigned long long>(seed));
        SeededRandom random(seed);
        auto daemon = DaemonProcess::start(m_dataDir);
        QVERIFY2(daemon, daemon ? "" : daemon.error().message.c_str());
        auto consumer = start(*daemon);
        for (int moment = 0; moment < moments; ++moment) {
            QVERIFY(submit(*daemon, moment * ordersAtOnce));
            // After so many pages, and somewhere in the next one.
            QVERIFY(pages(*consumer, 1 + static_cast<int>(random.next() % 3)));
            consumer->waitForReadyRead(1 + static_cast<int>(random.next() % 20));
            const bool isDaemonHit = random.next() % 3 == 0;
            if (isDaemonHit) {
                const auto restarted = daemon->restart();
                QVERIFY2(restarted, restarted ? "" : restarted.error().message.c_str());
            }
            if (!isDaemonHit || random.next() % 2 == 0) {
                consumer->kill();
                QVERIFY(consumer->waitForFinished());
                consumer = start(*daemon);
            }
        }
        const QJsonObject kept = keptUpTo(*daemon, *consumer);
        const QJsonArray events = kept[QLatin1String("events")].toArray();
        QVERIFY(events.size() >= static_cast<qsizetype>(moments) * ordersAtOnce);
        QCOMPARE(kept[QLatin1String("after")].toInt(), static_cast<int>(events.size()));
        const QJsonArray log = logUpTo(*daemon, events.size());
        for (qsizetype at = 0; at < events.size(); ++at)
            QCOMPARE(events[at].toObject(), log[at].toObject());
        stop(*consumer);
        QCOMPARE(daemon->process().terminate(), 0);
    }

    void stopsWhenTheStoreIsAnOlderCopy()
    {
        const std::string copy = m_folder->filePath(QStringLiteral("copy")).toStdString();
        {
            auto daemon = DaemonProcess::start(m_dataDir);
            QVERIFY2(daemon, daemon ? "" : daemon.error().message.c_str());
            QVERIFY(submit(*daemon, 0));
            QCOMPARE(daemon->process().terminate(), 0);
        }
        fs::copy(m_dataDir, copy);
        QByteArray before;
        {
            auto daemon = DaemonProcess::start(m_dataDir);
            QVERIFY2(daemon, daemon ? "" : daemon.error().message.c_str());
            for (int more = 1; more <= 5; ++more)
                QVERIFY(submit(*daemon, more * ordersAtOnce));
            const auto consumer = start(*daemon);
            QVERIFY(!keptUpTo(*daemon, *consumer).isEmpty());
            stop(*consumer);
            before = QJsonDocument(kept()).toJson();
            QCOMPARE(daemon->process().terminate(), 0);
        }
        fs::remove_all(m_dataDir);
        fs::copy(copy, m_dataDir);
        auto daemon = DaemonProcess::start(m_dataDir);
        QVERIFY2(daemon, daemon ? "" : daemon.error().message.c_str());
        const auto consumer = start(*daemon);
        QVERIFY(consumer->waitForFinished(patienceMs));
        QCOMPARE(consumer->exitStatus(), QProcess::NormalExit);
        QCOMPARE(consumer->exitCode(), 65);
        const QByteArray said = consumer->readAllStandardError();
        QVERIFY2(said.contains("older copy") && said.contains("nothing was changed here"), said.constData());
        QCOMPARE(QJsonDocument(kept()).toJson(), before);
        QCOMPARE(daemon->process().terminate(), 0);
    }

    void endsAtAKeyThatIsNotKnown()
    {
        auto daemon = DaemonProcess::start(m_dataDir);
        QVERIFY2(daemon, daemon ? "" : daemon.error().message.c_str());
        const auto consumer = start(*daemon, QStringLiteral("/gantryd.addr")); // a file that holds no key
        QVERIFY(consumer->waitForFinished(patienceMs));
        QCOMPARE(consumer->exitCode(), 1);
        QVERIFY(consumer->readAllStandardError().contains("no key that is known here"));
        QCOMPARE(daemon->process().terminate(), 0);
    }

private:
    std::unique_ptr<QProcess> start(
        const DaemonProcess& daemon, const QString& keyFile = QStringLiteral("/admin.key"))
    {
        auto consumer = std::make_unique<QProcess>();
        consumer->start(QStringLiteral("/usr/bin/python3"),
            {qEnvironmentVariable("GANTRY_SOURCE", QStringLiteral("."))
                    + QStringLiteral("/resources/examples/consumer.py"),
                QStringLiteral("--url"),
                QStringLiteral("http://127.0.0.1:") + QString::number(daemon.httpPort()),
                QStringLiteral("--key-file"), QString::fromStdString(m_dataDir) + keyFile,
                QStringLiteral("--store"), store(), QStringLiteral("--limit"), QStringLiteral("7"),
                QStringLiteral("--wait-ms"), QStringLiteral("5000"), QStringLiteral("--verbose")});
        if (!consumer->waitForStarted())
            qFatal("python3 did not start");
        return consumer;
    }

    [[nodiscard]] QString store() const { return m_folder->filePath(QStringLiteral("feed.db")); }

    static bool submit(const DaemonProcess& daemon, int first)
    {
        return ApiCaller(daemon).post("/v1/orders/batch", batchBody(first, ordersAtOnce)).has_value();
    }

    /// Whether the consumer keeps so many more pages in time.
    static bool pages(QProcess& consumer, int count)
    {
        for (int seen = 0; seen < count;) {
            if (!consumer.canReadLine() && !consumer.waitForReadyRead(patienceMs))
                return false;
            while (seen < count && consumer.canReadLine()) {
                consumer.readLine();
                ++seen;
            }
        }
        return true;
    }

    /// What the consumer has kept, once it has come to where the log ended when this was called.
    QJsonObject keptUpTo(const DaemonProcess& daemon, QProcess& consumer)
    {
        const auto end = ApiCaller(daemon).get("/v1/events?limit=1");
        if (!end)
            return {};
        const int head = (*end)[QLatin1String("head")].toInt();
        QJsonObject now = kept();
        while (now[QLatin1String("after")].toInt() < head && pages(consumer, 1))
            now = kept();
        return now;
    }

    [[nodiscard]] QJsonObject kept() const
    {
        QProcess python;
        python.start(
            QStringLiteral("/usr/bin/python3"), {QStringLiteral("-c"), QString::fromLatin1(dump), store()});
        if (!python.waitForFinished(patienceMs) || python.exitCode() != 0)
            qFatal("what was kept can't be read: %s", python.readAllStandardError().constData());
        return QJsonDocument::fromJson(python.readAllStandardOutput()).object();
    }

    /// The first events of the daemon's log.
    static QJsonArray logUpTo(const DaemonProcess& daemon, qsizetype count)
    {
        ApiCaller api(daemon);
        QJsonArray log;
        while (log.size() < count) {
            const auto page = api.get("/v1/events?after=" + std::to_string(log.size()));
            const QJsonArray items = page ? (*page)[QLatin1String("items")].toArray() : QJsonArray();
            if (items.isEmpty())
                break;
            for (const QJsonValue& item : items)
                log.append(item);
        }
        return log;
    }

    static void stop(QProcess& consumer)
    {
        consumer.terminate();
        QVERIFY(consumer.waitForFinished(patienceMs));
        QCOMPARE(consumer.exitStatus(), QProcess::NormalExit);
        QCOMPARE(consumer.exitCode(), 0);
    }

    std::unique_ptr<QTemporaryDir> m_folder;
    std::string m_dataDir;
};

QTEST_GUILESS_MAIN(TestConsumerExample)
#include "tst_consumer_example.moc"
