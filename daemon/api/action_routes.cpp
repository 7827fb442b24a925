// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/api/fingerprint.h"
#include "daemon/api/order_command.h"
#include "daemon/api/order_query.h"
#include "daemon/api/routes.h"
#include "shared/domain/actions.h"
#include "shared/protocol/money_codec.h"

namespace gantry::api {

namespace {

constexpr std::size_t resultBytes = 4000;

std::string actionNames()
{
    std::string names;
    for (const Action action : allActions)
        names.append(names.empty() ? "" : ", ").append(actionName(action));
    return names;
}

/// The action in a body. Errors: as for any body.
Result<TakeAction> readAction(simdjson::dom::element body)
{
    FieldErrors errors;
    ObjectReader reader(body, "", errors);
    TakeAction request;
    const std::string name = reader.requiredText("action", 50);
    if (const auto action = actionFromName(name))
        request.action = *action;
    else if (!name.empty())
        errors.add("/action", ErrorCode::InvalidValue, "must be one of " + actionNames());
    request.reason = readReason(reader);
    request.step = reader.text("step", 100);
    request.holdId = reader.text("hold_id", 100);
    request.expiresAt = reader.time("expires_at");
    request.result = reader.rawObject("result", resultBytes);
    if (const auto result = reader.any("result"))
        request.money = readResultMoney(*result, reader.pointerTo("result"), errors);
    reader.finish();
    if (!errors.isEmpty())
        return tl::unexpected(errors.toError("The action"));
    return request;
}

/// A hold's id: from the request's own fingerprint where the caller gave a key, so that a repeat names the same hold; else from the time.
std::string makeHoldId(const Services& services, const Call& call)
{
    const auto print = fingerprintOf(call.request.path + call.request.body
        + std::string(call.request.header("idempotency-key")) + formatRfc3339(services.clock.now()));
    std::string id = "hold_";
    for (std::size_t i = 0; i < 10; ++i) {
        id += "0123456789abcdef"[print[i] >> 4];
        id += "0123456789abcdef"[print[i] & 15U];
    }
    return id;
}

void takeAction(const Services& services, const Call& call, const ApiReply& reply)
{
    const auto id = orderIdOf(call);
    if (!id)
        return reply(problem(id.error()));
    const auto body = bodyOf(call.request);
    if (!body)
        return reply(problem(body.error()));
    auto action = readAction(*body);
    if (!action)
        return reply(problem(action.error()));
    if (action->action == Action::Hold)
        action->holdId = makeHoldId(services, call);
    sendCommand(services, call, std::move(*action), reply);
}

void listActions(const Services& services, const Call& call, const ApiReply& reply)
{
    const auto id = orderIdOf(call);
    if (!id)
        return reply(problem(id.error()));
    const bool taken =
        services.readers.post([reply, id = *id, role = call.principal.role](store::StoreReader& reader) {
            const auto stored = readSeen(reader, id, role);
            if (!stored)
                return reply(problem(stored.error()));
            JsonWriter body;
            body.beginObject().key("items").beginArray();
            for (const Action action : allowedActions(stored->order, role))
                body.beginObject()
                    .member("action", actionName(action))
                    .member("step", stored->order.step.name)
                    .endObject();
            body.endArray().member("version", stored->order.version).endObject();
            ApiResponse response = json(body.take());
            response.headers.emplace_back("ETag", etagOf(stored->order.version));
            reply(std::move(response));
        });
    if (!taken)
        reply(problem(inboxFull()));
}

} // namespace

void addActionRoutes(std::vector<Route>& routes, const Services& services)
{
    routes.push_back({"POST", "/v1/orders/{}/actions", Access::Worker, {},
        [services](const Call& call, const ApiReply& reply) { takeAction(services, call, reply); }});
    routes.push_back({"GET", "/v1/orders/{}/actions", Access::Orders, {},
        [services](const Call& call, const ApiReply& reply) { listActions(services, call, reply); }});
}

} // namespace gantry::api
