// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/client/command_client.h"
#include "tests/support/bus/profiles.h"

#include <QScopeGuard>
#include <QTest>
#include <set>
#include <thread>

using namespace gantry;
using namespace gantry::console;
using namespace gantry::test;
using std::chrono::milliseconds;

/// The blocking client against a real bus.
class TestCommandClient : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init() { m_fixture = std::make_unique<BusFixture>(); }
    void cleanup() { m_fixture.reset(); }

    void callIsForwardedAndAnswered()
    {
        api::ApiRequest seen;
        const auto stop = qScopeGuard([this] { m_fixture->stop(); });
        m_fixture->handler = [&](api::ApiRequest request, const api::ApiReply& reply) {
            seen = std::move(request);
            reply({.status = 201, .headers = {{"ETag", "\"1\""}}, .body = R"({"id":"x"})"});
        };
        auto client = open();
        const auto answer = client->call(
            {"POST", "/v1/orders%20x?limit=5&q=%41", R"({"a":1.50})", {{"idempotency-key", "k1"}}},
            milliseconds(5'000));
        QVERIFY2(answer, answer ? "" : answer.error().message.c_str());
        QCOMPARE(answer->status, 201);
        QCOMPARE(answer->body, std::string(R"({"id":"x"})"));
        const BusHeaders expected{{"content-type", "application/json"}, {"etag", "\"1\""}};
        QCOMPARE(answer->headers, expected);
        QCOMPARE(seen.door, api::Door::Bus);
        QCOMPARE(seen.method, std::string("POST"));
        QCOMPARE(seen.path, std::string("/v1/orders x"));
        QCOMPARE(seen.query, std::string("limit=5&q=%41"));
        QCOMPARE(seen.body, std::string(R"({"a":1.50})"));
        QCOMPARE(seen.principal, std::string("admin"));
        QCOMPARE(std::string(seen.header("idempotency-key")), std::string("k1"));
        QVERIFY(!seen.peer.empty());
    }

    void problemIsAnAnswer()
    {
        auto client = open();
        const auto answer = client->call({"BREW", "/v1/coffee"}, milliseconds(5'000));
        QVERIFY(answer);
        QCOMPARE(answer->status, 400);
        QVERIFY(answer->body.find("malformed_request") != std::string::npos);
    }

    void thousandsOfCallsUnderWayAllComeBack()
    {
        // Answered by another thread and in another sequence than asked.
        std::mutex mutex;
        std::vector<std::pair<std::string, api::ApiReply>> waiting;
        std::atomic<bool> isDone{false};
        const auto stop = qScopeGuard([this] { m_fixture->stop(); });
        m_fixture->handler = [&](api::ApiRequest request, api::ApiReply reply) {
            const std::lock_guard lock(mutex);
            waiting.emplace_back(request.path, std::move(reply));
        };
        std::thread worker([&] {
            while (!isDone) {
                std::vector<std::pair<std::string, api::ApiReply>> taken;
                {
                    const std::lock_guard lock(mutex);
                    std::swap(taken, waiting);
                }
                for (auto it = taken.rbegin(); it != taken.rend(); ++it)
                    it->second({.status = 200, .body = it->first});
                std::this_thread::yield();
            }
        });
        const auto join = qScopeGuard([&] {
            isDone = true;
            worker.join();
        });
        {
            auto client = open();
            std::map<std::uint64_t, std::string> expected;
            for (int i = 0; i < 5'000; ++i) {
                const std::string target = "/v1/orders/" + std::to_string(i);
                const auto number = client->send({"GET", target});
                QVERIFY(number);
                QVERIFY(expected.emplace(*number, target).second);
            }
            while (!expected.empty()) {
                const auto answer = client->receive(milliseconds(10'000));
                if (!answer)
                    break;
                if (expected[answer->first] != answer->second.body || answer->second.status != 200)
                    break;
                expected.erase(answer->first);
            }
            QVERIFY(expected.empty());
            QVERIFY(!client->receive(milliseconds(0)));
        }
        QCOMPARE(m_fixture->bus().counters().busyRequests, 0U);
        QCOMPARE(m_fixture->bus().counters().droppedAnswers, 0U);
    }

    void largeBodiesGoThrough()
    {
        m_fixture->handler = [](api::ApiRequest request, const api::ApiReply& reply) {
            reply({.status = 200, .body = std::move(request.body)});
        };
        auto client = open();
        const std::string body(16 * 1024 * 1024, 'x');
        const auto answer = client->call({"POST", "/v1/orders/batch", body}, milliseconds(20'000));
        QVERIFY(answer);
        QVERIFY(answer->body == body);
        const auto tooLarge = client->call({"POST", "/v1/orders/batch", body + "x"}, milliseconds(1'000));
        QVERIFY(!tooLarge);
        QCOMPARE(tooLarge.error().code, ErrorCode::BodyTooLarge);
        QVERIFY(client->call({"GET", "/v1/stats"}, milliseconds(5'000)));
    }

    void noDaemonIsSaidAndNothingIsSentLater()
    {
        QVERIFY(m_fixture->start());
        const Profile profile = profileFor(*m_fixture);
        m_fixture->stop();
        std::atomic<int> calls{0};
        const auto stop = qScopeGuard([this] { m_fixture->stop(); });
        m_fixture->handler = [&](const api::ApiRequest&, const api::ApiReply& reply) {
            ++calls;
            reply({.status = 200});
        };
        auto client = CommandClient::open(profile);
        QVERIFY(client);
        const auto none = (*client)->call({"POST", "/v1/late"}, milliseconds(300));
        QVERIFY(!none);
        QCOMPARE(none.error().code, ErrorCode::Unavailable);
        QVERIFY(none.error().message.find("Nothing was sent") != std::string::npos);
        QVERIFY(m_fixture->start());
        const auto answer = (*client)->call({"POST", "/v1/now"}, milliseconds(10'000));
        QVERIFY2(answer, answer ? "" : answer.error().message.c_str());
        QCOMPARE(calls.load(), 1);
    }

    void unansweredCallIsUnknown()
    {
        m_fixture->handler = [](const api::ApiRequest&, const api::ApiReply&) {};
        auto client = open();
        const auto answer = client->call({"POST", "/v1/orders"}, milliseconds(300));
        QVERIFY(!answer);
        QCOMPARE(answer.error().code, ErrorCode::Unavailable);
        QVERIFY(answer.error().message.find("unknown") != std::string::npos);
        QVERIFY(client->send({"GET", "/v1/orders"}));
        QVERIFY(!client->receive(milliseconds(100)));
        QCOMPARE(client->receive(milliseconds(0)).error().message, std::string("No call is under way."));
    }

    void lostConnectionIsSaidAtOnce()
    {
        std::atomic<bool> isHeard{false};
        m_fixture->handler = [&](const api::ApiRequest&, const api::ApiReply&) { isHeard = true; };
        auto client = open();
        QVERIFY(!client->call({"GET", "/v1/first"}, milliseconds(500)));
        QVERIFY(isHeard); // connected: the next call goes out at once
        QVERIFY(client->send({"GET", "/v1/orders"}));
        std::thread stopper([this] { m_fixture->stop(); });
        QElapsedTimer timer;
        timer.start();
        const auto answer = client->receive(milliseconds(30'000));
        stopper.join();
        QVERIFY(!answer);
        QCOMPARE(answer.error().code, ErrorCode::Unavailable);
        QVERIFY(timer.elapsed() < 10'000);
    }

    void refusedKeyIsSaidAtOnce()
    {
        QVERIFY(m_fixture->start());
        Profile profile = profileFor(*m_fixture);
        const auto stranger = bus::makeCurveKeyPair().value();
        profile.publicKey = stranger.publicKey;
        profile.secretKey = stranger.secretKey;
        auto client = CommandClient::open(profile);
        QVERIFY(client);
        QElapsedTimer timer;
        timer.start();
        const auto answer = (*client)->call({"GET", "/v1/orders"}, milliseconds(20'000));
        QVERIFY(!answer);
        QCOMPARE(answer.error().code, ErrorCode::Unauthenticated);
        QVERIFY(timer.elapsed() < 10'000);
    }

    void unusableKeysAreRefused()
    {
        QVERIFY(m_fixture->start());
        Profile profile = profileFor(*m_fixture);
        profile.serverKey = "x";
        const auto client = CommandClient::open(profile);
        QVERIFY(!client);
        QCOMPARE(client.error().code, ErrorCode::InvalidValue);
    }

private:
    std::unique_ptr<CommandClient> open()
    {
        const auto started = m_fixture->start();
        if (!started)
            qFatal("%s", started.error().message.c_str());
        return CommandClient::open(profileFor(*m_fixture)).value();
    }

    std::unique_ptr<BusFixture> m_fixture;
};

QTEST_GUILESS_MAIN(TestCommandClient)
#include "tst_command_client.moc"
