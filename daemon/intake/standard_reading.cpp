// SPDX-License-Identifier: GPL-3.0-or-later
// Standard Webhooks: an order of ours below `data`, and what is to be done with it as `type`.
#include "daemon/intake/vendor_object.h"
#include "shared/domain/command.h"
#include "shared/protocol/order_codec.h"
#include "shared/util/text.h"

namespace gantry::intake {

namespace {

Reading readOrder(Reading reading, const std::string& source, simdjson::dom::element data)
{
    FieldErrors errors;
    auto document = readOrderDocument(data, "/data");
    if (!document) {
        errors.add(document.error().fields);
        if (errors.isEmpty())
            errors.add("/data", document.error().code, document.error().message);
        return unmappable(std::move(reading), errors);
    }
    reading.externalId = document->externalId;
    if (document->channel != source)
        errors.add("/data/channel", ErrorCode::InvalidValue,
            "is " + document->channel + ", and the orders of this source are of the channel " + source);
    return mapped(std::move(reading), std::move(*document), std::move(errors));
}

Reading readCancel(Reading reading, simdjson::dom::element data)
{
    FieldErrors errors;
    const VendorObject order(data, "/data", errors);
    reading.externalId = order.id("external_id");
    const std::string reason = order.text("reason");
    if (!errors.isEmpty())
        return unmappable(std::move(reading), errors);
    reading.ask = store::DeliveryAsk::Cancel;
    reading.problem =
        toPlainText(reason.empty() ? "Canceled by the sender" : "Canceled by the sender: " + reason,
            CommandLimits::reason);
    return reading;
}

} // namespace

Reading readStandard(const std::string& source, simdjson::dom::element body)
{
    FieldErrors errors;
    Reading reading;
    const VendorObject event(body, "", errors);
    reading.topic = event.text("type");
    simdjson::dom::element data;
    const bool isOrder = reading.topic == "order.created" || reading.topic == "order.updated"
        || reading.topic == "order.canceled";
    if (errors.isEmpty() && !reading.topic.empty() && !isOrder)
        return ignored(reading.topic, "Nothing is done for this type.");
    if (reading.topic.empty())
        event.tell("type", ErrorCode::MissingField, "is missing, and is needed");
    if (body["data"].get(data) != simdjson::SUCCESS)
        event.tell("data", ErrorCode::MissingField, "is missing, and is needed");
    if (!errors.isEmpty())
        return unmappable(std::move(reading), errors);
    if (reading.topic == "order.canceled")
        return readCancel(std::move(reading), data);
    reading.ask = reading.topic == "order.created" ? store::DeliveryAsk::Create : store::DeliveryAsk::Update;
    return readOrder(std::move(reading), source, data);
}

} // namespace gantry::intake
