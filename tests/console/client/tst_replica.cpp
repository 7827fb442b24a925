// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/client/replica.h"
#include "tests/support/bus/order_source.h"

#include <QTest>

using namespace gantry;
using namespace gantry::console;
using namespace gantry::test;
using std::chrono::milliseconds;

/// The replica's states and questions, one by one, without sockets and with a clock that only the test moves.
class TestReplica : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init()
    {
        m_random = std::make_unique<SeededRandom>(7);
        m_source = std::make_unique<OrderSource>(7);
        m_source->commit(200);
        m_now = {milliseconds(1'000'000), fromMillis(1'770'000'000'000)};
        make({});
    }

    void showsNothingBeforeTheSnapshotIsWhole()
    {
        QCOMPARE(m_replica->status().state, LinkState::Connecting);
        answerHello();
        heartbeat();
        const auto first = ask<SnapshotQuery>();
        answer(first.number, part(first, 3));
        QCOMPARE(m_replica->status().state, LinkState::Connecting);
        QVERIFY(!m_replica->hasChange());
        const auto second = ask<SnapshotQuery>();
        QVERIFY(std::get<SnapshotQuery>(second.query).after.has_value());
        answer(second.number, part(second, 1000));
        QCOMPARE(m_replica->status().state, LinkState::Live);
        const ReplicaChange change = m_replica->takeChange();
        QVERIFY(change.reset);
        QCOMPARE(change.changed.size(), m_source->open().size());
        QCOMPARE(change.receivedCount, 0U);
    }

    void isNotLiveBeforeTheEventSocketIsHeard()
    {
        answerHello();
        load();
        QCOMPARE(m_replica->status().state, LinkState::Resyncing);
        heartbeat();
        QCOMPARE(m_replica->status().state, LinkState::Live);
    }

    void followsEventsWithoutAsking()
    {
        goLive();
        for (int i = 0; i < 20; ++i)
            publish(m_source->commit(5));
        QCOMPARE(m_replica->status().state, LinkState::Live);
        QVERIFY(m_replica->takeQueries(m_now).empty());
        QVERIFY(isEqual());
    }

    void gapIsReplayedAndWhatCameMeanwhileKept()
    {
        goLive();
        m_source->commit(5);
        publish(m_source->commit(5));
        QCOMPARE(m_replica->status().state, LinkState::Resyncing);
        const auto query = ask<ReplayQuery>();
        QCOMPARE(std::get<ReplayQuery>(query.query).after, m_replica->digest().sequence);
        publish(m_source->commit(5));
        QVERIFY(m_replica->takeQueries(m_now).empty());
        answer(query.number, replay(query));
        QCOMPARE(m_replica->status().state, LinkState::Live);
        QVERIFY(isEqual());
    }

    void lostTailIsSeenByTheHeartbeat()
    {
        goLive();
        m_source->commit(5);
        QCOMPARE(m_replica->status().state, LinkState::Live);
        heartbeat();
        QCOMPARE(m_replica->status().state, LinkState::Resyncing);
        const auto query = ask<ReplayQuery>();
        answer(query.number, replay(query));
        QCOMPARE(m_replica->status().state, LinkState::Live);
        QVERIFY(isEqual());
    }

    void longGapIsJumpedByASnapshot()
    {
        make({.mostGap = 50});
        goLive();
        (void)m_replica->takeChange();
        m_source->commit(60);
        heartbeat();
        QCOMPARE(m_replica->status().state, LinkState::Resyncing);
        const auto query = ask<SnapshotQuery>();
        QVERIFY(!m_replica->hasChange()); // the old orders stand until then
        answer(query.number, part(query, 1000));
        QCOMPARE(m_replica->status().state, LinkState::Live);
        QVERIFY(m_replica->takeChange().reset);
        QVERIFY(isEqual());
    }

    void tooOldReplayLeadsToASnapshot()
    {
        goLive();
        m_source->commit(5);
        heartbeat();
        const auto query = ask<ReplayQuery>();
        answer(query.number, ReplayAnswer{.partition = 0, .epoch = 1, .events = {}, .isTooOld = true});
        load();
        QVERIFY(isEqual());
    }

    void newEpochLeadsToHelloAndASnapshot()
    {
        goLive();
        m_source->beginEpoch();
        publish(m_source->commit(5));
        QCOMPARE(m_replica->status().state, LinkState::Resyncing);
        answerHello();
        load();
        QCOMPARE(m_replica->status().state, LinkState::Live);
        QVERIFY(isEqual());
        QCOMPARE(m_replica->digest().epoch, 2U);
    }

    void messageOfAnEarlierEpochIsIgnored()
    {
        goLive();
        const auto late = m_source->commit(5);
        m_source->beginEpoch();
        heartbeat();
        answerHello();
        load();
        publish(late);
        QCOMPARE(m_replica->status().state, LinkState::Live);
        QVERIFY(isEqual());
    }

    void silenceIsStaleAndTheNextHeartbeatIsLive()
    {
        goLive();
        const Timestamp heard = m_now.wall;
        pass(milliseconds(5'000));
        QCOMPARE(m_replica->status().state, LinkState::Live);
        pass(milliseconds(1));
        QCOMPARE(m_replica->status().state, LinkState::Stale);
        QVERIFY(m_replica->status().since == heard);
        QVERIFY(!m_replica->status().detail.empty());
        pass(milliseconds(100));
        QVERIFY(m_replica->status().since == heard);
        heartbeat();
        QCOMPARE(m_replica->status().state, LinkState::Live);
        QVERIFY(m_replica->status().since == m_now.wall);
    }

    void silenceMakesItConnectAnewForEverWithGrowingPauses()
    {
        goLive();
        std::vector<milliseconds> pauses;
        milliseconds last = m_now.tick;
        while (pauses.size() < 12) {
            pass(milliseconds(10));
            if (!m_replica->takeReconnectWish())
                continue;
            pauses.push_back(m_now.tick - last);
            last = m_now.tick;
            m_replica->connected(m_now);
            QCOMPARE(m_replica->status().state, LinkState::Stale);
        }
        QVERIFY(pauses.front() < milliseconds(6'500));
        QVERIFY(pauses.back() > milliseconds(9'000));
        for (const milliseconds pause : pauses)
            QVERIFY(pause > milliseconds(5'000) && pause < milliseconds(15'100));
        heartbeat();
        answerHello();
        QCOMPARE(m_replica->status().state, LinkState::Live);
        QVERIFY(isEqual());
    }

    void lagMakesItTakeEverythingAnew()
    {
        goLive();
        const Timestamp early = m_now.wall;
        for (int i = 0; i < 10; ++i) {
            pass(milliseconds(1'000));
            heartbeat();
        }
        // The process stood still for 30 s; what the sockets held is read now.
        pass(milliseconds(30'000));
        m_replica->take(HeartbeatMessage{early + milliseconds(11'000), {m_source->position()}}, m_now);
        QVERIFY(m_replica->takeReconnectWish());
        QCOMPARE(m_replica->status().state, LinkState::Resyncing);
        m_replica->connected(m_now);
        heartbeat();
        answerHello();
        load();
        QCOMPARE(m_replica->status().state, LinkState::Live);
    }

    void clocksThatDifferOrDriftAreNoLag()
    {
        goLive();
        // The daemon's clock is an hour off and loses 10 ms each second: much more than any clock does, and 36 s in an hour.
        m_replica->connected(m_now);
        answerHello();
        Timestamp theirs = m_now.wall + std::chrono::hours(1);
        for (int second = 0; second < 3'600; ++second) {
            pass(milliseconds(1'000));
            theirs += milliseconds(990);
            m_replica->take(HeartbeatMessage{theirs, {m_source->position()}}, m_now);
            QVERIFY(!m_replica->takeReconnectWish());
            QCOMPARE(m_replica->status().state, LinkState::Live);
        }
    }

    void questionWithoutAnswerIsAskedAgain()
    {
        answerHello();
        const auto first = ask<SnapshotQuery>();
        for (int i = 0; i < 49; ++i) {
            pass(milliseconds(100));
            heartbeat();
            QVERIFY(m_replica->takeQueries(m_now).empty());
        }
        pass(milliseconds(100));
        QVERIFY(m_replica->takeQueries(m_now).empty()); // a short pause
        pass(milliseconds(100));
        const auto second = ask<SnapshotQuery>();
        QVERIFY(second.number != first.number);
        answer(first.number, part(first, 1000)); // too late
        QCOMPARE(m_replica->status().state, LinkState::Connecting);
        answer(second.number, part(second, 1000));
        QCOMPARE(m_replica->status().state, LinkState::Live);
    }

    void commandSocketThatDoesNotAnswerIsMadeAnew()
    {
        goLive();
        m_source->commit(5);
        bool isWished = false;
        for (int i = 0; i < 300 && !isWished; ++i) {
            pass(milliseconds(100));
            heartbeat();
            (void)m_replica->takeQueries(m_now);
            isWished = m_replica->takeReconnectWish();
        }
        QVERIFY(isWished);
    }

    void refusedQuestionIsAskedAgainWithGrowingPauses()
    {
        answerHello();
        std::vector<milliseconds> pauses;
        for (int i = 0; i < 14; ++i) {
            const milliseconds before = m_now.tick;
            std::vector<NumberedQuery> queries;
            while ((queries = m_replica->takeQueries(m_now)).empty()) {
                pass(milliseconds(10));
                heartbeat();
            }
            pauses.push_back(m_now.tick - before);
            answer(queries.front().number, Error{ErrorCode::Busy, "Too much."});
        }
        QVERIFY(pauses[1] <= milliseconds(110));
        QVERIFY(pauses.back() >= milliseconds(15'000) && pauses.back() <= milliseconds(30'010));
        QCOMPARE(m_replica->status().detail, std::string("Too much."));
    }

    void anotherProtocolIsSaid()
    {
        const auto hello = ask<HelloQuery>();
        answer(hello.number,
            HelloAnswer{busProtocolVersion + 1, "gantryd 9", "admin", "admin", {m_source->position()}});
        QCOMPARE(m_replica->status().state, LinkState::Connecting);
        QVERIFY(m_replica->status().detail.find("version " + std::to_string(busProtocolVersion + 1))
            != std::string::npos);
        pass(milliseconds(200));
        const auto again = ask<HelloQuery>();
        answer(again.number, Error{ErrorCode::ProtocolMismatch, "Install the same release."});
        QCOMPARE(m_replica->status().detail, std::string("Install the same release."));
    }

    void whyItIsNotConnectedIsSaid()
    {
        m_replica->tellTrouble("Nothing answers.");
        pass(milliseconds(100));
        QCOMPARE(m_replica->status().detail, std::string("Nothing answers."));
        m_replica->tellTrouble({});
        goLive();
        QVERIFY(m_replica->status().detail.empty());
    }

    void partitionThatMovedAwayIsDropped()
    {
        goLive();
        (void)m_replica->takeChange();
        m_replica->commandsConnected(m_now);
        OrderSource other(9, 1);
        other.commit(50);
        const auto hello = ask<HelloQuery>();
        answer(
            hello.number, HelloAnswer{busProtocolVersion, "gantryd", "admin", "admin", {other.position()}});
        const ReplicaChange change = m_replica->takeChange();
        QVERIFY(change.reset);
        QVERIFY(change.changed.empty());
        const auto query = ask<SnapshotQuery>();
        QCOMPARE(std::get<SnapshotQuery>(query.query).partition, 1U);
    }

    void changesOfOneOrderBecomeOne()
    {
        goLive();
        (void)m_replica->takeChange();
        for (int i = 0; i < 40; ++i)
            publish(m_source->commit(50));
        const ReplicaChange change = m_replica->takeChange();
        QVERIFY(!change.reset);
        QCOMPARE(change.events.size(), 1'000U);
        QCOMPARE(change.events.back().sequence, m_source->position().sequence);
        QVERIFY(change.receivedCount > 0);
        QVERIFY(change.closedCount > 0);
        for (std::size_t i = 1; i < change.changed.size(); ++i)
            QVERIFY(change.changed[i - 1]->id < change.changed[i]->id);
        for (std::size_t i = 1; i < change.removed.size(); ++i)
            QVERIFY(change.removed[i - 1] < change.removed[i]);
        QVERIFY(!m_replica->hasChange());
    }

private:
    void make(ReplicaLimits limits)
    {
        m_replica = std::make_unique<Replica>(*m_random, ReplicaPatience{}, limits);
        m_replica->connected(m_now);
    }

    /// The one question that it has now, of that kind.
    template <typename Kind>
    NumberedQuery ask()
    {
        const auto queries = m_replica->takeQueries(m_now);
        if (queries.size() != 1 || !std::holds_alternative<Kind>(queries.front().query))
            qFatal("another question was expected");
        return queries.front();
    }

    void answer(std::uint64_t number, BusAnswer with) { m_replica->take(number, std::move(with), m_now); }

    void answerHello()
    {
        answer(ask<HelloQuery>().number,
            HelloAnswer{busProtocolVersion, "gantryd", "admin", "admin", {m_source->position()}});
    }

    SnapshotAnswer part(const NumberedQuery& query, std::size_t limit) const
    {
        const auto part = m_source->part(std::get<SnapshotQuery>(query.query).after, limit);
        return {{part.partition, part.epoch, part.sequence}, part.orders, part.isLast};
    }

    ReplayAnswer replay(const NumberedQuery& query) const
    {
        const auto& asked = std::get<ReplayQuery>(query.query);
        auto events = m_source->read(asked.after, asked.limit);
        const std::uint64_t last = asked.after + events.size();
        return {0, asked.epoch, asked.after + 1, last, std::move(events)};
    }

    void load()
    {
        const auto query = ask<SnapshotQuery>();
        answer(query.number, part(query, 1000));
    }

    void goLive()
    {
        heartbeat();
        answerHello();
        load();
        if (m_replica->status().state != LinkState::Live)
            qFatal("it did not go live");
    }

    void publish(const std::shared_ptr<const engine::CommittedBatch>& batch)
    {
        m_replica->take(EventMessage{batch->partition, batch->epoch, batch->events.front().sequence,
                            batch->events.back().sequence, batch->events},
            m_now);
    }

    void heartbeat() { m_replica->take(HeartbeatMessage{m_now.wall, {m_source->position()}}, m_now); }

    void pass(milliseconds time)
    {
        m_now.tick += time;
        m_now.wall += time;
        m_replica->tick(m_now);
    }

    [[nodiscard]] bool isEqual() const
    {
        const auto truth = m_source->digest();
        const auto own = m_replica->digest();
        return own.sequence == truth.sequence && own.digest == truth.digest && own.count == truth.count;
    }

    std::unique_ptr<SeededRandom> m_random;
    std::unique_ptr<OrderSource> m_source;
    std::unique_ptr<Replica> m_replica;
    Moment m_now;
};

QTEST_GUILESS_MAIN(TestReplica)
#include "tst_replica.moc"
