// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/protocol/order_codec.h"

namespace gantry {

namespace {

void writeHold(JsonWriter& json, const Hold& hold)
{
    json.beginObject()
        .member("id", hold.id)
        .member("owner", hold.owner)
        .member("reason", hold.reason)
        .member("placed_at", hold.placedAt)
        .memberIf("expires_at", hold.expiresAt)
        .endObject();
}

Hold readHold(simdjson::dom::element json, const std::string& pointer, FieldErrors& errors)
{
    ObjectReader reader(json, pointer, errors);
    Hold hold;
    hold.id = reader.requiredText("id", 200);
    hold.owner = reader.requiredText("owner", 1000);
    hold.reason = reader.requiredText("reason", 4000);
    hold.placedAt = reader.time("placed_at").value_or(Timestamp{});
    hold.expiresAt = reader.time("expires_at");
    return hold;
}

void writeIncident(JsonWriter& json, const Incident& incident)
{
    json.beginObject()
        .member("step", incident.step)
        .member("code", incident.code)
        .member("message", incident.message)
        .member("since", incident.since)
        .endObject();
}

Incident readIncident(simdjson::dom::element json, const std::string& pointer, FieldErrors& errors)
{
    ObjectReader reader(json, pointer, errors);
    Incident incident;
    incident.step = reader.requiredText("step", 200);
    incident.code = reader.requiredText("code", 200);
    incident.message = reader.requiredText("message", 4000);
    incident.since = reader.time("since").value_or(Timestamp{});
    return incident;
}

void writeSummaryMembers(JsonWriter& json, const OrderSummary& summary)
{
    json.member("channel", summary.channel)
        .member("external_id", summary.externalId)
        .member("customer_name", summary.customerName)
        .member("currency", summary.currency.code())
        .member("total", summary.total)
        .member("line_count", summary.lineCount)
        .member("quantity", summary.quantity)
        .member("priority", static_cast<int>(summary.priority))
        .memberIf("promise_at", summary.promiseAt);
}

void writeWorkflow(JsonWriter& json, const OrderSummary& summary)
{
    json.key("workflow")
        .beginObject()
        .member("name", summary.workflow)
        .member("version", summary.workflowVersion)
        .endObject();
}

/// The members of a summary out of an object that may hold more.
OrderSummary takeSummary(ObjectReader& reader)
{
    const std::string code = reader.requiredText("currency", 3);
    const auto currency = Currency::fromCode(code);
    if (!currency)
        reader.errors().add(
            reader.pointerTo("currency"), ErrorCode::UnknownCurrency, "is not a currency of ISO 4217");
    OrderSummary summary{.channel = reader.requiredText("channel", DocumentLimits::keyBytes),
        .externalId = reader.requiredText("external_id", DocumentLimits::keyBytes),
        .customerName = reader.text("customer_name", DocumentLimits::textBytes),
        .currency = currency.value_or(*Currency::fromCode("EUR")),
        .total = reader.requiredInteger("total"),
        .lineCount = static_cast<std::uint32_t>(reader.requiredInteger("line_count")),
        .quantity = reader.requiredInteger("quantity"),
        .priority = static_cast<std::uint8_t>(reader.integerOr("priority", 5)),
        .promiseAt = reader.time("promise_at"),
        .createdAt = reader.time("created_at").value_or(Timestamp{})};
    if (const auto workflow = reader.object("workflow")) {
        ObjectReader inner(*workflow, reader.pointerTo("workflow"), reader.errors());
        summary.workflow = inner.requiredText("name", 200);
        summary.workflowVersion = static_cast<int>(inner.requiredInteger("version"));
    }
    return summary;
}

StepEntry takeStepEntry(ObjectReader& reader)
{
    StepEntry entry;
    entry.name = reader.requiredText("step", 200);
    entry.performer = reader.text("performer", 20) == "person" ? Performer::Person : Performer::Machine;
    entry.role = roleFromName(reader.text("step_role", 20)).value_or(Role::Admin);
    return entry;
}

void takeProgress(ObjectReader& reader, Order& order)
{
    const auto state = stateFromName(reader.requiredText("state", 20)).value_or(OrderState::Running);
    if (state == OrderState::Completed)
        order.outcome = Outcome::Completed;
    else if (state == OrderState::Canceled)
        order.outcome = Outcome::Canceled;
    order.version = static_cast<std::uint32_t>(reader.requiredInteger("version"));
    order.step = takeStepEntry(reader);
    order.attempt = static_cast<std::uint32_t>(reader.requiredInteger("attempt"));
    order.attemptsSpent = static_cast<std::uint32_t>(reader.requiredInteger("attempts_spent"));
    order.compensating = reader.boolean("compensating").value_or(false);
    order.retryAt = reader.time("retry_at");
    order.stepSince = reader.time("step_since").value_or(Timestamp{});
    order.updatedAt = reader.time("updated_at").value_or(Timestamp{});
    if (const auto holds = reader.array("holds"))
        for (const auto hold : *holds)
            order.holds.push_back(readHold(hold, reader.pointerTo("holds"), reader.errors()));
    if (const auto incident = reader.object("incident"))
        order.incident = readIncident(*incident, reader.pointerTo("incident"), reader.errors());
    if (const auto steps = reader.array("to_compensate"))
        for (const auto step : *steps) {
            std::string_view name;
            if (step.get(name) == simdjson::SUCCESS)
                order.toCompensate.emplace_back(name);
        }
}

} // namespace

OrderSummary summarize(
    const OrderDocument& document, Timestamp createdAt, const std::string& workflow, int workflowVersion)
{
    std::int64_t quantity = 0;
    for (const OrderLine& line : document.lines)
        quantity += line.quantity;
    return {.channel = document.channel,
        .externalId = document.externalId,
        .customerName = document.customer.name,
        .currency = document.currency,
        .total = document.total,
        .lineCount = static_cast<std::uint32_t>(document.lines.size()),
        .quantity = quantity,
        .priority = static_cast<std::uint8_t>(document.priority),
        .promiseAt = document.promiseAt,
        .createdAt = createdAt,
        .workflow = workflow,
        .workflowVersion = workflowVersion};
}

void writeOrderMembers(JsonWriter& json, const Order& order)
{
    json.member("id", order.id.text())
        .member("state", stateName(stateOf(order)))
        .member("step", order.step.name)
        .member("performer", performerName(order.step.performer))
        .member("step_role", roleName(order.step.role))
        .member("version", order.version)
        .member("attempt", order.attempt)
        .member("attempts_spent", order.attemptsSpent)
        .memberIf("retry_at", order.retryAt);
    writeWorkflow(json, *order.summary);
    json.key("holds").beginArray();
    for (const Hold& hold : order.holds)
        writeHold(json, hold);
    json.endArray();
    if (order.incident) {
        json.key("incident");
        writeIncident(json, *order.incident);
    }
    if (order.compensating)
        json.member("compensating", true);
    if (!order.toCompensate.empty()) {
        json.key("to_compensate").beginArray();
        for (const std::string& step : order.toCompensate)
            json.value(step);
        json.endArray();
    }
    json.member("step_since", order.stepSince)
        .member("created_at", order.summary->createdAt)
        .member("updated_at", order.updatedAt);
}

void writeOrderRow(JsonWriter& json, const Order& order)
{
    json.beginObject();
    writeSummaryMembers(json, *order.summary);
    writeOrderMembers(json, order);
    json.endObject();
}

Result<Order> readOrderRow(simdjson::dom::element json)
{
    FieldErrors errors;
    ObjectReader reader(json, "", errors);
    Order order;
    if (const auto id = OrderId::fromText(reader.requiredText("id", 100)))
        order.id = *id;
    else
        errors.add("/id", ErrorCode::InvalidValue, "is not an order id");
    order.summary = std::make_shared<const OrderSummary>(takeSummary(reader));
    takeProgress(reader, order);
    if (errors.isEmpty())
        return order;
    Error error = errors.toError("A stored order");
    error.code = ErrorCode::Corrupt;
    return tl::unexpected(std::move(error));
}

void writeOrder(JsonWriter& json, const OrderDocument& document, const Order& order)
{
    json.beginObject();
    writeDocumentMembers(json, document);
    writeOrderMembers(json, order);
    json.endObject();
}

void writeSummary(JsonWriter& json, const OrderSummary& summary)
{
    json.beginObject();
    writeSummaryMembers(json, summary);
    writeWorkflow(json, summary);
    json.member("created_at", summary.createdAt).endObject();
}

Result<OrderSummary> readSummary(simdjson::dom::element json)
{
    FieldErrors errors;
    ObjectReader reader(json, "", errors);
    OrderSummary summary = takeSummary(reader);
    if (errors.isEmpty())
        return summary;
    Error error = errors.toError("A stored summary");
    error.code = ErrorCode::Corrupt;
    return tl::unexpected(std::move(error));
}

void writeStepEntry(JsonWriter& json, const StepEntry& entry)
{
    json.beginObject()
        .member("step", entry.name)
        .member("performer", performerName(entry.performer))
        .member("step_role", roleName(entry.role))
        .endObject();
}

StepEntry readStepEntry(simdjson::dom::element json, const std::string& pointer, FieldErrors& errors)
{
    ObjectReader reader(json, pointer, errors);
    return takeStepEntry(reader);
}

} // namespace gantry
