// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/api/order_query.h"

#include "daemon/api/masking.h"

#include <algorithm>

namespace gantry::api {

namespace {

constexpr std::size_t defaultPage = 50;
constexpr std::string_view cursorPrefix = "c1.";

Result<std::vector<OrderState>> statesOf(const Call& call)
{
    std::vector<OrderState> states;
    std::string_view text = call.parameter("state");
    while (!text.empty()) {
        const auto end = std::min(text.find(','), text.size());
        const auto state = stateFromName(text.substr(0, end));
        if (!state)
            return failure(ErrorCode::InvalidValue,
                "The parameter state must list states such as failed,waiting. Correct it.",
                {{"state", ErrorCode::InvalidValue, "is not a state"}});
        states.push_back(*state);
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return states;
}

Result<std::optional<Timestamp>> timeOf(const Call& call, std::string_view name)
{
    const std::string_view text = call.parameter(name);
    if (text.empty())
        return std::nullopt;
    const auto time = parseRfc3339(text);
    if (!time)
        return failure(ErrorCode::InvalidValue,
            "The parameter " + std::string(name) + " must be an RFC 3339 time such as 2026-03-01T08:15:30Z.",
            {{std::string(name), ErrorCode::InvalidValue, "is not a time"}});
    return time;
}

} // namespace

Result<store::OrderFilter> filterOf(const Call& call)
{
    auto states = statesOf(call);
    if (!states)
        return tl::unexpected(states.error());
    const auto from = timeOf(call, "created_from");
    if (!from)
        return tl::unexpected(from.error());
    const auto until = timeOf(call, "created_until");
    if (!until)
        return tl::unexpected(until.error());
    const std::string query(call.parameter("q"));
    if (auto refused = refusalOfSearch(query, call.principal.role))
        return tl::unexpected(std::move(*refused));
    return store::OrderFilter{std::move(*states), std::string(call.parameter("step")),
        std::string(call.parameter("channel")), std::string(call.parameter("external_id")),
        std::string(call.parameter("incident_code")), *from, *until, query, call.principal.role.channels()};
}

Result<store::StoredOrder> readSeen(store::StoreReader& reader, const OrderId& id, const RoleRef& role)
{
    auto stored = reader.readOrder(id);
    if (stored && !role.sees(stored->order.summary->channel))
        return tl::unexpected(noSuchOrder(id.text()));
    return stored;
}

Result<store::PageRequest> pageOf(const Call& call)
{
    const auto limit = numberOf(call, "limit", defaultPage, 1, maxPage);
    if (!limit)
        return tl::unexpected(limit.error());
    store::PageRequest page{*limit, std::nullopt, store::SortOrder::NewestFirst};
    const std::string_view sort = call.parameter("sort");
    if (sort == "created_at")
        page.sort = store::SortOrder::OldestFirst;
    else if (!sort.empty() && sort != "-created_at")
        return failure(ErrorCode::InvalidValue, "The parameter sort must be created_at or -created_at.",
            {{"sort", ErrorCode::InvalidValue, "is not a sort order"}});
    const std::string_view cursor = call.parameter("cursor");
    if (cursor.empty())
        return page;
    if (cursor.substr(0, cursorPrefix.size()) == cursorPrefix)
        page.after = OrderId::fromText("ord_" + std::string(cursor.substr(cursorPrefix.size())));
    if (!page.after)
        return failure(ErrorCode::InvalidCursor,
            "The cursor is not one that was given out here. Begin again without a cursor.");
    return page;
}

std::string cursorAfter(const OrderId& last)
{
    return std::string(cursorPrefix) + last.text().substr(4);
}

void look(
    const Services& services, const ApiReply& reply, std::function<ApiResponse(store::StoreReader&)> answer)
{
    const bool taken = services.readers.post(
        [reply, answer = std::move(answer)](store::StoreReader& reader) { reply(answer(reader)); });
    if (!taken)
        reply(problem(inboxFull()));
}

} // namespace gantry::api
