// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/api/masking.h"

#include "shared/protocol/order_codec.h"

#include <memory>
#include <type_traits>

namespace gantry::api {

namespace {

constexpr std::size_t shownOfPostalCode = 2; ///< bytes: enough for the region

void mask(std::string& text)
{
    if (!text.empty())
        text = maskText;
}

/// Masks all but the beginning; a code with other than plain letters there is masked whole.
void maskPostalCode(std::string& code)
{
    const bool isPlain = code.size() > shownOfPostalCode && static_cast<unsigned char>(code[0]) < 0x80
        && static_cast<unsigned char>(code[1]) < 0x80;
    if (isPlain)
        code = code.substr(0, shownOfPostalCode) + maskText;
    else
        mask(code);
}

std::shared_ptr<const OrderSummary> maskedSummary(const std::shared_ptr<const OrderSummary>& summary)
{
    auto masked = std::make_shared<OrderSummary>(*summary);
    mask(masked->customerName);
    return masked;
}

void maskBody(EventBody& body)
{
    if (auto* received = std::get_if<OrderReceived>(&body))
        received->summary = maskedSummary(received->summary);
    else if (auto* completed = std::get_if<StepCompleted>(&body))
        completed->result.clear();
    else if (auto* undone = std::get_if<StepCompensated>(&body))
        undone->result.clear();
}

} // namespace

Result<std::string> shownDocument(std::string document, const RoleRef& role)
{
    if (!role->isMasked)
        return document;
    thread_local JsonParser parser;
    auto read = decodeDocument(parser, document);
    if (!read)
        return tl::unexpected(std::move(read.error()));
    Customer& customer = read->customer;
    Address& address = read->shippingAddress;
    for (std::string* text :
        {&customer.name, &customer.email, &customer.phone, &address.name, &address.line1, &address.line2})
        mask(*text);
    maskPostalCode(address.postalCode);
    for (auto& [name, content] : read->metadata)
        mask(content);
    return encodeDocument(*read);
}

void writeShownRow(JsonWriter& json, const Order& order, const RoleRef& role)
{
    if (!role->isMasked)
        return writeOrderRow(json, order);
    Order masked = order;
    masked.summary = maskedSummary(order.summary);
    writeOrderRow(json, masked);
}

std::vector<LoggedEvent> shownEvents(std::vector<LoggedEvent> events, const RoleRef& role)
{
    if (role->isMasked)
        for (LoggedEvent& logged : events)
            maskBody(logged.event.body);
    return events;
}

std::optional<Error> refusalOfSearch(const std::string& query, const RoleRef& role)
{
    if (!role->isMasked || query.empty() || OrderId::fromText(query))
        return std::nullopt;
    const std::string message = "The role " + role->name
        + " sees no personal data, and q searches by it. Search by external_id, or ask somebody with the "
          "role "
        + whoHas(Right::ReadOrders) + '.';
    return Error{ErrorCode::Forbidden, message, {{"q", ErrorCode::Forbidden, "searches by what is masked"}}};
}

} // namespace gantry::api
