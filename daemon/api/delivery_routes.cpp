// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/api/delivery_answer.h"
#include "daemon/api/routes.h"
#include "shared/util/text.h"

#include <algorithm>
#include <charconv>

namespace gantry::api {

namespace {

constexpr std::size_t maxPage = 500;

Error noSuchDelivery(std::string_view number)
{
    return {ErrorCode::NotFound,
        "There is no delivery " + toPlainText(number, 50)
            + ". It may have been dropped by age; list the deliveries and choose again."};
}

/// The delivery that the path names, whole. Errors: NotFound, the store's.
Result<store::DeliveryRecord> deliveryOf(store::StoreReader& reader, const std::string& text)
{
    std::uint64_t number = 0;
    const char* end = text.data() + text.size();
    if (std::from_chars(text.data(), end, number).ptr != end || number > INT64_MAX)
        return tl::unexpected(noSuchDelivery(text));
    auto record = reader.findDelivery(number);
    if (!record)
        return tl::unexpected(std::move(record.error()));
    if (!*record)
        return tl::unexpected(noSuchDelivery(text));
    return std::move(**record);
}

/// Has a reader look, and answers with what it gives.
template <typename Look>
void look(const Services& services, const ApiReply& reply, Look look)
{
    const bool taken = services.readers.post(
        [reply, look = std::move(look)](store::StoreReader& reader) { reply(look(reader)); });
    if (!taken)
        reply(problem(inboxFull()));
}

void listDeliveries(const Services& services, const Call& call, const ApiReply& reply)
{
    const auto limit = numberOf(call, "limit", 50, 1, maxPage);
    if (!limit)
        return reply(problem(limit.error()));
    const Cursors cursors(call);
    const auto cursor = cursors.givenNumber(call);
    if (!cursor)
        return reply(problem(cursor.error()));
    store::DeliveryFilter filter{{}, std::string(call.parameter("source"))};
    if (const std::string_view name = call.parameter("outcome"); !name.empty()) {
        filter.outcome = store::deliveryOutcomeFromName(name);
        if (!filter.outcome)
            return reply(problem({ErrorCode::InvalidValue,
                "The parameter outcome must be an outcome such as unmappable or waiting.",
                {{"outcome", ErrorCode::InvalidValue, "is not an outcome"}}}));
    }
    look(services, reply, [cursors, filter, limit = *limit, before = *cursor](store::StoreReader& reader) {
        const auto records = reader.listDeliveries(filter, before, limit + 1);
        if (!records)
            return problem(records.error());
        JsonWriter body;
        body.beginObject().key("items").beginArray();
        const std::size_t shown = std::min<std::size_t>(records->size(), limit);
        for (std::size_t i = 0; i < shown; ++i)
            body.raw(deliveryJson((*records)[i]));
        body.endArray().key("next_cursor");
        if (records->size() > shown)
            body.value(cursors.at((*records)[shown - 1].number));
        else
            body.null();
        body.endObject();
        return json(body.take());
    });
}

void getDelivery(const Services& services, const Call& call, const ApiReply& reply)
{
    look(services, reply,
        [number = call.parts.front(), role = call.principal.role](store::StoreReader& reader) {
            const auto record = deliveryOf(reader, number);
            if (!record)
                return problem(record.error());
            JsonWriter body;
            body.beginObject();
            writeDeliveryMembers(body, *record);
            if (!role->isMasked) // what a vendor's body says of whom is not known field by field
                body.memberIf("body", record->body);
            body.endObject();
            return json(body.take());
        });
}

/// The delivery read anew, for the engine. One whose body is not kept is for the engine to refuse. Errors: Corrupt, the store's.
Result<engine::Delivery> readAnew(store::StoreReader& reader, store::DeliveryRecord record)
{
    engine::Delivery delivery;
    delivery.record.number = record.number;
    if (!store::isBodyKept(record.outcome))
        return delivery;
    const auto source = reader.findIntakeSource(record.source);
    if (!source)
        return tl::unexpected(source.error());
    JsonParser parser;
    const auto root = parser.parse(record.body);
    if (!*source || !root)
        return failure(ErrorCode::Corrupt,
            "The body of delivery " + std::to_string(record.number)
                + ", or its source, can't be read. Nothing was guessed; restore the last backup.");
    delivery =
        readDelivery(**source, {record.deliveryId, record.topic}, record.body, *root, record.receivedAt);
    delivery.record.number = record.number;
    return delivery;
}

void replay(const Services& services, const Call& call, const ApiReply& reply)
{
    const bool taken =
        services.readers.post([services, reply, number = call.parts.front()](store::StoreReader& reader) {
            auto delivery = deliveryOf(reader, number).and_then([&reader](store::DeliveryRecord record) {
                return readAnew(reader, std::move(record));
            });
            if (!delivery)
                return reply(problem(delivery.error()));
            delivery->reply = [reply](const Result<store::DeliveryRecord>& record) {
                reply(record ? json(deliveryJson(*record)) : problem(record.error()));
            };
            if (!services.inbox.post(std::move(*delivery)))
                reply(problem(inboxFull()));
        });
    if (!taken)
        reply(problem(inboxFull()));
}

} // namespace

void addDeliveryRoutes(std::vector<Route>& routes, const Services& services)
{
    if (!services.secrets)
        return;
    routes.push_back(
        {"GET", "/v1/intake/deliveries", Access::Deliveries, {"outcome", "source", "limit", "cursor"},
            [services](const Call& call, const ApiReply& reply) { listDeliveries(services, call, reply); }});
    routes.push_back({"GET", "/v1/intake/deliveries/{}", Access::Deliveries, {},
        [services](const Call& call, const ApiReply& reply) { getDelivery(services, call, reply); }});
    routes.push_back({"POST", "/v1/intake/deliveries/{}/replay", Access::Deliveries, {},
        [services](const Call& call, const ApiReply& reply) { replay(services, call, reply); }});
}

} // namespace gantry::api
