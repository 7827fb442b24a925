// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "console/client/change_collector.h"
#include "console/client/lag_meter.h"
#include "console/client/partition_replica.h"
#include "shared/util/random_source.h"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace gantry::console {

/// A moment by two clocks: one that never jumps, for durations, and the wall's, for people.
struct Moment {
    std::chrono::milliseconds tick{};
    Timestamp wall{};
};

/// How patient a replica is.
struct ReplicaPatience {
    std::chrono::milliseconds silence{5'000}; ///< without any message: stale
    std::chrono::milliseconds answer{5'000}; ///< without an answer: ask again
    std::chrono::milliseconds lag{5'000}; ///< behind: connect anew and take a snapshot
    std::chrono::milliseconds firstPause{100}; ///< before a question that failed is asked again; doubles
    std::chrono::milliseconds longestPause{30'000};
    std::chrono::milliseconds longestReconnectPause{10'000};
};

/// A question for the daemon.
struct NumberedQuery {
    std::uint64_t number = 0;
    BusQuery query;
};

/// The console's replica of all open orders, over all partitions, and how far it can be trusted: a pure function of messages and time. Whoever owns it gives it what comes
/// from the daemon, sends what takeQueries() gives, makes the connections anew when it wishes so, and calls tick() now and then. One thread.
class Replica {
public:
    explicit Replica(RandomSource& random, ReplicaPatience patience = {}, ReplicaLimits limits = {});

    /// The sockets were made (anew): what was asked is lost.
    void connected(const Moment& now);

    /// The command socket is connected, perhaps again: what was asked before is lost.
    void commandsConnected(const Moment& now);

    void take(EventMessage message, const Moment& now);
    void take(const HeartbeatMessage& heartbeat, const Moment& now);
    void take(std::uint64_t number, BusAnswer answer, const Moment& now);

    /// A message that could not be read came over the event socket.
    void takeGarbage(const Moment& now) { m_heard = now; }

    /// Why the sockets are not connected, in words; empty if they are.
    void tellTrouble(std::string trouble) { m_trouble = std::move(trouble); }

    /// Time has passed.
    void tick(const Moment& now);

    /// Whether the connections should be made anew; told once.
    [[nodiscard]] bool takeReconnectWish();

    /// What is to be asked now; each is given once and counted as asked.
    [[nodiscard]] std::vector<NumberedQuery> takeQueries(const Moment& now);

    [[nodiscard]] bool hasChange() const noexcept { return !m_changes.isEmpty(); }

    /// What has changed since the last call.
    [[nodiscard]] ReplicaChange takeChange();

    [[nodiscard]] const LinkStatus& status() const noexcept { return m_status; }
    [[nodiscard]] ReplicaDigest digest() const;

private:
    /// One line of questions: at most one under way, with pauses after failures.
    struct Line {
        std::optional<NumberedQuery> asked{};
        std::chrono::milliseconds askedAt{};
        std::chrono::milliseconds notBefore{};
        int failures = 0;
    };

    void takeHello(const HelloAnswer& hello, const Moment& now);
    void takeProblem(Line& line, const Error& problem, const Moment& now);
    bool takePart(PartitionReplica& partition, BusAnswer answer);
    PartitionReplica* known(std::uint32_t partition, std::uint64_t epoch);
    std::optional<BusQuery> toAsk(Line& line, std::optional<BusQuery> wanted, const Moment& now);
    void fail(Line& line, const Moment& now);
    void fallBehind(std::chrono::milliseconds lag);
    void wishReconnect();
    void updateStatus(const Moment& now);
    [[nodiscard]] LinkState stateNow(const Moment& now) const;
    [[nodiscard]] std::string detailNow(LinkState state) const;

    RandomSource& m_random;
    ReplicaPatience m_patience;
    ReplicaLimits m_limits;
    ChangeCollector m_changes;
    std::map<std::uint32_t, PartitionReplica> m_partitions;
    std::map<std::uint32_t, Line> m_lines; ///< by partition
    Line m_helloLine;
    bool m_wantsHello = true;
    bool m_wantsReconnect = false;
    std::uint64_t m_lastNumber = 0;
    int m_unanswered = 0; ///< questions in a row
    int m_reconnects = 0; ///< in a row, without hearing anything
    std::optional<Moment> m_heard; ///< when the event socket last gave something
    std::chrono::milliseconds m_connectedAt{};
    std::chrono::milliseconds m_reconnectPause{};
    LagMeter m_lag;
    std::string m_trouble;
    std::string m_problem; ///< what the daemon said against us, in words
    LinkStatus m_status;
};

} // namespace gantry::console
