// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/console/client/replica_world.h"

#include <algorithm>

namespace gantry::test {

using console::LinkState;
using std::chrono::milliseconds;

namespace {

constexpr int healingRounds = 4'000;

} // namespace

ReplicaWorld::ReplicaWorld(std::uint64_t seed, WorldCoverage& coverage)
    : m_dice(seed)
    , m_coverage(coverage)
    , m_replica(m_dice, {}, {.mostGap = 5 + m_dice.roll(100), .mostBuffered = 5 + m_dice.roll(200)})
    , m_now{milliseconds(1'000'000), fromMillis(1'770'000'000'000)}
    , m_skew(static_cast<int>(m_dice.roll(100'000)) - 50'000)
    , m_partOrders(1 + m_dice.roll(8))
{
    const auto partitions = static_cast<std::uint32_t>(m_dice.chance(20) ? 2 : 1);
    for (std::uint32_t number = 0; number < partitions; ++number)
        m_sources.emplace_back(m_dice.next(), number);
    m_history[0] = 0;
    m_digests.insert(0);
    for (std::uint64_t before = m_dice.roll(20); before > 0; --before)
        commit();
    m_messages.clear();
    m_replica.connected(m_now);
    afterwards();
}

void ReplicaWorld::step()
{
    const std::uint64_t what = m_dice.roll(100);
    if (what < 25)
        commit();
    else if (what < 50)
        deliverMessage(false);
    else if (what < 68)
        answerQuery(false);
    else if (what < 86)
        deliverAnswer(false);
    else if (what < 90)
        heartbeat();
    else if (what < 98)
        pass(milliseconds(m_dice.roll(200)));
    else if (what < 99)
        pass(milliseconds(m_dice.roll(9'000)));
    else if (m_dice.chance(50))
        restartDaemon();
    afterwards();
}

void ReplicaWorld::heal()
{
    for (int round = 0; round < healingRounds && m_complaint.empty(); ++round) {
        pass(milliseconds(100));
        if (round % 10 == 0)
            heartbeat();
        while (!m_messages.empty())
            deliverMessage(true);
        afterwards();
        while (!m_queries.empty())
            answerQuery(true);
        while (!m_answers.empty())
            deliverAnswer(true);
        afterwards();
        if (m_replica.status().state == LinkState::Live && isEqual())
            return;
    }
    complain("it does not come to equal the daemon, state "
        + std::to_string(static_cast<int>(m_replica.status().state)) + ", " + m_replica.status().detail);
}

void ReplicaWorld::commit()
{
    OrderSource& source = m_sources[m_dice.roll(m_sources.size())];
    const auto batch = source.commit(1 + m_dice.roll(6));
    if (batch->partition == 0)
        for (const LoggedEvent& event : batch->events)
            record(event);
    m_messages.emplace_back(EventMessage{batch->partition, batch->epoch, batch->events.front().sequence,
        batch->events.back().sequence, batch->events});
}

void ReplicaWorld::record(const LoggedEvent& logged)
{
    std::uint64_t digest = m_history.rbegin()->second;
    Order& order = m_folded.try_emplace(logged.order, Order{.id = logged.order}).first->second;
    digest -= order.version > 0 ? digestOf(order) : 0;
    order = apply(std::move(order), logged.event);
    if (order.outcome == Outcome::Open)
        digest += digestOf(order);
    else
        m_folded.erase(logged.order);
    m_history[logged.sequence] = digest;
    m_digests.insert(digest);
}

void ReplicaWorld::heartbeat()
{
    m_messages.emplace_back(HeartbeatMessage{m_now.wall + m_skew, positions()});
}

void ReplicaWorld::restartDaemon()
{
    ++m_coverage.restarts;
    for (OrderSource& source : m_sources)
        source.beginEpoch();
    // Of what was on the way, a beginning may still arrive.
    m_messages.resize(m_dice.roll(m_messages.size() + 1));
    m_queries.clear();
    if (m_dice.chance(50))
        m_answers.clear();
    if (m_dice.chance(50))
        m_replica.commandsConnected(m_now);
}

void ReplicaWorld::deliverMessage(bool isHealing)
{
    if (m_messages.empty())
        return;
    if (!isHealing && m_dice.chance(8)) {
        ++m_coverage.lostMessages;
        const auto count = static_cast<std::ptrdiff_t>(1 + m_dice.roll(m_messages.size()));
        m_messages.erase(m_messages.begin(), m_messages.begin() + count);
        return;
    }
    const Message message = m_messages.front();
    m_messages.pop_front();
    give(message);
    if (!isHealing && m_dice.chance(5)) {
        ++m_coverage.repeatedMessages;
        give(message);
    }
}

void ReplicaWorld::give(const Message& message)
{
    if (const auto* heartbeat = std::get_if<HeartbeatMessage>(&message)) {
        m_told = std::max(m_told, heartbeat->partitions.front().sequence);
        m_replica.take(*heartbeat, m_now);
    } else {
        const auto& events = std::get<EventMessage>(message);
        m_told = std::max(m_told, events.partition == 0 ? events.last : 0);
        m_replica.take(events, m_now);
    }
    checkTruth();
}

void ReplicaWorld::answerQuery(bool isHealing)
{
    if (m_queries.empty())
        return;
    const auto query = m_queries.begin() + static_cast<std::ptrdiff_t>(m_dice.roll(m_queries.size()));
    if (isHealing || !m_dice.chance(5))
        m_answers.emplace_back(query->number, answerTo(query->query, isHealing));
    m_queries.erase(query);
}

void ReplicaWorld::deliverAnswer(bool isHealing)
{
    if (m_answers.empty())
        return;
    const auto chosen = m_answers.begin() + static_cast<std::ptrdiff_t>(m_dice.roll(m_answers.size()));
    auto [number, answer] = *chosen;
    m_answers.erase(chosen);
    if (!isHealing && m_dice.chance(5)) {
        ++m_coverage.lostAnswers;
        return;
    }
    m_replica.take(number, answer, m_now);
    if (!isHealing && m_dice.chance(5))
        m_replica.take(number, answer, m_now);
    checkTruth();
}

BusAnswer ReplicaWorld::answerTo(const BusQuery& query, bool isHealing)
{
    if (!isHealing && m_dice.chance(4)) {
        ++m_coverage.problems;
        return Error{m_dice.chance(50) ? ErrorCode::Busy : ErrorCode::NotFound, "Not now."};
    }
    if (std::holds_alternative<HelloQuery>(query))
        return HelloAnswer{busProtocolVersion, "gantryd", "admin", "admin", positions()};
    if (const auto* snapshot = std::get_if<SnapshotQuery>(&query))
        return answerTo(*snapshot, isHealing);
    return answerTo(std::get<ReplayQuery>(query), isHealing);
}

BusAnswer ReplicaWorld::answerTo(const SnapshotQuery& query, bool isHealing)
{
    ++m_coverage.snapshotParts;
    const OrderSource& source = m_sources[query.partition];
    const std::size_t limit = isHealing ? query.limit : m_partOrders;
    const engine::SnapshotPart part = source.part(query.after, limit);
    if (query.after && part.sequence != m_lastPartSequence)
        ++m_coverage.changesBetweenParts;
    m_lastPartSequence = part.sequence;
    return SnapshotAnswer{{part.partition, part.epoch, part.sequence}, part.orders, part.isLast};
}

BusAnswer ReplicaWorld::answerTo(const ReplayQuery& query, bool isHealing)
{
    ++m_coverage.replays;
    const OrderSource& source = m_sources[query.partition];
    if (source.position().epoch != query.epoch || (!isHealing && m_dice.chance(5))) {
        ++m_coverage.tooOld;
        return ReplayAnswer{
            .partition = query.partition, .epoch = query.epoch, .events = {}, .isTooOld = true};
    }
    auto events = source.read(query.after, isHealing ? query.limit : 1 + m_dice.roll(20));
    const std::uint64_t last = query.after + events.size();
    return ReplayAnswer{query.partition, query.epoch, query.after + 1, last, std::move(events)};
}

void ReplicaWorld::pass(milliseconds time)
{
    m_now.tick += time;
    m_now.wall += time;
    m_replica.tick(m_now);
}

void ReplicaWorld::afterwards()
{
    if (m_replica.takeReconnectWish())
        reconnect();
    for (auto& query : m_replica.takeQueries(m_now))
        m_queries.push_back(std::move(query));
    if (m_dice.chance(30))
        follow();
    m_coverage.staleSeen += m_replica.status().state == LinkState::Stale ? 1 : 0;
    checkTruth();
}

void ReplicaWorld::reconnect()
{
    ++m_coverage.reconnects;
    m_messages.clear();
    m_queries.clear();
    m_answers.clear();
    m_replica.connected(m_now);
    heartbeat();
}

void ReplicaWorld::follow()
{
    if (!m_replica.hasChange())
        return;
    const console::ReplicaChange change = m_replica.takeChange();
    m_coverage.resets += change.reset ? 1 : 0;
    if (change.reset)
        m_follower.clear();
    for (std::size_t i = 0; i < change.changed.size(); ++i) {
        if (i > 0 && !(change.changed[i - 1]->id < change.changed[i]->id))
            complain("changed orders are not by ascending id, each once");
        if (change.changed[i]->outcome != Outcome::Open)
            complain("a closed order is told as open");
        m_follower[change.changed[i]->id] = change.changed[i];
    }
    for (const OrderId& id : change.removed)
        if (m_follower.erase(id) == 0)
            complain("an order is removed that was never told of");
    std::uint64_t shown = 0;
    for (const auto& [id, order] : m_follower)
        shown += digestOf(*order);
    if (m_sources.size() == 1 && m_digests.count(shown) == 0)
        complain("what is shown was never the state of the daemon");
}

void ReplicaWorld::checkFollower()
{
    follow();
    std::uint64_t digest = 0;
    for (const auto& [id, order] : m_follower)
        digest += digestOf(*order);
    if (digest != m_replica.digest().digest || m_follower.size() != m_replica.digest().count)
        complain("the changes told do not add up to the replica");
}

/// What is called live is exact: the digest is the daemon's at that sequence.
void ReplicaWorld::checkTruth()
{
    if (m_replica.status().state != LinkState::Live || m_sources.size() > 1)
        return;
    ++m_coverage.liveChecks;
    const console::ReplicaDigest digest = m_replica.digest();
    const auto then = m_history.find(digest.sequence);
    if (then == m_history.end())
        complain("it is live at a sequence that does not exist");
    else if (digest.sequence < m_told)
        complain("it is live and behind what it was told");
    else if (then->second != digest.digest)
        complain(
            "it is live and differs from what the daemon had at sequence " + std::to_string(digest.sequence));
}

bool ReplicaWorld::isEqual() const
{
    console::ReplicaDigest truth;
    for (const OrderSource& source : m_sources) {
        const engine::DigestAnswer part = source.digest();
        truth.sequence += part.sequence;
        truth.digest += part.digest;
        truth.count += part.count;
    }
    const console::ReplicaDigest own = m_replica.digest();
    return own.sequence == truth.sequence && own.digest == truth.digest && own.count == truth.count;
}

std::vector<PartitionPosition> ReplicaWorld::positions() const
{
    std::vector<PartitionPosition> all;
    for (const OrderSource& source : m_sources)
        all.push_back(source.position());
    return all;
}

void ReplicaWorld::complain(const std::string& what)
{
    if (m_complaint.empty())
        m_complaint = what;
}

} // namespace gantry::test
