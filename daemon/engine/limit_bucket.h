// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/engine/limit_book.h"

#include <algorithm>

namespace gantry::engine {

/// One value of a limit's field: who uses it, how many are in hand, and how many tokens it has. Tokens are counted in parts of a millisecond's worth, so that nothing is
/// rounded: one token is `per` parts, and each millisecond brings `rate` of them.
class LimitBucket {
public:
    using Millis = std::chrono::milliseconds;

    LimitBucket(const std::string& id, std::string value)
        : m_id(id)
        , m_value(std::move(value))
    {
    }

    [[nodiscard]] const std::string& id() const noexcept { return m_id; }
    [[nodiscard]] const std::string& value() const noexcept { return m_value; }
    [[nodiscard]] const StepLimit& numbers() const noexcept { return m_numbers; }
    [[nodiscard]] std::uint32_t inHand() const noexcept { return m_inHand; }
    [[nodiscard]] bool isUsed() const noexcept { return !m_users.empty(); }

    void addUser(const StepLimit* limit, Millis now)
    {
        for (auto& [known, count] : m_users) {
            if (known == limit) {
                ++count;
                return;
            }
        }
        m_users.emplace_back(limit, 1);
        settle(now);
    }

    void removeUser(const StepLimit* limit, Millis now)
    {
        const auto found = std::find_if(
            m_users.begin(), m_users.end(), [limit](const auto& user) { return user.first == limit; });
        if (--found->second > 0)
            return;
        m_users.erase(found);
        if (!m_users.empty())
            settle(now); // the last one's numbers stay until the bucket is full again
    }

    void take()
    {
        ++m_inHand;
        if (m_numbers.rate != 0)
            m_parts = std::max<std::int64_t>(m_parts - m_numbers.per.count(), 0);
    }

    void giveBack(bool isUndone)
    {
        --m_inHand;
        if (isUndone && m_numbers.rate != 0)
            m_parts = std::min(m_parts + m_numbers.per.count(), most());
    }

    void fill(Millis now)
    {
        if (now <= m_filledAt)
            return;
        const std::int64_t passed = std::min((now - m_filledAt).count(), m_numbers.per.count());
        m_filledAt = now;
        m_parts = std::min(m_parts + passed * m_numbers.rate, most());
    }

    [[nodiscard]] bool hasToken() const noexcept
    {
        return m_numbers.rate == 0 || m_parts >= m_numbers.per.count();
    }
    [[nodiscard]] bool isFull() const noexcept { return m_numbers.rate == 0 || m_parts >= most(); }
    [[nodiscard]] bool hasRoom() const noexcept
    {
        return (m_numbers.concurrency == 0 || m_inHand < m_numbers.concurrency) && hasToken();
    }

    /// When there is a token, and when there are all; fill() first.
    [[nodiscard]] Millis tokenAt() const noexcept { return reaches(m_numbers.per.count()); }
    [[nodiscard]] Millis fullAt() const noexcept { return reaches(most()); }

    std::vector<WaitingLine*> lines; ///< those that somebody waits in for this
    std::optional<Millis> wake; ///< as LimitBook has it
    std::optional<Millis> idleUntil; ///< as LimitBook has it

private:
    [[nodiscard]] std::int64_t most() const noexcept
    {
        return std::int64_t{m_numbers.rate} * m_numbers.per.count();
    }

    [[nodiscard]] Millis reaches(std::int64_t parts) const noexcept
    {
        const std::int64_t missing = std::max<std::int64_t>(parts - m_parts, 0);
        return m_filledAt + Millis((missing + m_numbers.rate - 1) / std::max(m_numbers.rate, 1U));
    }

    /// Goes by the tightest numbers of its users.
    void settle(Millis now)
    {
        fill(now);
        const StepLimit before = m_numbers;
        m_numbers = *m_users.front().first;
        for (const auto& [limit, count] : m_users) {
            if (limit->concurrency != 0
                && (m_numbers.concurrency == 0 || limit->concurrency < m_numbers.concurrency))
                m_numbers.concurrency = limit->concurrency;
            if (isSlower(*limit, m_numbers)) {
                m_numbers.rate = limit->rate;
                m_numbers.per = limit->per;
            }
        }
        if (!m_isSettled || before.rate == 0)
            m_parts = most();
        else // as many whole tokens as before
            m_parts = std::min(m_parts / before.per.count() * m_numbers.per.count(), most());
        m_isSettled = true;
    }

    static bool isSlower(const StepLimit& limit, const StepLimit& than) noexcept
    {
        if (limit.rate == 0 || than.rate == 0)
            return limit.rate != 0;
        const std::int64_t one = std::int64_t{limit.rate} * than.per.count();
        const std::int64_t other = std::int64_t{than.rate} * limit.per.count();
        return one != other ? one < other : limit.rate < than.rate; // as fast: fewer at once is tighter
    }

    const std::string& m_id;
    std::string m_value;
    StepLimit m_numbers;
    std::vector<std::pair<const StepLimit*, std::uint32_t>> m_users;
    std::uint32_t m_inHand = 0;
    std::int64_t m_parts = 0;
    Millis m_filledAt{0};
    bool m_isSettled = false;
};

} // namespace gantry::engine
