// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/engine/step_runner.h"
#include "shared/protocol/order_codec.h"

#include <QtGlobal>

namespace gantry::test {

inline TextTemplate textOf(const char* text)
{
    auto parsed = parseTemplate(text);
    if (!parsed)
        qFatal("%s", parsed.error().message.c_str());
    return std::move(*parsed);
}

/// A call of the service `carrier` that makes a label.
inline HttpCall labelCall()
{
    return {.service = "carrier", .path = textOf("/labels")};
}

inline OrderDocument calledOrder()
{
    OrderDocument document{.channel = "webshop",
        .externalId = "10001",
        .currency = *Currency::fromCode("EUR"),
        .lines = {{"SKU", "A thing", 2, 625}},
        .total = 1250,
        .payments = {{"card", 1250}}};
    document.customer.name = "Ada";
    document.shippingAddress.city = "Bonn";
    return document;
}

/// An attempt whose call is `call`, which outlives it.
inline engine::Task taskOf(const HttpCall& call, const OrderDocument& document = calledOrder())
{
    Order order;
    order.id = OrderId::make(fromMillis(1'770'000'000'000), {}, {1, 2});
    order.step.name = "label";
    order.summary = std::make_shared<const OrderSummary>(
        summarize(document, fromMillis(1'770'000'000'000), "standard", 1));
    return {.order = std::make_shared<const Order>(order),
        .document = encodeDocument(document),
        .step = "label",
        .attempt = 1,
        .handler = "carrier",
        .timeout = std::chrono::seconds(20),
        .idempotencyKey = order.id.text() + "/label",
        .call = &call};
}

} // namespace gantry::test
