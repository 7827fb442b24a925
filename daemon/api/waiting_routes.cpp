// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/api/order_query.h"
#include "daemon/api/routes.h"
#include "daemon/api/waiting_answer.h"
#include "shared/protocol/json_writer.h"

namespace gantry::api {

namespace {

void writeLimit(JsonWriter& body, const engine::LimitState& limit)
{
    body.key("limit")
        .beginObject()
        .memberIf("field", limit.field)
        .memberIf("value", limit.value)
        .member("concurrency", limit.concurrency)
        .member("in_hand", limit.inHand)
        .member("rate", limit.rate)
        .member("per_ms", limit.per.count())
        .member("waiting", limit.waiting)
        .member("has_room", limit.hasRoom)
        .endObject();
}

void writePause(JsonWriter& body, const engine::PauseState& state)
{
    body.key("pause")
        .beginObject()
        .member("scope", pauseScopeName(state.pause.scope))
        .member("name", state.pause.name)
        .member("since", state.pause.since)
        .member("by", state.pause.by)
        .member("reason", state.pause.reason)
        .member("waiting", state.waiting)
        .endObject();
}

std::string bodyOf(const engine::WaitingFacts& facts, const engine::ServiceStatus* service, Timestamp now)
{
    const WaitingAnswer answer = explainWaiting(facts, service, now);
    JsonWriter body;
    body.beginObject()
        .member("id", facts.order->id.text())
        .member("state", stateName(stateOf(*facts.order)))
        .member("step", facts.order->step.name)
        .member("since", facts.order->stepSince)
        .member("stage", waitingStageName(facts.stage))
        .member("sentence", answer.sentence)
        .memberIf("help", answer.help)
        .memberIf("handler", facts.handler)
        .member("others_waiting", facts.othersWaiting)
        .member("workers_asking", facts.workersAsking)
        .memberIf("last_asked", facts.lastAsked)
        .memberIf("last_success", facts.lastSuccess)
        .memberIf("worker", facts.worker);
    if (facts.pause)
        writePause(body, *facts.pause);
    if (facts.limit)
        writeLimit(body, *facts.limit);
    body.endObject();
    return body.take();
}

/// An order that is not open: it has ended, or there is none.
void tellEnd(const Services& services, const OrderId& id, const RoleRef& role, const ApiReply& reply)
{
    look(services, reply, [id, role](auto& reader) {
        const auto stored = readSeen(reader, id, role);
        if (!stored)
            return problem(stored.error());
        const std::string_view state = stateName(stateOf(stored->order));
        JsonWriter body;
        body.beginObject()
            .member("id", id.text())
            .member("state", state)
            .member("stage", "ended")
            .member("sentence", "It is " + std::string(state) + ": nothing more happens to it.")
            .endObject();
        return json(body.take());
    });
}

void explain(const Services& services, const Call& call, const ApiReply& reply)
{
    const auto id = orderIdOf(call);
    if (!id)
        return reply(problem(id.error()));
    const auto tell = [services, reply, id = *id, role = call.principal.role](
                          const Result<engine::WaitingFacts>& facts) {
        if (!facts && facts.error().code == ErrorCode::NotFound)
            return tellEnd(services, id, role, reply);
        if (!facts)
            return reply(problem(facts.error()));
        if (!role.sees(facts->order->summary->channel))
            return reply(problem(noSuchOrder(id.text())));
        const engine::ServiceStatusList list = services.serviceStatus ? services.serviceStatus() : nullptr;
        const engine::ServiceStatus* service = nullptr;
        if (list)
            for (const engine::ServiceStatus& each : *list)
                if (each.name == facts->handler)
                    service = &each;
        reply(json(bodyOf(*facts, service, services.clock.now())));
    };
    if (!services.inbox.post(engine::WaitingFactsRequest{*id, tell}))
        reply(problem(inboxFull()));
}

} // namespace

void addWaitingRoutes(std::vector<Route>& routes, const Services& services)
{
    routes.push_back({"GET", "/v1/orders/{}/waiting", Access::Orders, {},
        [services](const Call& call, const ApiReply& reply) { explain(services, call, reply); }});
}

} // namespace gantry::api
