// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/protocol/bus_codec.h"
#include "tests/support/bus/bus_fixture.h"
#include "tests/support/bus/raw_peer.h"

#include <QTest>

using namespace gantry;
using namespace gantry::test;
using std::chrono::milliseconds;

/// The event socket: what subscribers get, and what they cost.
class TestBusEvents : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init()
    {
        m_fixture = std::make_unique<BusFixture>();
        QVERIFY(m_fixture->start());
    }
    void cleanup() { m_fixture.reset(); }

    void heartbeatComesAtOnceAndAgain()
    {
        m_fixture->stop();
        QVERIFY(m_fixture->start(std::chrono::hours(1)));
        const auto peer = subscriber();
        peer->subscribe("heartbeat");
        const auto first = peer->receive();
        QVERIFY(first);
        const auto heartbeat = decodeHeartbeat(m_parser, first->at(1));
        QVERIFY(heartbeat);
        QCOMPARE(heartbeat->partitions.size(), 1U);
        QCOMPARE(heartbeat->partitions.front().epoch, 2U);
        const auto another = subscriber();
        another->subscribe("heartbeat");
        QVERIFY(another->receive());
        m_fixture->stop();
        QVERIFY(m_fixture->start(milliseconds(20)));
        for (int i = 0; i < 3; ++i)
            QVERIFY(peer->receive());
    }

    void everyEventComesOnceAndInOrder()
    {
        const auto peer = joined();
        std::uint64_t expected = 1;
        for (int i = 0; i < 200; ++i)
            m_fixture->commit(1 + static_cast<std::size_t>(i) % 7);
        const std::uint64_t last = m_fixture->digest().sequence;
        while (expected <= last) {
            const auto message = nextEvents(*peer);
            QVERIFY(message);
            QCOMPARE(message->first, expected);
            QCOMPARE(message->epoch, 1U);
            for (const LoggedEvent& event : message->events)
                QCOMPARE(event.sequence, expected++);
        }
        QCOMPARE(m_fixture->bus().counters().publishedEvents, last);
    }

    void longBatchIsSplit()
    {
        const auto peer = joined();
        m_fixture->commit(20'000);
        const std::uint64_t last = m_fixture->digest().sequence;
        std::uint64_t expected = 1;
        int messages = 0;
        while (expected <= last) {
            const auto frames = peer->receive();
            QVERIFY(frames);
            if (frames->front() == heartbeatTopic)
                continue;
            QVERIFY(frames->at(1).size() < eventMessageBytes + 64 * 1024);
            const auto message = decodeEventMessage(m_parser, frames->at(1));
            QVERIFY(message);
            QCOMPARE(message->first, expected);
            expected = message->last + 1;
            ++messages;
        }
        QVERIFY(messages > 10);
    }

    void nothingIsEncodedForNobody()
    {
        m_fixture->commit(100);
        const auto peer = subscriber();
        peer->subscribe("heartbeat");
        QVERIFY(waitFor([&] {
            const auto frames = peer->receive();
            const auto heartbeat =
                frames ? decodeHeartbeat(m_parser, frames->at(1)) : Result<HeartbeatMessage>();
            return heartbeat && heartbeat->partitions.front().sequence == m_fixture->digest().sequence;
        }));
        QCOMPARE(m_fixture->bus().counters().publishedEvents, 0U);
    }

    void whoLeavesIsNoLongerEncodedFor()
    {
        auto peer = joined();
        m_fixture->commit(10);
        QVERIFY(nextEvents(*peer));
        peer.reset();
        QVERIFY(waitFor([&] {
            const auto before = m_fixture->bus().counters().publishedEvents;
            m_fixture->commit(1);
            const auto watcher = subscriber();
            watcher->subscribe("heartbeat");
            (void)watcher->receive();
            return m_fixture->bus().counters().publishedEvents == before;
        }));
    }

    void stalledSubscriberCostsLittleAndSlowsNobody()
    {
        // Takes one message and no more, under some 300 MB of events.
        const auto stalled = joined(1);
        const auto reader = joined();
        const auto before = residentBytes();
        const engine::BatchListener tell = m_fixture->bus().listener();
        const std::vector<LoggedEvent> events = OrderSource(3).commit(1'000)->events;
        std::uint64_t expected = 1;
        for (int i = 0; i < 1'000; ++i) {
            auto batch = std::make_shared<engine::CommittedBatch>();
            batch->epoch = 1;
            batch->events = events;
            std::uint64_t sequence = expected;
            for (LoggedEvent& event : batch->events)
                event.sequence = sequence++;
            tell(std::move(batch));
            while (expected < sequence) {
                const auto frames = reader->receive();
                QVERIFY(frames);
                if (frames->front() == heartbeatTopic)
                    continue;
                const auto message = decodeEventMessage(m_parser, frames->at(1));
                QVERIFY(message);
                QCOMPARE(message->first, expected);
                expected = message->last + 1;
            }
        }
        const auto grown = (residentBytes() - before) / 1024 / 1024;
        QVERIFY2(grown < 120, qPrintable(QString::number(grown)));
    }

    void revokedKeyHearsNothingMore()
    {
        m_fixture->stop();
        QVERIFY(m_fixture->start(std::chrono::hours(1))); // no heartbeat comes to help
        const auto revoked = joined();
        const auto other = joined(m_fixture->guestKeys());
        m_fixture->commit(3);
        QVERIFY(nextEvents(*revoked));
        const auto before = nextEvents(*other);
        QVERIFY(before);
        m_fixture->revoke(true); // and nobody tells the bus
        for (int i = 0; i < 20; ++i)
            m_fixture->commit(5);
        std::uint64_t expected = before->last + 1;
        while (expected <= m_fixture->digest().sequence) {
            const auto message = nextEvents(*other);
            QVERIFY(message);
            QCOMPARE(message->first, expected);
            expected = message->last + 1;
        }
        QVERIFY(!revoked->receive(milliseconds(300)));
        QCOMPARE(m_fixture->bus().counters().revokedStreams, 1U);
        // Not even its connection is left, and none is let in anew.
        QVERIFY(waitFor([&] { return m_fixture->bus().counters().connections == 1; }));
    }

    void revokedKeyIsCutAtOnceInSilence()
    {
        m_fixture->stop();
        QVERIFY(m_fixture->start(std::chrono::hours(1)));
        const auto revoked = joined();
        const auto other = joined(m_fixture->guestKeys());
        m_fixture->revoke(true);
        m_fixture->bus().recheckKeys()();
        QVERIFY(waitFor([&] { return m_fixture->bus().counters().connections == 1; }));
        QCOMPARE(m_fixture->bus().counters().revokedStreams, 1U);
        m_fixture->commit(1);
        QVERIFY(nextEvents(*other));
    }

    void keyThatRunsOutIsCutByTheNextHeartbeat()
    {
        const auto revoked = joined();
        m_fixture->revoke(true); // as if its time were over: nobody is told
        QVERIFY(waitFor([&] { return m_fixture->bus().counters().revokedStreams == 1; }));
    }

    void whoStaysIsNeverCutInPlaceOfAnother()
    {
        // Descriptors are given anew all the time here.
        const auto other = joined(m_fixture->guestKeys());
        std::uint64_t expected = 1;
        for (std::uint64_t round = 1; round <= 40; ++round) {
            m_fixture->revoke(false);
            auto leaving = joined();
            const auto revoked = joined();
            if (round % 2 == 0)
                leaving.reset(); // hangs up by itself, at the same time
            m_fixture->revoke(true);
            m_fixture->commit(2);
            const auto message = nextEvents(*other);
            QVERIFY(message);
            QCOMPARE(message->first, expected);
            expected = message->last + 1;
            QVERIFY(waitFor([&] { return m_fixture->bus().counters().connections == 1; }));
        }
        QVERIFY(m_fixture->bus().counters().revokedStreams >= 60);
    }

    void strangeSubscriptionsDoNoHarm()
    {
        const auto peer = subscriber();
        for (int i = 0; i < 600; ++i)
            peer->subscribe("events." + std::to_string(i));
        peer->subscribe(std::string(900, 'x'));
        peer->subscribe("");
        QVERIFY(peer->receive());
        m_fixture->commit(5);
        QVERIFY(nextEvents(*peer));
    }

private:
    std::unique_ptr<RawPeer> subscriber(int receiveHighWater = 1000)
    {
        return std::make_unique<RawPeer>(zmq::socket_type::sub, m_fixture->bus().eventsAddress(),
            RawIdentity{m_fixture->serverKeys().publicKey, m_fixture->adminKeys()}, receiveHighWater);
    }

    /// A subscriber to everything, from now on for sure: the subscription to heartbeats comes after that to events.
    std::unique_ptr<RawPeer> joined(int receiveHighWater = 1000)
    {
        return join(subscriber(receiveHighWater));
    }

    std::unique_ptr<RawPeer> joined(const bus::CurveKeyPair& keys)
    {
        return join(std::make_unique<RawPeer>(zmq::socket_type::sub, m_fixture->bus().eventsAddress(),
            RawIdentity{m_fixture->serverKeys().publicKey, keys}));
    }

    static std::unique_ptr<RawPeer> join(std::unique_ptr<RawPeer> peer)
    {
        peer->subscribe("events.");
        peer->subscribe("heartbeat");
        if (!peer->receive())
            qFatal("no heartbeat");
        return peer;
    }

    std::optional<EventMessage> nextEvents(RawPeer& peer)
    {
        while (const auto frames = peer.receive()) {
            if (frames->front() == heartbeatTopic)
                continue;
            auto message = decodeEventMessage(m_parser, frames->at(1));
            return message ? std::optional<EventMessage>(std::move(*message)) : std::nullopt;
        }
        return std::nullopt;
    }

    std::unique_ptr<BusFixture> m_fixture;
    JsonParser m_parser;
};

QTEST_GUILESS_MAIN(TestBusEvents)
#include "tst_bus_events.moc"
