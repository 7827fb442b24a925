// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/api/openapi.h"
#include "daemon/api/routes.h"
#include "shared/protocol/json_writer.h"

namespace gantry::api {

namespace {

void writeOrderCounts(JsonWriter& body, const store::Counters& counters)
{
    std::int64_t total = 0;
    std::int64_t open = 0;
    body.key("orders").beginObject().key("by_state").beginObject();
    for (std::size_t i = 0; i < orderStateCount; ++i) {
        const auto state = static_cast<OrderState>(i);
        body.member(stateName(state), counters.byState[i]);
        total += counters.byState[i];
        if (!isFinal(state))
            open += counters.byState[i];
    }
    body.endObject().key("open_by_step").beginObject();
    for (const auto& [step, count] : counters.openByStep)
        if (count != 0)
            body.member(step, count);
    body.endObject().member("open", open).member("total", total).endObject();
}

void getStats(const Services& services, const ApiReply& reply)
{
    const bool taken = services.readers.post([reply, &clock = services.clock](store::StoreReader& reader) {
        const auto counters = reader.readCounters();
        const auto partitions = reader.listPartitions();
        if (!counters || !partitions)
            return reply(problem(counters ? partitions.error() : counters.error()));
        JsonWriter body;
        body.beginObject();
        writeOrderCounts(body, *counters);
        body.key("partitions").beginArray();
        for (const store::PartitionInfo& info : *partitions)
            body.beginObject()
                .member("partition", info.partition)
                .member("epoch", info.epoch)
                .member("sequence", info.sequence)
                .endObject();
        body.endArray().member("at", clock.now()).endObject();
        reply(json(body.take()));
    });
    if (!taken)
        reply(problem(inboxFull()));
}

void getDigest(const Services& services, const ApiReply& reply)
{
    const bool taken = services.inbox.post(engine::DigestRequest{[reply](const engine::DigestAnswer& answer) {
        JsonWriter body;
        body.beginObject()
            .member("epoch", answer.epoch)
            .member("sequence", answer.sequence)
            .member("digest",
                std::to_string(answer.digest)) // a text: JSON numbers lose bits beyond 2^53 in some readers
            .member("count", answer.count)
            .endObject();
        reply(json(body.take()));
    }});
    if (!taken)
        reply(problem(inboxFull()));
}

void getReady(const Services& services, const ApiReply& reply)
{
    if (services.isReady())
        reply(json("{\"status\":\"ready\"}"));
    else
        reply(
            problem({ErrorCode::Unavailable, "The daemon is starting or stopping. Come again in a moment."}));
}

} // namespace

void addSystemRoutes(std::vector<Route>& routes, const Services& services)
{
    routes.push_back({"GET", "/livez", Access::Public, {},
        [](const Call&, const ApiReply& reply) { reply(json("{\"status\":\"alive\"}")); }});
    routes.push_back({"GET", "/readyz", Access::Public, {},
        [services](const Call&, const ApiReply& reply) { getReady(services, reply); }});
    routes.push_back(
        {"GET", "/metrics", Access::AllOrders, {}, [services](const Call&, const ApiReply& reply) {
             reply({200, "text/plain; version=0.0.4; charset=utf-8", {}, services.metricsText()});
         }});
    routes.push_back({"GET", "/v1/openapi.json", Access::Public, {},
        [](const Call&, const ApiReply& reply) { reply(json(std::string(openApiJson()))); }});
    routes.push_back({"GET", "/v1/openapi.yaml", Access::Public, {}, [](const Call&, const ApiReply& reply) {
                          reply({200, "application/yaml", {}, std::string(openApiYaml())});
                      }});
    routes.push_back({"GET", "/v1/stats", Access::AllOrders, {},
        [services](const Call&, const ApiReply& reply) { getStats(services, reply); }});
    routes.push_back({"GET", "/v1/digest", Access::AllOrders, {},
        [services](const Call&, const ApiReply& reply) { getDigest(services, reply); }});
}

} // namespace gantry::api
