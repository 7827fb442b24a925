// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/store/bulk_records.h"

namespace gantry::store {

namespace {

constexpr std::array<std::string_view, bulkStateCount> stateNames{
    "freezing", "running", "paused", "stopped", "completed", "canceled"};
constexpr std::array<std::string_view, memberResultCount> resultNames{"pending", "sent", "running", "fixed",
    "failed_again", "failed_anew", "not_picked_up", "superseded", "done", "changed", "refused", "skipped",
    "waiting"};

template <typename Value, typename Names>
std::optional<Value> valueOf(const Names& names, std::string_view name) noexcept
{
    for (std::size_t i = 0; i < names.size(); ++i)
        if (names[i] == name)
            return static_cast<Value>(i);
    return std::nullopt;
}

} // namespace

std::string_view bulkStateName(BulkState state) noexcept
{
    return stateNames[static_cast<std::size_t>(state)];
}

std::optional<BulkState> bulkStateFromName(std::string_view name) noexcept
{
    return valueOf<BulkState>(stateNames, name);
}

std::string_view memberResultName(MemberResult result) noexcept
{
    return resultNames[static_cast<std::size_t>(result)];
}

std::optional<MemberResult> memberResultFromName(std::string_view name) noexcept
{
    return valueOf<MemberResult>(resultNames, name);
}

} // namespace gantry::store
