// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/api/delivery_answer.h"

#include "daemon/api/fingerprint.h"
#include "daemon/intake/reading.h"
#include "shared/protocol/order_codec.h"

namespace gantry::api {

engine::Delivery readDelivery(const store::IntakeSource& source, const intake::DeliveryName& name,
    std::string body, simdjson::dom::element root, Timestamp receivedAt)
{
    intake::Reading reading = intake::readDelivery(source.kind, source.name, name.topic, root);
    engine::Delivery delivery;
    delivery.record = {.source = source.name,
        .deliveryId = name.id,
        .topic = std::move(reading.topic),
        .externalId = std::move(reading.externalId),
        .receivedAt = receivedAt,
        .ask = reading.ask,
        .outcome = reading.outcome,
        .problem = std::move(reading.problem),
        .body = std::move(body)};
    if (reading.document) {
        delivery.document = std::make_shared<const OrderDocument>(std::move(*reading.document));
        delivery.encoded = std::make_shared<const std::string>(encodeDocument(*delivery.document));
        delivery.fingerprint = fingerprintOf(*delivery.encoded);
        delivery.record.document = *delivery.encoded; // for as long as it may have to wait
    }
    return delivery;
}

void writeDeliveryMembers(JsonWriter& json, const store::DeliveryRecord& record)
{
    if (record.number > 0)
        json.member("number", record.number);
    json.member("source", record.source)
        .member("delivery_id", record.deliveryId)
        .member("topic", record.topic)
        .memberIf("external_id", record.externalId)
        .member("received_at", record.receivedAt)
        .member("asks", store::deliveryAskName(record.ask))
        .member("outcome", store::deliveryOutcomeName(record.outcome));
    if (record.order)
        json.member("order_id", record.order->text());
    json.memberIf("problem", record.problem);
}

std::string deliveryJson(const store::DeliveryRecord& record)
{
    JsonWriter json;
    json.beginObject();
    writeDeliveryMembers(json, record);
    json.endObject();
    return json.take();
}

} // namespace gantry::api
