// SPDX-License-Identifier: GPL-3.0-or-later
// Shopify: the bare order of its REST API, with what happened to it as the topic. docs/intake.md tells which member becomes which.
#include "daemon/intake/vendor_object.h"
#include "shared/domain/command.h"
#include "shared/util/text.h"

#include <algorithm>
#include <array>
#include <utility>

namespace gantry::intake {

namespace {

using store::DeliveryAsk;

/// What is done for a topic; Note has its text.
struct Topic {
    std::string_view name;
    DeliveryAsk ask;
    std::string_view note{};
};

constexpr std::array<Topic, 9> topics{{
    {"orders/create", DeliveryAsk::Create},
    {"orders/updated", DeliveryAsk::Update},
    {"orders/paid", DeliveryAsk::Update},
    {"orders/fulfilled", DeliveryAsk::Update},
    {"orders/partially_fulfilled", DeliveryAsk::Update},
    {"orders/cancelled", DeliveryAsk::Cancel},
    {"orders/edited", DeliveryAsk::Note, "The order was edited in the shop."},
    {"orders/delete", DeliveryAsk::Note, "The order was deleted in the shop."},
    {"refunds/create", DeliveryAsk::Note, "Something of the order was refunded in the shop."},
}};

/// A text of tags, with commas between.
std::vector<std::string> readTags(std::string_view text)
{
    std::vector<std::string> tags;
    while (!text.empty()) {
        std::string_view tag = text.substr(0, text.find(','));
        text.remove_prefix(std::min(tag.size() + 1, text.size()));
        tag.remove_prefix(std::min(tag.find_first_not_of(' '), tag.size()));
        if (!tag.empty())
            tags.emplace_back(tag);
    }
    return tags;
}

void readPeople(const VendorObject& order, OrderDocument& document)
{
    if (const auto customer = order.object("customer"))
        document.customer.name = customer->fullName();
    document.customer.email = order.text(order.has("email") ? "email" : "contact_email");
    document.customer.phone = order.text("phone");
    const auto address = order.object("shipping_address");
    if (!address)
        return;
    document.shippingAddress = {.name = address->text("name"),
        .line1 = address->text("address1"),
        .line2 = address->text("address2"),
        .city = address->text("city"),
        .postalCode = address->text("zip"),
        .region = address->text("province"),
        .country = address->key("country_code")};
}

void readLines(const VendorObject& order, Currency currency, OrderDocument& document)
{
    for (const VendorObject& line : order.objects("line_items")) {
        OrderLine& read = document.lines.emplace_back();
        read.sku = line.key("sku");
        if (read.sku.empty())
            line.tell("sku", ErrorCode::MissingField, "is missing: which article is meant is not guessed");
        read.name = line.text("name");
        read.quantity = line.whole("quantity").value_or(0);
        read.unitPrice = line.money("price", currency);
    }
}

/// Shipping before discounts: the discounts of the order hold those of shipping.
MinorUnits shippingOf(const VendorObject& order, Currency currency)
{
    const auto set = order.object("total_shipping_price_set");
    const auto money = set ? set->object("shop_money") : std::nullopt;
    if (money)
        return money->money("amount", currency);
    MinorUnits sum = 0;
    for (const VendorObject& line : order.objects("shipping_lines")) {
        const auto next = addChecked(sum, line.money("price", currency));
        if (!next)
            line.tell("price", ErrorCode::AmountOverflow, "is too much to be added");
        sum = next.value_or(0);
    }
    return sum;
}

void readPayments(const VendorObject& order, OrderDocument& document)
{
    auto gateways = order.texts("payment_gateway_names");
    std::erase(gateways, "");
    if (gateways.size() == 1) // how several share the total is not told
        document.payments.push_back({gateways.front(), document.total});
    else if (gateways.size() > 1)
        document.metadata.emplace_back("payment_gateways", std::to_string(gateways.size()));
}

OrderDocument readOrder(const VendorObject& order, const std::string& source, Currency currency)
{
    OrderDocument document{.channel = source, .externalId = order.id("id"), .currency = currency};
    readLines(order, currency, document);
    readPeople(order, document);
    const MinorUnits tax = order.money("total_tax", currency);
    const bool isTaxInside = order.isTrue("taxes_included");
    document.tax = isTaxInside ? 0 : tax;
    document.shipping = shippingOf(order, currency);
    document.discount = order.money("total_discounts", currency);
    document.total = order.money("total_price", currency);
    if (order.moneyIf("total_tip_received", currency) != 0)
        order.tell(
            "total_tip_received", ErrorCode::InvalidValue, "is not zero, and an order here has no tip");
    readPayments(order, document);
    document.tags = readTags(order.key("tags"));
    remember(document, "order_name", order.text("name"));
    remember(document, "financial_status", order.text("financial_status"));
    remember(document, "note", order.text("note"));
    if (isTaxInside)
        remember(document, "tax_included", formatAmount(tax, currency));
    return document;
}

/// Lines of which fewer are left than were ordered: removed, or refunded.
std::string remarkOf(const VendorObject& order)
{
    std::string remark;
    for (const VendorObject& line : order.objects("line_items")) {
        const auto ordered = line.whole("quantity");
        const auto left = line.whole("current_quantity");
        if (ordered && left && *ordered != *left)
            remark += (remark.empty() ? "" : " ")
                + ("Of " + line.text("sku") + ' ' + std::to_string(*left) + " of " + std::to_string(*ordered)
                    + " are left.");
    }
    return toPlainText(remark, CommandLimits::message / 2);
}

Reading readNote(Reading reading, const Topic& topic, const VendorObject& body, FieldErrors& errors)
{
    if (topic.name == "orders/edited") {
        if (const auto edit = body.object("order_edit"))
            reading.externalId = edit->id("order_id");
        else
            body.tell("order_edit", ErrorCode::MissingField, "is missing, and is needed");
    } else {
        reading.externalId = body.id(topic.name == "refunds/create" ? "order_id" : "id");
    }
    reading.problem = topic.note;
    if (!errors.isEmpty())
        return unmappable(std::move(reading), errors);
    reading.ask = DeliveryAsk::Note;
    return reading;
}

Reading readCancel(Reading reading, const VendorObject& order, const FieldErrors& errors)
{
    const std::string why = order.text("cancel_reason");
    if (!errors.isEmpty())
        return unmappable(std::move(reading), errors);
    reading.ask = DeliveryAsk::Cancel;
    reading.problem =
        toPlainText("Canceled in the shop" + (why.empty() ? "" : ": " + why), CommandLimits::reason);
    return reading;
}

} // namespace

Reading readShopify(const std::string& source, const std::string& topicName, simdjson::dom::element body)
{
    const auto* const topic = std::find_if(
        topics.begin(), topics.end(), [&topicName](const Topic& each) { return each.name == topicName; });
    if (topic == topics.end())
        return ignored(topicName, "Nothing is done for this topic.");
    FieldErrors errors;
    Reading reading;
    reading.topic = topicName;
    const VendorObject order(body, "", errors);
    if (topic->ask == DeliveryAsk::Note)
        return readNote(std::move(reading), *topic, order, errors);
    reading.externalId = order.id("id");
    if (order.isTrue("test"))
        return ignored(topicName, "It is a test order of the shop, and nobody waits for its goods.");
    // The topic is not signed, the body is: that an order is canceled follows from what it says of itself.
    const bool isCanceled = order.has("cancelled_at");
    if (topic->ask == DeliveryAsk::Create && isCanceled)
        return ignored(topicName, "It was canceled before it came.");
    if (isCanceled)
        return readCancel(std::move(reading), order, errors);
    if (topic->ask == DeliveryAsk::Cancel) {
        order.tell(
            "cancelled_at", ErrorCode::MissingField, "is missing, though the topic says it is canceled");
        return unmappable(std::move(reading), errors);
    }
    const auto currency = order.currency("currency");
    if (!currency)
        return unmappable(std::move(reading), errors);
    reading.ask = topic->ask;
    OrderDocument document = readOrder(order, source, *currency);
    if (topic->ask == DeliveryAsk::Update)
        reading.problem = remarkOf(order);
    return mapped(std::move(reading), std::move(document), std::move(errors));
}

} // namespace gantry::intake
