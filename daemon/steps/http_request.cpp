// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/steps/http_request.h"

#include "daemon/steps/trace_context.h"
#include "daemon/workflows/call_text.h"
#include "shared/protocol/order_codec.h"
#include "shared/protocol/worker_codec.h"

#include <algorithm>
#include <optional>

namespace gantry::steps {

namespace {

std::string metadataOf(const OrderDocument& document, const std::string& key)
{
    const auto found = std::find_if(document.metadata.begin(), document.metadata.end(),
        [&key](const auto& each) { return each.first == key; });
    return found == document.metadata.end() ? std::string() : found->second;
}

/// What templates ask for, of one task.
class TaskFields {
public:
    TaskFields(const engine::Task& task, OrderDocument document)
        : m_task(task)
        , m_document(std::move(document))
    {
    }

    std::string operator()(TemplateField field, const std::string& key)
    {
        const OrderDocument& order = m_document;
        switch (field) {
        case TemplateField::OrderId: return m_task.order->id.text();
        case TemplateField::ExternalId: return order.externalId;
        case TemplateField::Channel: return order.channel;
        case TemplateField::Currency: return std::string(order.currency.code());
        case TemplateField::CustomerName: return order.customer.name;
        case TemplateField::CustomerEmail: return order.customer.email;
        case TemplateField::CustomerPhone: return order.customer.phone;
        case TemplateField::AddressName: return order.shippingAddress.name;
        case TemplateField::AddressLine1: return order.shippingAddress.line1;
        case TemplateField::AddressLine2: return order.shippingAddress.line2;
        case TemplateField::AddressCity: return order.shippingAddress.city;
        case TemplateField::AddressPostalCode: return order.shippingAddress.postalCode;
        case TemplateField::AddressRegion: return order.shippingAddress.region;
        case TemplateField::AddressCountry: return order.shippingAddress.country;
        case TemplateField::IdempotencyKey: return m_task.idempotencyKey;
        case TemplateField::Step: return m_task.step;
        case TemplateField::Metadata: return metadataOf(order, key);
        case TemplateField::Total: return std::to_string(order.total);
        case TemplateField::Shipping: return std::to_string(order.shipping);
        case TemplateField::Discount: return std::to_string(order.discount);
        case TemplateField::Tax: return std::to_string(order.tax);
        case TemplateField::Priority: return std::to_string(order.priority);
        case TemplateField::Attempt: return std::to_string(m_task.attempt);
        case TemplateField::Order: return wholeOrder();
        case TemplateField::Customer: return member("customer", "{}");
        case TemplateField::Address: return member("shipping_address", "{}");
        case TemplateField::Lines: return member("lines", "[]");
        case TemplateField::Payments: return member("payments", "[]");
        case TemplateField::Tags: return member("tags", "[]");
        case TemplateField::AllMetadata: return member("metadata", "{}");
        }
        return {};
    }

private:
    [[nodiscard]] std::string wholeOrder() const
    {
        JsonWriter json;
        writeTaskOrder(json, m_task.document, *m_task.order);
        return json.take();
    }

    /// A member of the document as it is.
    std::string member(std::string_view name, const char* otherwise)
    {
        const auto root = m_parser.parse(m_task.document);
        simdjson::dom::element value;
        if (!root || (*root)[name].get(value) != simdjson::SUCCESS)
            return otherwise;
        return simdjson::to_string(value);
    }

    const engine::Task& m_task;
    OrderDocument m_document;
    JsonParser m_parser;
};

/// The task as a worker gets it, but for what belongs to a lease.
std::string taskBody(const engine::Task& task)
{
    JsonWriter json;
    json.beginObject()
        .member("task", task.handler)
        .member("order_id", task.order->id.text())
        .member("step", task.step)
        .member("attempt", task.attempt)
        .member("idempotency_key", task.idempotencyKey);
    json.key("order");
    writeTaskOrder(json, task.document, *task.order);
    json.endObject();
    return json.take();
}

bool isSameName(std::string_view one, std::string_view other)
{
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
    return std::equal(one.begin(), one.end(), other.begin(), other.end(),
        [lower](char a, char b) { return lower(a) == lower(b); });
}

std::string hostOf(const HttpService& service)
{
    const bool isAddress6 = service.host.find(':') != std::string::npos;
    std::string host = isAddress6 ? '[' + service.host + ']' : service.host;
    if (service.port != (service.isTls ? 443 : 80))
        host += ':' + std::to_string(service.port);
    return host;
}

void addHeader(std::string& request, std::string_view name, std::string_view value)
{
    request.append(name).append(": ").append(value).append("\r\n");
}

/// The headers of the service, then those of the workflow, which go before the service's of the same name.
Result<void> addHeaders(std::string& request, const HttpService& service, const HttpCall& call,
    const workflows::FieldSource& fields)
{
    for (const auto& [name, value] : service.headers) {
        const bool isReplaced = std::any_of(call.headers.begin(), call.headers.end(),
            [&each = name](const auto& header) { return isSameName(header.first, each); });
        if (!isReplaced)
            addHeader(request, name, value);
    }
    for (const auto& [name, text] : call.headers) {
        const auto value = workflows::renderHeader(text, fields);
        if (!value)
            return tl::unexpected(value.error());
        addHeader(request, name, *value);
    }
    return {};
}

} // namespace

std::string HttpService::url() const
{
    return (isTls ? "https://" : "http://") + hostOf(*this) + basePath;
}

Result<std::string> makeRequest(const HttpService& service, const engine::Task& task)
{
    JsonParser parser;
    auto document = decodeDocument(parser, task.document);
    if (!document)
        return tl::unexpected(document.error());
    TaskFields taskFields(task, std::move(*document));
    const workflows::FieldSource fields = [&taskFields](TemplateField field, const std::string& key) {
        return taskFields(field, key);
    };
    const HttpCall& call = *task.call;
    const auto path = workflows::renderPath(call.path, fields);
    if (!path)
        return tl::unexpected(path.error());

    std::string request = call.method + ' ' + service.basePath + *path + " HTTP/1.1\r\n";
    addHeader(request, "Host", hostOf(service));
    addHeader(request, "User-Agent", "gantryd/" GANTRY_VERSION);
    addHeader(request, "Accept-Encoding", "identity");
    addHeader(request, "Idempotency-Key", '"' + task.idempotencyKey + '"');
    addHeader(request, "Traceparent", traceparentOf(*task.order, task.step, task.attempt));
    if (auto added = addHeaders(request, service, call, fields); !added)
        return tl::unexpected(added.error());
    if (!hasBody(call.method))
        return request + "\r\n";
    const std::string body = call.body ? workflows::renderJson(*call.body, fields) : taskBody(task);
    addHeader(request, "Content-Type", "application/json");
    addHeader(request, "Content-Length", std::to_string(body.size()));
    return request + "\r\n" + body;
}

} // namespace gantry::steps
