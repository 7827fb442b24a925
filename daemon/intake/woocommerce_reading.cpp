// SPDX-License-Identifier: GPL-3.0-or-later
// WooCommerce: the order of its REST API, version 3, where a cancel is a status. docs/intake.md tells which member becomes which.
#include "daemon/intake/vendor_object.h"
#include "shared/domain/command.h"
#include "shared/util/text.h"

#include <algorithm>
#include <array>

namespace gantry::intake {

namespace {

using store::DeliveryAsk;

constexpr std::array<std::string_view, 4> overStatuses{"failed", "refunded", "trash", "checkout-draft"};

void readPeople(const VendorObject& order, OrderDocument& document)
{
    if (const auto billing = order.object("billing"))
        document.customer = {
            .name = billing->fullName(), .email = billing->text("email"), .phone = billing->text("phone")};
    const auto address = order.object("shipping");
    if (!address)
        return;
    document.shippingAddress = {.name = address->fullName(),
        .line1 = address->text("address_1"),
        .line2 = address->text("address_2"),
        .city = address->text("city"),
        .postalCode = address->text("postcode"),
        .region = address->text("state"),
        .country = address->key("country")};
}

/// A line has a sum, and its price is a rounded number: the sum is shared out exactly, and where it does not come out even, the last piece is a line of
/// its own.
void addLine(OrderDocument& document, OrderLine line, MinorUnits sum)
{
    const std::int64_t quantity = line.quantity;
    line.unitPrice = quantity > 0 ? sum / quantity : 0;
    const MinorUnits rest = quantity > 0 ? sum % quantity : 0;
    if (rest == 0) {
        document.lines.push_back(std::move(line));
        return;
    }
    OrderLine last = line;
    last.quantity = 1;
    last.unitPrice += rest;
    line.quantity -= 1;
    document.lines.push_back(std::move(line));
    document.lines.push_back(std::move(last));
}

void readLines(const VendorObject& order, Currency currency, OrderDocument& document)
{
    for (const VendorObject& line : order.objects("line_items")) {
        OrderLine read{.sku = line.key("sku"), .name = line.text("name")};
        if (read.sku.empty())
            line.tell("sku", ErrorCode::MissingField, "is missing: which article is meant is not guessed");
        read.quantity = line.whole("quantity").value_or(0);
        const MinorUnits sum = line.money("subtotal", currency);
        if (sum < 0)
            line.tell("subtotal", ErrorCode::InvalidValue, "is negative");
        addLine(document, std::move(read), sum);
    }
    for (const VendorObject& fee : order.objects("fee_lines"))
        if (fee.money("total", currency) != 0)
            fee.tell("total", ErrorCode::InvalidValue, "is not zero, and an order here has no fees");
}

OrderDocument readOrder(const VendorObject& order, const std::string& source, Currency currency)
{
    OrderDocument document{.channel = source, .externalId = order.id("id"), .currency = currency};
    readLines(order, currency, document);
    readPeople(order, document);
    document.tax = order.money("total_tax", currency);
    document.shipping = order.money("shipping_total", currency);
    document.discount = order.money("discount_total", currency);
    document.total = order.money("total", currency);
    if (const std::string method = order.key("payment_method"); !method.empty())
        document.payments.push_back({method, document.total});
    remember(document, "order_name", order.text("number"));
    remember(document, "status", order.text("status"));
    remember(document, "note", order.text("customer_note"));
    return document;
}

std::string remarkOf(const VendorObject& order, const std::string& status)
{
    std::string remark;
    if (std::find(overStatuses.begin(), overStatuses.end(), status) != overStatuses.end())
        remark = "The shop says that it is " + status + ".";
    if (!order.objects("refunds").empty())
        remark += std::string(remark.empty() ? "" : " ") + "Something of it was refunded in the shop.";
    return remark;
}

Reading readBody(Reading reading, const std::string& source, const VendorObject& order, FieldErrors& errors)
{
    const std::string status = order.key("status");
    const bool isCreate = reading.ask == DeliveryAsk::Create;
    const bool isOver = std::find(overStatuses.begin(), overStatuses.end(), status) != overStatuses.end();
    if (isCreate && (isOver || status == "cancelled"))
        return ignored(reading.topic, "It was " + status + " before it came.");
    if (status == "cancelled") {
        if (!errors.isEmpty())
            return unmappable(std::move(reading), errors);
        reading.ask = DeliveryAsk::Cancel;
        reading.problem = "Canceled in the shop";
        return reading;
    }
    const auto currency = order.currency("currency");
    if (!currency)
        return unmappable(std::move(reading), errors);
    OrderDocument document = readOrder(order, source, *currency);
    if (!isCreate)
        reading.problem = remarkOf(order, status);
    return mapped(std::move(reading), std::move(document), std::move(errors));
}

} // namespace

Reading readWooCommerce(const std::string& source, const std::string& topic, simdjson::dom::element body)
{
    const bool isCreate = topic == "order.created";
    const bool isUpdate = topic == "order.updated" || topic == "order.restored";
    const bool isDelete = topic == "order.deleted";
    if (!isCreate && !isUpdate && !isDelete)
        return ignored(topic, "Nothing is done for this topic.");
    FieldErrors errors;
    Reading reading;
    reading.topic = topic;
    const VendorObject order(body, "", errors);
    reading.externalId = order.id("id");
    reading.ask = isCreate ? DeliveryAsk::Create : isUpdate ? DeliveryAsk::Update : DeliveryAsk::Note;
    if (!isDelete)
        return readBody(std::move(reading), source, order, errors);
    if (!errors.isEmpty())
        return unmappable(std::move(reading), errors);
    reading.problem = "The order was deleted in the shop.";
    return reading;
}

} // namespace gantry::intake
