// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/client/replica.h"

#include <algorithm>
#include <cmath>

namespace gantry::console {

namespace {

using std::chrono::milliseconds;

/// Between half and all of `first` doubled `times` times, but at most `most`: so that many consoles do not come at once.
milliseconds jittered(milliseconds first, int times, milliseconds most, double chance)
{
    const double grown = static_cast<double>(first.count()) * std::pow(2.0, std::min(times, 30));
    const double whole = std::min(grown, static_cast<double>(most.count()));
    return milliseconds(static_cast<milliseconds::rep>(whole * (0.5 + chance / 2)));
}

bool isSameKind(const BusQuery& a, const BusQuery& b)
{
    // A replay under way serves however far the replica has come meanwhile; a snapshot's part must be the one meant.
    return a.index() == b.index() && (!std::holds_alternative<SnapshotQuery>(a) || a == b);
}

} // namespace

Replica::Replica(RandomSource& random, ReplicaPatience patience, ReplicaLimits limits)
    : m_random(random)
    , m_patience(patience)
    , m_limits(limits)
{
}

void Replica::connected(const Moment& now)
{
    m_connectedAt = now.tick;
    m_helloLine = {};
    m_lines.clear();
    m_wantsHello = true;
    m_unanswered = 0;
    m_lag.reset();
    m_reconnectPause =
        jittered(m_patience.silence / 5, m_reconnects, m_patience.longestReconnectPause, m_random.unit());
    updateStatus(now);
}

void Replica::commandsConnected(const Moment& now)
{
    m_helloLine = {};
    m_lines.clear();
    m_wantsHello = true;
    updateStatus(now);
}

PartitionReplica* Replica::known(std::uint32_t partition, std::uint64_t epoch)
{
    const auto found = m_partitions.find(partition);
    // Another owner or another run of the daemon: it may speak another protocol, and serve other partitions.
    if (found == m_partitions.end() || found->second.position().epoch < epoch)
        m_wantsHello = true;
    return found == m_partitions.end() ? nullptr : &found->second;
}

void Replica::take(EventMessage message, const Moment& now)
{
    m_heard = now;
    m_reconnects = 0;
    if (PartitionReplica* partition = known(message.partition, message.epoch))
        partition->take(std::move(message));
    updateStatus(now);
}

void Replica::take(const HeartbeatMessage& heartbeat, const Moment& now)
{
    m_heard = now;
    m_reconnects = 0;
    for (const PartitionPosition& position : heartbeat.partitions)
        if (PartitionReplica* partition = known(position.partition, position.epoch))
            partition->take(position);
    if (const milliseconds lag = m_lag.note(heartbeat.at, now.tick); lag > m_patience.lag)
        fallBehind(lag);
    updateStatus(now);
}

void Replica::fallBehind(milliseconds lag)
{
    m_problem = "This console was held up for " + std::to_string(lag.count() / 1000)
        + " s and takes everything anew.";
    for (auto& [number, partition] : m_partitions)
        partition.restart(partition.position().epoch);
    wishReconnect();
}

void Replica::wishReconnect()
{
    m_wantsReconnect = true;
    m_wantsHello = true;
    ++m_reconnects;
}

void Replica::take(std::uint64_t number, BusAnswer answer, const Moment& now)
{
    const auto asks = [&](const Line& line) { return line.asked && line.asked->number == number; };
    if (asks(m_helloLine)) {
        m_unanswered = 0;
        if (const auto* hello = std::get_if<HelloAnswer>(&answer))
            takeHello(*hello, now);
        else if (const auto* problem = std::get_if<Error>(&answer))
            takeProblem(m_helloLine, *problem, now);
        else
            fail(m_helloLine, now);
    }
    for (auto& [id, line] : m_lines) {
        const auto partition = m_partitions.find(id);
        if (!asks(line) || partition == m_partitions.end())
            continue;
        m_unanswered = 0;
        const auto wanted = partition->second.wanted();
        if (!wanted || !isSameKind(line.asked->query, *wanted))
            line = {}; // the partition has begun anew meanwhile: what it asked then is of no use now
        else if (const auto* problem = std::get_if<Error>(&answer))
            takeProblem(line, *problem, now);
        else if (takePart(partition->second, std::move(answer)))
            line = {};
        else
            fail(line, now);
        break;
    }
    updateStatus(now);
}

void Replica::takeHello(const HelloAnswer& hello, const Moment& now)
{
    if (hello.protocol != busProtocolVersion) {
        m_problem = "The daemon speaks version " + std::to_string(hello.protocol)
            + " of the protocol, this console version " + std::to_string(busProtocolVersion)
            + ". Install the same release of Gantry on both sides.";
        return fail(m_helloLine, now);
    }
    m_helloLine = {};
    m_wantsHello = false;
    m_problem.clear();
    const auto isServed = [&](std::uint32_t number) {
        return std::any_of(hello.partitions.begin(), hello.partitions.end(),
            [&](const PartitionPosition& position) { return position.partition == number; });
    };
    if (std::erase_if(m_partitions, [&](const auto& entry) { return !isServed(entry.first); }) > 0)
        m_changes.reset();
    for (const PartitionPosition& position : hello.partitions) {
        const auto [entry, isFresh] =
            m_partitions.try_emplace(position.partition, position, m_changes, m_limits);
        if (!isFresh)
            entry->second.take(position);
    }
    std::erase_if(m_lines, [&](const auto& entry) { return !isServed(entry.first); });
}

void Replica::takeProblem(Line& line, const Error& problem, const Moment& now)
{
    m_problem = problem.message;
    if (problem.code == ErrorCode::NotFound || problem.code == ErrorCode::Unauthenticated)
        m_wantsHello = true;
    fail(line, now);
}

bool Replica::takePart(PartitionReplica& partition, BusAnswer answer)
{
    if (const auto* snapshot = std::get_if<SnapshotAnswer>(&answer))
        return snapshot->position.partition == partition.position().partition && partition.take(*snapshot);
    if (auto* replay = std::get_if<ReplayAnswer>(&answer))
        return replay->partition == partition.position().partition && partition.take(std::move(*replay));
    return false;
}

void Replica::fail(Line& line, const Moment& now)
{
    line.asked.reset();
    line.notBefore =
        now.tick + jittered(m_patience.firstPause, line.failures++, m_patience.longestPause, m_random.unit());
}

void Replica::tick(const Moment& now)
{
    const milliseconds quietSince = std::max(m_connectedAt, m_heard ? m_heard->tick : m_connectedAt);
    const bool isMute = now.tick - quietSince > m_patience.silence + m_reconnectPause;
    // Events come, but questions are not answered: the command socket is dead.
    const bool isDeaf = m_unanswered >= 2 && now.tick - m_connectedAt > m_patience.silence + m_reconnectPause;
    if ((isMute || isDeaf) && !m_wantsReconnect)
        wishReconnect();
    updateStatus(now);
}

bool Replica::takeReconnectWish()
{
    return std::exchange(m_wantsReconnect, false);
}

std::vector<NumberedQuery> Replica::takeQueries(const Moment& now)
{
    std::vector<NumberedQuery> queries;
    if (m_wantsHello) {
        if (auto hello = toAsk(m_helloLine, HelloQuery{}, now))
            queries.push_back({m_lastNumber, std::move(*hello)});
        return queries;
    }
    for (const auto& [number, partition] : m_partitions)
        if (auto query = toAsk(m_lines[number], partition.wanted(), now))
            queries.push_back({m_lastNumber, std::move(*query)});
    return queries;
}

std::optional<BusQuery> Replica::toAsk(Line& line, std::optional<BusQuery> wanted, const Moment& now)
{
    if (!wanted) {
        line = {};
        return std::nullopt;
    }
    if (line.asked && isSameKind(line.asked->query, *wanted)) {
        if (now.tick - line.askedAt < m_patience.answer)
            return std::nullopt;
        ++m_unanswered;
        fail(line, now);
    }
    if (now.tick < line.notBefore)
        return std::nullopt;
    line.asked = NumberedQuery{++m_lastNumber, *wanted};
    line.askedAt = now.tick;
    return wanted;
}

ReplicaChange Replica::takeChange()
{
    ReplicaChange change = m_changes.take();
    if (!change.reset)
        return change;
    for (const auto& [number, partition] : m_partitions)
        for (const auto& [id, order] : partition.orders())
            change.changed.push_back(order);
    std::sort(change.changed.begin(), change.changed.end(),
        [](const auto& a, const auto& b) { return a->id < b->id; });
    return change;
}

LinkState Replica::stateNow(const Moment& now) const
{
    const auto all = [&](auto&& holds) {
        return std::all_of(
            m_partitions.begin(), m_partitions.end(), [&](const auto& entry) { return holds(entry.second); });
    };
    if (m_partitions.empty()
        || !all([](const PartitionReplica& partition) { return partition.wasComplete(); }))
        return LinkState::Connecting;
    if (!m_heard)
        return LinkState::Resyncing;
    if (now.tick - m_heard->tick > m_patience.silence)
        return LinkState::Stale;
    const bool isLive = !m_wantsHello && !m_wantsReconnect && m_heard->tick >= m_connectedAt
        && all([](const PartitionReplica& partition) { return partition.isCurrent(); });
    return isLive ? LinkState::Live : LinkState::Resyncing;
}

std::string Replica::detailNow(LinkState state) const
{
    if (state == LinkState::Live)
        return {};
    if (!m_trouble.empty())
        return m_trouble;
    if (!m_problem.empty())
        return m_problem;
    std::size_t loaded = 0;
    for (const auto& [number, partition] : m_partitions)
        loaded += partition.loadedCount();
    if (loaded > 0)
        return std::to_string(loaded) + " orders loaded.";
    return state == LinkState::Stale ? "The daemon is silent." : "";
}

void Replica::updateStatus(const Moment& now)
{
    const LinkState state = stateNow(now);
    if (state != m_status.state || m_status.since == Timestamp{})
        m_status.since = state == LinkState::Stale ? m_heard->wall : now.wall;
    m_status.state = state;
    m_status.detail = detailNow(state);
}

ReplicaDigest Replica::digest() const
{
    ReplicaDigest digest;
    for (const auto& [number, partition] : m_partitions) {
        digest.epoch = std::max(digest.epoch, partition.position().epoch);
        digest.sequence += partition.position().sequence;
        digest.count += partition.orders().size();
        for (const auto& [id, order] : partition.orders())
            digest.digest += digestOf(*order);
    }
    return digest;
}

} // namespace gantry::console
