// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/cli/import/batch_importer.h"

#include "shared/protocol/problem.h"
#include "tests/console/cli/support/fake_api.h"

#include <QTest>

using namespace gantry;
using namespace gantry::console;
using std::chrono::milliseconds;

namespace {

/// So many small orders, made up on the fly.
class CountedSource final : public OrderSource {
public:
    explicit CountedSource(int count, std::size_t padding = 0)
        : m_count(count)
        , m_padding(padding)
    {
    }

    Result<std::optional<ImportItem>> next() override
    {
        if (m_given == m_count)
            return std::optional<ImportItem>();
        const std::string id = "o" + std::to_string(++m_given);
        // White space is the one thing that makes an order longer without changing it.
        return ImportItem{R"({"channel":"test","external_id":")" + id
                + R"(","currency":"EUR","lines":[{"sku":"a","quantity":1,"unit_price":100}],"total":100)"
                + std::string(m_padding, ' ') + '}',
            id, "made-up", static_cast<std::uint64_t>(m_given), "EUR", 100};
    }

    [[nodiscard]] std::optional<double> fraction() const override { return std::nullopt; }

private:
    int m_count;
    std::size_t m_padding;
    int m_given = 0;
};

} // namespace

class TestBatchImporter : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void sendsAll_data();
    void sendsAll();
    void keepsBodiesSmall();
    void refusesAnOrderTooLong();
    void outlivesARestart();
    void countsALostAnswerOnce();
    void waitsWhileBusy();
    void sendsTheRestOfABatchAgain();
    void findsTheOrderThatSpoilsABatch();
    void givesUpWithoutProgress();
    void neverReached();
    void stopsWhenNotPermitted();
    void stopsOnAnUnreadableAnswer_data();
    void stopsOnAnUnreadableAnswer();
    void stopsWhenInterrupted();

private:
    /// Runs an import against m_daemon.
    Result<void> run(OrderSource& source, ImportSettings settings = {});

    std::unique_ptr<FakePace> m_pace;
    std::unique_ptr<FakeApi> m_daemon;
    std::unique_ptr<ImportReport> m_report;
    std::vector<Rejection> m_rejections;
    bool m_wasReached = false;

private Q_SLOTS:
    void init();
};

void TestBatchImporter::init()
{
    m_rejections.clear();
    m_pace = std::make_unique<FakePace>();
    m_daemon = std::make_unique<FakeApi>(*m_pace);
    m_report = std::make_unique<ImportReport>(
        [this](const Rejection& rejection) { m_rejections.push_back(rejection); });
}

Result<void> TestBatchImporter::run(OrderSource& source, ImportSettings settings)
{
    BatchImporter importer(m_daemon->clients(), *m_pace, settings, *m_report);
    auto result = importer.run(source, [] {});
    m_wasReached = importer.wasReached();
    return result;
}

void TestBatchImporter::sendsAll_data()
{
    QTest::addColumn<int>("orders");
    QTest::addColumn<int>("calls");
    QTest::newRow("none") << 0 << 0;
    QTest::newRow("one") << 1 << 1;
    QTest::newRow("a full batch") << 500 << 1;
    QTest::newRow("one more") << 501 << 2;
    QTest::newRow("many") << 5250 << 11;
}

void TestBatchImporter::sendsAll()
{
    QFETCH(int, orders);
    QFETCH(int, calls);
    CountedSource source(orders);
    QVERIFY(run(source));
    QCOMPARE(m_daemon->orders().size(), static_cast<std::size_t>(orders));
    QCOMPARE(m_daemon->calls().size(), static_cast<std::size_t>(calls));
    QCOMPARE(m_report->orders().accepted, static_cast<std::uint64_t>(orders));
    QCOMPARE(m_daemon->clientsMade(), orders == 0 ? 0 : 1);
}

void TestBatchImporter::keepsBodiesSmall()
{
    CountedSource source(100, 100'000);
    ImportSettings settings;
    QVERIFY(run(source, settings));
    QCOMPARE(m_report->orders().accepted, 100U);
    QVERIFY(m_daemon->largestBody() < settings.batchBytes + 1000);
    QVERIFY(m_daemon->calls().size() <= 12);
}

void TestBatchImporter::refusesAnOrderTooLong()
{
    ImportSettings settings;
    CountedSource source(2, settings.orderBytes);
    QVERIFY(run(source, settings));
    QCOMPARE(m_report->orders().rejected, 2U);
    QCOMPARE(m_rejections.size(), 2U);
    QCOMPARE(m_rejections.front().reason, std::string("body_too_large"));
    QVERIFY(m_daemon->calls().empty());
}

void TestBatchImporter::outlivesARestart()
{
    // Away for 20 s in the middle: what was under way is lost, and what was sent meanwhile, too.
    CountedSource source(5000);
    m_daemon->awayBetween(m_pace->now() + milliseconds(30), m_pace->now() + milliseconds(20'000));
    QVERIFY(run(source));
    QCOMPARE(m_daemon->orders().size(), 5000U);
    QCOMPARE(m_report->orders().accepted + m_report->orders().replayed, 5000U);
    QVERIFY(m_daemon->clientsMade() > 1);
}

void TestBatchImporter::countsALostAnswerOnce()
{
    CountedSource source(10);
    m_daemon->loseNextAnswer();
    QVERIFY(run(source));
    QCOMPARE(m_daemon->orders().size(), 10U);
    QCOMPARE(m_report->orders().accepted, 0U);
    QCOMPARE(m_report->orders().replayed, 10U);
    QCOMPARE(m_report->totals().at("EUR"), 1000);
}

void TestBatchImporter::waitsWhileBusy()
{
    CountedSource source(2000);
    const Error busy{ErrorCode::Busy, "The inbox is full. Come again."};
    for (int i = 0; i < 10; ++i)
        m_daemon->answerNext(ApiAnswer{503, encodeProblem(busy), {{"retry-after", "2"}}});
    const auto began = m_pace->now();
    QVERIFY(run(source));
    QCOMPARE(m_report->orders().accepted, 2000U);
    QVERIFY(m_pace->now() - began >= milliseconds(2000));
    QCOMPARE(m_daemon->clientsMade(), 1);
}

void TestBatchImporter::sendsTheRestOfABatchAgain()
{
    CountedSource source(500);
    m_daemon->takeOnly(123);
    QVERIFY(run(source));
    QCOMPARE(m_report->orders().accepted, 500U);
    QCOMPARE(m_report->orders().replayed, 0U);
    QCOMPARE(m_daemon->calls().size(), 2U);
}

void TestBatchImporter::findsTheOrderThatSpoilsABatch()
{
    // One order is JSON by itself but too deep for the daemon once it stands in a batch.
    class SpoiltSource final : public OrderSource {
    public:
        Result<std::optional<ImportItem>> next() override
        {
            auto item = m_sound.next();
            if (++m_given == 57 && *item)
                (*item)->json = std::string(40, '[') + std::string(40, ']');
            return item;
        }
        [[nodiscard]] std::optional<double> fraction() const override { return std::nullopt; }

    private:
        CountedSource m_sound{100};
        int m_given = 0;
    };
    SpoiltSource source;
    QVERIFY(run(source));
    QCOMPARE(m_report->orders().accepted, 99U);
    QCOMPARE(m_rejections.size(), 1U);
    QCOMPARE(m_rejections.front().line, 57U);
    QCOMPARE(m_rejections.front().reason, std::string("malformed_json"));
}

void TestBatchImporter::givesUpWithoutProgress()
{
    CountedSource source(5000);
    m_daemon->awayBetween(m_pace->now() + milliseconds(30), milliseconds::max());
    const auto began = m_pace->now();
    ImportSettings settings;
    settings.patience = milliseconds(30'000);
    const auto result = run(source, settings);
    QVERIFY(!result);
    QCOMPARE(result.error().code, ErrorCode::Unavailable);
    QVERIFY(m_wasReached);
    QVERIFY(m_report->orders().accepted > 0);
    const auto took = m_pace->now() - began;
    QVERIFY(took > milliseconds(30'000) && took < milliseconds(32'000));
}

void TestBatchImporter::neverReached()
{
    CountedSource source(10);
    m_daemon->awayBetween(milliseconds(0), milliseconds::max());
    const auto result = run(source);
    QVERIFY(!result);
    QCOMPARE(result.error().code, ErrorCode::Unavailable);
    QVERIFY(!m_wasReached);
}

void TestBatchImporter::stopsWhenNotPermitted()
{
    CountedSource source(5000);
    m_daemon->answerNext(
        ApiAnswer{403, encodeProblem({ErrorCode::Forbidden, "The role viewer may not submit orders."})});
    const auto result = run(source);
    QVERIFY(!result);
    QCOMPARE(result.error().code, ErrorCode::Forbidden);
}

void TestBatchImporter::stopsOnAnUnreadableAnswer_data()
{
    QTest::addColumn<QByteArray>("body");
    QTest::newRow("not JSON") << QByteArray("<html>");
    QTest::newRow("no results") << QByteArray("{}");
    QTest::newRow("too few results") << QByteArray(R"({"results":[{"status":201}]})");
    QTest::newRow("no status") << QByteArray(R"({"results":[{},{}]})");
}

void TestBatchImporter::stopsOnAnUnreadableAnswer()
{
    QFETCH(QByteArray, body);
    CountedSource source(2);
    m_daemon->answerNext(ApiAnswer{200, body.toStdString()});
    const auto result = run(source);
    QVERIFY(!result);
    QCOMPARE(result.error().code, ErrorCode::Internal);
    QCOMPARE(m_report->orders().accepted, 0U);
}

void TestBatchImporter::stopsWhenInterrupted()
{
    CountedSource source(1'000'000);
    m_pace->interruptAt(m_pace->now() + milliseconds(100));
    const auto result = run(source);
    QVERIFY(!result);
    QCOMPARE(result.error().code, ErrorCode::Busy);
    QVERIFY(m_report->orders().accepted > 0);
    // Whatever was under way when it stopped is on the daemon, and the next run is told so.
    QVERIFY(m_daemon->orders().size() >= m_report->orders().accepted);
}

QTEST_APPLESS_MAIN(TestBatchImporter)
#include "tst_batch_importer.moc"
