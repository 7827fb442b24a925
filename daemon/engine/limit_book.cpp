// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/engine/limit_book.h"

#include "daemon/engine/limit_bucket.h"

namespace gantry::engine {

namespace {

/// Three texts as one: none may hold a control character, so none is taken for another.
std::string joined(std::string_view handler, std::string_view field, std::string_view value)
{
    std::string id;
    id.reserve(handler.size() + field.size() + value.size() + 2);
    id.append(handler).append(1, '\0').append(field).append(1, '\0').append(value);
    return id;
}

} // namespace

LimitBook::LimitBook(const Clock& clock, ValueSource source)
    : m_clock(clock)
    , m_source(std::move(source))
    , m_now(clock.monotonic())
{
}

LimitBook::~LimitBook() = default;

std::string LimitBook::valueFor(const Order& order, const StepLimit& limit) const
{
    if (!limit.key)
        return {};
    if (const auto value = valueOf(*limit.key, *order.summary))
        return std::string(*value);
    return m_source ? m_source(order, *limit.key) : std::string();
}

LimitUse LimitBook::enter(const Order& order, std::string_view handler, const StepLimit* limit)
{
    if (!limit)
        return {};
    std::string value = valueFor(order, *limit);
    const std::string field = limit->key ? formatTextField(*limit->key) : std::string();
    const auto [found, isNew] = m_buckets.try_emplace(joined(handler, field, value));
    if (isNew)
        found->second = std::make_unique<LimitBucket>(found->first, std::move(value));
    LimitBucket& bucket = *found->second;
    bucket.addUser(limit, m_now);
    refresh(bucket);
    return {&bucket, limit};
}

void LimitBook::leave(const LimitUse& use)
{
    if (!use.bucket)
        return;
    use.bucket->removeUser(use.limit, m_now);
    use.bucket->fill(m_now);
    if (!use.bucket->isUsed() && use.bucket->isFull())
        forget(*use.bucket);
    else
        refresh(*use.bucket);
}

void LimitBook::forget(LimitBucket& bucket)
{
    if (bucket.wake)
        m_wakes.erase({*bucket.wake, &bucket});
    if (bucket.idleUntil)
        m_idle.erase({*bucket.idleUntil, &bucket});
    m_buckets.erase(m_buckets.find(bucket.id())); // not by the id itself, which lives in what is erased
}

void LimitBook::wait(WaitingLine& line, const DueKey& key, const LimitUse& use)
{
    ++line.m_size;
    if (!use.bucket) {
        line.m_ready.insert(key);
        m_hasNews = true;
        return;
    }
    const auto [lane, isNew] = line.m_lanes.try_emplace(use.bucket);
    if (isNew)
        use.bucket->lines.push_back(&line);
    lane->second.waiting.insert(key);
    m_held += lane->second.shown ? 0 : 1;
    refresh(*use.bucket);
}

void LimitBook::stopWaiting(WaitingLine& line, const DueKey& key, const LimitUse& use)
{
    --line.m_size;
    if (!use.bucket) {
        line.m_ready.erase(key);
        return;
    }
    const auto found = line.m_lanes.find(use.bucket);
    WaitingLine::Lane& lane = found->second;
    lane.waiting.erase(key);
    m_held -= lane.shown ? 0 : 1;
    if (lane.waiting.empty()) {
        if (lane.shown)
            line.m_ready.erase(*lane.shown);
        line.m_lanes.erase(found);
        std::erase(use.bucket->lines, &line);
    }
    refresh(*use.bucket);
}

void LimitBook::take(WaitingLine& line, const DueKey& key, const LimitUse& use)
{
    if (use.bucket) {
        use.bucket->fill(m_now);
        use.bucket->take(); // first: so that nothing else comes to the front that has no room
    }
    stopWaiting(line, key, use);
}

void LimitBook::takeAnyway(const LimitUse& use)
{
    if (!use.bucket)
        return;
    use.bucket->fill(m_now);
    use.bucket->take();
    refresh(*use.bucket);
}

void LimitBook::giveBack(const LimitUse& use, bool isUndone)
{
    if (!use.bucket)
        return;
    use.bucket->fill(m_now);
    use.bucket->giveBack(isUndone);
    refresh(*use.bucket);
}

void LimitBook::refresh(LimitBucket& bucket)
{
    bucket.fill(m_now);
    const bool hasRoom = bucket.hasRoom();
    for (WaitingLine* line : bucket.lines)
        showBest(*line, line->m_lanes.at(&bucket), hasRoom);
    schedule(bucket, hasRoom);
}

void LimitBook::showBest(WaitingLine& line, WaitingLine::Lane& lane, bool hasRoom)
{
    if (hasRoom && lane.shown == *lane.waiting.begin())
        return;
    if (lane.shown) {
        line.m_ready.erase(*lane.shown);
        lane.shown.reset();
        m_held += lane.waiting.size();
    }
    if (!hasRoom)
        return;
    lane.shown = *lane.waiting.begin();
    line.m_ready.insert(*lane.shown);
    m_held -= lane.waiting.size();
    m_hasNews = true;
}

void LimitBook::schedule(LimitBucket& bucket, bool hasRoom)
{
    const auto put = [&bucket](auto& set, std::optional<Millis>& kept, std::optional<Millis> at) {
        if (kept == at)
            return;
        if (kept)
            set.erase({*kept, &bucket});
        if (at)
            set.emplace(*at, &bucket);
        kept = at;
    };
    const bool waits = !hasRoom && !bucket.hasToken() && !bucket.lines.empty();
    put(m_wakes, bucket.wake, waits ? std::optional(bucket.tokenAt()) : std::nullopt);
    put(m_idle, bucket.idleUntil, bucket.isUsed() ? std::nullopt : std::optional(bucket.fullAt()));
}

void LimitBook::advance()
{
    m_now = m_clock.monotonic();
    while (!m_wakes.empty() && m_wakes.begin()->first <= m_now)
        refresh(*m_wakes.begin()->second); // has a token now, so it wakes no more
    while (!m_idle.empty() && m_idle.begin()->first <= m_now)
        forget(*m_idle.begin()->second); // nobody has a use of it, and its past does not matter any more
}

std::optional<std::chrono::milliseconds> LimitBook::next() const
{
    if (m_wakes.empty())
        return std::nullopt;
    return std::max(m_wakes.begin()->first - m_clock.monotonic(), Millis(0));
}

std::optional<LimitState> LimitBook::stateOf(const LimitUse& use) const
{
    if (!use.bucket)
        return std::nullopt;
    const LimitBucket& bucket = *use.bucket;
    LimitState state{use.limit->key ? formatTextField(*use.limit->key) : std::string(), bucket.value(),
        bucket.numbers().concurrency, bucket.inHand(), bucket.numbers().rate, bucket.numbers().per};
    for (const WaitingLine* line : bucket.lines)
        state.waiting += line->m_lanes.at(use.bucket).waiting.size();
    state.hasRoom = bucket.hasRoom();
    if (!bucket.hasToken())
        state.nextToken = std::max(bucket.tokenAt() - m_now, Millis(0));
    return state;
}

} // namespace gantry::engine
