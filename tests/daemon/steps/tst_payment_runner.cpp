// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/steps/payment_runner.h"

#include "shared/protocol/order_codec.h"
#include "tests/support/daemon_process.h"

#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QTest>
#include <map>
#include <mutex>

using namespace gantry;
using namespace std::chrono_literals;

namespace {

/// The payment stand-in on a free port, as a program of its own.
class Service {
public:
    explicit Service(std::vector<std::string> options = {})
    {
        const auto addressFile = m_dir.filePath(QStringLiteral("address"));
        options.insert(options.end(), {"--address-file", addressFile.toStdString(), "--exit-with-parent"});
        m_process = test::ChildProcess::start(
            test::programFolder() + "/payment-standin", options, addressFile.toStdString());
        QFile file(addressFile);
        if (!m_process || !file.open(QIODevice::ReadOnly))
            return;
        const auto address = QJsonDocument::fromJson(file.readAll()).object().value(QLatin1String("http"));
        m_url = QUrl(QStringLiteral("http://") + address.toString());
    }

    [[nodiscard]] QUrl url() const { return m_url; }

private:
    QTemporaryDir m_dir;
    Result<test::ChildProcess> m_process = failure(ErrorCode::Unavailable, "not started");
    QUrl m_url;
};

/// The results as they come in, from any thread.
class Results {
public:
    engine::TaskDone slot(int number)
    {
        return [this, number](engine::TaskResult result) {
            const std::lock_guard lock(m_mutex);
            m_results[number].push_back(std::move(result));
        };
    }
    std::size_t count()
    {
        const std::lock_guard lock(m_mutex);
        return m_results.size();
    }
    std::vector<engine::TaskResult> of(int number)
    {
        const std::lock_guard lock(m_mutex);
        return m_results[number];
    }

private:
    std::mutex m_mutex;
    std::map<int, std::vector<engine::TaskResult>> m_results;
};

engine::Task taskFor(int number, const std::string& method, const std::string& handler = "payment.capture")
{
    OrderDocument document{.channel = "webshop",
        .externalId = std::to_string(number),
        .currency = *Currency::fromCode("EUR"),
        .lines = {{"SKU", "", 1, 1250}},
        .total = 1250,
        .payments = {{"voucher", 250}, {method, 1000}}};
    Order order;
    order.id = OrderId::make(fromMillis(1'770'000'000'000), {}, {1, static_cast<std::uint64_t>(number)});
    return {.order = std::make_shared<const Order>(order),
        .document = encodeDocument(document),
        .step = "pay",
        .handler = handler,
        .timeout = 10s,
        .idempotencyKey = order.id.text() + "/pay"};
}

/// Does one task and gives its result; an empty one if none came.
engine::TaskResult runOne(steps::PaymentRunner& runner, engine::Task task)
{
    Results results;
    runner.start(std::move(task), results.slot(0));
    [&] { QTRY_COMPARE_WITH_TIMEOUT(results.count(), std::size_t{1}, 20'000); }();
    return results.count() == 0 ? engine::TaskResult{} : results.of(0).front();
}

} // namespace

class TestPaymentRunner : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void capturesOnceAndRefunds();
    void tellsWhatIsFinal_data();
    void tellsWhatIsFinal();
    void silenceEndsWithTheTimeOut();
    void nobodyThere();
    void notConfigured();
    void waitingForAConnectionCostsNoTime();
    void reportsNothingAfterItsEnd();
};

void TestPaymentRunner::capturesOnceAndRefunds()
{
    Service service;
    steps::PaymentRunner runner({service.url()});
    const auto first = runOne(runner, taskFor(1, "credit_card"));
    QVERIFY2(first.succeeded, first.message.c_str());
    QVERIFY(first.result.find("captured") != std::string::npos);
    QVERIFY((first.money == MoneyChange{1250, 1250, 0}));
    QCOMPARE(runOne(runner, taskFor(1, "credit_card")).result, first.result);
    auto paid = taskFor(1, "credit_card", "payment.refund");
    Order order = *paid.order;
    order.money = {1250, 1250, 0};
    paid.order = std::make_shared<const Order>(order);
    const auto refund = runOne(runner, paid);
    QVERIFY2(refund.succeeded, refund.message.c_str());
    QVERIFY((refund.money == MoneyChange{0, 0, 1250}));
    // The charge was never booked: that something came back tells of it.
    const auto unbooked = runOne(runner, taskFor(1, "credit_card", "payment.refund"));
    QVERIFY((unbooked.money == MoneyChange{1250, 1250, 1250}));
    QVERIFY(refund.result.find("\"refunded\"") != std::string::npos);
    const auto nothing = runOne(runner, taskFor(2, "credit_card", "payment.refund"));
    QVERIFY(nothing.result.find("nothing_to_refund") != std::string::npos);
    QVERIFY(nothing.money.isNothing());
    const auto late = runOne(runner, taskFor(2, "credit_card"));
    QVERIFY(!late.succeeded && late.fatal);
    QCOMPARE(late.code, std::string("voided"));
}

void TestPaymentRunner::tellsWhatIsFinal_data()
{
    QTest::addColumn<QByteArray>("method");
    QTest::addColumn<QByteArray>("code");
    QTest::addColumn<bool>("isFatal");
    QTest::newRow("declined") << QByteArray("test_declined") << QByteArray("declined") << true;
    QTest::newRow("error") << QByteArray("test_error") << QByteArray("service_error") << false;
    QTest::newRow("garbage") << QByteArray("test_garbage") << QByteArray("bad_answer") << false;
    QTest::newRow("flaky") << QByteArray("test_flaky") << QByteArray("service_error") << false;
}

void TestPaymentRunner::tellsWhatIsFinal()
{
    QFETCH(QByteArray, method);
    QFETCH(QByteArray, code);
    QFETCH(bool, isFatal);
    Service service;
    steps::PaymentRunner runner({service.url()});
    const auto result = runOne(runner, taskFor(1, method.toStdString()));
    QVERIFY(!result.succeeded);
    QCOMPARE(QByteArray::fromStdString(result.code), code);
    QCOMPARE(result.fatal, isFatal);
    QVERIFY(!result.message.empty());
    if (method == "test_flaky")
        QCOMPARE(result.retryAfter, std::optional<std::chrono::milliseconds>(1s));
}

void TestPaymentRunner::silenceEndsWithTheTimeOut()
{
    Service service;
    steps::PaymentRunner runner({service.url()});
    auto task = taskFor(1, "test_timeout");
    task.timeout = 100ms;
    const auto result = runOne(runner, std::move(task));
    QCOMPARE(result.code, std::string("unreachable"));
    QVERIFY(!result.fatal);
}

void TestPaymentRunner::nobodyThere()
{
    QUrl url;
    {
        const Service service;
        url = service.url();
    }
    steps::PaymentRunner runner({url});
    const auto result = runOne(runner, taskFor(1, "credit_card"));
    QCOMPARE(result.code, std::string("unreachable"));
    QVERIFY(!result.fatal);
}

void TestPaymentRunner::notConfigured()
{
    steps::PaymentRunner runner({QUrl()});
    const auto result = runOne(runner, taskFor(1, "credit_card"));
    QCOMPARE(result.code, std::string("not_configured"));
    QVERIFY(result.fatal);
}

void TestPaymentRunner::waitingForAConnectionCostsNoTime()
{
    // One after the other on six connections this takes seven seconds; each call on its own takes 0.2 and has two.
    Service service({"--latency-ms", "200"});
    steps::PaymentRunner runner({service.url()});
    Results results;
    constexpr int s_tasks = 210;
    for (int i = 0; i < s_tasks; ++i) {
        auto task = taskFor(i, "credit_card");
        task.timeout = 2s;
        runner.start(std::move(task), results.slot(i));
    }
    QTRY_COMPARE_WITH_TIMEOUT(results.count(), std::size_t{s_tasks}, 30'000);
    for (int i = 0; i < s_tasks; ++i) {
        QCOMPARE(results.of(i).size(), std::size_t{1});
        QVERIFY2(results.of(i).front().succeeded, results.of(i).front().message.c_str());
    }
}

void TestPaymentRunner::reportsNothingAfterItsEnd()
{
    Service service;
    Results results;
    {
        steps::PaymentRunner runner({service.url()});
        for (int i = 0; i < 100; ++i)
            runner.start(taskFor(i, "test_timeout"), results.slot(i));
    }
    QCOMPARE(results.count(), std::size_t{0});
}

QTEST_GUILESS_MAIN(TestPaymentRunner)
#include "tst_payment_runner.moc"
