// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/api/masking.h"
#include "daemon/api/order_export.h"
#include "daemon/api/order_query.h"
#include "daemon/api/routes.h"
#include "shared/protocol/event_codec.h"
#include "shared/protocol/order_codec.h"

#include <algorithm>

namespace gantry::api {

namespace {

constexpr std::size_t maxPage = 500;

void getOrder(const Services& services, const Call& call, const ApiReply& reply)
{
    const auto id = orderIdOf(call);
    if (!id)
        return reply(problem(id.error()));
    look(services, reply,
        [id = *id, role = call.principal.role, known = std::string(call.request.header("if-none-match"))](
            auto& reader) {
            auto stored = readSeen(reader, id, role);
            if (!stored)
                return problem(stored.error());
            const std::string etag = etagOf(stored->order.version);
            if (known == etag)
                return ApiResponse{304, {}, {{"ETag", etag}}, {}};
            const auto document = shownDocument(std::move(stored->document), role);
            if (!document)
                return problem(document.error());
            JsonWriter members;
            writeOrderMembers(members, stored->order);
            std::string body(*document, 0, document->size() - 1);
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
    look(services, reply,
        [id = *id, after = *after, limit = *limit, role = call.principal.role](auto& reader) {
            if (!role.seesAllChannels())
                if (const auto seen = readSeen(reader, id, role); !seen)
                    return problem(seen.error());
            auto events = reader.readEventsOfOrder(id, static_cast<std::uint32_t>(after), limit + 1);
            if (!events)
                return problem(events.error());
            JsonWriter body;
            body.beginObject().key("items").beginArray();
            const std::size_t shown = std::min<std::size_t>(events->size(), limit);
            const std::uint32_t last = shown > 0 ? (*events)[shown - 1].logged.event.version : 0;
            std::vector<LoggedEvent> page;
            for (std::size_t i = 0; i < shown; ++i)
                page.push_back(std::move((*events)[i].logged));
            for (const LoggedEvent& event : shownEvents(std::move(page), role))
                writeEvent(body, event);
            body.endArray().key("next_cursor");
            if (events->size() > shown)
                body.value(std::to_string(last));
            else
                body.null();
            body.endObject();
            return json(body.take());
        });
}

void listOrders(const Services& services, const Call& call, const ApiReply& reply)
{
    auto filter = filterOf(call);
    if (!filter)
        return reply(problem(filter.error()));
    const auto page = pageOf(call);
    if (!page)
        return reply(problem(page.error()));
    look(services, reply,
        [filter = std::move(*filter), page = *page, role = call.principal.role](auto& reader) {
            const auto orders = reader.listOrders(filter, page.request);
            if (!orders)
                return problem(orders.error());
            JsonWriter body;
            body.beginObject().key("items").beginArray();
            for (const Order& order : orders->orders)
                writeShownRow(body, order, role);
            body.endArray();
            writeNextCursor(body, page.cursors, *orders);
            body.endObject();
            return json(body.take());
        });
}

void getOrders(const Services& services, const Call& call, const ApiReply& reply)
{
    const std::string_view format = call.parameter("format");
    if (format.empty() || format == "json")
        return listOrders(services, call, reply);
    if (format == "ndjson")
        return exportOrders(services, call, ExportFormat::Ndjson, reply);
    if (format == "csv")
        return exportOrders(services, call, ExportFormat::Csv, reply);
    reply(problem({ErrorCode::InvalidValue,
        "The parameter format must be json for pages, or ndjson or csv for the whole list. Correct it.",
        {{"format", ErrorCode::InvalidValue, "is not a format"}}}));
}

} // namespace

void addOrderRoutes(std::vector<Route>& routes, const Services& services)
{
    routes.push_back({"GET", "/v1/orders", Access::Orders,
        {"state", "step", "channel", "external_id", "incident_code", "created_from", "created_until", "q",
            "sort", "format", "limit", "cursor"},
        [services](const Call& call, const ApiReply& reply) { getOrders(services, call, reply); }});
    routes.push_back({"GET", "/v1/orders/{}", Access::Orders, {},
        [services](const Call& call, const ApiReply& reply) { getOrder(services, call, reply); }});
    routes.push_back({"GET", "/v1/orders/{}/events", Access::Orders, {"after", "limit"},
        [services](const Call& call, const ApiReply& reply) { getEvents(services, call, reply); }});
}

} // namespace gantry::api
