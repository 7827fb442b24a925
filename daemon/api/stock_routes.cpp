// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/api/routes.h"
#include "shared/protocol/json_writer.h"

namespace gantry::api {

namespace {

constexpr std::int64_t maxOnHand = 1'000'000'000'000;

void writeLevel(JsonWriter& body, const store::StockLevel& level)
{
    body.beginObject()
        .member("sku", level.sku)
        .member("on_hand", level.onHand)
        .member("reserved", level.reserved)
        .member("available", level.available())
        .endObject();
}

void getStock(const Services& services, const Call& call, const ApiReply& reply)
{
    const bool taken = services.readers.post([reply, sku = call.parts.front()](store::StoreReader& reader) {
        const auto level = reader.readStock(sku);
        if (!level)
            return reply(problem(level.error()));
        if (!*level)
            return reply(problem({ErrorCode::NotFound,
                "The SKU " + sku.substr(0, 100)
                    + " has no stock record: it is not tracked, and never short."}));
        JsonWriter body;
        writeLevel(body, **level);
        reply(json(body.take()));
    });
    if (!taken)
        reply(problem(inboxFull()));
}

void listStock(const Services& services, const Call& call, const ApiReply& reply)
{
    const auto limit = numberOf(call, "limit", 100, 1, 500);
    if (!limit)
        return reply(problem(limit.error()));
    const bool taken = services.readers.post(
        [reply, limit = *limit, after = std::string(call.parameter("cursor"))](store::StoreReader& reader) {
            const auto levels = reader.listStock(after, limit);
            if (!levels)
                return reply(problem(levels.error()));
            JsonWriter body;
            body.beginObject().key("items").beginArray();
            for (const store::StockLevel& level : *levels)
                writeLevel(body, level);
            body.endArray().key("next_cursor");
            if (levels->size() == limit)
                body.value(levels->back().sku);
            else
                body.null();
            body.endObject();
            reply(json(body.take()));
        });
    if (!taken)
        reply(problem(inboxFull()));
}

void putStock(const Services& services, const Call& call, const ApiReply& reply)
{
    const auto body = bodyOf(call.request);
    if (!body)
        return reply(problem(body.error()));
    FieldErrors errors;
    ObjectReader reader(*body, "", errors);
    const std::int64_t onHand = reader.requiredInteger("on_hand");
    reader.finish();
    if (onHand < 0 || onHand > maxOnHand)
        errors.add("/on_hand", ErrorCode::InvalidValue, "must be 0 to 1000000000000");
    if (call.parts.front().size() > DocumentLimits::keyBytes)
        errors.add("/sku", ErrorCode::InvalidValue, "must not be longer than 100 bytes");
    if (!errors.isEmpty())
        return reply(problem(errors.toError("The stock record")));
    engine::StockCommand command{call.parts.front(), onHand, [reply](const Result<store::StockLevel>& level) {
                                     if (!level)
                                         return reply(problem(level.error()));
                                     JsonWriter answer;
                                     writeLevel(answer, *level);
                                     reply(json(answer.take()));
                                 }};
    if (!services.inbox.post(std::move(command)))
        reply(problem(inboxFull()));
}

} // namespace

void addStockRoutes(std::vector<Route>& routes, const Services& services)
{
    routes.push_back({"GET", "/v1/stock", Access::Reader, {"limit", "cursor"},
        [services](const Call& call, const ApiReply& reply) { listStock(services, call, reply); }});
    routes.push_back({"GET", "/v1/stock/{}", Access::Reader, {},
        [services](const Call& call, const ApiReply& reply) { getStock(services, call, reply); }});
    routes.push_back({"PUT", "/v1/stock/{}", Access::Worker, {},
        [services](const Call& call, const ApiReply& reply) { putStock(services, call, reply); }});
}

} // namespace gantry::api
