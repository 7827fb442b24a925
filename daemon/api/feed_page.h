// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/api/call.h"
#include "daemon/store/store.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace gantry::api {

/// What a reader of the change feed asks for.
struct FeedQuery {
    std::uint32_t partition = 0;
    std::uint64_t after = 0;
    std::size_t limit = 0;
    std::optional<std::uint64_t> epoch; ///< that the reader's cursor is of
    std::set<std::string, std::less<>> types; ///< wire names; empty: all
    std::string channel; ///< of the order; empty: all
    std::chrono::milliseconds wait{0}; ///< for how long, when there is nothing
    bool isCloud = false; ///< wants CloudEvents
    RoleRef role{}; ///< of the reader: what it may not see is not in its feed

    [[nodiscard]] bool isFiltered() const { return !types.empty() || asksForChannel(); }

    /// Whether what passes depends on the order's channel.
    [[nodiscard]] bool asksForChannel() const { return !channel.empty() || !role.seesAllChannels(); }
};

/// The names of the parameters that feedQueryOf() reads.
std::vector<std::string> feedParameters();

/// Errors: InvalidValue.
Result<FeedQuery> feedQueryOf(const Call& call);

/// A stretch of a partition's log.
struct FeedPage {
    std::uint64_t epoch = 0;
    std::uint64_t head = 0; ///< the last committed sequence
    std::uint64_t next = 0; ///< looked at so far
    std::vector<LoggedEvent> events; ///< what passed the filters

    /// Whether there is nothing to tell, nor anything left to look at.
    [[nodiscard]] bool isDry() const { return events.empty() && next >= head; }
};

/// Looks at the log from `from` on (not before the query's `after`), bounded: with filters a page may be empty and the log not at its end. Errors: NotFound
/// (no such partition), InvalidCursor (it is not of this log: beyond its end, or of a later epoch), and those of the store.
Result<FeedPage> readFeed(store::StoreReader& reader, const FeedQuery& query, std::uint64_t from);

/// The answer that tells a page, or why there is none: a cursor that is not of this log is 410.
ApiResponse feedAnswer(const FeedQuery& query, const Result<FeedPage>& page);

} // namespace gantry::api
