// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/protocol/order_codec.h"

#include <algorithm>

namespace gantry {

namespace {

using Limits = DocumentLimits;

OrderLine readLine(simdjson::dom::element json, const std::string& pointer, FieldErrors& errors)
{
    ObjectReader reader(json, pointer, errors);
    OrderLine line;
    line.sku = reader.requiredText("sku", Limits::keyBytes);
    line.name = reader.text("name", Limits::textBytes);
    line.quantity = reader.requiredInteger("quantity");
    line.unitPrice = reader.requiredInteger("unit_price");
    reader.finish();
    return line;
}

Customer readCustomer(simdjson::dom::element json, const std::string& pointer, FieldErrors& errors)
{
    ObjectReader reader(json, pointer, errors);
    Customer customer;
    customer.name = reader.text("name", Limits::textBytes);
    customer.email = reader.text("email", Limits::textBytes);
    customer.phone = reader.text("phone", Limits::textBytes);
    reader.finish();
    return customer;
}

Address readAddress(simdjson::dom::element json, const std::string& pointer, FieldErrors& errors)
{
    ObjectReader reader(json, pointer, errors);
    Address address;
    address.name = reader.text("name", Limits::textBytes);
    address.line1 = reader.text("line1", Limits::textBytes);
    address.line2 = reader.text("line2", Limits::textBytes);
    address.city = reader.text("city", Limits::textBytes);
    address.postalCode = reader.text("postal_code", Limits::textBytes);
    address.region = reader.text("region", Limits::textBytes);
    address.country = reader.text("country", Limits::textBytes);
    reader.finish();
    return address;
}

Payment readPayment(simdjson::dom::element json, const std::string& pointer, FieldErrors& errors)
{
    ObjectReader reader(json, pointer, errors);
    Payment payment;
    payment.method = reader.requiredText("method", Limits::keyBytes);
    payment.amount = reader.requiredInteger("amount");
    reader.finish();
    return payment;
}

/// Reads each element of an array with `read`, but no more than `most`: beyond that it is one error, not thousands.
template <typename T, typename Read>
std::vector<T> readEach(ObjectReader& reader, std::string_view name,
    std::optional<simdjson::dom::array> array, std::size_t most, ErrorCode tooMany, Read read)
{
    std::vector<T> items;
    if (!array)
        return items;
    if (array->size() > most) {
        reader.errors().add(reader.pointerTo(name), tooMany,
            "has " + std::to_string(array->size()) + " entries; at most " + std::to_string(most)
                + " are taken");
        return items;
    }
    items.reserve(array->size());
    const std::string base = reader.pointerTo(name) + '/';
    for (const auto element : *array)
        items.push_back(read(element, base + std::to_string(items.size()), reader.errors()));
    return items;
}

std::string readTag(simdjson::dom::element json, const std::string& pointer, FieldErrors& errors)
{
    std::string_view text;
    if (json.get(text) != simdjson::SUCCESS)
        errors.add(pointer, ErrorCode::WrongType, "must be a text");
    return std::string(text);
}

std::vector<std::pair<std::string, std::string>> readMetadata(
    simdjson::dom::element json, const std::string& pointer, FieldErrors& errors)
{
    std::vector<std::pair<std::string, std::string>> metadata;
    simdjson::dom::object object;
    if (json.get(object) != simdjson::SUCCESS)
        return metadata;
    if (object.size() > Limits::metadata) {
        errors.add(pointer, ErrorCode::InvalidValue, "has more than 50 entries");
        return metadata;
    }
    ObjectReader reader(json, pointer, errors);
    for (const auto [name, value] : object)
        metadata.emplace_back(std::string(name), reader.text(name, Limits::textBytes));
    // One sequence whatever the sender's, so that equal documents have equal fingerprints.
    std::sort(metadata.begin(), metadata.end());
    return metadata;
}

Currency readCurrency(ObjectReader& reader)
{
    const std::string code = reader.requiredText("currency", Limits::textBytes);
    const auto currency = Currency::fromCode(code);
    if (!currency && !code.empty()) // what is absent or empty was told already
        reader.errors().add(reader.pointerTo("currency"), ErrorCode::UnknownCurrency,
            "is not a currency of ISO 4217; write its three capital letters, such as EUR");
    return currency.value_or(*Currency::fromCode("EUR"));
}

void writeMemberIf(JsonWriter& json, std::string_view name, MinorUnits amount)
{
    if (amount != 0)
        json.member(name, amount);
}

void writeLines(JsonWriter& json, const OrderDocument& document)
{
    json.key("lines").beginArray();
    for (const OrderLine& line : document.lines)
        json.beginObject()
            .member("sku", line.sku)
            .memberIf("name", line.name)
            .member("quantity", line.quantity)
            .member("unit_price", line.unitPrice)
            .endObject();
    json.endArray();
}

void writePeople(JsonWriter& json, const OrderDocument& document)
{
    const Customer& customer = document.customer;
    json.key("customer")
        .beginObject()
        .memberIf("name", customer.name)
        .memberIf("email", customer.email)
        .memberIf("phone", customer.phone)
        .endObject();
    const Address& address = document.shippingAddress;
    json.key("shipping_address")
        .beginObject()
        .memberIf("name", address.name)
        .memberIf("line1", address.line1)
        .memberIf("line2", address.line2)
        .memberIf("city", address.city)
        .memberIf("postal_code", address.postalCode)
        .memberIf("region", address.region)
        .memberIf("country", address.country)
        .endObject();
}

void writeExtras(JsonWriter& json, const OrderDocument& document)
{
    json.key("payments").beginArray();
    for (const Payment& payment : document.payments)
        json.beginObject().member("method", payment.method).member("amount", payment.amount).endObject();
    json.endArray();
    json.member("priority", document.priority).memberIf("promise_at", document.promiseAt);
    json.key("tags").beginArray();
    for (const std::string& tag : document.tags)
        json.value(tag);
    json.endArray();
    json.key("metadata").beginObject();
    for (const auto& [name, value] : document.metadata) {
        // A metadata name is the sender's own: written as a value is, escaped.
        JsonWriter quoted;
        quoted.value(name);
        json.key(std::string_view(quoted.text()).substr(1, quoted.text().size() - 2)).value(value);
    }
    json.endObject();
}

} // namespace

Result<OrderDocument> readOrderDocument(simdjson::dom::element json, const std::string& pointer)
{
    FieldErrors errors;
    ObjectReader reader(json, pointer, errors);
    const ErrorCode tooMany = ErrorCode::InvalidValue;
    OrderDocument document{.channel = reader.requiredText("channel", Limits::keyBytes),
        .externalId = reader.requiredText("external_id", Limits::keyBytes),
        .currency = readCurrency(reader)};
    document.lines = readEach<OrderLine>(
        reader, "lines", reader.requiredArray("lines"), Limits::lines, ErrorCode::TooManyLines, readLine);
    if (const auto customer = reader.object("customer"))
        document.customer = readCustomer(*customer, reader.pointerTo("customer"), errors);
    if (const auto address = reader.object("shipping_address"))
        document.shippingAddress = readAddress(*address, reader.pointerTo("shipping_address"), errors);
    document.shipping = reader.integerOr("shipping", 0);
    document.discount = reader.integerOr("discount", 0);
    document.tax = reader.integerOr("tax", 0);
    document.total = reader.requiredInteger("total");
    document.payments = readEach<Payment>(
        reader, "payments", reader.array("payments"), Limits::payments, tooMany, readPayment);
    document.priority = static_cast<int>(std::clamp<std::int64_t>(reader.integerOr("priority", 5), -1, 10));
    document.promiseAt = reader.time("promise_at");
    document.tags =
        readEach<std::string>(reader, "tags", reader.array("tags"), Limits::tags, tooMany, readTag);
    if (const auto metadata = reader.object("metadata"))
        document.metadata = readMetadata(*metadata, reader.pointerTo("metadata"), errors);
    reader.finish();
    if (errors.isEmpty())
        for (FieldError& fault : findFaults(document))
            errors.add(pointer + fault.pointer, fault.code, std::move(fault.message));
    if (!errors.isEmpty())
        return tl::unexpected(errors.toError("The order"));
    return document;
}

void writeDocumentMembers(JsonWriter& json, const OrderDocument& document)
{
    json.member("channel", document.channel)
        .member("external_id", document.externalId)
        .member("currency", document.currency.code());
    writeLines(json, document);
    writePeople(json, document);
    writeMemberIf(json, "shipping", document.shipping);
    writeMemberIf(json, "discount", document.discount);
    writeMemberIf(json, "tax", document.tax);
    json.member("total", document.total);
    writeExtras(json, document);
}

std::string encodeDocument(const OrderDocument& document)
{
    JsonWriter json;
    json.beginObject();
    writeDocumentMembers(json, document);
    json.endObject();
    return json.take();
}

Result<OrderDocument> decodeDocument(JsonParser& parser, std::string_view json)
{
    auto root = parser.parse(json);
    auto document = root ? readOrderDocument(*root) : Result<OrderDocument>(tl::unexpected(root.error()));
    if (!document)
        return failure(
            ErrorCode::Corrupt, "A stored order document can't be read: " + document.error().message);
    return document;
}

} // namespace gantry
