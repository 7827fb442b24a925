// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/domain/actions.h"
#include "shared/domain/order_id.h"
#include "shared/domain/role.h"
#include "shared/util/time.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::store {

/// Where a bulk action stands.
enum class BulkState : std::uint8_t {
    Freezing, ///< its members are being written; it acts on nothing yet
    Running,
    Paused, ///< by a person
    Stopped, ///< by failures of one cause
    Completed, ///< nothing is left to be done
    Canceled ///< by a person; what was not acted on is skipped
};
constexpr std::size_t bulkStateCount = 6;

/// What became of one order of a bulk action.
enum class MemberResult : std::uint8_t {
    Pending, ///< not acted on
    Sent, ///< it may have been acted on; asking again under the same key finds out
    Running, ///< acted on, and the step has not come to an end yet
    Fixed,
    FailedAgain,
    FailedAnew,
    NotPickedUp,
    Superseded,
    Done, ///< acted on; there is nothing to verify
    Changed, ///< the order had changed since the list was frozen: left alone
    Refused, ///< the order does not allow it, or the role
    Skipped, ///< the bulk action was canceled before its turn
    Waiting ///< acted on, but a hold or a person's part comes first; what comes of it later decides
};
constexpr std::size_t memberResultCount = 13;

std::string_view bulkStateName(BulkState state) noexcept;

/// Whether a bulk action in that state may still act, or be let go on.
constexpr bool isActive(BulkState state) noexcept
{
    return state != BulkState::Completed && state != BulkState::Canceled;
}
std::optional<BulkState> bulkStateFromName(std::string_view name) noexcept;
std::string_view memberResultName(MemberResult result) noexcept;
std::optional<MemberResult> memberResultFromName(std::string_view name) noexcept;

/// Members by result.
using MemberCounts = std::array<std::int64_t, memberResultCount>;

/// Failures of one cause that stopped a bulk action.
struct BulkStop {
    std::string step{}; ///< may be empty: a refusal
    std::string code{};
    std::int64_t count = 0; ///< 0: nothing has stopped it
    bool operator==(const BulkStop&) const = default;
};

/// One action on many orders.
struct BulkRecord {
    std::uint64_t number = 0; ///< from 1, in the sequence of coming
    std::string id{};
    Action action = Action::Retry;
    std::string reason{};
    std::string step{}; ///< only orders that stand there; empty: anywhere
    std::string holdId{}; ///< Hold: the id that each gets; Release: only this one, empty: all
    std::optional<Timestamp> expiresAt{}; ///< Hold
    std::string selection{}; ///< what was asked for, as JSON
    std::string createdBy{};
    Role role = Role::Viewer; ///< with which it acts
    std::string customRole{}; ///< the name of a custom role, if it acts with one: as that is at the time
    Timestamp createdAt{};
    std::optional<std::string> key{}; ///< the caller's Idempotency-Key
    std::string fingerprint{}; ///< of the request, raw bytes; empty without a key
    std::uint32_t rate = 0; ///< orders a second
    std::uint32_t canary = 0; ///< so many first, and their results awaited; 0: none
    std::uint32_t stopAfter = 0; ///< stop at so many failures of one cause; 0: never
    std::int64_t total = 0; ///< members
    BulkState state = BulkState::Freezing;
    BulkStop stop{};
    std::uint32_t round = 0; ///< how often it was resumed; each round has a canary and counts of its own
    std::optional<Timestamp> resumedAt{}; ///< last
    std::optional<Timestamp> finishedAt{};
    MemberCounts counts{}; ///< maintained by the store; not written with the record
    bool operator==(const BulkRecord&) const = default;
};

/// An order in the frozen list.
struct BulkMember {
    std::uint32_t number = 0; ///< from 0
    OrderId order{};
    std::uint32_t version = 0; ///< when it was frozen; 0: there was no such order
    MemberResult result = MemberResult::Pending;
    std::string step{}; ///< what it failed at
    std::string code{}; ///< why it failed, or was refused
    std::optional<std::uint32_t> versionAfter{}; ///< of the order right after it was acted on
    std::optional<Timestamp> at{}; ///< of the result
    std::uint32_t round = 0; ///< of the bulk action, in which it was sent
    bool operator==(const BulkMember&) const = default;
};

/// What somebody did to a bulk action, or what came of it.
struct BulkLogEntry {
    Timestamp at{};
    std::string actor{};
    std::string what{}; ///< created, paused, resumed, stopped, canceled, completed
    std::string reason{};
    std::optional<std::string> key{}; ///< the actor's Idempotency-Key
    std::string fingerprint{}; ///< of the request, raw bytes; empty without a key
    bool operator==(const BulkLogEntry&) const = default;
};

/// What one write changes in bulk actions: all of it or nothing.
struct BulkChanges {
    std::vector<BulkRecord> created{};
    struct Added {
        std::uint64_t bulk = 0;
        std::vector<BulkMember> members; ///< pending
    };
    std::vector<Added> added{};
    struct StateChange {
        std::uint64_t bulk = 0;
        BulkState state = BulkState::Running;
        BulkStop stop{};
        std::uint32_t round = 0;
        std::optional<Timestamp> resumedAt{};
        std::optional<Timestamp> finishedAt{};
        bool dropsKey = false; ///< from now on its key makes another one
    };
    std::vector<StateChange> states{};
    struct MemberChange {
        std::uint64_t bulk = 0;
        MemberResult from = MemberResult::Pending; ///< must hold, or nothing is written
        BulkMember after{}; ///< its order and version are not written again
    };
    std::vector<MemberChange> members{};
    std::vector<std::pair<std::uint64_t, BulkLogEntry>> log{};

    [[nodiscard]] bool isEmpty() const noexcept
    {
        return created.empty() && added.empty() && states.empty() && members.empty() && log.empty();
    }
};

} // namespace gantry::store
