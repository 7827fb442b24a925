// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/bus/credit_account.h"

#include <algorithm>

namespace gantry::bus {

namespace {

/// Claims of a worker that wait at once. Small ones are gathered, so that credit that comes back one by one does not fill the partition with claims.
constexpr std::size_t claimsAtOnce = 4;

/// Tasks that may come for one worker at once: bounds what waits to be sent.
constexpr std::size_t claimedMost = 512;

} // namespace

std::size_t CreditAccount::toClaim() const noexcept
{
    const std::size_t taken = m_held.size() + m_claimed;
    if (taken >= m_credit || m_claimed >= claimedMost || m_claims.size() >= claimsAtOnce)
        return 0;
    return std::min(m_credit - taken, claimedMost - m_claimed);
}

void CreditAccount::openClaim(std::uint64_t claim, std::size_t tasks)
{
    m_claims.push_back({claim, tasks});
    m_claimed += tasks;
}

void CreditAccount::closeClaim(std::uint64_t claim)
{
    const auto found = std::find_if(
        m_claims.begin(), m_claims.end(), [claim](const Claim& open) { return open.number == claim; });
    if (found == m_claims.end())
        return;
    m_claimed -= found->left;
    m_claims.erase(found);
}

void CreditAccount::closeClaims()
{
    m_claims.clear();
    m_claimed = 0;
}

void CreditAccount::hold(std::uint64_t claim, const engine::LeaseToken& token, SteadyTime until)
{
    const auto found = std::find_if(
        m_claims.begin(), m_claims.end(), [claim](const Claim& open) { return open.number == claim; });
    if (found != m_claims.end()) {
        --m_claimed;
        if (--found->left == 0)
            m_claims.erase(found);
    }
    m_held.insert_or_assign(token.lease, Held{token, until});
    m_firstEnd = std::min(m_firstEnd, until);
}

bool CreditAccount::extend(const engine::LeaseToken& token, SteadyTime until)
{
    const auto found = m_held.find(token.lease);
    if (found == m_held.end() || found->second.token != token)
        return false;
    found->second.until = until;
    return true;
}

bool CreditAccount::release(const engine::LeaseToken& token)
{
    const auto found = m_held.find(token.lease);
    // A token of an earlier epoch may have the number of one that is held.
    if (found == m_held.end() || found->second.token != token)
        return false;
    m_held.erase(found);
    return true;
}

void CreditAccount::expire(SteadyTime now)
{
    if (now < m_firstEnd)
        return;
    m_firstEnd = SteadyTime::max();
    for (auto it = m_held.begin(); it != m_held.end();) {
        if (it->second.until <= now) {
            it = m_held.erase(it);
        } else {
            m_firstEnd = std::min(m_firstEnd, it->second.until);
            ++it;
        }
    }
}

std::vector<engine::LeaseToken> CreditAccount::takeAll()
{
    std::vector<engine::LeaseToken> tokens;
    tokens.reserve(m_held.size());
    for (const auto& [lease, held] : m_held)
        tokens.push_back(held.token);
    m_held.clear();
    return tokens;
}

} // namespace gantry::bus
