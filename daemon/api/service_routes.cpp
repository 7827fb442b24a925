// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/api/routes.h"
#include "shared/protocol/json_writer.h"

namespace gantry::api {

namespace {

std::string_view stateName(engine::BreakerState state)
{
    switch (state) {
    case engine::BreakerState::Closed: return "closed";
    case engine::BreakerState::Open: return "open";
    case engine::BreakerState::HalfOpen: return "half_open";
    }
    return "closed";
}

void writeService(JsonWriter& body, const engine::ServiceStatus& service)
{
    body.beginObject()
        .member("name", service.name)
        .member("url", service.url)
        .member("state", stateName(service.state))
        .member("since", service.since)
        .member("calls", service.calls)
        .member("failures", service.failures)
        .member("in_flight", service.callsInHand)
        .member("max_in_flight", service.maxInFlight)
        .memberIf("last_success", service.lastSuccess)
        .memberIf("last_failure", service.lastFailure)
        .memberIf("last_error", service.lastError)
        .memberIf("next_probe", service.nextProbe)
        .endObject();
}

} // namespace

void addServiceRoutes(std::vector<Route>& routes, const Services& services)
{
    routes.push_back({"GET", "/v1/services", Access::Reader, {},
        [status = services.serviceStatus](const Call&, const ApiReply& reply) {
            JsonWriter body;
            body.beginObject().key("items").beginArray();
            if (status)
                for (const engine::ServiceStatus& service : *status())
                    writeService(body, service);
            body.endArray().endObject();
            reply(json(body.take()));
        }});
}

} // namespace gantry::api
