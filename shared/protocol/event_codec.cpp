// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/protocol/event_codec.h"

#include "shared/protocol/money_codec.h"
#include "shared/protocol/order_codec.h"

#include <limits>

namespace gantry {

namespace {

constexpr std::uint64_t most32 = std::numeric_limits<std::uint32_t>::max();
constexpr std::uint64_t mostInt = std::numeric_limits<int>::max();
constexpr std::uint64_t most63 = std::numeric_limits<std::int64_t>::max();

/// Writes the members of each kind of event.
struct Writer {
    JsonWriter& json;

    void operator()(const OrderReceived& event) const
    {
        json.key("summary");
        writeSummary(json, *event.summary);
        json.key("first");
        writeStepEntry(json, event.first);
    }

    void operator()(const StepCompleted& event) const
    {
        writeStep(event.step, event.attempt, event.result);
        writeNext(event.next);
        json.memberIf("reason", event.reason);
        writeMoneyChange(json, event.money);
    }

    void operator()(const StepFailed& event) const
    {
        json.member("step", event.step)
            .member("attempt", event.attempt)
            .member("code", event.code)
            .member("message", event.message)
            .memberIf("retry_at", event.retryAt)
            .memberIf("service", event.service);
    }

    void operator()(const RetryDue& event) const
    {
        json.member("step", event.step).member("attempt", event.attempt);
    }

    void operator()(const StepRetried& event) const
    {
        json.member("step", event.step).member("attempt", event.attempt).member("reason", event.reason);
    }

    void operator()(const StepOverridden& event) const
    {
        json.member("step", event.step).member("reason", event.reason);
        writeNext(event.next);
    }

    void operator()(const HoldPlaced& event) const
    {
        json.member("hold_id", event.holdId)
            .member("reason", event.reason)
            .memberIf("expires_at", event.expiresAt);
    }

    void operator()(const HoldReleased& event) const
    {
        json.member("hold_id", event.holdId).member("reason", event.reason);
    }

    void operator()(const CancelRequested& event) const
    {
        json.member("reason", event.reason).key("undo").beginArray();
        for (const std::string& step : event.undo)
            json.value(step);
        json.endArray();
    }

    void operator()(const StepCompensated& event) const
    {
        writeStep(event.step, event.attempt, event.result);
        writeMoneyChange(json, event.money);
    }
    void operator()(const OrderCompleted&) const { }
    void operator()(const OrderCanceled&) const { }
    void operator()(const ApprovalGiven& event) const
    {
        json.member("step", event.step).member("reason", event.reason);
    }

    void operator()(const RetryNotPickedUp& event) const
    {
        json.member("step", event.step).member("attempt", event.attempt);
    }

    void operator()(const WorkflowMigrated& event) const
    {
        json.member("workflow", event.workflow).member("version", event.version);
        json.key("skipped_steps").beginArray();
        for (const std::string& step : event.skippedSteps)
            json.value(step);
        json.endArray();
        writeStepEntryMembers(json, event.step);
        json.member("attempt", event.attempt).member("reason", event.reason);
        if (event.doneSteps.empty())
            return;
        json.key("done_steps").beginArray();
        for (const std::string& step : event.doneSteps)
            json.value(step);
        json.endArray();
    }

    void operator()(const ReservationExpired& event) const
    {
        writeStepEntryMembers(json, event.step);
        json.member("attempt", event.attempt);
    }

    void operator()(const MoneyCorrected& event) const
    {
        writeMoneyChange(json, event.money);
        json.member("reason", event.reason);
    }

private:
    void writeStep(const std::string& step, std::uint32_t attempt, const std::string& result) const
    {
        json.member("step", step).member("attempt", attempt);
        if (!result.empty())
            json.key("result").raw(result);
    }

    void writeNext(const std::optional<StepEntry>& next) const
    {
        if (!next)
            return;
        json.key("next");
        writeStepEntry(json, *next);
    }
};

/// Reads the members of each kind of event.
class Reader {
public:
    Reader(simdjson::dom::element data, FieldErrors& errors)
        : m_data(data)
        , m_fields(data, "", errors)
    {
    }

    EventBody read(std::string_view type)
    {
        if (type == "order_received")
            return received();
        if (type == "step_completed")
            return StepCompleted{step(), attempt(), result(), next(), m_fields.storedText("reason"), money()};
        if (type == "step_failed")
            return StepFailed{step(), attempt(), m_fields.requiredStoredText("code"),
                m_fields.requiredStoredText("message"), m_fields.time("retry_at"),
                m_fields.storedText("service")};
        if (type == "retry_due")
            return RetryDue{step(), attempt()};
        if (type == "step_retried")
            return StepRetried{step(), attempt(), reason()};
        if (type == "step_overridden")
            return StepOverridden{step(), reason(), next()};
        if (type == "hold_placed")
            return HoldPlaced{holdId(), reason(), m_fields.time("expires_at")};
        if (type == "hold_released")
            return HoldReleased{holdId(), reason()};
        if (type == "cancel_requested")
            return CancelRequested{reason(), undo()};
        if (type == "step_compensated")
            return StepCompensated{step(), attempt(), result(), money()};
        if (type == "order_completed")
            return OrderCompleted{};
        if (type == "order_canceled")
            return OrderCanceled{};
        if (type == "workflow_migrated")
            return migrated();
        if (type == "approval_given")
            return ApprovalGiven{step(), reason()};
        if (type == "retry_not_picked_up")
            return RetryNotPickedUp{step(), attempt()};
        if (type == "reservation_expired")
            return ReservationExpired{readStepEntry(m_data, "", m_fields.errors()), attempt()};
        if (type == "money_corrected")
            return corrected();
        m_fields.errors().add("/type", ErrorCode::InvalidValue, "is not a known type of event");
        return OrderCanceled{};
    }

private:
    std::string step() { return m_fields.requiredStoredText("step"); }
    std::uint32_t attempt()
    {
        return static_cast<std::uint32_t>(m_fields.requiredNatural("attempt", most32));
    }
    std::string reason() { return m_fields.requiredStoredText("reason"); }
    std::string holdId() { return m_fields.requiredStoredText("hold_id"); }

    MoneyChange money() { return readMoneyChange(m_fields); }

    std::string result()
    {
        const auto value = m_fields.object("result");
        return value ? simdjson::to_string(*value) : std::string();
    }

    std::optional<StepEntry> next()
    {
        const auto value = m_fields.object("next");
        if (!value)
            return std::nullopt;
        return readStepEntry(*value, m_fields.pointerTo("next"), m_fields.errors());
    }

    std::vector<std::string> undo()
    {
        if (!m_fields.any("undo"))
            m_fields.errors().add("/undo", ErrorCode::MissingField, "is missing");
        return readTexts(m_fields, "undo");
    }

    EventBody migrated()
    {
        if (!m_fields.any("skipped_steps"))
            m_fields.errors().add("/skipped_steps", ErrorCode::MissingField, "is missing");
        return WorkflowMigrated{m_fields.requiredStoredText("workflow"),
            static_cast<int>(m_fields.requiredNatural("version", mostInt)),
            readTexts(m_fields, "skipped_steps"), readStepEntry(m_data, "", m_fields.errors()), attempt(),
            reason(), readTexts(m_fields, "done_steps")};
    }

    EventBody corrected()
    {
        if (!m_fields.any("money"))
            m_fields.errors().add("/money", ErrorCode::MissingField, "is missing");
        return MoneyCorrected{money(), reason()};
    }

    EventBody received()
    {
        OrderReceived event;
        const auto summary = m_fields.object("summary");
        const auto first = m_fields.object("first");
        if (!summary || !first) {
            m_fields.errors().add("/summary", ErrorCode::MissingField, "is missing, or the first step is");
            return event;
        }
        auto read = readSummary(*summary);
        if (read)
            event.summary = std::make_shared<const OrderSummary>(std::move(*read));
        else
            m_fields.errors().add(read.error().fields);
        event.first = readStepEntry(*first, m_fields.pointerTo("first"), m_fields.errors());
        return event;
    }

    simdjson::dom::element m_data;
    ObjectReader m_fields;
};

tl::unexpected<Error> corrupt(const FieldErrors& errors)
{
    Error error = errors.toError("A stored event");
    error.code = ErrorCode::Corrupt;
    return tl::unexpected(std::move(error));
}

} // namespace

void writeEventData(JsonWriter& json, const EventBody& body)
{
    json.beginObject();
    std::visit(Writer{json}, body);
    json.endObject();
}

Result<EventBody> readEventData(std::string_view type, simdjson::dom::element data)
{
    FieldErrors errors;
    EventBody body = Reader(data, errors).read(type);
    if (!errors.isEmpty())
        return corrupt(errors);
    return body;
}

void writeEvent(JsonWriter& json, const LoggedEvent& logged)
{
    json.beginObject()
        .member("sequence", logged.sequence)
        .member("order_id", logged.order.text())
        .member("version", logged.event.version)
        .member("type", typeName(logged.event.body))
        .member("at", logged.event.at)
        .member("actor", logged.event.actor)
        .key("data");
    writeEventData(json, logged.event.body);
    json.endObject();
}

Result<LoggedEvent> readEvent(simdjson::dom::element json)
{
    FieldErrors errors;
    ObjectReader reader(json, "", errors);
    LoggedEvent logged;
    logged.sequence = reader.requiredNatural("sequence", most63);
    if (const auto id = OrderId::fromText(reader.requiredStoredText("order_id")))
        logged.order = *id;
    else
        errors.add("/order_id", ErrorCode::InvalidValue, "is not an order id");
    logged.event.version = static_cast<std::uint32_t>(reader.requiredNatural("version", most32));
    logged.event.at = reader.requiredTime("at");
    logged.event.actor = reader.requiredStoredText("actor");
    const std::string type = reader.requiredStoredText("type");
    const auto data = reader.object("data");
    if (!data)
        errors.add("/data", ErrorCode::MissingField, "is missing");
    if (!errors.isEmpty())
        return corrupt(errors);
    auto body = readEventData(type, *data);
    if (!body)
        return tl::unexpected(std::move(body.error()));
    logged.event.body = std::move(*body);
    return logged;
}

} // namespace gantry
