// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/engine/lease_token.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <vector>

namespace gantry::bus {

/// What one worker has in hand and has asked for, against its credit. Knows nothing of messages. One thread.
class CreditAccount {
public:
    using SteadyTime = std::chrono::steady_clock::time_point;

    explicit CreditAccount(std::size_t credit)
        : m_credit(credit)
    {
    }

    void setCredit(std::size_t credit) noexcept { m_credit = credit; }
    [[nodiscard]] std::size_t credit() const noexcept { return m_credit; }

    /// How many tasks to claim now: what is free and not claimed yet; none while a worthwhile part of the credit is claimed in pieces.
    [[nodiscard]] std::size_t toClaim() const noexcept;

    void openClaim(std::uint64_t claim, std::size_t tasks);
    void closeClaim(std::uint64_t claim);
    void closeClaims();

    /// A task of a claim is the worker's until then; the claim ends with its last.
    void hold(std::uint64_t claim, const engine::LeaseToken& token, SteadyTime until);

    /// The worker has a longer lease. False: it does not hold it.
    bool extend(const engine::LeaseToken& token, SteadyTime until);

    /// The worker does not have it any more. False: it did not.
    bool release(const engine::LeaseToken& token);

    /// Takes out what the worker held longer than its leases.
    void expire(SteadyTime now);

    /// Takes out all.
    [[nodiscard]] std::vector<engine::LeaseToken> takeAll();

    [[nodiscard]] std::size_t held() const noexcept { return m_held.size(); }
    [[nodiscard]] std::size_t claimed() const noexcept { return m_claimed; }

private:
    struct Held {
        engine::LeaseToken token;
        SteadyTime until;
    };
    struct Claim {
        std::uint64_t number = 0;
        std::size_t left = 0;
    };

    std::size_t m_credit;
    std::size_t m_claimed = 0;
    std::vector<Claim> m_claims; ///< few
    std::unordered_map<std::uint64_t, Held>
        m_held; ///< by the lease's number, which no other lease of this epoch has
    SteadyTime m_firstEnd = SteadyTime::max(); ///< no lease in hand ends before it
};

} // namespace gantry::bus
