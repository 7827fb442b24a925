// SPDX-License-Identifier: GPL-3.0-or-later
// kill -9 at seeded moments of an import; then a restart and the same import again. Everything acknowledged must be there, everything must
// be there once, histories must have no gaps, and nothing may be paid twice.
#include "shared/util/random_source.h"
#include "tests/faults/order_flow.h"

#include <QFile>
#include <QJsonDocument>
#include <QTemporaryDir>
#include <QTest>
#include <poll.h>
#include <random>

using namespace gantry;
using namespace gantry::test;

namespace {

constexpr int batchSize = 40;
constexpr int batches = 10;
constexpr int orders = batchSize * batches;

int setting(const char* name, int fallback)
{
    return qEnvironmentVariableIsSet(name) ? qEnvironmentVariableIntValue(name) : fallback;
}

} // namespace

class KillDuringImportTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void losesNothingAndDoublesNothing();

private:
    void startPayments();
    void importUntilKilled(
        DaemonProcess& daemon, SeededRandom& random, std::map<std::string, std::string>& acknowledged);
    void importAll(ApiCaller& api);
    void waitUntilQuiet(ApiCaller& api);
    void checkEverything(ApiCaller& api, const std::map<std::string, std::string>& acknowledged);
    void checkHistories(ApiCaller& api, const Census& census);
    void checkPayments(const Census& census);

    QTemporaryDir m_folder;
    std::unique_ptr<ChildProcess> m_payments;
    std::uint16_t m_paymentPort = 0;
    std::uint64_t m_seed = 0;
    int m_killedInHand = 0; ///< how often a batch was under way: the fault must be seen to fire
};

void KillDuringImportTest::initTestCase()
{
    m_seed = qEnvironmentVariableIsSet("GANTRY_SEED") ? qEnvironmentVariable("GANTRY_SEED").toULongLong()
                                                      : std::random_device{}();
    qInfo("GANTRY_SEED=%llu replays this run; GANTRY_MOMENTS sets how many kills",
        static_cast<unsigned long long>(m_seed));
    startPayments();
}

void KillDuringImportTest::startPayments()
{
    const std::string ready = m_folder.filePath(QStringLiteral("payments.addr")).toStdString();
    auto payments = ChildProcess::start(programFolder() + "/payment-standin",
        {"--listen", "127.0.0.1:0", "--address-file", ready, "--error", "0.05", "--seed",
            std::to_string(m_seed % 1000)},
        ready);
    QVERIFY2(payments.has_value(), payments ? "" : payments.error().message.c_str());
    m_payments = std::make_unique<ChildProcess>(std::move(*payments));
    QFile file(QString::fromStdString(ready));
    QVERIFY(file.open(QIODevice::ReadOnly));
    const QString address =
        QJsonDocument::fromJson(file.readAll()).object()[QLatin1String("http")].toString();
    m_paymentPort = address.section(QLatin1Char(':'), -1).toUShort();
    QVERIFY(m_paymentPort != 0);
}

void KillDuringImportTest::losesNothingAndDoublesNothing()
{
    const int moments = setting("GANTRY_MOMENTS", 50);
    for (int moment = 0; moment < moments; ++moment) {
        SeededRandom random(m_seed + static_cast<std::uint64_t>(moment));
        QTemporaryDir data;
        auto daemon = DaemonProcess::start(data.path().toStdString(),
            "[payment]\nurl = \"http://127.0.0.1:" + std::to_string(m_paymentPort) + "\"\n");
        QVERIFY2(daemon.has_value(), daemon ? "" : daemon.error().message.c_str());
        std::map<std::string, std::string> acknowledged;
        importUntilKilled(*daemon, random, acknowledged);
        const auto restarted = daemon->restart();
        QVERIFY2(restarted.has_value(), restarted ? "" : restarted.error().message.c_str());
        ApiCaller api(*daemon);
        importAll(api);
        waitUntilQuiet(api);
        checkEverything(api, acknowledged);
        if (QTest::currentTestFailed()) {
            qWarning("failed at moment %d", moment);
            return;
        }
        QCOMPARE(daemon->process().terminate(), 0);
    }
    qInfo("%d of %d kills hit a batch under way", m_killedInHand, moments);
    QVERIFY(moments < 10 || m_killedInHand > 0);
}

void KillDuringImportTest::importUntilKilled(
    DaemonProcess& daemon, SeededRandom& random, std::map<std::string, std::string>& acknowledged)
{
    ApiCaller api(daemon);
    const int last = static_cast<int>(random.next() % batches);
    for (int batch = 0; batch <= last; ++batch) {
        QVERIFY(api.sendOnly("/v1/orders/batch", batchBody(batch * batchSize, batchSize)).has_value());
        if (batch == last) {
            // Somewhere in the few milliseconds between the request and its answer.
            const timespec moment{0, static_cast<long>(random.next() % 6'000'000)};
            ::ppoll(nullptr, 0, &moment, nullptr);
            daemon.process().kill();
        }
        const auto answer = api.receive();
        if (!answer) {
            m_killedInHand += batch == last ? 1 : 0;
            return;
        }
        const QJsonArray results = (*answer)[QLatin1String("results")].toArray();
        for (const QJsonValue& result : results) {
            const QJsonObject order = result.toObject()[QLatin1String("order")].toObject();
            QVERIFY(!order.isEmpty());
            acknowledged.emplace(order[QLatin1String("external_id")].toString().toStdString(),
                order[QLatin1String("id")].toString().toStdString());
        }
    }
}

void KillDuringImportTest::importAll(ApiCaller& api)
{
    for (int batch = 0; batch < batches; ++batch) {
        const auto answer = api.post("/v1/orders/batch", batchBody(batch * batchSize, batchSize));
        QVERIFY2(answer.has_value(), answer ? "" : answer.error().message.c_str());
        const QJsonArray results = (*answer)[QLatin1String("results")].toArray();
        QCOMPARE(results.size(), batchSize);
        for (const QJsonValue& result : results) {
            const int status = result.toObject()[QLatin1String("status")].toInt();
            QVERIFY2(status == 200 || status == 201, qPrintable(QString::number(status)));
        }
    }
}

void KillDuringImportTest::waitUntilQuiet(ApiCaller& api)
{
    const auto isQuiet = [&api] {
        const auto stats = api.get("/v1/stats");
        if (!stats)
            return false;
        const QJsonObject steps =
            (*stats)[QLatin1String("orders")].toObject()[QLatin1String("open_by_step")].toObject();
        return steps[QLatin1String("pick")].toInt() == orders;
    };
    QTRY_VERIFY_WITH_TIMEOUT(isQuiet(), 60'000);
}

void KillDuringImportTest::checkEverything(
    ApiCaller& api, const std::map<std::string, std::string>& acknowledged)
{
    const auto census = takeCensus(api);
    QVERIFY(census.has_value());
    QCOMPARE(census->twice, 0);
    QCOMPARE(census->ids.size(), std::size_t{orders});
    for (int number = 0; number < orders; ++number)
        QVERIFY(census->ids.contains(externalIdOf(number)));
    for (const auto& [externalId, id] : acknowledged)
        QCOMPARE(census->ids.at(externalId), id); // what was promised before the kill is what is there
    const auto stats = api.get("/v1/stats");
    const QJsonObject byState =
        (*stats)[QLatin1String("orders")].toObject()[QLatin1String("by_state")].toObject();
    for (auto state = byState.begin(); state != byState.end(); ++state) {
        const auto found = census->byState.find(state.key().toStdString());
        QCOMPARE(state.value().toInt(), found == census->byState.end() ? 0 : found->second);
    }
    checkHistories(api, *census);
    checkPayments(*census);
}

void KillDuringImportTest::checkHistories(ApiCaller& api, const Census& census)
{
    int looked = 0;
    for (const auto& [externalId, id] : census.ids) {
        if (++looked % 8 != 0)
            continue; // a sample keeps the run short; the store's own tests read every history
        const auto events = api.get("/v1/orders/" + id + "/events");
        QVERIFY(events.has_value());
        const QJsonArray items = (*events)[QLatin1String("items")].toArray();
        QVERIFY(items.size() >= 4); // received, validated, paid, allocated
        for (int i = 0; i < items.size(); ++i)
            QCOMPARE(items[i].toObject()[QLatin1String("version")].toInt(), i + 1);
    }
}

void KillDuringImportTest::checkPayments(const Census& census)
{
    HttpClient client("127.0.0.1", m_paymentPort);
    const auto ledger = client.request("GET", "/ledger");
    QVERIFY(ledger.has_value());
    const QJsonArray items = QJsonDocument::fromJson(QByteArray::fromStdString(ledger->body))
                                 .object()[QLatin1String("items")]
                                 .toArray();
    std::map<std::string, int> charges;
    for (const QJsonValue& item : items) {
        const QJsonObject entry = item.toObject();
        QVERIFY2(entry[QLatin1String("charges")].toInt() <= 1, "an order was charged twice");
        charges[entry[QLatin1String("reference")].toString().toStdString()] =
            entry[QLatin1String("charges")].toInt();
    }
    for (const auto& [externalId, id] : census.ids)
        QCOMPARE(charges[id], 1);
}

QTEST_GUILESS_MAIN(KillDuringImportTest)
#include "tst_kill_during_import.moc"
