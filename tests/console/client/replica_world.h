// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "console/client/replica.h"
#include "tests/support/bus/order_source.h"

#include <deque>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace gantry::test {

/// What has happened in the cases tried: a property that never sees a gap proves nothing about gaps.
struct WorldCoverage {
    int snapshotParts = 0;
    int changesBetweenParts = 0;
    int replays = 0;
    int tooOld = 0;
    int lostMessages = 0;
    int repeatedMessages = 0;
    int lostAnswers = 0;
    int problems = 0;
    int restarts = 0;
    int reconnects = 0;
    int liveChecks = 0;
    int staleSeen = 0;
    int resets = 0;
};

/// Daemon, network and clock around one Replica, all in one thread and all from one number: messages are lost, repeated and late, answers
/// come in any sequence or never, the daemon restarts at any moment. Any breach of a promise ends in `complaint()`.
class ReplicaWorld {
public:
    ReplicaWorld(std::uint64_t seed, WorldCoverage& coverage);

    /// Something happens.
    void step();

    /// Nothing bad happens any more; whatever the state is, the replica must come to equal the daemon.
    void heal();

    /// Who knows only the changes must know what the replica knows.
    void checkFollower();

    /// What went wrong first; empty if nothing did.
    [[nodiscard]] const std::string& complaint() const { return m_complaint; }

private:
    using Message = std::variant<EventMessage, HeartbeatMessage>;

    void commit();
    void record(const LoggedEvent& logged);
    void heartbeat();
    void restartDaemon();
    void deliverMessage(bool isHealing);
    void give(const Message& message);
    void answerQuery(bool isHealing);
    void deliverAnswer(bool isHealing);
    BusAnswer answerTo(const BusQuery& query, bool isHealing);
    BusAnswer answerTo(const SnapshotQuery& query, bool isHealing);
    BusAnswer answerTo(const ReplayQuery& query, bool isHealing);
    void pass(std::chrono::milliseconds time);
    void afterwards();
    void reconnect();
    void follow();
    void checkTruth();
    void complain(const std::string& what);
    [[nodiscard]] std::vector<PartitionPosition> positions() const;
    [[nodiscard]] bool isEqual() const;

    Dice m_dice;
    WorldCoverage& m_coverage;
    std::vector<OrderSource> m_sources; ///< by partition
    std::map<OrderId, Order> m_folded; ///< partition 0, event by event
    std::map<std::uint64_t, std::uint64_t> m_history; ///< digest of partition 0 by sequence
    std::set<std::uint64_t> m_digests; ///< all that the daemon ever had
    std::uint64_t m_told = 0; ///< the last sequence of partition 0 that the replica has heard of
    console::Replica m_replica;
    console::Moment m_now;
    std::chrono::milliseconds m_skew; ///< of the daemon's clock
    std::deque<Message> m_messages; ///< on their way to the replica
    std::vector<console::NumberedQuery> m_queries; ///< on their way to the daemon
    std::vector<std::pair<std::uint64_t, BusAnswer>> m_answers; ///< on their way back
    std::map<OrderId, std::shared_ptr<const Order>> m_follower; ///< who knows only the changes
    std::size_t m_partOrders;
    std::uint64_t m_lastPartSequence = 0;
    std::string m_complaint;
};

} // namespace gantry::test
