// SPDX-License-Identifier: GPL-3.0-or-later
// What people ask of bulk actions: new ones, and how those that there are go on.
#include "daemon/bulk/bulk_runner.h"

#include <algorithm>
#include <utility>

namespace gantry::bulk {

namespace {

using store::BulkChanges;
using store::BulkRecord;

std::string makeId(RandomSource& random)
{
    std::string id = "blk_";
    for (std::uint64_t bits : {random.next(), random.next()})
        for (int digit = 0; digit < 10; ++digit, bits >>= 4)
            id += "0123456789abcdef"[bits & 15U];
    return id;
}

Error notPossible(const BulkRecord& record, BulkState state, Steer steer)
{
    const std::string_view what = steer == Steer::Pause ? "paused"
        : steer == Steer::Resume                        ? "resumed"
                                                        : "canceled";
    return {ErrorCode::ActionNotAllowed,
        "The bulk action " + record.id + " is " + std::string(store::bulkStateName(state)) + " and can't be "
            + std::string(what) + ". Look at it again before you act."};
}

} // namespace

Result<std::optional<Created>> BulkRunner::known(const BulkRecord& record) const
{
    if (!record.key)
        return std::optional<Created>();
    std::optional<BulkRecord> found;
    bool isStored = true;
    for (const auto& [number, bulk] : m_bulks)
        if (bulk.record.key == record.key && bulk.record.createdBy == record.createdBy) {
            found = bulk.record;
            isStored = bulk.isStored;
        }
    if (!found) {
        auto stored = m_reader->findBulkByKey(record.createdBy, *record.key);
        if (!stored)
            return tl::unexpected(stored.error());
        found = std::move(*stored);
    }
    if (!found)
        return std::optional<Created>();
    if (found->fingerprint != record.fingerprint)
        return failure(ErrorCode::IdempotencyKeyReused,
            "The idempotency key " + *record.key
                + " was used for another request. Use a new key for a new request.");
    if (!isStored)
        return failure(ErrorCode::IdempotencyInProgress,
            "The first request with this key is still being stored. Repeat it in a second.");
    return std::optional<Created>(Created{std::move(*found), true});
}

std::size_t BulkRunner::activeCount() const
{
    return static_cast<std::size_t>(std::count_if(m_bulks.begin(), m_bulks.end(),
        [](const auto& entry) { return isActive(entry.second.plan.state()); }));
}

void BulkRunner::take(CreateBulk& request)
{
    if (m_fault)
        return request.reply(tl::unexpected(*m_fault));
    auto earlier = known(request.record);
    if (!earlier)
        return request.reply(tl::unexpected(earlier.error()));
    if (*earlier)
        return request.reply(std::move(**earlier));
    // Not before: what was done once may be why the filter finds no order any more.
    if (request.orders.empty())
        return request.reply(failure(ErrorCode::InvalidValue,
            "No order passes the filter, so there is nothing to do. Nothing was stored.",
            {{"/selection/filter", ErrorCode::InvalidValue, "finds no order"}}));
    if (activeCount() >= BulkLimits::active)
        return request.reply(failure(ErrorCode::Busy,
            std::to_string(BulkLimits::active)
                + " bulk actions have not ended yet. Wait for one to end, or cancel one."));
    BulkRecord& record = request.record;
    record.number = ++m_lastNumber;
    record.id = makeId(m_settings.random);
    record.createdAt = m_settings.clock.now();
    record.state = BulkState::Freezing;
    record.total = static_cast<std::int64_t>(request.orders.size());
    if (record.action == Action::Hold)
        record.holdId = "hold_" + record.id;
    std::vector<Member> members;
    members.reserve(request.orders.size());
    for (const FrozenOrder& frozen : request.orders)
        members.push_back({frozen.order, frozen.version});
    BulkPlan plan({record.rate, record.canary, record.stopAfter}, std::vector<PlanMember>(members.size()),
        BulkState::Freezing);
    m_gathered.changes->created.push_back(record);
    m_creations.push_back({record.number, 0, std::move(request.reply)});
    const std::uint64_t number = record.number;
    m_bulks.emplace(number, Bulk{std::move(record), std::move(plan), std::move(members), false});
}

void BulkRunner::addMembers(Creation& creation)
{
    Bulk& bulk = m_bulks.at(creation.bulk);
    BulkChanges::Added added{creation.bulk, {}};
    const std::size_t end = std::min(creation.written + room(), bulk.members.size());
    for (; creation.written < end; ++creation.written)
        added.members.push_back({.number = creation.written,
            .order = bulk.members[creation.written].order,
            .version = bulk.members[creation.written].version});
    m_gathered.changes->added.push_back(std::move(added));
    if (creation.written < bulk.members.size())
        return;
    bulk.plan.begin();
    if (!isActive(bulk.plan.state()))
        bulk.record.finishedAt = m_settings.clock.now();
    noteState(bulk, bulk.record.createdBy, "created", bulk.record.reason);
    m_gathered.replies.push_back([this, reply = std::exchange(creation.reply, nullptr), record = bulk.record](
                                     const Result<void>& done) {
        if (Bulk* stored = done ? find(record.number) : nullptr)
            stored->isStored = true;
        reply(done ? Result<Created>(Created{record, false}) : tl::unexpected(done.error()));
    });
}

std::optional<Result<Steered>> BulkRunner::known(const SteerBulk& request, const BulkRecord& record)
{
    if (!request.key)
        return std::nullopt;
    const auto isIt = [&request](const store::BulkLogEntry& entry) {
        return entry.key == request.key && entry.actor == request.actor;
    };
    const auto isOnItsWay = [&](const BulkChanges& changes) {
        return std::any_of(changes.log.begin(), changes.log.end(),
            [&](const auto& entry) { return entry.first == record.number && isIt(entry.second); });
    };
    if (isOnItsWay(*m_gathered.changes) || (m_writing && isOnItsWay(*m_writing->changes)))
        return failure(ErrorCode::IdempotencyInProgress,
            "The first request with this key is still being stored. Repeat it in a second.");
    const auto log = m_reader->listBulkLog(record.number);
    if (!log)
        return tl::unexpected(log.error());
    const auto found = std::find_if(log->begin(), log->end(), isIt);
    if (found == log->end())
        return std::nullopt;
    if (found->fingerprint != request.fingerprint)
        return failure(ErrorCode::IdempotencyKeyReused,
            "The idempotency key " + *request.key
                + " was used for another request. Use a new key for a new request.");
    return Steered{record, true};
}

void BulkRunner::take(SteerBulk& request)
{
    const auto found = std::find_if(m_bulks.begin(), m_bulks.end(),
        [&](const auto& entry) { return entry.second.record.id == request.id; });
    std::optional<BulkRecord> record;
    if (found != m_bulks.end()) {
        record = found->second.record;
        record->counts = found->second.plan.counts();
    } else {
        auto stored = m_reader->findBulk(request.id);
        if (!stored)
            return request.reply(tl::unexpected(stored.error()));
        record = std::move(*stored);
    }
    const bool isHidden = record && record->createdBy != request.actor && !request.role.seesAllChannels();
    if (!record || isHidden)
        return request.reply(failure(ErrorCode::NotFound,
            "There is no bulk action " + request.id + ". List the bulk actions and choose again."));
    if (!isPermitted(record->action, {}, request.role))
        return request.reply(failure(ErrorCode::Forbidden,
            "The role " + request.role->name + " may not " + std::string(actionName(record->action))
                + " orders. Ask somebody with the role " + whoHas(rightFor(record->action, {})) + '.'));
    if (auto earlier = known(request, *record))
        return request.reply(*earlier);
    if (found == m_bulks.end())
        return request.reply(tl::unexpected(notPossible(*record, record->state, request.steer)));
    if (m_fault)
        return request.reply(tl::unexpected(*m_fault));
    steer(found->second, request);
}

void BulkRunner::steer(Bulk& bulk, SteerBulk& request)
{
    const BulkState before = bulk.plan.state();
    BulkPlan plan = bulk.plan;
    const bool isDone = before != BulkState::Freezing
        && (request.steer == Steer::Pause        ? plan.pause()
                : request.steer == Steer::Resume ? plan.resume()
                                                 : plan.cancel());
    if (!isDone)
        return request.reply(tl::unexpected(notPossible(bulk.record, before, request.steer)));
    if (request.isRehearsal) {
        BulkRecord after = bulk.record;
        after.state = plan.state();
        after.counts = plan.counts();
        return request.reply(Steered{std::move(after)});
    }
    bulk.plan = std::move(plan);
    const Timestamp now = m_settings.clock.now();
    if (request.steer == Steer::Resume)
        bulk.record.resumedAt = now;
    if (request.steer == Steer::Cancel)
        bulk.record.finishedAt = now;
    noteState(bulk, request.actor,
        request.steer == Steer::Pause        ? "paused"
            : request.steer == Steer::Resume ? "resumed"
                                             : "canceled",
        request.reason);
    m_gathered.changes->log.back().second.key = request.key;
    m_gathered.changes->log.back().second.fingerprint = request.fingerprint;
    m_gathered.replies.push_back(
        [reply = std::move(request.reply), record = bulk.record](const Result<void>& done) {
            reply(done ? Result<Steered>(Steered{record}) : tl::unexpected(done.error()));
        });
}

} // namespace gantry::bulk
