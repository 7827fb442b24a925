// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/api/order_query.h"
#include "daemon/api/routes.h"
#include "shared/protocol/json_writer.h"

namespace gantry::api {

namespace {

void writeIncident(JsonWriter& body, const Order& order)
{
    const Incident& incident = *order.incident;
    const OrderSummary& summary = *order.summary;
    body.beginObject()
        .member("order_id", order.id.text())
        .member("channel", summary.channel)
        .member("external_id", summary.externalId)
        .member("step", incident.step)
        .member("compensating", order.compensating)
        .member("code", incident.code)
        .member("message", incident.message)
        .member("since", incident.since)
        .memberIf("service", incident.service)
        .member("attempts", order.attemptsSpent)
        .member("currency", summary.currency.code())
        .member("total", summary.total)
        .endObject();
}

void listIncidents(const Services& services, const Call& call, const ApiReply& reply)
{
    auto filter = filterOf(call);
    if (!filter)
        return reply(problem(filter.error()));
    filter->states = {OrderState::Failed, OrderState::CompensationFailed};
    filter->incidentCode = call.parameter("code");
    const auto page = pageOf(call);
    if (!page)
        return reply(problem(page.error()));
    look(services, reply, [filter = std::move(*filter), page = *page](auto& reader) {
        const auto failed = reader.listOrders(filter, page.request);
        if (!failed)
            return problem(failed.error());
        JsonWriter body;
        body.beginObject().key("items").beginArray();
        for (const Order& order : failed->orders)
            if (order.incident)
                writeIncident(body, order);
        body.endArray();
        writeNextCursor(body, page.cursors, *failed);
        body.endObject();
        return json(body.take());
    });
}

void writeGroup(JsonWriter& body, const engine::IncidentGroup& group)
{
    body.beginObject()
        .member("step", group.cause.step)
        .member("compensating", group.cause.compensating)
        .member("code", group.cause.code)
        .member("count", group.count)
        .member("first_since", group.firstSince)
        .member("last_since", group.lastSince)
        .key("at_stake")
        .beginArray();
    for (const engine::MoneyAtStake& money : group.atStake)
        body.beginObject().member("currency", money.currency.code()).member("total", money.total).endObject();
    body.endArray().member("example", group.example.text()).member("message", group.message).endObject();
}

void groupIncidents(const Services& services, const Call& call, const ApiReply& reply)
{
    for (const auto& [name, value] : call.query)
        if (name != "group_by" && name != "limit")
            return reply(problem({ErrorCode::InvalidValue,
                "The parameter " + name + " does not go together with group_by. Leave one of them out.",
                {{name, ErrorCode::InvalidValue, "does not go together with group_by"}}}));
    if (auto refused = refusalOf(Access::AllOrders, call.principal.role))
        return reply(problem(*refused));
    const auto limit = numberOf(call, "limit", 100, 1, maxPage);
    if (!limit)
        return reply(problem(limit.error()));
    const bool taken = services.inbox.post(engine::IncidentsRequest{
        *limit, [reply](const engine::IncidentsAnswer& answer) {
            JsonWriter body;
            body.beginObject().key("items").beginArray();
            for (const engine::IncidentGroup& group : answer.groups)
                writeGroup(body, group);
            body.endArray().member("omitted", answer.omitted).member("sequence", answer.sequence).endObject();
            reply(json(body.take()));
        }});
    if (!taken)
        reply(problem(inboxFull()));
}

void getIncidents(const Services& services, const Call& call, const ApiReply& reply)
{
    const std::string_view groupBy = call.parameter("group_by");
    if (groupBy.empty())
        return listIncidents(services, call, reply);
    if (groupBy != "cause")
        return reply(
            problem({ErrorCode::InvalidValue, "The parameter group_by must be cause, or be left out.",
                {{"group_by", ErrorCode::InvalidValue, "is not a way of grouping"}}}));
    groupIncidents(services, call, reply);
}

} // namespace

void addIncidentRoutes(std::vector<Route>& routes, const Services& services)
{
    routes.push_back({"GET", "/v1/incidents", Access::Orders,
        {"group_by", "step", "code", "channel", "created_from", "created_until", "sort", "limit", "cursor"},
        [services](const Call& call, const ApiReply& reply) { getIncidents(services, call, reply); }});
}

} // namespace gantry::api
