// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/engine/task_desk.h"

#include <algorithm>

namespace gantry::engine {

namespace {

// More than that would make one batch too long; the rest follows in the next round.
constexpr std::size_t overPerRound = 1000;

/// Whether the attempt of the one is still the present one of the other.
bool isPresent(const Order& leased, const Order& now)
{
    return now.outcome == Outcome::Open && !now.incident && !now.retryAt && now.attempt == leased.attempt
        && now.step.name == leased.step.name;
}

} // namespace

TaskDesk::TaskDesk(const Clock& clock, std::uint64_t epoch, LimitBook& limits)
    : m_clock(clock)
    , m_limits(limits)
    , m_epoch(static_cast<std::uint32_t>(epoch))
    , m_lastTick(clock.monotonic())
{
}

void TaskDesk::advance()
{
    const auto tick = m_clock.monotonic();
    m_time += std::clamp(tick - m_lastTick, Millis(0), longestRound);
    m_lastTick = tick;
}

// Orders

TaskDesk::Queue& TaskDesk::queueOf(std::string_view task)
{
    if (const auto found = m_queues.find(task); found != m_queues.end())
        return found->second;
    std::string name(task);
    auto shared = std::make_shared<const std::string>(name);
    Queue& queue = m_queues[std::move(name)];
    queue.name = std::move(shared);
    return queue;
}

TaskDesk::Place TaskDesk::placeFor(const std::shared_ptr<const Order>& order, const DueTask& task)
{
    Place place;
    place.order = order;
    place.queue = &queueOf(task.name);
    place.length = task.lease;
    place.key = dueKeyOf(*order);
    place.use = m_limits.enter(*order, task.name, task.limit);
    if (task.start.count() > 0 || task.run.count() > 0)
        place.bounds = std::make_unique<Bounds>(Bounds{task.start, task.run});
    return place;
}

DueTask TaskDesk::taskOf(const Place& place)
{
    DueTask task{*place.queue->name, place.length, place.use.limit};
    if (place.bounds) {
        task.start = place.bounds->start;
        task.run = place.bounds->run;
    }
    return task;
}

void TaskDesk::enqueue(const std::shared_ptr<const Order>& order, const DueTask& task)
{
    Place& place = m_places[order->id];
    place = placeFor(order, task);
    m_limits.wait(place.queue->line, place.key, place.use);
    if (task.start.count() > 0) {
        place.bounds->startUntil = m_time + task.start;
        m_starts.emplace(place.bounds->startUntil, order->id);
    }
    m_hasNews = true;
}

void TaskDesk::leave(const OrderId& order, bool isUndone)
{
    const auto found = m_places.find(order);
    if (found == m_places.end())
        return;
    const Place& place = found->second;
    if (place.lease != 0) {
        m_deadlines.erase({place.until, order});
        m_limits.giveBack(place.use, isUndone);
    } else {
        m_limits.stopWaiting(place.queue->line, place.key, place.use);
        if (place.bounds)
            m_starts.erase({place.bounds->startUntil, order});
    }
    m_limits.leave(place.use);
    m_places.erase(found);
}

void TaskDesk::update(const std::shared_ptr<const Order>& order, const std::optional<DueTask>& due)
{
    const auto found = m_places.find(order->id);
    if (found != m_places.end() && found->second.lease != 0) {
        Place& place = found->second;
        if (place.isRevoked)
            return;
        if (isPresent(*place.order, *order))
            place.order = order;
        else
            place.isRevoked = true;
        return;
    }
    if (found != m_places.end()) {
        Place& place = found->second;
        if (due && place.key == dueKeyOf(*order) && taskOf(place) == *due
            && isPresent(*place.order, *order)) {
            place.order = order;
            return;
        }
        leave(order->id);
    }
    if (due)
        enqueue(order, *due);
}

// Leases

LeaseToken TaskDesk::tokenOf(const Place& place)
{
    return {
        place.order->id, stepMark(place.order->step.name), place.order->attempt, place.epoch, place.lease};
}

void TaskDesk::lease(
    Place& place, std::uint32_t epoch, std::uint64_t number, std::shared_ptr<const std::string> worker)
{
    place.epoch = epoch;
    place.lease = number;
    place.worker = std::move(worker);
    if (place.bounds) {
        m_starts.erase({place.bounds->startUntil, place.order->id});
        if (place.bounds->run.count() > 0)
            place.bounds->runUntil = m_time + place.bounds->run;
    }
    place.until = m_time + leaseLengthOf(place);
    m_deadlines.emplace(place.until, place.order->id);
}

TaskDesk::Millis TaskDesk::leaseLengthOf(const Place& place) const
{
    return place.bounds ? std::min(place.length, place.bounds->runUntil - m_time) : place.length;
}

bool TaskDesk::mayReport(const LeaseToken& token) const
{
    const auto found = m_places.find(token.order);
    if (found == m_places.end() || found->second.lease == 0)
        return token.epoch != m_epoch;
    return !found->second.isRevoked && tokenOf(found->second) == token;
}

void TaskDesk::noteSuccess(const LeaseToken& token)
{
    const auto found = m_places.find(token.order);
    if (found != m_places.end() && found->second.lease != 0)
        found->second.queue->lastSuccess = m_clock.now();
}

bool TaskDesk::end(const LeaseToken& token)
{
    const auto found = m_places.find(token.order);
    if (found == m_places.end() || found->second.lease == 0 || tokenOf(found->second) != token)
        return false;
    leave(token.order);
    return true;
}

bool TaskDesk::isOut(const OrderId& order) const
{
    const auto found = m_places.find(order);
    return found != m_places.end() && found->second.lease != 0;
}

LeaseExtension TaskDesk::renew(Place& place)
{
    const Millis length = leaseLengthOf(place);
    m_deadlines.erase({place.until, place.order->id});
    place.until = m_time + length;
    m_deadlines.emplace(place.until, place.order->id);
    return {m_clock.now() + length, length};
}

Result<LeaseExtension> TaskDesk::foresee(const LeaseToken& token) const
{
    const auto found = m_places.find(token.order);
    if (found == m_places.end() || found->second.lease == 0 || found->second.isRevoked
        || tokenOf(found->second) != token || leaseLengthOf(found->second).count() <= 0)
        return tl::unexpected(staleToken());
    const Millis length = leaseLengthOf(found->second);
    return LeaseExtension{m_clock.now() + length, length};
}

Result<LeaseExtension> TaskDesk::extend(const LeaseToken& token)
{
    return foresee(token).map([&](const LeaseExtension&) { return renew(m_places.at(token.order)); });
}

Result<LeaseExtension> TaskDesk::adopt(
    const LeaseToken& token, const std::shared_ptr<const Order>& order, const DueTask& task)
{
    if (token.epoch == m_epoch || isOut(token.order) || token.attempt != order->attempt
        || token.step != stepMark(order->step.name))
        return tl::unexpected(staleToken());
    leave(token.order);
    Place place = placeFor(order, task);
    m_limits.takeAnyway(place.use); // somebody has it, whatever the limit says
    lease(place, token.epoch, token.lease, nullptr);
    return renew(m_places.emplace(token.order, std::move(place)).first->second);
}

std::vector<TaskDesk::Expired> TaskDesk::expired() const
{
    std::vector<Expired> over;
    for (const auto& [until, id] : m_deadlines) {
        if (until > m_time || over.size() >= overPerRound)
            break;
        const Place& place = m_places.at(id);
        Expired& expired = over.emplace_back(
            Expired{tokenOf(place), place.order->step.name, place.worker, place.length, place.isRevoked});
        if (place.bounds && place.bounds->runUntil <= m_time)
            expired.run = place.bounds->run;
    }
    return over;
}

std::vector<TaskDesk::NotStarted> TaskDesk::notStarted() const
{
    std::vector<NotStarted> over;
    for (const auto& [until, id] : m_starts) {
        if (until > m_time || over.size() >= overPerRound)
            break;
        const Place& place = m_places.at(id);
        const auto limit = m_limits.stateOf(place.use);
        over.push_back({id, place.order->step.name, place.order->attempt, *place.queue->name,
            place.bounds->start, !limit || limit->hasRoom});
    }
    return over;
}

// Claims

void TaskDesk::claim(ClaimRequest request)
{
    if (m_isStopped) {
        request.reply(failure(ErrorCode::ShuttingDown,
            "The daemon stops and hands out nothing more. Claim again when it is back."));
        return;
    }
    if (m_claims.size() >= WorkerLimits::waitingClaims) {
        request.reply(failure(ErrorCode::Busy,
            "More workers wait here than may. Claim again in a second, or ask for more tasks at once."));
        return;
    }
    request.max = std::clamp(request.max, 1U, WorkerLimits::max);
    Claim claim;
    claim.deadline =
        request.isStanding ? Millis::max() : m_time + std::clamp(request.wait, Millis(0), WorkerLimits::wait);
    m_nextWait = std::min(m_nextWait, claim.deadline);
    for (const std::string& task : request.tasks)
        if (const auto queue = m_queues.find(task); queue != m_queues.end())
            queue->second.lastAsked = m_clock.now();
    claim.request = std::move(request);
    m_claims.push_back(std::move(claim));
    m_hasNews = true;
}

void TaskDesk::withdraw(std::uint64_t client)
{
    if (client == 0)
        return;
    for (auto claim = m_claims.begin(); claim != m_claims.end();) {
        const auto each = claim++;
        if (each->request.client != client)
            continue;
        const ClaimReply reply = std::move(each->request.reply);
        m_claims.erase(each);
        reply(std::vector<LeasedTask>{});
    }
}

void TaskDesk::pauseWorkers(std::set<std::string, std::less<>> names)
{
    m_pausedWorkers = std::move(names);
    m_hasNews = true;
}

bool TaskDesk::isPaused(const Claim& claim) const
{
    return !m_pausedWorkers.empty() && claim.request.worker
        && m_pausedWorkers.contains(*claim.request.worker);
}

TaskDesk::Queue* TaskDesk::bestFor(Claim& claim)
{
    if (claim.queuesKnown != m_queues.size()) {
        claim.queues.clear();
        for (const std::string& task : claim.request.tasks)
            if (const auto found = m_queues.find(task); found != m_queues.end())
                claim.queues.push_back(&found->second);
        claim.queuesKnown = m_queues.size();
    }
    Queue* best = nullptr;
    for (Queue* queue : claim.queues)
        if (!queue->line.isEmpty() && (!best || queue->line.best() < best->line.best()))
            best = queue;
    return best;
}

std::vector<LeasedTask> TaskDesk::take(
    Claim& claim, const DocumentSource& documents, const CannotHandOut& cannot)
{
    std::vector<LeasedTask> tasks;
    while (tasks.size() < claim.request.max) {
        Queue* queue = bestFor(claim);
        if (!queue)
            break;
        const OrderId id = queue->line.best().order;
        auto document = documents(id);
        if (!document) {
            const auto order = m_places.at(id).order;
            leave(id);
            cannot(*order, *queue->name, document.error());
            continue;
        }
        Place& place = m_places.at(id);
        m_limits.take(queue->line, place.key, place.use);
        queue->lastAsked = m_clock.now();
        lease(place, m_epoch, ++m_leases, claim.request.worker);
        const Millis length = leaseLengthOf(place);
        tasks.push_back(
            {tokenOf(place), queue->name, place.order, std::move(*document), m_clock.now() + length, length});
    }
    return tasks;
}

void TaskDesk::giveBack(const std::vector<LeaseToken>& tokens)
{
    for (const LeaseToken& token : tokens) {
        const auto found = m_places.find(token.order);
        if (found == m_places.end() || found->second.lease == 0 || tokenOf(found->second) != token)
            continue;
        const auto order = found->second.order;
        const DueTask task = taskOf(found->second);
        leave(token.order, true);
        enqueue(order, task);
    }
}

void TaskDesk::serve(const DocumentSource& documents, const CannotHandOut& cannot)
{
    while (m_limits.takeNews() || m_hasNews) {
        m_hasNews = false;
        std::list<Claim> served; // standing ones: they go behind those that got nothing
        for (auto claim = m_claims.begin(); claim != m_claims.end();) {
            const auto each = claim++;
            if (isPaused(*each))
                continue;
            auto tasks = take(*each, documents, cannot);
            if (tasks.empty())
                continue;
            std::vector<LeaseToken> tokens;
            tokens.reserve(tasks.size());
            for (const LeasedTask& task : tasks)
                tokens.push_back(task.token);
            each->request.max -= static_cast<std::uint32_t>(tasks.size());
            const bool isThere = each->request.reply(std::move(tasks));
            if (!isThere)
                giveBack(tokens);
            if (isThere && each->request.isStanding && each->request.max > 0)
                served.splice(served.end(), m_claims, each);
            else
                m_claims.erase(each);
        }
        m_claims.splice(m_claims.end(), served);
    }
}

void TaskDesk::endWaits()
{
    if (m_nextWait > m_time)
        return;
    m_nextWait = Millis::max();
    for (auto claim = m_claims.begin(); claim != m_claims.end();) {
        const auto each = claim++;
        if (each->deadline > m_time) {
            m_nextWait = std::min(m_nextWait, each->deadline);
            continue;
        }
        const ClaimReply reply = std::move(each->request.reply);
        m_claims.erase(each);
        reply(std::vector<LeasedTask>{});
    }
}

void TaskDesk::stop()
{
    m_isStopped = true;
    for (const Claim& claim : std::exchange(m_claims, {}))
        claim.request.reply(std::vector<LeasedTask>{});
}

void TaskDesk::explain(const OrderId& order, WaitingFacts& facts) const
{
    if (const auto found = m_places.find(order); found != m_places.end()) {
        const Place& place = found->second;
        facts.stage = place.lease != 0 ? WaitingStage::WithWorker : WaitingStage::ForWorker;
        facts.handler = *place.queue->name;
        facts.limit = m_limits.stateOf(place.use);
        if (place.lease != 0 && place.worker)
            facts.worker = *place.worker;
        if (place.lease != 0)
            facts.leaseLeft = std::max(place.until - m_time, Millis(0));
        else if (place.bounds && place.bounds->start.count() > 0)
            facts.startLeft = std::max(place.bounds->startUntil - m_time, Millis(0));
    }
    if (const auto found = m_queues.find(facts.handler); found != m_queues.end()) {
        const Queue& queue = found->second;
        facts.othersWaiting += queue.line.size() - (facts.stage == WaitingStage::ForWorker ? 1 : 0);
        facts.lastAsked = queue.lastAsked;
        facts.lastSuccess = std::max(facts.lastSuccess, queue.lastSuccess);
    }
    for (const Claim& claim : m_claims) {
        const auto& tasks = claim.request.tasks;
        if (std::find(tasks.begin(), tasks.end(), facts.handler) != tasks.end())
            ++(isPaused(claim) ? facts.pausedWorkersAsking : facts.workersAsking);
    }
}

std::optional<std::chrono::milliseconds> TaskDesk::next() const
{
    Millis first = m_nextWait;
    for (const auto* ends : {&m_deadlines, &m_starts})
        if (!ends->empty())
            first = std::min(first, ends->begin()->first);
    if (first == Millis::max())
        return std::nullopt;
    return std::max(first - m_time, Millis(0));
}

} // namespace gantry::engine
