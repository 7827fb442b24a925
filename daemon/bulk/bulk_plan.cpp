// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/bulk/bulk_plan.h"

#include <algorithm>
#include <cmath>

namespace gantry::bulk {

namespace {

// What the rate did not use while nothing could be taken is lost, but for so long: no herd after a wait.
constexpr double longestCredit = 0.25; // seconds

bool isGood(MemberResult result) noexcept
{
    return result == MemberResult::Fixed || result == MemberResult::Done;
}

bool isOpen(MemberResult result) noexcept
{
    return result == MemberResult::Sent || result == MemberResult::Running;
}

} // namespace

bool isVerified(MemberResult result) noexcept
{
    return isGood(result) || result == MemberResult::FailedAgain || result == MemberResult::FailedAnew
        || result == MemberResult::NotPickedUp;
}

bool isFailure(MemberResult result) noexcept
{
    return result == MemberResult::FailedAgain || result == MemberResult::FailedAnew
        || result == MemberResult::NotPickedUp || result == MemberResult::Refused;
}

BulkPlan::BulkPlan(
    Pace pace, std::vector<PlanMember> members, BulkState state, std::uint32_t round, BulkStop stop)
    : m_pace(pace)
    , m_members(std::move(members))
    , m_state(state)
    , m_stop(std::move(stop))
    , m_round(round)
{
    for (const PlanMember& member : m_members) {
        ++m_counts[static_cast<std::size_t>(member.result)];
        m_open += member.round == m_round && isOpen(member.result) ? 1 : 0;
    }
}

void BulkPlan::recall(std::uint32_t member, const Cause& cause)
{
    if (!isPresent(member))
        return;
    const MemberResult result = m_members[member].result;
    if (isVerified(result))
        ++m_verified;
    if (isGood(result))
        ++m_good;
    if (isFailure(result))
        ++m_failures[cause];
    if (result == MemberResult::NotPickedUp)
        m_missed[member] = cause;
}

void BulkPlan::begin()
{
    if (m_state == BulkState::Freezing)
        m_state = BulkState::Running;
    completeIfOver();
}

void BulkPlan::set(std::uint32_t member, MemberResult result)
{
    MemberResult& present = m_members.at(member).result;
    --m_counts[static_cast<std::size_t>(present)];
    ++m_counts[static_cast<std::size_t>(result)];
    if (isPresent(member))
        m_open += (isOpen(result) ? 1 : 0) - (isOpen(present) ? 1 : 0);
    present = result;
}

void BulkPlan::gainCredit(Millis now)
{
    const double rate = m_pace.rate;
    if (m_creditAt && now > *m_creditAt)
        m_credit = std::min(m_credit + rate * static_cast<double>((now - *m_creditAt).count()) / 1000.0,
            std::max(1.0, rate * longestCredit));
    m_creditAt = now;
}

std::size_t BulkPlan::allowedByCanary() const
{
    const std::int64_t wanted = m_pace.canary;
    if (m_verified >= wanted)
        return m_members.size();
    return static_cast<std::size_t>(std::max<std::int64_t>(0, wanted - m_verified - m_open));
}

std::vector<std::uint32_t> BulkPlan::take(Millis now, std::size_t most)
{
    gainCredit(now);
    std::vector<std::uint32_t> taken;
    if (m_state != BulkState::Running)
        return taken;
    most = std::min({most, allowedByCanary(), static_cast<std::size_t>(m_credit)});
    for (; m_next < m_members.size() && taken.size() < most; ++m_next)
        if (m_members[m_next].result == MemberResult::Pending) {
            m_members[m_next].round = m_round;
            set(m_next, MemberResult::Sent);
            taken.push_back(m_next);
        }
    m_credit -= static_cast<double>(taken.size());
    return taken;
}

std::vector<std::uint32_t> BulkPlan::skip(std::size_t most)
{
    std::vector<std::uint32_t> skipped;
    if (m_state != BulkState::Canceled)
        return skipped;
    for (; m_next < m_members.size() && skipped.size() < most; ++m_next)
        if (m_members[m_next].result == MemberResult::Pending) {
            set(m_next, MemberResult::Skipped);
            skipped.push_back(m_next);
        }
    return skipped;
}

void BulkPlan::note(std::uint32_t member, MemberResult result, const Cause& cause)
{
    const MemberResult before = m_members.at(member).result;
    set(member, result);
    if (isPresent(member)) {
        withdraw(member, before);
        recall(member, cause);
        judge(result, cause);
    }
    completeIfOver();
}

/// What a member counted as while it was taken for not picked up counts no more.
void BulkPlan::withdraw(std::uint32_t member, MemberResult before)
{
    const auto missed = m_missed.find(member);
    if (before != MemberResult::NotPickedUp || missed == m_missed.end())
        return;
    --m_verified;
    if (--m_failures[missed->second] == 0)
        m_failures.erase(missed->second);
    m_missed.erase(missed);
}

void BulkPlan::judge(MemberResult result, const Cause& cause)
{
    if (isFailure(result) && m_pace.stopAfter > 0 && m_failures[cause] >= m_pace.stopAfter)
        stopBecauseOf(cause, m_failures[cause]);
    const bool isCanaryOver =
        m_pace.canary > 0 && isVerified(result) && m_verified == std::int64_t{m_pace.canary};
    if (isCanaryOver && m_good == 0) {
        const auto worst = std::max_element(m_failures.begin(), m_failures.end(),
            [](const auto& a, const auto& b) { return a.second < b.second; });
        stopBecauseOf(worst->first, worst->second);
    }
}

void BulkPlan::stopBecauseOf(const Cause& cause, std::int64_t failures)
{
    if (m_state != BulkState::Running)
        return;
    m_state = BulkState::Stopped;
    m_stop = {cause.step, cause.code, failures};
}

void BulkPlan::completeIfOver()
{
    const bool isGoing =
        m_state == BulkState::Running || m_state == BulkState::Paused || m_state == BulkState::Stopped;
    const bool isOver = count(MemberResult::Pending) == 0 && count(MemberResult::Sent) == 0
        && count(MemberResult::Running) == 0;
    if (isGoing && isOver)
        m_state = BulkState::Completed;
}

bool BulkPlan::pause()
{
    if (m_state != BulkState::Running)
        return false;
    m_state = BulkState::Paused;
    return true;
}

bool BulkPlan::resume()
{
    if (m_state != BulkState::Paused && m_state != BulkState::Stopped)
        return false;
    m_state = BulkState::Running;
    ++m_round;
    m_failures.clear();
    m_missed.clear();
    m_open = 0;
    m_verified = 0;
    m_good = 0;
    m_credit = 1.0;
    m_creditAt.reset();
    return true;
}

bool BulkPlan::cancel()
{
    if (m_state == BulkState::Completed || m_state == BulkState::Canceled)
        return false;
    m_state = BulkState::Canceled;
    return true;
}

std::optional<BulkPlan::Millis> BulkPlan::next(Millis now) const
{
    if (count(MemberResult::Pending) == 0)
        return std::nullopt;
    if (m_state == BulkState::Canceled)
        return now;
    if (m_state != BulkState::Running || allowedByCanary() == 0)
        return std::nullopt;
    if (m_credit >= 1.0 || !m_creditAt)
        return now;
    const double wait = (1.0 - m_credit) * 1000.0 / m_pace.rate;
    return *m_creditAt + Millis(static_cast<std::int64_t>(std::ceil(wait)));
}

} // namespace gantry::bulk
