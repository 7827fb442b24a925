// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/bulk/bulk_runner.h"

#include "daemon/bulk/retry_history.h"
#include "shared/util/hash.h"

#include <algorithm>
#include <utility>

namespace gantry::bulk {

namespace {

using std::chrono::milliseconds;
using store::BulkChanges;
using store::BulkMember;
using store::BulkRecord;

constexpr std::size_t membersPerWrite = 2000; ///< what a partition's thread writes in about ten milliseconds
constexpr std::size_t sentPerRound = 500;
constexpr std::size_t looksPerRound = 1000;
constexpr std::size_t membersPerLoad = 10'000;
constexpr milliseconds lookEvery{250};
constexpr milliseconds pauseWhenFull{1000}; ///< the disk
constexpr milliseconds pauseWhenBusy{100}; ///< an inbox

/// Where nothing more is decided by a look at the order.
bool isFinal(MemberResult result) noexcept
{
    return result != MemberResult::Running && result != MemberResult::NotPickedUp
        && result != MemberResult::Waiting;
}

store::Fingerprint fingerprintOf(const std::string& key)
{
    store::Fingerprint fingerprint{};
    const std::uint64_t hash = fnv1a(key);
    for (std::size_t i = 0; i < 8; ++i)
        fingerprint[i] = static_cast<std::uint8_t>(hash >> (8 * i));
    return fingerprint;
}

std::string failuresText(const BulkStop& stop)
{
    return std::to_string(stop.count) + (stop.count == 1 ? " failure" : " failures")
        + (stop.step.empty() ? " of " : " at " + stop.step + " of ") + stop.code;
}

Watched watchedOf(std::uint64_t bulk, const BulkMember& member)
{
    return {bulk, member.number, member.versionAfter.value_or(0), member.round, member.result};
}

/// What a judgment makes of a member that was known as `before`; empty: nothing new.
std::optional<MemberResult> newResult(const RetryJudgment& judgment, MemberResult before)
{
    MemberResult result = resultOf(judgment.verdict);
    if (result == MemberResult::Running) {
        // It may come to be somebody's turn, and then waits for that; how long is nobody's guess.
        if (!judgment.isWaiting || before != MemberResult::Running)
            return std::nullopt;
        result = MemberResult::Waiting;
    }
    return result == before ? std::nullopt : std::optional(result);
}

} // namespace

store::MemberResult resultOf(RetryVerdict verdict) noexcept
{
    switch (verdict) {
    case RetryVerdict::Pending: return MemberResult::Running;
    case RetryVerdict::Fixed: return MemberResult::Fixed;
    case RetryVerdict::FailedAgain: return MemberResult::FailedAgain;
    case RetryVerdict::FailedAnew: return MemberResult::FailedAnew;
    case RetryVerdict::NotPickedUp: return MemberResult::NotPickedUp;
    case RetryVerdict::Superseded: return MemberResult::Superseded;
    }
    return MemberResult::Running;
}

BulkRunner::BulkRunner(BulkSettings settings, std::unique_ptr<store::StoreReader> reader)
    : m_settings(std::move(settings))
    , m_reader(std::move(reader))
{
}

// Start

Result<void> BulkRunner::start()
{
    const auto newest = m_reader->listBulks({}, 1);
    if (!newest)
        return tl::unexpected(newest.error());
    if (!newest->empty())
        m_lastNumber = newest->front().number;
    auto unfinished = m_reader->listUnfinishedBulks();
    if (!unfinished)
        return tl::unexpected(unfinished.error());
    for (BulkRecord& record : *unfinished) {
        const auto of = [&record](
                            MemberResult result) { return record.counts[static_cast<std::size_t>(result)]; };
        const bool isOver = !isActive(record.state) && of(MemberResult::Pending) == 0
            && of(MemberResult::Sent) == 0 && of(MemberResult::Running) == 0;
        if (auto loaded = isOver ? loadEnded(record) : load(std::move(record)); !loaded)
            return loaded;
    }
    m_settings.queue.wantChanges(!m_watch.isEmpty());
    return {};
}

Result<void> BulkRunner::loadEnded(const BulkRecord& record)
{
    for (const MemberResult result : {MemberResult::NotPickedUp, MemberResult::Waiting}) {
        std::uint32_t from = 0;
        for (;;) {
            const auto part = m_reader->listBulkMembers(record.number, result, from, membersPerLoad);
            if (!part)
                return tl::unexpected(part.error());
            for (const BulkMember& member : *part)
                m_watch.put(member.order, watchedOf(record.number, member));
            if (part->size() < membersPerLoad)
                break;
            from = part->back().number + 1;
        }
    }
    return {};
}

Result<void> BulkRunner::load(BulkRecord record)
{
    const std::uint64_t number = record.number;
    std::vector<Member> members;
    std::vector<BulkMember> stored;
    do {
        auto part =
            m_reader->listBulkMembers(number, {}, static_cast<std::uint32_t>(stored.size()), membersPerLoad);
        if (!part)
            return tl::unexpected(part.error());
        if (part->empty())
            break;
        std::move(part->begin(), part->end(), std::back_inserter(stored));
    } while (true);
    std::vector<PlanMember> known;
    for (const BulkMember& member : stored) {
        known.push_back({member.result, member.round});
        members.push_back({member.order, member.version, member.versionAfter.value_or(0)});
    }
    BulkPlan plan({record.rate, record.canary, record.stopAfter}, std::move(known), record.state,
        record.round, record.stop);
    for (const BulkMember& member : stored)
        plan.recall(member.number, {member.step, member.code});
    const bool isUnborn = record.state == BulkState::Freezing;
    Bulk& bulk =
        m_bulks.emplace(number, Bulk{std::move(record), std::move(plan), std::move(members)}).first->second;
    for (const BulkMember& member : stored) {
        if (member.result == MemberResult::Sent)
            m_unsent.push_back({number, member.number});
        else if (!isFinal(member.result))
            m_watch.put(member.order, watchedOf(number, member));
    }
    if (isUnborn)
        abandon(bulk);
    return {};
}

/// Whoever asked for it got no answer; that half of a list is acted on is what nobody asked for. Its key is free again: asked for once more it is made.
void BulkRunner::abandon(Bulk& bulk)
{
    static_cast<void>(bulk.plan.cancel());
    bulk.record.key.reset();
    bulk.record.finishedAt = m_settings.clock.now();
    noteState(bulk, "system", "canceled",
        "The daemon stopped while the orders were being listed. Ask for it again.");
    m_gathered.changes->states.back().dropsKey = true;
}

// Rounds

void BulkRunner::run(std::vector<BulkMessage> messages)
{
    for (BulkMessage& message : messages)
        std::visit([this](auto& each) { take(each); }, message);
    look();
    sendWaiting();
    if (!m_writing) {
        actOnAll();
        // One after the other, so that together they write no more at once than one does.
        if (!m_creations.empty() && room() > 0)
            addMembers(m_creations.front());
        std::erase_if(m_creations, [](const Creation& creation) { return !creation.reply; });
    }
    flush();
    dropEnded();
    m_settings.queue.wantChanges(!m_watch.isEmpty());
}

std::optional<milliseconds> BulkRunner::next() const
{
    const milliseconds now = m_settings.clock.monotonic();
    std::optional<milliseconds> first;
    const auto consider = [&first](Millis at) { first = first ? std::min(*first, at) : at; };
    if (m_watch.hasUrgent())
        consider(now);
    if (m_watch.hasOthers())
        consider(m_lookAt);
    if (!m_unsent.empty())
        consider(m_sendAt);
    if (m_writing && !m_isPosted)
        consider(m_writeAt);
    if (m_writing)
        return first;
    if (!m_creations.empty() || !m_gathered.changes->isEmpty())
        consider(now);
    for (const auto& [number, bulk] : m_bulks)
        if (const auto at = bulk.plan.next(now))
            consider(*at);
    return first;
}

void BulkRunner::stop()
{
    const Error error{ErrorCode::ShuttingDown,
        "The daemon stops. Whether it was stored is not known yet: look when it is back, or repeat it with "
        "the "
        "same key."};
    for (Creation& creation : m_creations)
        creation.reply(tl::unexpected(error));
    m_creations.clear();
    if (m_writing)
        for (const auto& reply : m_writing->replies)
            reply(tl::unexpected(error));
    for (const auto& reply : m_gathered.replies)
        reply(tl::unexpected(error));
}

// Members

BulkRunner::Bulk* BulkRunner::find(std::uint64_t number)
{
    const auto found = m_bulks.find(number);
    return found == m_bulks.end() ? nullptr : &found->second;
}

std::size_t BulkRunner::room() const
{
    std::size_t rows = m_gathered.changes->members.size();
    for (const BulkChanges::Added& added : m_gathered.changes->added)
        rows += added.members.size();
    return membersPerWrite - std::min(rows, membersPerWrite);
}

/// Each in its turn, so that none is left out when there is not room for all.
void BulkRunner::actOnAll()
{
    const auto begin = m_bulks.upper_bound(m_actedLast);
    const auto actOn = [this](auto from, auto to) {
        for (; from != to && room() > 0; ++from) {
            act(from->second);
            m_actedLast = from->first;
        }
    };
    const std::uint64_t last = m_actedLast;
    actOn(begin, m_bulks.end());
    actOn(m_bulks.begin(), m_bulks.upper_bound(last));
}

void BulkRunner::act(Bulk& bulk)
{
    const std::uint64_t number = bulk.record.number;
    const auto taken = bulk.plan.take(m_settings.clock.monotonic(), std::min(sentPerRound, room()));
    for (const std::uint32_t member : taken) {
        m_gathered.changes->members.push_back({number, MemberResult::Pending,
            {.number = member, .result = MemberResult::Sent, .round = bulk.plan.round()}});
        m_gathered.commands.push_back({number, member});
    }
    for (const std::uint32_t member : bulk.plan.skip(room()))
        m_gathered.changes->members.push_back({number, MemberResult::Pending,
            {.number = member, .result = MemberResult::Skipped, .at = m_settings.clock.now()}});
}

engine::Inbox& BulkRunner::inboxOf(const OrderId& order) const
{
    for (const PartitionDoor& door : m_settings.partitions)
        if (order.slot() >= door.firstSlot && order.slot() <= door.lastSlot)
            return *door.inbox;
    return *m_settings.partitions.front().inbox;
}

engine::OrderCommand BulkRunner::commandFor(const Bulk& bulk, std::uint32_t number) const
{
    const BulkRecord& record = bulk.record;
    const Member& member = bulk.members.at(number);
    const std::string key = "bulk/" + record.id + '/' + std::to_string(number);
    engine::OrderCommand command{
        member.order, {}, engine::IdempotencyKey{record.createdBy, key, fingerprintOf(key)}};
    command.origin = {AuditDoor::Bulk, record.id};
    command.command.actor = record.createdBy;
    command.command.role = record.role;
    command.command.expectedVersion = member.version;
    command.command.body = TakeAction{.action = record.action,
        .reason = record.reason,
        .step = record.step,
        .holdId = record.holdId,
        .expiresAt = record.expiresAt};
    command.reply = [&queue = m_settings.queue, bulk = record.number, number](
                        const Result<engine::CommandOutcome>& outcome) {
        static_cast<void>(queue.post(MemberAnswer{bulk, number, outcome}));
    };
    return command;
}

void BulkRunner::send(const Key& key)
{
    const Bulk* bulk = find(key.bulk);
    if (!bulk || bulk->plan.member(key.member).result != MemberResult::Sent)
        return;
    auto command = commandFor(*bulk, key.member);
    if (inboxOf(command.order).post(std::move(command)))
        return;
    m_unsent.push_back(key);
    m_sendAt = m_settings.clock.monotonic() + pauseWhenBusy;
}

void BulkRunner::sendWaiting()
{
    if (m_unsent.empty() || m_settings.clock.monotonic() < m_sendAt)
        return;
    for (const Key& key : std::exchange(m_unsent, {}))
        send(key);
}

void BulkRunner::take(MemberAnswer& answer)
{
    Bulk* bulk = find(answer.bulk);
    if (!bulk || bulk->plan.member(answer.member).result != MemberResult::Sent)
        return;
    BulkMember after{.number = answer.member, .at = m_settings.clock.now()};
    if (answer.outcome) {
        after.result = bulk->record.action == Action::Retry ? MemberResult::Running : MemberResult::Done;
        after.versionAfter = answer.outcome->version;
    } else if (answer.outcome.error().code == ErrorCode::VersionMismatch) {
        after.result = MemberResult::Changed;
    } else if (isRetryable(answer.outcome.error().code)) {
        m_unsent.push_back({answer.bulk, answer.member});
        m_sendAt = m_settings.clock.monotonic() + pauseWhenFull;
        return;
    } else {
        after.result = MemberResult::Refused;
        after.code = codeName(answer.outcome.error().code);
    }
    settle(bulk->members.at(answer.member).order,
        {answer.bulk, answer.member, 0, bulk->plan.member(answer.member).round, MemberResult::Sent},
        std::move(after));
}

void BulkRunner::settle(const OrderId& order, const Watched& before, BulkMember after)
{
    after.round = before.round;
    if (!after.versionAfter && before.versionAfter != 0)
        after.versionAfter = before.versionAfter;
    if (isFinal(after.result))
        m_watch.remove(order, before.bulk, before.member);
    else
        m_watch.put(order, watchedOf(before.bulk, after));
    Bulk* bulk = find(before.bulk);
    const BulkState state = bulk ? bulk->plan.state() : BulkState::Completed;
    if (bulk)
        bulk->plan.note(after.number, after.result, {after.step, after.code});
    m_gathered.changes->members.push_back({before.bulk, before.result, std::move(after)});
    if (bulk)
        noteOutcome(*bulk, state);
}

void BulkRunner::take(OrdersChanged& changes)
{
    for (const OrderId& order : changes.orders)
        m_watch.changed(order);
    if (changes.isAll)
        m_watch.lookAtAll();
}

void BulkRunner::look()
{
    // From here on changes are told; what was committed before is seen now.
    m_settings.queue.wantChanges(!m_watch.isEmpty());
    const milliseconds now = m_settings.clock.monotonic();
    const std::size_t most = std::min(looksPerRound, room()); // results wait for the disk, too
    const bool hasTime = now >= m_lookAt;
    if (hasTime && m_watch.hasOthers())
        m_lookAt = now + lookEvery;
    for (const OrderId& order : m_watch.take(most, hasTime))
        lookAt(order);
}

void BulkRunner::lookAt(const OrderId& order)
{
    for (const Watched& watched : m_watch.of(order)) {
        const auto judgment = judgmentOf(*m_reader, order, watched.versionAfter);
        if (!judgment) {
            m_watch.postpone(order); // it can't be read now
            continue;
        }
        const auto result = newResult(*judgment, watched.result);
        if (!result)
            continue;
        settle(order, watched,
            {.number = watched.member,
                .result = *result,
                .step = isFailure(*result) ? judgment->step : std::string(),
                .code = judgment->code,
                .at = m_settings.clock.now()});
    }
}

// State

void BulkRunner::noteState(
    Bulk& bulk, const std::string& actor, const std::string& what, const std::string& reason)
{
    BulkRecord& record = bulk.record;
    record.state = bulk.plan.state();
    record.stop = bulk.plan.stop();
    record.counts = bulk.plan.counts();
    record.round = bulk.plan.round();
    m_gathered.changes->states.push_back(
        {record.number, record.state, record.stop, record.round, record.resumedAt, record.finishedAt});
    m_gathered.changes->log.emplace_back(record.number,
        store::BulkLogEntry{.at = m_settings.clock.now(), .actor = actor, .what = what, .reason = reason});
}

void BulkRunner::noteOutcome(Bulk& bulk, BulkState before)
{
    const BulkState state = bulk.plan.state();
    if (state == before)
        return;
    if (state == BulkState::Stopped)
        return noteState(bulk, "system", "stopped", failuresText(bulk.plan.stop()));
    bulk.record.finishedAt = m_settings.clock.now();
    noteState(bulk, "system", "completed", {});
}

void BulkRunner::dropEnded()
{
    std::erase_if(m_bulks, [](const auto& entry) {
        const auto& counts = entry.second.plan.counts();
        const auto of = [&counts](MemberResult result) { return counts[static_cast<std::size_t>(result)]; };
        return !isActive(entry.second.plan.state()) && of(MemberResult::Pending) == 0
            && of(MemberResult::Sent) == 0 && of(MemberResult::Running) == 0;
    });
}

// Writing

void BulkRunner::flush()
{
    const milliseconds now = m_settings.clock.monotonic();
    if (!m_writing) {
        if (m_gathered.changes->isEmpty())
            return;
        m_writing = std::exchange(m_gathered, Write{});
        m_isPosted = false;
        m_writeAt = now;
    }
    if (m_isPosted || now < m_writeAt)
        return;
    m_isPosted = m_settings.partitions.front().inbox->post(
        engine::StoreBulk{m_writing->changes, [&queue = m_settings.queue](const Result<void>& done) {
                              static_cast<void>(queue.post(WriteAnswer{done}));
                          }});
    if (!m_isPosted)
        m_writeAt = now + pauseWhenBusy;
}

void BulkRunner::take(WriteAnswer& answer)
{
    if (!m_writing)
        return;
    if (!answer.done) {
        // Nothing was written, and all of it is written later. After any other error the process stops.
        m_isPosted = !isRetryable(answer.done.error().code);
        m_fault = answer.done.error();
        m_writeAt = m_settings.clock.monotonic() + pauseWhenFull;
        return;
    }
    m_fault.reset();
    const Write done = std::move(*m_writing);
    m_writing.reset();
    for (const Key& key : done.commands)
        send(key);
    for (const auto& reply : done.replies)
        reply({});
}

} // namespace gantry::bulk
