// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/protocol/order_codec.h"

#include "shared/protocol/money_codec.h"

#include <limits>

namespace gantry {

namespace {

constexpr std::uint64_t most32 = std::numeric_limits<std::uint32_t>::max();
constexpr std::uint64_t mostInt = std::numeric_limits<int>::max();

void writeTexts(JsonWriter& json, std::string_view name, const std::vector<std::string>& texts)
{
    if (texts.empty())
        return;
    json.key(name).beginArray();
    for (const std::string& text : texts)
        json.value(text);
    json.endArray();
}

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
    hold.id = reader.requiredStoredText("id");
    hold.owner = reader.requiredStoredText("owner");
    hold.reason = reader.requiredStoredText("reason");
    hold.placedAt = reader.requiredTime("placed_at");
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
        .memberIf("service", incident.service)
        .endObject();
}

Incident readIncident(simdjson::dom::element json, const std::string& pointer, FieldErrors& errors)
{
    ObjectReader reader(json, pointer, errors);
    Incident incident;
    incident.step = reader.requiredStoredText("step");
    incident.code = reader.requiredStoredText("code");
    incident.message = reader.requiredStoredText("message");
    incident.since = reader.requiredTime("since");
    incident.service = reader.storedText("service");
    return incident;
}

void writeRetry(JsonWriter& json, const RetryCheck& retry)
{
    json.beginObject()
        .member("step", retry.step)
        .memberIf("code", retry.code)
        .member("version", retry.version)
        .member("at", retry.at)
        .member("by", retry.by)
        .member("verdict", verdictName(retry.verdict))
        .memberIf("decided_at", retry.decidedAt)
        .endObject();
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
        .member("version", summary.workflowVersion);
    writeTexts(json, "skipped_steps", summary.skippedSteps);
    writeTexts(json, "done_steps", summary.doneSteps);
    json.endObject();
}

/// The members of a summary out of an object that may hold more.
OrderSummary takeSummary(ObjectReader& reader)
{
    const auto currency = Currency::fromCode(reader.requiredStoredText("currency"));
    if (!currency)
        reader.errors().add(
            reader.pointerTo("currency"), ErrorCode::UnknownCurrency, "is not a currency of ISO 4217");
    OrderSummary summary{.channel = reader.requiredStoredText("channel"),
        .externalId = reader.requiredStoredText("external_id"),
        .customerName = reader.requiredStoredText("customer_name"),
        .currency = currency.value_or(*Currency::fromCode("EUR")),
        .total = reader.requiredInteger("total"),
        .lineCount = static_cast<std::uint32_t>(reader.requiredNatural("line_count", most32)),
        .quantity = reader.requiredInteger("quantity"),
        .priority = static_cast<std::uint8_t>(reader.requiredNatural("priority", 255)),
        .promiseAt = reader.time("promise_at"),
        .createdAt = reader.requiredTime("created_at")};
    const auto workflow = reader.object("workflow");
    if (!workflow) {
        reader.errors().add(reader.pointerTo("workflow"), ErrorCode::MissingField, "is missing");
        return summary;
    }
    ObjectReader inner(*workflow, reader.pointerTo("workflow"), reader.errors());
    summary.workflow = inner.requiredStoredText("name");
    summary.workflowVersion = static_cast<int>(inner.requiredNatural("version", mostInt));
    summary.skippedSteps = readTexts(inner, "skipped_steps");
    summary.doneSteps = readTexts(inner, "done_steps");
    return summary;
}

/// The value that a text names; told as an error where it names none.
template <typename T>
T takeNamed(
    ObjectReader& reader, std::string_view name, std::optional<T> (*fromName)(std::string_view) noexcept)
{
    const std::string text = reader.requiredStoredText(name);
    const auto value = fromName(text);
    if (!value)
        reader.errors().add(reader.pointerTo(name), ErrorCode::InvalidValue, "is not a known word: " + text);
    return value.value_or(T{});
}

std::uint8_t takeApprovals(ObjectReader& reader)
{
    const std::int64_t approvals = reader.integerOr("approvals", 0);
    if (approvals >= 0 && approvals <= std::numeric_limits<std::uint8_t>::max())
        return static_cast<std::uint8_t>(approvals);
    reader.errors().add(reader.pointerTo("approvals"), ErrorCode::InvalidValue, "must be 0 to 255");
    return 0;
}

RetryCheckPointer readRetry(simdjson::dom::element json, const std::string& pointer, FieldErrors& errors)
{
    ObjectReader reader(json, pointer, errors);
    RetryCheck retry;
    retry.step = reader.requiredStoredText("step");
    retry.code = reader.storedText("code");
    retry.version = static_cast<std::uint32_t>(reader.requiredNatural("version", most32));
    retry.at = reader.requiredTime("at");
    retry.by = reader.requiredStoredText("by");
    retry.verdict = takeNamed(reader, "verdict", verdictFromName);
    retry.decidedAt = reader.time("decided_at");
    return std::make_shared<const RetryCheck>(std::move(retry));
}

StepEntry takeStepEntry(ObjectReader& reader)
{
    return {reader.requiredStoredText("step"), takeNamed(reader, "performer", performerFromName),
        takeNamed(reader, "step_role", roleFromName), takeApprovals(reader), reader.time("step_due_at"),
        reader.time("reserved_until")};
}

std::vector<Hold> takeHolds(ObjectReader& reader)
{
    std::vector<Hold> holds;
    const auto array = reader.requiredArray("holds");
    if (!array)
        return holds;
    const std::string base = reader.pointerTo("holds") + '/';
    for (const auto hold : *array)
        holds.push_back(readHold(hold, base + std::to_string(holds.size()), reader.errors()));
    return holds;
}

/// Tells where the state that the writer gave does not follow from the facts: only damage makes them differ.
void checkState(ObjectReader& reader, const Order& order, OrderState state)
{
    const bool isStuck = order.incident || order.retryAt || !order.holds.empty();
    if (order.outcome != Outcome::Open && isStuck)
        reader.errors().add(
            reader.pointerTo("state"), ErrorCode::InvalidValue, "has ended, but something is to be done");
    if (stateOf(order) != state)
        reader.errors().add(reader.pointerTo("state"), ErrorCode::InvalidValue,
            "is " + std::string(stateName(state)) + ", but the order is "
                + std::string(stateName(stateOf(order))));
}

void takeProgress(ObjectReader& reader, Order& order)
{
    const OrderState state = takeNamed(reader, "state", stateFromName);
    if (state == OrderState::Completed)
        order.outcome = Outcome::Completed;
    else if (state == OrderState::Canceled)
        order.outcome = Outcome::Canceled;
    order.version = static_cast<std::uint32_t>(reader.requiredNatural("version", most32));
    order.step = takeStepEntry(reader);
    order.attempt = static_cast<std::uint32_t>(reader.requiredNatural("attempt", most32));
    order.attemptsSpent = static_cast<std::uint32_t>(reader.requiredNatural("attempts_spent", most32));
    order.compensating = reader.boolean("compensating").value_or(false);
    order.retryAt = reader.time("retry_at");
    order.stepSince = reader.requiredTime("step_since");
    order.updatedAt = reader.requiredTime("updated_at");
    order.holds = takeHolds(reader);
    if (const auto incident = reader.object("incident"))
        order.incident = readIncident(*incident, reader.pointerTo("incident"), reader.errors());
    order.toCompensate = readTexts(reader, "to_compensate");
    order.approvedBy = readTexts(reader, "approved_by");
    order.retryCode = reader.storedText("retry_code");
    if (const auto retry = reader.object("retry"))
        order.retry = readRetry(*retry, reader.pointerTo("retry"), reader.errors());
    order.isMigrated = reader.boolean("migrated").value_or(false);
    order.hasReturned = reader.boolean("returned").value_or(false);
    order.money = readOrderMoney(reader);
    checkState(reader, order, state);
}

} // namespace

OrderSummary summarize(const OrderDocument& document, Timestamp createdAt, const std::string& workflow,
    int workflowVersion, std::vector<std::string> skippedSteps)
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
        .workflowVersion = workflowVersion,
        .skippedSteps = std::move(skippedSteps)};
}

void writeOrderMembers(JsonWriter& json, const Order& order)
{
    json.member("id", order.id.text()).member("state", stateName(stateOf(order)));
    writeStepEntryMembers(json, order.step);
    json.member("version", order.version)
        .member("attempt", order.attempt)
        .member("attempts_spent", order.attemptsSpent)
        .memberIf("retry_at", order.retryAt)
        .memberIf("retry_code", order.retryCode);
    writeWorkflow(json, *order.summary);
    if (order.isMigrated)
        json.member("migrated", true);
    if (order.hasReturned)
        json.member("returned", true);
    json.key("holds").beginArray();
    for (const Hold& hold : order.holds)
        writeHold(json, hold);
    json.endArray();
    if (order.incident) {
        json.key("incident");
        writeIncident(json, *order.incident);
    }
    if (order.retry) {
        json.key("retry");
        writeRetry(json, *order.retry);
    }
    if (order.compensating)
        json.member("compensating", true);
    writeTexts(json, "to_compensate", order.toCompensate);
    writeTexts(json, "approved_by", order.approvedBy);
    writeOrderMoney(json, order.money);
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
    if (const auto id = OrderId::fromText(reader.requiredStoredText("id")))
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

void writeStepEntryMembers(JsonWriter& json, const StepEntry& entry)
{
    json.member("step", entry.name)
        .member("performer", performerName(entry.performer))
        .member("step_role", roleName(entry.role));
    if (entry.isApproval())
        json.member("approvals", static_cast<int>(entry.approvals));
    json.memberIf("step_due_at", entry.dueAt).memberIf("reserved_until", entry.reservedUntil);
}

void writeStepEntry(JsonWriter& json, const StepEntry& entry)
{
    json.beginObject();
    writeStepEntryMembers(json, entry);
    json.endObject();
}

StepEntry readStepEntry(simdjson::dom::element json, const std::string& pointer, FieldErrors& errors)
{
    ObjectReader reader(json, pointer, errors);
    return takeStepEntry(reader);
}

std::vector<std::string> readTexts(ObjectReader& reader, std::string_view name)
{
    std::vector<std::string> texts;
    const auto array = reader.array(name);
    if (!array)
        return texts;
    for (const auto element : *array) {
        std::string_view text;
        if (element.get(text) != simdjson::SUCCESS)
            reader.errors().add(reader.pointerTo(name), ErrorCode::WrongType, "must hold texts");
        texts.emplace_back(text);
    }
    return texts;
}

} // namespace gantry
