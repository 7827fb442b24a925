// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/shared/support/documents.h"
#include "tests/support/worker/worker_engine.h"

#include <QProcess>
#include <QTemporaryDir>
#include <QTest>
#include <linux/close_range.h>
#include <set>
#include <unistd.h>

using namespace gantry;
using namespace gantry::test;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

constexpr seconds patience{30};

QString sourceFolder()
{
    return qEnvironmentVariable("GANTRY_SOURCE", QStringLiteral("."));
}

/// Whether a program says yes to a question, by its exit code.
bool says(const QString& program, const QStringList& question)
{
    QProcess probe;
    probe.start(program, question);
    return probe.waitForFinished() && probe.exitStatus() == QProcess::NormalExit && probe.exitCode() == 0;
}

/// A Python that has pyzmq with CURVE; empty if there is none.
QString pythonWithZmq()
{
    for (const QString& python : {QStringLiteral("/usr/bin/python3"), QStringLiteral("python3")})
        if (says(python,
                {QStringLiteral("-c"), QStringLiteral("import sys, zmq; sys.exit(not zmq.has('curve'))")}))
            return python;
    return {};
}

/// A Node that has fetch; empty if there is none.
QString nodeWithFetch()
{
    const QString node = QStringLiteral("node");
    return says(node, {QStringLiteral("-e"), QStringLiteral("process.exit(globalThis.fetch ? 0 : 1)")})
        ? node
        : QString();
}

Workflow payByWorker(milliseconds lease)
{
    return {.name = "pay",
        .steps = {{.name = "pay",
            .kind = StepKind::Worker,
            .handler = "payment.authorize",
            .retry = {.maxAttempts = 5, .initial = milliseconds(1), .factor = 1, .max = milliseconds(5)},
            .timeout = lease}}};
}

} // namespace

/// The example workers do what docs/workers.md asks of a worker, against the real engine and the real doors.
class TestWorkerExamples : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase_data()
    {
        QTest::addColumn<bool>("isNode");
        QTest::newRow("worker.py over ZeroMQ") << false;
        QTest::newRow("worker.mjs over HTTP") << true;
    }

    void initTestCase()
    {
        m_python = pythonWithZmq();
        m_node = nodeWithFetch();
    }

    void init()
    {
        QFETCH_GLOBAL(bool, isNode);
        m_isNode = isNode;
        if (!isNode && m_python.isEmpty())
            QSKIP("worker.py IS NOT TESTED: no Python with pyzmq and CURVE here. Install python3-zmq.");
        if (isNode && m_node.isEmpty())
            QSKIP("worker.mjs IS NOT TESTED: no Node 18 or later here. Install nodejs.");
        m_folder = std::make_unique<QTemporaryDir>();
        QVERIFY(m_folder->isValid());
    }

    void cleanup()
    {
        m_engine.reset();
        m_folder.reset();
    }

    void ordersAreDoneEachWithAResultOfItsOwn()
    {
        open(seconds(30));
        submit(100);
        const auto worker = start();
        QVERIFY(completed(100));
        const auto counts = m_engine->counts();
        QVERIFY(counts.failures.empty());
        QCOMPARE(std::set<std::string>(counts.results.begin(), counts.results.end()).size(), 100U);
        QVERIFY(counts.results.front().starts_with("{\"reference\":\"ref-"));
        stop(*worker);
        QCOMPARE(m_engine->busCounters().badWorkerMessages, 0U);
    }

    void workLongerThanTheLeaseKeepsIt()
    {
        open(seconds(4));
        submit(3);
        const auto worker = start({"--work-ms", "9000"});
        QVERIFY(completed(3));
        QVERIFY(m_engine->counts().failures.empty()); // no lease ran out
        stop(*worker);
    }

    void poisonIsFailedAndNothingElseIs()
    {
        open(seconds(30));
        OrderDocument poison = document(0);
        for (OrderLine& line : poison.lines)
            line.unitPrice = 0;
        poison.shipping = poison.discount = poison.tax = poison.total = 0;
        poison.payments.clear();
        m_engine->submit(submissionOf(poison));
        submit(5, 1);
        const auto worker = start();
        QVERIFY(m_engine->waitUntil(
            [](const auto& counts) { return counts.completed == 5 && !counts.failures.empty(); }, patience));
        QCOMPARE(m_engine->counts().failures,
            (std::map<std::string, std::size_t>{{"nothing_to_pay", 1}})); // fatal: tried once
        stop(*worker);
    }

    void stoppedWorkerGivesBackWhatItHasNotBegun()
    {
        open(seconds(30));
        submit(6);
        const auto first = start({"--most", "2", "--work-ms", "300"});
        QVERIFY(m_engine->waitUntil([](const auto& counts) { return counts.completed > 0; }, patience));
        stop(*first);
        QVERIFY(m_engine->counts().completed < 6);
        if (!m_isNode) // which claims no more than it works on
            QVERIFY(m_engine->busCounters().returnedTasks > 0);
        const auto second = start();
        QVERIFY(completed(6)); // long before any lease could run out
        QVERIFY(m_engine->counts().failures.empty());
        stop(*second);
    }

    void killedWorkersTasksGoToAnother()
    {
        open(seconds(5));
        submit(2);
        const auto first = start({"--work-ms", "60000"});
        QVERIFY(taken(2));
        first->kill();
        QVERIFY(first->waitForFinished());
        const auto second = start();
        QVERIFY(completed(2));
        QCOMPARE(m_engine->counts().failures, (std::map<std::string, std::size_t>{{"lease_expired", 2}}));
        stop(*second);
    }

    void workerComesBackAfterTheDaemon()
    {
        open(seconds(30));
        const auto worker = start();
        submit(1);
        QVERIFY(completed(1));
        m_engine->close();
        const auto opened = m_engine->open();
        QVERIFY2(opened, opened ? "" : opened.error().message.c_str());
        submit(3, 1);
        QVERIFY(completed(4));
        QVERIFY(m_engine->counts().failures.empty());
        stop(*worker);
    }

    void conformanceCheckFindsNothingToBlame()
    {
        const QStringList door = m_isNode
            ? QStringList{m_node, example("worker.mjs"), QStringLiteral("--url"), QStringLiteral("{url}"),
                QStringLiteral("--key-file"), QStringLiteral("{key_file}")}
            : QStringList{
                m_python, example("worker.py"), QStringLiteral("--profile"), QStringLiteral("{profile}")};
        if (m_python.isEmpty())
            QSKIP("check_worker.py IS NOT TESTED: no Python with pyzmq and CURVE here. Install python3-zmq.");
        // Work that takes longer than the lease.
        const auto [code, said] = check(QStringList{QStringLiteral("--lease-ms"), QStringLiteral("2000")},
            door
                + QStringList{QStringLiteral("--task"), QStringLiteral("check.me"),
                    QStringLiteral("--work-ms"), QStringLiteral("2400")});
        QVERIFY2(code == 0 && !said.contains("BROKEN"), said.constData());
        QVERIFY2(said.count("kept") >= 7 && !said.contains("extended 0 times"), said.constData());
    }

    void conformanceCheckFindsABadWorker()
    {
        if (m_isNode)
            return; // one bad worker is enough
        const auto [code, said] = check({},
            {m_python, sourceFolder() + QStringLiteral("/tests/resources/bad_worker.py"),
                QStringLiteral("{profile}"), QStringLiteral("check.me")});
        QCOMPARE(code, 1);
        for (const char* duty : {"the same key gives the same result", "fails what it can't do, with a code",
                 "sends again what was not recorded", "drops the task on stale_token",
                 "ends in order on SIGTERM"})
            QVERIFY2(said.contains(QByteArray("BROKEN  ") + duty), said.constData());
        QVERIFY2(said.contains("kept    answers before the lease ends"), said.constData());
    }

    void conformanceCheckSaysThatNobodyCame()
    {
        if (m_isNode)
            return;
        const auto [code, said] =
            check({}, {m_python, QStringLiteral("-c"), QStringLiteral("raise SystemExit(3)")});
        QCOMPARE(code, 69);
        QVERIFY(said.contains("neither said hello nor claimed"));
    }

private:
    static QString example(const char* name)
    {
        return sourceFolder() + QStringLiteral("/resources/examples/") + QString::fromLatin1(name);
    }

    /// Runs check_worker.py; its exit code and what it said.
    std::pair<int, QByteArray> check(const QStringList& options, const QStringList& worker)
    {
        QProcess program;
        program.setProcessChannelMode(QProcess::MergedChannels);
        program.start(m_python,
            QStringList{example("check_worker.py"), QStringLiteral("--task"), QStringLiteral("check.me")}
                + options + QStringList{QStringLiteral("--")} + worker);
        if (!program.waitForFinished(120'000))
            return {-1, "It did not end."};
        return {program.exitCode(), program.readAll()};
    }

    void open(milliseconds lease)
    {
        m_engine = std::make_unique<WorkerEngine>(m_folder->path().toStdString(), payByWorker(lease));
        if (const auto opened = m_engine->open(); !opened)
            qFatal("%s", opened.error().message.c_str());
    }

    static OrderDocument document(int number)
    {
        OrderDocument made = sampleDocument();
        made.externalId = "order-" + std::to_string(number);
        return made;
    }

    void submit(int orders, int first = 0)
    {
        for (int number = first; number < first + orders; ++number)
            m_engine->submit(submissionOf(document(number)));
    }

    bool completed(std::size_t orders, milliseconds timeout = patience)
    {
        return m_engine->waitUntil(
            [orders](const auto& counts) { return counts.completed >= orders; }, timeout);
    }

    bool taken(std::size_t tasks)
    {
        return QTest::qWaitFor([&] { return m_engine->handedTasks() >= tasks; }, 30'000);
    }

    std::unique_ptr<QProcess> start(const std::vector<const char*>& more = {})
    {
        auto worker = std::make_unique<QProcess>();
        worker->setProcessChannelMode(QProcess::ForwardedChannels);
        QStringList arguments;
        if (m_isNode)
            arguments << example("worker.mjs") << QStringLiteral("--url")
                      << QString::fromStdString(m_engine->url()) << QStringLiteral("--key-file")
                      << QString::fromStdString(m_engine->keyPath());
        else
            arguments << example("worker.py") << QStringLiteral("--profile")
                      << QString::fromStdString(m_engine->profilePath());
        arguments << QStringLiteral("--task") << QStringLiteral("payment.authorize");
        for (const char* argument : more)
            arguments << QString::fromLatin1(argument);
        // The engine is in this process: its sockets are no business of the worker's, and would keep their ports beyond close().
        worker->setChildProcessModifier([] { ::close_range(3, ~0U, CLOSE_RANGE_CLOEXEC); });
        worker->start(m_isNode ? m_node : m_python, arguments);
        if (!worker->waitForStarted())
            qFatal("%s did not start", qPrintable(worker->program()));
        return worker;
    }

    static void stop(QProcess& worker)
    {
        worker.terminate();
        QVERIFY(worker.waitForFinished(static_cast<int>(milliseconds(patience).count())));
        QCOMPARE(worker.exitStatus(), QProcess::NormalExit);
        QCOMPARE(worker.exitCode(), 0);
    }

    QString m_python;
    QString m_node;
    bool m_isNode = false;
    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<WorkerEngine> m_engine;
};

QTEST_GUILESS_MAIN(TestWorkerExamples)
#include "tst_worker_examples.moc"
