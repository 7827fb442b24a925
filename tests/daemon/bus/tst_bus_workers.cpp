// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/daemon/bus/worker_bench.h"

#include <QTest>

using namespace gantry;
using namespace gantry::test;
using std::chrono::milliseconds;

namespace {

using Tasks = std::vector<engine::LeasedTask>;

std::string completions(const std::vector<std::string>& tokens)
{
    std::string items;
    for (const std::string& token : tokens)
        items += (items.empty() ? "" : ",") + (R"({"token":")" + token + R"(","complete":{}})");
    return "{\"results\":[" + items + "]}";
}

bool has(const std::string& text, std::string_view part)
{
    return text.find(part) != std::string::npos;
}

} // namespace

/// The workers' socket, as somebody sees it who speaks the protocol by hand, well or badly.
class TestBusWorkers : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init() { m_bench = std::make_unique<WorkerBench>(); }
    void cleanup() { m_bench.reset(); }

    void helloAsksForTasksUpToTheCredit()
    {
        m_bench->start();
        const auto worker = m_bench->worker(64);
        const auto claim = m_bench->asked<engine::ClaimRequest>();
        QVERIFY(claim);
        QCOMPARE(*claim->worker, std::string("w1"));
        QCOMPARE(claim->tasks, std::vector<std::string>{"payment.authorize"});
        QCOMPARE(claim->max, 64U);
        QVERIFY(claim->isStanding && claim->client != 0);
        QCOMPARE(m_bench->fixture.bus().counters().workers, 1U);
    }

    void tasksComeInBatchesAndResultsGoBackInBatches()
    {
        m_bench->start();
        const auto worker = m_bench->worker(5);
        auto claim = m_bench->asked<engine::ClaimRequest>();
        QVERIFY(claim && claim->reply(m_bench->tasks(5)));
        const std::string tasks = WorkerBench::hearNews(*worker);
        const auto tokens = WorkerBench::textsOf(tasks, "token");
        QCOMPARE(tokens.size(), 5U);
        QCOMPARE(WorkerBench::textsOf(tasks, "task").front(), std::string("payment.authorize"));
        QVERIFY(WorkerBench::textsOf(tasks, "idempotency_key").front().ends_with("/check"));
        QVERIFY(has(tasks, R"("lease_ms":30000)") && has(tasks, R"("order":{"channel")"));

        QVERIFY(worker->send({R"({"results":[{"token":")" + tokens[0]
            + R"(","complete":{"result":{"id":7}}},{"token":")" + tokens[1]
            + R"(","fail":{"code":"declined","message":"No","fatal":true,"retry_after_ms":5}}]})"}));
        auto report = m_bench->asked<engine::WorkerReport>();
        QVERIFY(report && report->outcomes.size() == 2);
        QCOMPARE(report->actor, std::string("admin"));
        QVERIFY(report->outcomes[0].succeeded);
        QCOMPARE(report->outcomes[0].result, std::string(R"({"id":7})"));
        QVERIFY(!report->outcomes[1].succeeded && report->outcomes[1].fatal);
        QCOMPARE(report->outcomes[1].code, std::string("declined"));
        QCOMPARE(report->outcomes[1].retryAfter, std::optional(milliseconds(5)));
        claim = m_bench->asked<engine::ClaimRequest>();
        QVERIFY(claim);
        QCOMPARE(claim->max, 2U); // what has been reported is free again, and no more

        report->reply({engine::TaskReceipt{}, tl::unexpected(engine::staleToken())});
        const std::string answers = WorkerBench::hearNews(*worker);
        QVERIFY(answers.starts_with(R"({"answers":[{"token":")" + tokens[0] + R"(","ok":true},{"token":")"
            + tokens[1] + R"(","problem":{)"));
        QVERIFY(has(answers, R"("code":"stale_token")"));
    }

    void aLongListIsSplit()
    {
        m_bench->start();
        const auto worker = m_bench->worker(500);
        auto claim = m_bench->asked<engine::ClaimRequest>();
        QVERIFY(claim && claim->reply(m_bench->tasks(500)));
        std::size_t tasks = 0;
        int messages = 0;
        for (; tasks < 500; ++messages) {
            const std::string message = WorkerBench::hearNews(*worker);
            QVERIFY(!message.empty() && message.size() < 160 * 1024);
            tasks += WorkerBench::textsOf(message, "token").size();
        }
        QVERIFY(messages > 1);
        QCOMPARE(m_bench->fixture.bus().counters().handedTasks, 500U);
    }

    void aLeaseIsExtended()
    {
        m_bench->start();
        const auto worker = m_bench->worker(1);
        auto claim = m_bench->asked<engine::ClaimRequest>();
        QVERIFY(claim && claim->reply(m_bench->tasks(1)));
        const auto token = WorkerBench::textsOf(WorkerBench::hearNews(*worker), "token").front();
        QVERIFY(worker->send({R"({"results":[{"token":")" + token + R"(","extend":{}}]})"}));
        auto extension = m_bench->asked<engine::ExtendLeases>();
        QVERIFY(extension && extension->tokens.size() == 1);
        extension->reply({engine::LeaseExtension{fromMillis(1'770'000'030'000), milliseconds(30'000)}});
        QCOMPARE(WorkerBench::hearNews(*worker),
            R"({"answers":[{"token":")" + token
                + R"(","ok":true,"lease_until":"2026-02-02T02:40:30.000Z","lease_ms":30000}]})");
        QCOMPARE(m_bench->waiting(), 0U); // it is still in hand: no credit came back
    }

    void aLeaseThatRanOutGivesItsCreditBack()
    {
        m_bench->fixture.workerLimits.heartbeat = milliseconds(20);
        m_bench->fixture.workerLimits.silentHeartbeats = 1'000;
        m_bench->start();
        const auto worker = m_bench->worker(2);
        auto claim = m_bench->asked<engine::ClaimRequest>();
        QVERIFY(claim && claim->reply(m_bench->tasks(2, milliseconds(30))));
        claim = m_bench->asked<engine::ClaimRequest>();
        QVERIFY(claim);
        QCOMPARE(claim->max, 2U);
    }

    void foreignTokensAreStaleAndGiveNoCredit()
    {
        m_bench->start();
        const auto worker = m_bench->worker(1);
        auto claim = m_bench->asked<engine::ClaimRequest>();
        QVERIFY(claim && claim->reply(m_bench->tasks(1)));
        QVERIFY(has(WorkerBench::hearNews(*worker), "tasks"));
        QVERIFY(worker->send({completions({"nonsense", std::string(64, 'A')})}));
        QCOMPARE(WorkerBench::textsOf(WorkerBench::hearNews(*worker), "code"),
            (std::vector<std::string>{"stale_token", "stale_token"}));
        // Another's token may be reported, for the token is what counts; but no credit comes of it.
        const auto others = m_bench->tasks(1);
        QVERIFY(worker->send({completions({BusFixture::seal().text(others.front().token)})}));
        QVERIFY(m_bench->asked<engine::WorkerReport>());
        QVERIFY(worker->send({R"({"heartbeat":{"x":1}})"}));
        QVERIFY(has(WorkerBench::hearNews(*worker), "unknown_field"));
        QCOMPARE(m_bench->waiting(), 0U);
    }

    void goodbyeGivesUnfinishedTasksBack()
    {
        m_bench->start();
        const auto worker = m_bench->worker(5);
        auto claim = m_bench->asked<engine::ClaimRequest>();
        QVERIFY(claim && claim->reply(m_bench->tasks(3)));
        const auto tokens = WorkerBench::textsOf(WorkerBench::hearNews(*worker), "token");
        QVERIFY(worker->send({completions({tokens[0]})}));
        QVERIFY(m_bench->asked<engine::WorkerReport>());
        QVERIFY(m_bench->asked<engine::ClaimRequest>());
        QVERIFY(worker->send({R"({"goodbye":{}})"}));
        const auto released = m_bench->asked<engine::ReleaseLeases>();
        QVERIFY(released);
        QCOMPARE(released->tokens.size(), 2U);
        const auto withdrawn = m_bench->asked<engine::WithdrawClaims>();
        QVERIFY(withdrawn);
        QCOMPARE(withdrawn->client, claim->client);
        QCOMPARE(WorkerBench::hearNews(*worker), std::string(R"({"goodbye":{"reason":"goodbye"}})"));
        QVERIFY(!claim->reply(m_bench->tasks(1))); // the engine keeps what comes too late
        QVERIFY(worker->send({R"({"heartbeat":{}})"}));
        QCOMPARE(WorkerBench::hearNews(*worker), std::string(R"({"goodbye":{"reason":"unknown"}})"));
    }

    void silentWorkerLosesItsClaimsButNotItsLeases()
    {
        m_bench->fixture.workerLimits.heartbeat = milliseconds(20);
        m_bench->start();
        const auto silent = m_bench->worker(3);
        auto claim = m_bench->asked<engine::ClaimRequest>();
        QVERIFY(claim && claim->reply(m_bench->tasks(1)));
        const auto withdrawn = m_bench->asked<engine::WithdrawClaims>();
        QVERIFY(withdrawn);
        QCOMPARE(withdrawn->client, claim->client);
        std::string last;
        QVERIFY(waitFor([&] { return has(last = WorkerBench::hear(*silent), "goodbye"); }));
        QVERIFY(has(last, "silent"));
        QCOMPARE(m_bench->waiting(), 0U); // nothing was released: it may still be at work
        QVERIFY(!claim->reply(m_bench->tasks(1)));
        QCOMPARE(m_bench->fixture.bus().counters().silentWorkers, 1U);
        QCOMPARE(m_bench->fixture.bus().counters().workers, 0U);
    }

    void heartbeatsKeepASessionAndAreSent()
    {
        m_bench->fixture.workerLimits.heartbeat = milliseconds(40);
        m_bench->start();
        const auto worker = m_bench->worker(1);
        for (int beat = 0; beat < 12; ++beat) {
            QVERIFY(WorkerBench::hear(*worker).starts_with("{\"heartbeat\":{\"at\":\""));
            QVERIFY(worker->send({R"({"heartbeat":{}})"}));
        }
        QCOMPARE(m_bench->fixture.bus().counters().silentWorkers, 0U);
        QCOMPARE(m_bench->fixture.bus().counters().workers, 1U);
    }

    void secondHelloChangesTheClaims()
    {
        m_bench->start();
        const auto worker = m_bench->worker(3);
        auto first = m_bench->asked<engine::ClaimRequest>();
        QVERIFY(first && first->reply(m_bench->tasks(1)));
        QVERIFY(has(WorkerBench::hearNews(*worker), "tasks"));
        QVERIFY(worker->send({R"({"hello":{"protocol":1,"worker":"w1","tasks":["a","b"],"credit":9}})"}));
        QVERIFY(has(WorkerBench::hearNews(*worker), "welcome"));
        QVERIFY(m_bench->asked<engine::WithdrawClaims>());
        const auto second = m_bench->asked<engine::ClaimRequest>();
        QVERIFY(second);
        QCOMPARE(second->max, 8U); // one is still in hand
        QCOMPARE(second->tasks, (std::vector<std::string>{"a", "b"}));
        QVERIFY(!first->reply(m_bench->tasks(1)));
    }

    void badMessageGetsItsProblemAndChangesNothing_data()
    {
        QTest::addColumn<QByteArray>("message");
        QTest::addColumn<QByteArray>("code");
        QTest::newRow("empty") << QByteArray() << QByteArray("malformed_json");
        QTest::newRow("no JSON") << QByteArray("hello") << QByteArray("malformed_json");
        QTest::newRow("not UTF-8") << QByteArray("{\"hello\":\"\xff\"}") << QByteArray("invalid_utf8");
        QTest::newRow("nothing") << QByteArray("{}") << QByteArray("missing_field");
        QTest::newRow("another version")
            << QByteArray(R"({"hello":{"protocol":2,"worker":"w","tasks":["a"]}})")
            << QByteArray("protocol_mismatch");
        QTest::newRow("too much credit")
            << QByteArray(R"({"hello":{"protocol":1,"worker":"w","tasks":["a"],"credit":1001}})")
            << QByteArray("invalid_value");
        QTest::newRow("second of two results")
            << QByteArray(R"({"results":[{"token":"a","complete":{}},{"token":"b"}]})")
            << QByteArray("missing_field");
        QTest::newRow("too long") << QByteArray(1024 * 1024 + 1, ' ') << QByteArray("body_too_large");
    }

    void badMessageGetsItsProblemAndChangesNothing()
    {
        QFETCH(QByteArray, message);
        QFETCH(QByteArray, code);
        m_bench->start();
        const auto worker = m_bench->worker(1);
        QVERIFY(m_bench->asked<engine::ClaimRequest>());
        QVERIFY(worker->send({message.toStdString()}));
        const std::string answer = WorkerBench::hearNews(*worker);
        QVERIFY(answer.starts_with("{\"problem\":{"));
        QVERIFY2(has(answer, "\"code\":\"" + code.toStdString() + "\",\"retryable\""), answer.c_str());
        QCOMPARE(m_bench->waiting(), 0U);
        QCOMPARE(m_bench->fixture.bus().counters().badWorkerMessages, 1U);
    }

    void messageOfSeveralFramesIsDroppedAndCounted()
    {
        m_bench->start();
        const auto peer = m_bench->peer();
        QVERIFY(peer->send({"", R"({"heartbeat":{}})"}));
        QVERIFY(peer->send(std::vector<std::string>(1'000, "x")));
        QVERIFY(peer->send({R"({"heartbeat":{}})"}));
        QVERIFY(has(WorkerBench::hear(*peer), "unknown"));
        QCOMPARE(m_bench->fixture.bus().counters().badWorkerMessages, 2U);
    }

    void strangersAndViewersGetNothing()
    {
        m_bench->fixture.role = Role::Viewer;
        m_bench->start();
        const auto viewer = m_bench->peer();
        QVERIFY(viewer->send({R"({"hello":{"protocol":1,"worker":"w","tasks":["a"]}})"}));
        QVERIFY(has(WorkerBench::hear(*viewer), "\"code\":\"forbidden\""));
        RawPeer stranger(zmq::socket_type::dealer, m_bench->fixture.bus().workersAddress(),
            {m_bench->fixture.serverKeys().publicKey, bus::makeCurveKeyPair().value()});
        QCOMPARE(stranger.isLetIn(), std::optional(false));
        QCOMPARE(m_bench->waiting(), 0U);
    }

    void revokedKeyEndsTheSession()
    {
        m_bench->start();
        const auto worker = m_bench->worker(1);
        QVERIFY(m_bench->asked<engine::ClaimRequest>());
        m_bench->fixture.revoke(true);
        QVERIFY(worker->send({R"({"heartbeat":{}})"}));
        QVERIFY(has(WorkerBench::hearNews(*worker), "\"code\":\"unauthenticated\""));
        QVERIFY(has(WorkerBench::hearNews(*worker), "goodbye"));
        QVERIFY(m_bench->asked<engine::WithdrawClaims>());
    }

    void floodOfResultsIsBusyBeyondTheBound()
    {
        m_bench->start();
        const auto worker = m_bench->worker(1);
        auto claim = m_bench->asked<engine::ClaimRequest>();
        const auto tasks = m_bench->tasks(1'000);
        std::vector<std::string> tokens;
        for (const auto& task : tasks)
            tokens.push_back(BusFixture::seal().text(task.token));
        for (int i = 0; i < 5; ++i)
            QVERIFY(worker->send({completions(tokens)}));
        const auto codes = WorkerBench::textsOf(WorkerBench::hearNews(*worker), "code");
        QCOMPARE(codes.size(), 1'000U);
        QCOMPARE(codes.front(), std::string("busy"));
        QCOMPARE(m_bench->waiting(), 4U);
        QCOMPARE(m_bench->fixture.bus().counters().busyResults, 1'000U);
        // What is answered is no longer under way.
        auto report = m_bench->asked<engine::WorkerReport>();
        QVERIFY(report);
        report->reply(std::vector<Result<engine::TaskReceipt>>(1'000, engine::TaskReceipt{}));
        QVERIFY(has(WorkerBench::hearNews(*worker), "\"ok\":true"));
        QVERIFY(worker->send({completions(tokens)}));
        QVERIFY(waitFor([&] { return m_bench->waiting() == 4U; }));
    }

    void fullInboxIsBusyForEachResult()
    {
        m_bench->start();
        const auto worker = m_bench->worker(2);
        auto claim = m_bench->asked<engine::ClaimRequest>();
        QVERIFY(claim && claim->reply(m_bench->tasks(2)));
        const auto tokens = WorkerBench::textsOf(WorkerBench::hearNews(*worker), "token");
        m_bench->isFull = true;
        QVERIFY(worker->send({R"({"results":[{"token":")" + tokens[0] + R"(","complete":{}},{"token":")"
            + tokens[1] + R"(","extend":{}}]})"}));
        QCOMPARE(WorkerBench::textsOf(WorkerBench::hearNews(*worker), "code"),
            (std::vector<std::string>{"busy", "busy"}));
    }

    void whoDoesNotReadCostsLittleAndNobodyElseAnything()
    {
        m_bench->start();
        const auto stalled = m_bench->peer(1);
        QVERIFY(stalled->send({R"({"hello":{"protocol":1,"worker":"s","tasks":["a"],"credit":1000}})"}));
        auto claim = m_bench->asked<engine::ClaimRequest>();
        QVERIFY(claim);
        const auto before = residentBytes();
        // 512 tasks of 512 KiB for somebody who takes one message and no more.
        for (int i = 0; i < 64; ++i)
            QVERIFY(claim->reply(m_bench->tasks(8, std::chrono::seconds(30), 512 * 1024)));
        QVERIFY(waitFor([&] {
            const auto counters = m_bench->fixture.bus().counters();
            return counters.handedTasks + counters.returnedTasks == 512;
        }));
        QVERIFY(m_bench->fixture.bus().counters().returnedTasks > 300);
        QVERIFY2(residentBytes() - before < 100 * 1024 * 1024,
            qPrintable(QString::number((residentBytes() - before) / 1024 / 1024)));
        std::size_t claims =
            0; // what was not sent was given back, and nothing more was asked for once it lagged
        while (m_bench->waiting() > 0)
            claims += std::holds_alternative<engine::ClaimRequest>(m_bench->next().value());
        QVERIFY(claims <= 4);
        const auto other = m_bench->worker(1);
        auto claimOfOther = m_bench->asked<engine::ClaimRequest>();
        while (claimOfOther && claimOfOther->client == claim->client) // the one that lags may ask until now
            claimOfOther = m_bench->asked<engine::ClaimRequest>();
        QVERIFY(claimOfOther && claimOfOther->reply(m_bench->tasks(1)));
        QVERIFY(has(WorkerBench::hearNews(*other), "tasks"));
    }

    void tooLargeMessageIsRefusedAndCounted()
    {
        m_bench->fixture.workerLimits.messageBytes = 100'000;
        m_bench->start();
        const auto peer = m_bench->peer();
        QVERIFY(peer->send({std::string(100'001, ' ')}));
        QVERIFY(has(WorkerBench::hear(*peer), "body_too_large"));
        QCOMPARE(m_bench->fixture.bus().counters().oversizedWorkerMessages, 1U);
        QVERIFY(peer->send({R"({"hello":{"protocol":1,"worker":"w","tasks":["a"]}})"}));
        QVERIFY(has(WorkerBench::hear(*peer), "welcome"));
    }

    void tooManyWorkersAreBusy()
    {
        m_bench->fixture.workerLimits.workers = 2;
        m_bench->start();
        const auto first = m_bench->worker(1);
        const auto second = m_bench->worker(1);
        const auto third = m_bench->peer();
        QVERIFY(third->send({R"({"hello":{"protocol":1,"worker":"w","tasks":["a"]}})"}));
        QVERIFY(has(WorkerBench::hear(*third), "\"code\":\"busy\""));
        QVERIFY(first->send({R"({"goodbye":{}})"}));
        QVERIFY(has(WorkerBench::hearNews(*first), "goodbye"));
        QVERIFY(third->send({R"({"hello":{"protocol":1,"worker":"w","tasks":["a"]}})"}));
        QVERIFY(has(WorkerBench::hear(*third), "welcome"));
    }

    void stoppingDaemonSaysSo()
    {
        m_bench->start();
        const auto worker = m_bench->worker(1);
        m_bench->fixture.stop();
        QCOMPARE(WorkerBench::hearNews(*worker), std::string(R"({"goodbye":{"reason":"stopping"}})"));
    }

    void randomBytesNeverHarm()
    {
        m_bench->start();
        const auto peer = m_bench->worker(10);
        Dice dice(20260302);
        const std::vector<std::string> seeds{completions({std::string(64, 'A'), "t"}),
            R"({"hello":{"protocol":1,"worker":"w","tasks":["a"],"credit":3}})", R"({"goodbye":{}})"};
        for (int i = 0; i < 3'000; ++i) {
            std::vector<std::string> frames(dice.chance(90) ? 1 : 3);
            for (std::string& frame : frames) {
                frame = seeds[dice.roll(seeds.size())];
                for (std::uint64_t hits = dice.roll(6); hits > 0; --hits)
                    frame[dice.roll(frame.size())] = static_cast<char>(dice.roll(256));
            }
            QVERIFY(peer->send(frames));
        }
        QVERIFY(waitFor([&] { return m_bench->fixture.bus().counters().workerMessages >= 3'001; }));
        const auto fresh = m_bench->worker(1);
        QVERIFY(m_bench->fixture.bus().isAlive());
    }

private:
    std::unique_ptr<WorkerBench> m_bench;
};

QTEST_GUILESS_MAIN(TestBusWorkers)
#include "tst_bus_workers.moc"
