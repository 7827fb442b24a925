// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/protocol/bus_codec.h"
#include "shared/protocol/problem.h"
#include "tests/shared/support/journal.h"

#include <QTest>

using namespace gantry;
using namespace gantry::test;

/// What one end of the bus says, the other understands; anything else is refused.
class TestBusCodec : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase()
    {
        for (int i = 0; i < 5; ++i) {
            Journal journal;
            journal.submit().hold("h1").fail().act(Action::Retry);
            const OrderId id =
                OrderId::make(fromMillis(1'770'000'000'000 + i), 7, {1, static_cast<std::uint64_t>(i)});
            Order order{.id = id};
            for (const Event& event : journal.events()) {
                order = apply(std::move(order), event);
                m_events.push_back({m_events.size() + 1, id, event});
            }
            m_orders.push_back(std::make_shared<const Order>(std::move(order)));
        }
    }

    void queriesComeBack()
    {
        const std::vector<BusQuery> queries{HelloQuery{7}, SnapshotQuery{},
            SnapshotQuery{3, m_orders[0]->id, 50}, ReplayQuery{2, 5, 1234, 100},
            CallQuery{"GET", "/v1/orders?q=%22", {}},
            CallQuery{"POST", "/", {{"if-match", "\"7\""}, {"x-y_z", "\\ \" é"}}}};
        for (const BusQuery& query : queries) {
            const auto read = decodeQuery(m_parser, encodeQuery(query));
            QVERIFY2(read, read ? "" : read.error().message.c_str());
            QVERIFY(*read == query);
        }
    }

    void helloComesBack()
    {
        const auto read =
            decodeAnswer(m_parser, encodeHello({1, "gantryd 1", "ann", "support", {{0, 3, 9}, {5, 1, 0}}}));
        QVERIFY(read);
        const auto& hello = std::get<HelloAnswer>(*read);
        QCOMPARE(hello.principal, std::string("ann"));
        QCOMPARE(hello.role, std::string("support"));
        QCOMPARE(hello.partitions.size(), 2U);
        QCOMPARE(hello.partitions[1], (PartitionPosition{5, 1, 0}));
    }

    void snapshotComesBackEqual()
    {
        const auto read = decodeAnswer(m_parser, encodeSnapshot({0, 3, 99}, m_orders, true));
        QVERIFY(read);
        const auto& part = std::get<SnapshotAnswer>(*read);
        QCOMPARE(part.position, (PartitionPosition{0, 3, 99}));
        QVERIFY(part.isLast);
        QCOMPARE(part.orders.size(), m_orders.size());
        for (std::size_t i = 0; i < m_orders.size(); ++i)
            QVERIFY(*part.orders[i] == *m_orders[i]);
    }

    void snapshotThatIsCutIsNotTheLast()
    {
        const auto read = decodeAnswer(m_parser, encodeSnapshot({0, 3, 99}, m_orders, true, 10));
        QVERIFY(read);
        const auto& part = std::get<SnapshotAnswer>(*read);
        QCOMPARE(part.orders.size(), 1U);
        QVERIFY(!part.isLast);
        const auto empty = decodeAnswer(m_parser, encodeSnapshot({0, 3, 99}, {}, true, 10));
        QVERIFY(std::get<SnapshotAnswer>(*empty).isLast);
    }

    void replayComesBackAndMayBeCut()
    {
        const ReplayQuery query{0, 3, 0, 5'000};
        const auto whole = decodeAnswer(m_parser, encodeReplay(query, m_events));
        QVERIFY(whole);
        QCOMPARE(std::get<ReplayAnswer>(*whole).last, m_events.size());
        QCOMPARE(std::get<ReplayAnswer>(*whole).events.size(), m_events.size());
        const auto cut = decodeAnswer(m_parser, encodeReplay(query, m_events, 10));
        QCOMPARE(std::get<ReplayAnswer>(*cut).last, 1U);
        const auto nothing = decodeAnswer(m_parser, encodeReplay({0, 3, 50, 1}, {}));
        QCOMPARE(std::get<ReplayAnswer>(*nothing).first, 51U);
        QCOMPARE(std::get<ReplayAnswer>(*nothing).last, 50U);
        const auto old = decodeAnswer(m_parser, encodeReplayTooOld(query));
        QVERIFY(std::get<ReplayAnswer>(*old).isTooOld);
    }

    void problemAndCallComeBack()
    {
        const Error error{
            ErrorCode::ProtocolMismatch, "Not so. \"Mend\" it.", {{"/a", ErrorCode::WrongType, "no"}}};
        const auto read = decodeAnswer(m_parser, encodeProblemAnswer(error));
        QVERIFY(read);
        QVERIFY(std::get<Error>(*read) == error);
        const BusHeaders headers{{"etag", "\"7\""}};
        const auto call = decodeAnswer(m_parser, encodeCallAnswer(201, headers));
        QCOMPARE(std::get<CallAnswer>(*call).status, 201);
        QCOMPARE(std::get<CallAnswer>(*call).headers, headers);
    }

    void heartbeatComesBack()
    {
        const HeartbeatMessage heartbeat{fromMillis(1'770'000'000'123), {{0, 1, 2}, {1, 3, 4}}};
        const auto read = decodeHeartbeat(m_parser, encodeHeartbeat(heartbeat));
        QVERIFY(read);
        QVERIFY(read->at == heartbeat.at);
        QCOMPARE(read->partitions, heartbeat.partitions);
    }

    void answerMaySayMoreThanIsKnown()
    {
        const auto read = decodeAnswer(m_parser,
            R"({"hello":{"protocol":4,"server":"x","principal":"a","role":"b","partitions":[],"new":{}},"also":1})");
        QVERIFY(read);
    }

    void whatTheDaemonWouldNotSayIsCorrupt_data()
    {
        QTest::addColumn<QByteArray>("json");
        QTest::newRow("nothing") << QByteArray();
        QTest::newRow("no object") << QByteArray("[]");
        QTest::newRow("empty") << QByteArray("{}");
        QTest::newRow("hello of wrong type") << QByteArray(R"({"hello":1})");
        QTest::newRow("hello without partitions") << QByteArray(R"({"hello":{"protocol":1}})");
        QTest::newRow("partition of wrong type")
            << QByteArray(R"({"hello":{"protocol":1,"partitions":[1]}})");
        QTest::newRow("negative sequence")
            << QByteArray(R"({"snapshot":{"partition":0,"epoch":1,"sequence":-1,"orders":[]}})");
        QTest::newRow("order that is none")
            << QByteArray(R"({"snapshot":{"partition":0,"epoch":1,"sequence":1,"orders":[{}]}})");
        QTest::newRow("snapshot without orders")
            << QByteArray(R"({"snapshot":{"partition":0,"epoch":1,"sequence":1}})");
        QTest::newRow("event that is none")
            << QByteArray(R"({"replay":{"partition":0,"epoch":1,"first":1,"last":1,"events":[7]}})");
        QTest::newRow("range without events")
            << QByteArray(R"({"replay":{"partition":0,"epoch":1,"first":1,"last":5,"events":[]}})");
        QTest::newRow("range backwards")
            << QByteArray(R"({"replay":{"partition":0,"epoch":1,"first":9,"last":2,"events":[]}})");
        QTest::newRow("status of wrong type") << QByteArray(R"({"status":"200"})");
    }

    void whatTheDaemonWouldNotSayIsCorrupt()
    {
        QFETCH(QByteArray, json);
        const auto read = decodeAnswer(m_parser, json.toStdString());
        QVERIFY(!read);
        QCOMPARE(read.error().code, ErrorCode::Corrupt);
        QVERIFY(!decodeHeartbeat(m_parser, json.toStdString()));
        QVERIFY(!decodeEventMessage(m_parser, json.toStdString()));
    }

    void eventMessageMustHoldWhatItSays()
    {
        const auto text = [&](std::uint64_t first, std::uint64_t last) {
            JsonWriter json;
            json.beginObject()
                .member("partition", 0)
                .member("epoch", 1)
                .member("first", first)
                .member("last", last);
            json.key("events").beginArray();
            writeEvent(json, m_events[0]);
            writeEvent(json, m_events[1]);
            json.endArray().endObject();
            return json.take();
        };
        QVERIFY(decodeEventMessage(m_parser, text(1, 2)));
        QVERIFY(!decodeEventMessage(m_parser, text(1, 3)));
        QVERIFY(!decodeEventMessage(m_parser, text(2, 3)));
        QVERIFY(!decodeEventMessage(m_parser, text(2, 1)));
    }

private:
    std::vector<std::shared_ptr<const Order>> m_orders;
    std::vector<LoggedEvent> m_events;
    JsonParser m_parser;
};

QTEST_GUILESS_MAIN(TestBusCodec)
#include "tst_bus_codec.moc"
