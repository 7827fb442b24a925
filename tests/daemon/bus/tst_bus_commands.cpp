// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/protocol/bus_codec.h"
#include "tests/support/bus/bus_fixture.h"
#include "tests/support/bus/raw_peer.h"

#include <QScopeGuard>
#include <QTest>
#include <set>

using namespace gantry;
using namespace gantry::test;
using std::chrono::milliseconds;

/// The command socket, as somebody sees it who speaks the protocol by hand, well or badly.
class TestBusCommands : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init()
    {
        m_fixture = std::make_unique<BusFixture>();
        m_fixture->commit(3'000);
    }
    void cleanup()
    {
        m_peer.reset();
        m_fixture.reset();
    }

    void helloTellsWhoAndWhere()
    {
        start();
        const auto answer = ask(R"({"command":"hello","protocol":4})");
        const auto& hello = std::get<HelloAnswer>(answer);
        QCOMPARE(hello.protocol, busProtocolVersion);
        QCOMPARE(hello.principal, std::string("admin"));
        QCOMPARE(hello.role, std::string("admin"));
        QVERIFY(hello.server.starts_with("gantryd "));
        QCOMPARE(hello.partitions.size(), 1U);
        QCOMPARE(hello.partitions.front(),
            (PartitionPosition{0, m_fixture->digest().epoch, m_fixture->digest().sequence}));
        m_fixture->commit(5);
        QVERIFY(waitFor([&] {
            return std::get<HelloAnswer>(ask(R"({"command":"hello","protocol":4})"))
                       .partitions.front()
                       .sequence
                == m_fixture->digest().sequence;
        }));
    }

    void snapshotComesInParts()
    {
        start();
        std::set<OrderId> ids;
        std::string after;
        bool isLast = false;
        while (!isLast) {
            const auto answer = ask(R"({"command":"snapshot","partition":0,"limit":40)" + after + "}");
            const auto& part = std::get<SnapshotAnswer>(answer);
            QVERIFY(part.orders.size() <= 40);
            for (const auto& order : part.orders)
                QVERIFY(ids.insert(order->id).second);
            isLast = part.isLast;
            QVERIFY(isLast || !part.orders.empty());
            if (!isLast)
                after = ",\"after\":\"" + part.orders.back()->id.text() + '"';
        }
        QCOMPARE(ids.size(), m_fixture->digest().count);
    }

    void replayComesInRanges()
    {
        start();
        std::uint64_t after = 100;
        const std::uint64_t last = m_fixture->digest().sequence;
        while (after < last) {
            const auto answer =
                ask(R"({"command":"replay","partition":0,"epoch":1,"after":)" + std::to_string(after) + "}");
            const auto& range = std::get<ReplayAnswer>(answer);
            QVERIFY(!range.isTooOld);
            QCOMPARE(range.first, after + 1);
            QVERIFY(range.last > after);
            QCOMPARE(range.events.size(), range.last - after);
            after = range.last;
        }
        const auto answer =
            ask(R"({"command":"replay","partition":0,"epoch":1,"after":)" + std::to_string(last) + "}");
        const auto& nothing = std::get<ReplayAnswer>(answer);
        QVERIFY(nothing.events.empty());
        QCOMPARE(nothing.last, last);
        const auto other = ask(R"({"command":"replay","partition":0,"epoch":2,"after":5})");
        QVERIFY(std::get<ReplayAnswer>(other).isTooOld);
    }

    void answersKeepToTheirSize()
    {
        m_fixture->commit(20'000);
        start();
        QVERIFY(m_peer->request(1, R"({"command":"replay","partition":0,"epoch":1,"after":0})"));
        const auto replay = m_peer->receive();
        QVERIFY(replay && replay->at(1).size() > 200'000);
        QVERIFY(replay->at(1).size() < answerPartBytes + 64 * 1024);
        QVERIFY(m_peer->request(2, R"({"command":"snapshot"})"));
        const auto snapshot = m_peer->receive();
        QVERIFY(snapshot && snapshot->at(1).size() < answerPartBytes + 64 * 1024);
    }

    void badRequestGetsItsProblem_data()
    {
        QTest::addColumn<QByteArray>("json");
        QTest::addColumn<QByteArray>("code");
        const auto row = [](const char* name, const QByteArray& json, const char* code) {
            QTest::newRow(name) << json << QByteArray(code);
        };
        row("empty", "", "malformed_json");
        row("no JSON", "hello", "malformed_json");
        row("cut off", "{\"command\":\"he", "malformed_json");
        row("two documents", "{}{}", "malformed_json");
        row("not UTF-8", "{\"command\":\"\xff\xfe\"}", "invalid_utf8");
        row("NUL", QByteArray("{\"command\":\"hello\0\"}", 20), "malformed_json");
        row("deep", QByteArray(100, '[') + QByteArray(100, ']'), "malformed_json");
        row("array", "[]", "wrong_type");
        row("number", "7", "wrong_type");
        row("nothing", "{}", "missing_field");
        row("unknown command", "{\"command\":\"shutdown\"}", "invalid_value");
        row("command of wrong type", "{\"command\":7}", "wrong_type");
        row("hello without protocol", "{\"command\":\"hello\"}", "missing_field");
        row("hello of another version", "{\"command\":\"hello\",\"protocol\":1}", "protocol_mismatch");
        row("hello of version 0", "{\"command\":\"hello\",\"protocol\":0}", "protocol_mismatch");
        row("protocol with fraction", "{\"command\":\"hello\",\"protocol\":1.0}", "wrong_type");
        row("unknown field", "{\"command\":\"hello\",\"protocol\":1,\"x\":1}", "unknown_field");
        row("field twice", "{\"command\":\"hello\",\"protocol\":1,\"protocol\":1}", "duplicate_key");
        row("both kinds", "{\"command\":\"hello\",\"protocol\":1,\"method\":\"GET\"}", "unknown_field");
        row("snapshot of no partition", "{\"command\":\"snapshot\",\"partition\":7}", "not_found");
        row("snapshot of partition -1", "{\"command\":\"snapshot\",\"partition\":-1}", "invalid_value");
        row("snapshot of partition 2^40", "{\"command\":\"snapshot\",\"partition\":1099511627776}",
            "invalid_value");
        row("snapshot after nonsense", "{\"command\":\"snapshot\",\"after\":\"x\"}", "invalid_value");
        row("snapshot of 0", "{\"command\":\"snapshot\",\"limit\":0}", "invalid_value");
        row("snapshot of too many", "{\"command\":\"snapshot\",\"limit\":1001}", "invalid_value");
        row("replay of nothing", "{\"command\":\"replay\"}", "missing_field");
        row("replay after -1", "{\"command\":\"replay\",\"partition\":0,\"epoch\":1,\"after\":-1}",
            "invalid_value");
        row("replay after 2^64",
            "{\"command\":\"replay\",\"partition\":0,\"epoch\":1,\"after\":18446744073709551615}",
            "amount_overflow");
        row("replay of too many",
            "{\"command\":\"replay\",\"partition\":0,\"epoch\":1,\"after\":1,\"limit\":5001}",
            "invalid_value");
        row("replay of no partition", "{\"command\":\"replay\",\"partition\":3,\"epoch\":1,\"after\":1}",
            "not_found");
        row("call without target", "{\"method\":\"GET\"}", "missing_field");
        row("call without method", "{\"target\":\"/v1/orders\"}", "missing_field");
        row("unknown method", "{\"method\":\"BREW\",\"target\":\"/v1/orders\"}", "malformed_request");
        row("method in lower case", "{\"method\":\"get\",\"target\":\"/v1/orders\"}", "malformed_request");
        row("target without slash", "{\"method\":\"GET\",\"target\":\"v1\"}", "malformed_request");
        row("target with dots", "{\"method\":\"GET\",\"target\":\"/v1/../x\"}", "malformed_request");
        row("target cut off", "{\"method\":\"GET\",\"target\":\"/v1/%4\"}", "malformed_request");
        row("other host", "{\"method\":\"GET\",\"target\":\"http://x/v1\"}", "malformed_request");
        row("line break in target", "{\"method\":\"GET\",\"target\":\"/v1\\n\"}", "invalid_value");
        row("header in upper case", "{\"method\":\"GET\",\"target\":\"/v1\",\"headers\":{\"A\":\"b\"}}",
            "invalid_value");
        row("header of wrong type", "{\"method\":\"GET\",\"target\":\"/v1\",\"headers\":{\"a\":1}}",
            "wrong_type");
        row("header with line break",
            "{\"method\":\"GET\",\"target\":\"/v1\",\"headers\":{\"a\":\"b\\r\\nc: d\"}}", "invalid_value");
        row("headers of wrong type", "{\"method\":\"GET\",\"target\":\"/v1\",\"headers\":[]}", "wrong_type");
        row("body in the JSON", "{\"method\":\"GET\",\"target\":\"/v1\",\"body\":{}}", "unknown_field");
        row("too long", "{\"command\":\"" + QByteArray(70'000, 'x') + "\"}", "body_too_large");
    }

    void badRequestGetsItsProblem()
    {
        QFETCH(QByteArray, json);
        QFETCH(QByteArray, code);
        start();
        const auto answer = ask(json.toStdString());
        const auto* problem = std::get_if<Error>(&answer);
        QVERIFY(problem);
        QCOMPARE(QByteArray::fromStdString(std::string(codeName(problem->code))), code);
        QVERIFY(!problem->message.empty());
        QCOMPARE(m_calls.load(), 0);
    }

    void commandWithBodyIsRefused()
    {
        start();
        QVERIFY(m_peer->send({numberFrame(1), R"({"command":"hello","protocol":4})", "{}"}));
        const auto answer = m_peer->receive();
        QVERIFY(answer && answer->at(1).find("malformed_request") != std::string::npos);
    }

    void messageWithoutNumberIsDroppedAndCounted_data()
    {
        QTest::addColumn<QByteArrayList>("frames");
        const QByteArray hello = R"({"command":"hello","protocol":4})";
        QTest::newRow("one empty frame") << QByteArrayList{""};
        QTest::newRow("JSON alone") << QByteArrayList{hello};
        QTest::newRow("number alone") << QByteArrayList{QByteArray(8, 'n')};
        QTest::newRow("short number") << QByteArrayList{"1234567", hello};
        QTest::newRow("long number") << QByteArrayList{"123456789", hello};
        QTest::newRow("four frames") << QByteArrayList{QByteArray(8, 'n'), hello, "a", "b"};
        QByteArrayList many{QByteArray(8, 'n'), hello};
        many.resize(5'000);
        QTest::newRow("5,000 frames") << many;
        QTest::newRow("empty envelope as a REQ sends it") << QByteArrayList{"", QByteArray(8, 'n'), hello};
    }

    void messageWithoutNumberIsDroppedAndCounted()
    {
        QFETCH(QByteArrayList, frames);
        start();
        std::vector<std::string> raw;
        for (const QByteArray& frame : frames)
            raw.push_back(frame.toStdString());
        QVERIFY(m_peer->send(raw));
        const auto answer = ask(R"({"command":"hello","protocol":4})");
        QVERIFY(std::holds_alternative<HelloAnswer>(answer));
        QCOMPARE(m_fixture->bus().counters().malformedRequests, 1U);
    }

    void randomBytesNeverHarm()
    {
        start();
        Dice dice(20260301);
        const std::string seedText =
            R"({"method":"GET","target":"/v1/orders","headers":{"if-match":"7"},"command":"replay","epoch":1})";
        for (int i = 0; i < 3'000; ++i) {
            std::vector<std::string> frames(1 + dice.roll(4));
            for (std::string& frame : frames) {
                frame = dice.chance(60) ? seedText : numberFrame(dice.next());
                for (std::uint64_t hits = dice.roll(6); hits > 0; --hits)
                    frame[dice.roll(frame.size())] = static_cast<char>(dice.roll(256));
            }
            QVERIFY(m_peer->send(frames));
        }
        QVERIFY(waitFor([&] {
            const auto counters = m_fixture->bus().counters();
            return counters.malformedRequests + counters.requests >= 3'000;
        }));
        RawPeer fresh(zmq::socket_type::dealer, m_fixture->bus().commandsAddress(), identity());
        QVERIFY(fresh.request(1, R"({"command":"hello","protocol":4})"));
        QVERIFY(fresh.receive());
    }

    void tooLongFrameEndsTheConnectionOnly()
    {
        start();
        RawPeer other(zmq::socket_type::dealer, m_fixture->bus().commandsAddress(), identity());
        QVERIFY(other.send({numberFrame(1), R"({"method":"POST","target":"/v1/orders"})",
            std::string(17 * 1024 * 1024, 'x')}));
        QVERIFY(!other.receive(milliseconds(300)));
        QCOMPARE(m_calls.load(), 0);
        QVERIFY(std::holds_alternative<HelloAnswer>(ask(R"({"command":"hello","protocol":4})")));
    }

    void tooLargeRequestIsRefusedAndCounted()
    {
        m_fixture->limits.requestBytes = 100'000;
        start();
        const std::string head = R"({"method":"POST","target":"/v1/orders"})";
        QVERIFY(m_peer->send({numberFrame(1), head, std::string(100'000, 'x')}));
        auto answer = m_peer->receive();
        QVERIFY(answer && answer->at(1).find("200") != std::string::npos);
        QCOMPARE(m_fixture->bus().counters().oversizedRequests, 0U);
        QVERIFY(m_peer->send({numberFrame(2), head, std::string(100'001, 'x')}));
        answer = m_peer->receive();
        QVERIFY(answer && answer->at(1).find("\"body_too_large\"") != std::string::npos);
        QCOMPARE(m_fixture->bus().counters().oversizedRequests, 1U);
        // Far over it, the frame is not even taken in.
        QVERIFY(m_peer->send({numberFrame(3), head, std::string(200'000, 'x')}));
        QVERIFY(!m_peer->receive(milliseconds(300)));
        QVERIFY(waitFor([&] { return m_fixture->bus().counters().endedConnections > 0; }));
        QCOMPARE(m_fixture->bus().counters().oversizedRequests, 1U);
    }

    void headHasNoBody()
    {
        start();
        QVERIFY(m_peer->request(1, R"({"method":"HEAD","target":"/v1/orders"})"));
        const auto answer = m_peer->receive();
        QVERIFY(answer);
        QCOMPARE(answer->size(), 3U);
        QVERIFY(answer->at(2).empty());
    }

    void encodedByTheBusItself()
    {
        m_fixture->handler = [](const api::ApiRequest&, const api::ApiReply& reply) {
            reply({.encode = [](api::ApiResponse& response) {
                response = {.status = 202, .body = R"({"made":"there"})"};
            }});
        };
        start();
        QVERIFY(m_peer->request(1, R"({"method":"GET","target":"/v1/orders"})"));
        const auto answer = m_peer->receive();
        QVERIFY(answer);
        QCOMPARE(answer->size(), 3U);
        QVERIFY(answer->at(1).find("202") != std::string::npos);
        QCOMPARE(QByteArray::fromStdString(answer->at(2)), QByteArray(R"({"made":"there"})"));
    }

    void tooManyUnderWayAreBusy()
    {
        std::mutex mutex;
        std::vector<api::ApiReply> held;
        const auto stop = qScopeGuard([this] { m_fixture->stop(); });
        m_fixture->handler = [&](const api::ApiRequest&, api::ApiReply reply) {
            const std::lock_guard lock(mutex);
            held.push_back(std::move(reply));
        };
        start();
        for (std::uint64_t i = 0; i < 600; ++i)
            QVERIFY(m_peer->request(i, R"({"method":"GET","target":"/v1/orders"})"));
        std::set<std::string> refused;
        while (refused.size() < 88) {
            const auto answer = m_peer->receive();
            QVERIFY(answer && answer->at(1).find("\"busy\"") != std::string::npos);
            refused.insert(answer->at(0));
        }
        QCOMPARE(m_fixture->bus().counters().busyRequests, 88U);
        // Another connection is not touched by it.
        RawPeer other(zmq::socket_type::dealer, m_fixture->bus().commandsAddress(), identity());
        QVERIFY(other.request(1, R"({"command":"hello","protocol":4})"));
        QVERIFY(other.receive());
        for (const api::ApiReply& reply : held)
            reply({.status = 204});
        for (int i = 0; i < 512; ++i) {
            const auto answer = m_peer->receive();
            QVERIFY(answer && answer->at(1).find("204") != std::string::npos);
        }
        held.clear();
        QVERIFY(m_peer->request(1'000, R"({"command":"snapshot"})"));
        QVERIFY(m_peer->receive());
    }

    void fullInboxIsBusy()
    {
        start();
        m_fixture->isFull = true;
        const auto answer = ask(R"({"command":"snapshot"})");
        QVERIFY(std::get<Error>(answer).code == ErrorCode::Busy);
        m_fixture->isFull = false;
        for (int i = 0; i < 20; ++i) // what was refused is not counted as under way
            QVERIFY(std::holds_alternative<SnapshotAnswer>(ask(R"({"command":"snapshot"})")));
    }

    void answerThatComesAfterTheEndIsDropped()
    {
        api::ApiReply held;
        std::atomic<bool> isHeld{false};
        const auto stop = qScopeGuard([this] { m_fixture->stop(); });
        m_fixture->handler = [&](const api::ApiRequest&, api::ApiReply reply) {
            held = std::move(reply);
            isHeld = true;
        };
        start();
        QVERIFY(m_peer->request(1, R"({"method":"GET","target":"/v1/orders"})"));
        QVERIFY(waitFor([&] { return isHeld.load(); }));
        m_fixture->stop();
        held({.status = 200, .body = "late"});
    }

    void whoDoesNotReadLosesAnswersAndNobodyElseDoes()
    {
        m_fixture->handler = [big = std::string(64 * 1024, 'x')](const api::ApiRequest&,
                                 const api::ApiReply& reply) { reply({.status = 200, .body = big}); };
        start();
        // 2 GB of answers for somebody who takes one message and no more.
        RawPeer stalled(zmq::socket_type::dealer, m_fixture->bus().commandsAddress(), identity(), 1);
        const auto before = residentBytes();
        for (std::uint64_t i = 0; i < 30'000; ++i) {
            QVERIFY(stalled.request(i, R"({"method":"GET","target":"/v1/orders"})"));
            if (i % 100 == 0) {
                QVERIFY(m_peer->request(i, R"({"command":"hello","protocol":4})"));
                QVERIFY(m_peer->receive());
            }
        }
        QVERIFY(waitFor([&] { return m_fixture->bus().counters().droppedAnswers > 1'000; }));
        QVERIFY2(residentBytes() - before < 150 * 1024 * 1024,
            qPrintable(QString::number((residentBytes() - before) / 1024 / 1024)));
    }

    void threadsAreAlive()
    {
        start();
        QVERIFY(m_fixture->bus().isAlive());
    }

private:
    RawIdentity identity() { return {m_fixture->serverKeys().publicKey, m_fixture->adminKeys()}; }

    void start()
    {
        m_calls = 0;
        if (!m_fixture->handler)
            qFatal("the fixture has a handler");
        m_fixture->handler = [this, handler = m_fixture->handler](
                                 api::ApiRequest request, api::ApiReply reply) {
            ++m_calls;
            handler(std::move(request), std::move(reply));
        };
        const auto started = m_fixture->start();
        if (!started)
            qFatal("%s", started.error().message.c_str());
        m_peer = std::make_unique<RawPeer>(
            zmq::socket_type::dealer, m_fixture->bus().commandsAddress(), identity());
    }

    BusAnswer ask(const std::string& json)
    {
        const std::uint64_t number = ++m_number;
        if (!m_peer->request(number, json))
            qFatal("not connected");
        const auto frames = m_peer->receive();
        if (!frames || frames->size() != 2 || frames->front() != numberFrame(number))
            qFatal("no answer, or another's");
        return decodeAnswer(m_parser, frames->at(1)).value();
    }

    std::unique_ptr<BusFixture> m_fixture;
    std::unique_ptr<RawPeer> m_peer;
    std::atomic<int> m_calls{0};
    std::uint64_t m_number = 0;
    JsonParser m_parser;
};

QTEST_GUILESS_MAIN(TestBusCommands)
#include "tst_bus_commands.moc"
