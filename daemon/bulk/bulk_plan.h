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

/// A member as far as a plan knows it.
struct PlanMember {
    MemberResult result = MemberResult::Pending;
    std::uint32_t round = 0; ///< in which it was sent
};

/// Decides which members of a bulk action are acted on next, and when it stops or is done. Pure: no clock, no I/O; the same calls, the same answers.
///
/// Each resume begins a round with a canary and counts of its own: only what was sent in the present round counts, whenever its result comes. What counts follows from
/// the members as they are now, so that a plan made of what is stored goes on exactly as the one before.
class BulkPlan {
public:
    using Millis = std::chrono::milliseconds;

    /// `members`: as they are known; those that were Sent stay so until note(). `round`: the present one.
    BulkPlan(Pace pace, std::vector<PlanMember> members, BulkState state, std::uint32_t round = 0,
        BulkStop stop = {});

    /// What a member of an earlier run failed of, if it has. Call for each that has a result, before anything else.
    void recall(std::uint32_t member, const Cause& cause);

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
    [[nodiscard]] std::uint32_t round() const noexcept { return m_round; }
    [[nodiscard]] const PlanMember& member(std::uint32_t number) const { return m_members.at(number); }
    [[nodiscard]] const MemberCounts& counts() const noexcept { return m_counts; }
    [[nodiscard]] std::size_t size() const noexcept { return m_members.size(); }

    /// When take() or skip() has something to give, if nothing else happens; empty: not before that.
    [[nodiscard]] std::optional<Millis> next(Millis now) const;

private:
    [[nodiscard]] std::int64_t count(MemberResult result) const
    {
        return m_counts[static_cast<std::size_t>(result)];
    }
    [[nodiscard]] bool isPresent(std::uint32_t member) const { return m_members[member].round == m_round; }
    void set(std::uint32_t member, MemberResult result);
    void withdraw(std::uint32_t member, MemberResult before);
    void judge(MemberResult result, const Cause& cause);
    void stopBecauseOf(const Cause& cause, std::int64_t failures);
    void completeIfOver();
    [[nodiscard]] std::size_t allowedByCanary() const;
    void gainCredit(Millis now);

    Pace m_pace;
    std::vector<PlanMember> m_members;
    MemberCounts m_counts{};
    BulkState m_state;
    BulkStop m_stop;
    std::uint32_t m_round;
    std::uint32_t m_next = 0; ///< nothing before it is pending
    double m_credit = 1.0; ///< members that the rate allows now
    std::optional<Millis> m_creditAt;
    // Of the members that were sent in the present round:
    std::int64_t m_open = 0; ///< sent or running
    std::int64_t m_verified = 0;
    std::int64_t m_good = 0; ///< of those
    std::map<Cause, std::int64_t> m_failures;
    std::map<std::uint32_t, Cause> m_missed; ///< not picked up: failures that may still become something else
};

/// Whether the result says what came of acting: a canary needs such.
bool isVerified(MemberResult result) noexcept;

/// Whether it is a failure.
bool isFailure(MemberResult result) noexcept;

} // namespace gantry::bulk
