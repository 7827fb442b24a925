// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/store/bulk_records.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace gantry::bulk {

using store::BulkState;
using store::BulkStop;
using store::MemberCounts;
using store::MemberResult;

/// How fast, and how carefully.
struct Pace {
    std::uint32_t rate = 20; ///< members a second
    std::uint32_t canary =
        0; ///< so many first; the rest follows once each has an end and one at least is good. 0: none
    std::uint32_t stopAfter = 0; ///< stop at so many failures of one cause; 0: never
};

/// What a member has failed of.
struct Cause {
    std::string step{};
    std::string code{};
    auto operator<=>(const Cause&) const = default;
};

/// Decides which members of a bulk action are acted on next, and when it stops or is done. Pure: no clock, no I/O; the same calls, the same answers.
class BulkPlan {
public:
    using Millis = std::chrono::milliseconds;

    /// `results`: by member, as they are known; those that were Sent stay so until note().
    BulkPlan(Pace pace, std::vector<MemberResult> results, BulkState state);

    /// What an earlier run already knows: a result that counts for canary and stopping. Call before anything else.
    void recall(MemberResult result, const Cause& cause);

    /// The members to act on now, at most `most`; they are Sent from then on. `now`: by a clock that does not jump.
    std::vector<std::uint32_t> take(Millis now, std::size_t most);

    /// Members of a canceled bulk action that nothing was done to, at most `most`; they are Skipped from then on.
    std::vector<std::uint32_t> skip(std::size_t most);

    /// What has become of a member that was taken. May stop or complete the whole.
    void note(std::uint32_t member, MemberResult result, const Cause& cause = {});

    /// A person's will. False: it is not possible in this state.
    bool pause();
    bool resume(); ///< also after a stop: failures and canary begin anew
    bool cancel();

    /// The members are all there: it begins.
    void begin();

    [[nodiscard]] BulkState state() const noexcept { return m_state; }
    [[nodiscard]] const BulkStop& stop() const noexcept { return m_stop; }
    [[nodiscard]] MemberResult result(std::uint32_t member) const { return m_results.at(member); }
    [[nodiscard]] const MemberCounts& counts() const noexcept { return m_counts; }
    [[nodiscard]] std::size_t size() const noexcept { return m_results.size(); }

    /// When take() or skip() has something to give, if nothing else happens; empty: not before that.
    [[nodiscard]] std::optional<Millis> next(Millis now) const;

private:
    [[nodiscard]] std::int64_t count(MemberResult result) const
    {
        return m_counts[static_cast<std::size_t>(result)];
    }
    void set(std::uint32_t member, MemberResult result);
    void judge(MemberResult result, const Cause& cause);
    void stopBecauseOf(const Cause& cause, std::int64_t failures);
    void completeIfOver();
    [[nodiscard]] std::size_t allowedByCanary() const;
    void gainCredit(Millis now);

    Pace m_pace;
    std::vector<MemberResult> m_results;
    MemberCounts m_counts{};
    BulkState m_state;
    BulkStop m_stop;
    std::uint32_t m_next = 0; ///< nothing before it is pending
    double m_credit = 1.0; ///< members that the rate allows now
    std::optional<Millis> m_creditAt;
    std::int64_t m_verified = 0; ///< since the start or the last resume
    std::int64_t m_good = 0; ///< of those
    std::map<Cause, std::int64_t> m_failures; ///< since then
};

/// Whether the result says what came of acting: a canary needs such.
bool isVerified(MemberResult result) noexcept;

/// Whether it is a failure.
bool isFailure(MemberResult result) noexcept;

} // namespace gantry::bulk
