// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/api/routes.h"
#include "shared/protocol/event_codec.h"
#include "shared/protocol/order_codec.h"

#include <algorithm>

namespace gantry::api {

namespace {

constexpr std::size_t maxPage = 500;
constexpr std::size_t defaultPage = 50;
constexpr std::string_view cursorPrefix = "c1.";

/// Runs a look on a reader's thread; what it gives is the answer.
void look(
    const Services& services, const ApiReply& reply, std::function<ApiResponse(store::StoreReader&)> answer)
{
    const bool taken = services.readers.post(
        [reply, answer = std::move(answer)](store::StoreReader& reader) { reply(answer(reader)); });
    if (!taken)
        reply(problem(inboxFull()));
}

void getOrder(const Services& services, const Call& call, const ApiReply& reply)
{
    const auto id = orderIdOf(call);
    if (!id)
        return reply(problem(id.error()));
    look(
        services, reply, [id = *id, known = std::string(call.request.header("if-none-match"))](auto& reader) {
            const auto stored = reader.readOrder(id);
            if (!stored)
                return problem(stored.error());
            const std::string etag = etagOf(stored->order.version);
            if (known == etag)
                return ApiResponse{304, {}, {{"ETag", etag}}, {}};
            JsonWriter members;
            writeOrderMembers(members, stored->order);
            std::string body(stored->document, 0, stored->document.size() - 1);
            body += ',' + members.text() + '}';
            ApiResponse response = json(std::move(body));
            response.headers.emplace_back("ETag", etag);
            return response;
        });
}

void getEvents(const Services& services, const Call& call, const ApiReply& reply)
{
    const auto id = orderIdOf(call);
    if (!id)
        return reply(problem(id.error()));
    const auto after = numberOf(call, "after", 0, 0, UINT32_MAX);
    if (!after)
        return reply(problem(after.error()));
    const auto limit = numberOf(call, "limit", maxPage, 1, maxPage);
    if (!limit)
        return reply(problem(limit.error()));
    look(services, reply, [id = *id, after = *after, limit = *limit](auto& reader) {
        const auto events = reader.readEventsOfOrder(id, static_cast<std::uint32_t>(after), limit + 1);
        if (!events)
            return problem(events.error());
        JsonWriter body;
        body.beginObject().key("items").beginArray();
        const std::size_t shown = std::min<std::size_t>(events->size(), limit);
        for (std::size_t i = 0; i < shown; ++i)
            writeEvent(body, (*events)[i].logged);
        body.endArray().key("next_cursor");
        if (events->size() > shown)
            body.value(std::to_string((*events)[shown - 1].logged.event.version));
        else
            body.null();
        body.endObject();
        return json(body.take());
    });
}

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
    return store::OrderFilter{std::move(*states), std::string(call.parameter("step")),
        std::string(call.parameter("channel")), std::string(call.parameter("external_id")),
        std::string(call.parameter("incident_code")), *from, *until, std::string(call.parameter("q"))};
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

void listOrders(const Services& services, const Call& call, const ApiReply& reply)
{
    auto filter = filterOf(call);
    if (!filter)
        return reply(problem(filter.error()));
    const auto page = pageOf(call);
    if (!page)
        return reply(problem(page.error()));
    look(services, reply, [filter = std::move(*filter), page = *page](auto& reader) {
        const auto orders = reader.listOrders(filter, page);
        if (!orders)
            return problem(orders.error());
        JsonWriter body;
        body.beginObject().key("items").beginArray();
        for (const Order& order : orders->orders)
            writeOrderRow(body, order);
        body.endArray().key("next_cursor");
        if (orders->next)
            body.value(std::string(cursorPrefix) + orders->next->text().substr(4));
        else
            body.null();
        body.endObject();
        return json(body.take());
    });
}

} // namespace

void addOrderRoutes(std::vector<Route>& routes, const Services& services)
{
    routes.push_back({"GET", "/v1/orders", Access::Reader,
        {"state", "step", "channel", "external_id", "incident_code", "created_from", "created_until", "q",
            "sort", "limit", "cursor"},
        [services](const Call& call, const ApiReply& reply) { listOrders(services, call, reply); }});
    routes.push_back({"GET", "/v1/orders/{}", Access::Reader, {},
        [services](const Call& call, const ApiReply& reply) { getOrder(services, call, reply); }});
    routes.push_back({"GET", "/v1/orders/{}/events", Access::Reader, {"after", "limit"},
        [services](const Call& call, const ApiReply& reply) { getEvents(services, call, reply); }});
}

} // namespace gantry::api
