// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/store/sqlite/order_rows.h"

#include "shared/protocol/order_codec.h"

#include <algorithm>
#include <array>

namespace gantry::store {

namespace {

// The numbers in the file are the numbers of the enums: a change there would read old rows wrongly.
static_assert(static_cast<int>(OrderState::Received) == 0 && static_cast<int>(OrderState::Running) == 1
    && static_cast<int>(OrderState::Waiting) == 2 && static_cast<int>(OrderState::Failed) == 3
    && static_cast<int>(OrderState::Compensating) == 4 && static_cast<int>(OrderState::Completed) == 5
    && static_cast<int>(OrderState::Canceled) == 6 && static_cast<int>(OrderState::CompensationFailed) == 7);
static_assert(static_cast<int>(Performer::Machine) == 0 && static_cast<int>(Performer::Person) == 1
    && static_cast<int>(Performer::Clock) == 2);
static_assert(static_cast<int>(Role::Viewer) == 0 && static_cast<int>(Role::Warehouse) == 1
    && static_cast<int>(Role::Support) == 2 && static_cast<int>(Role::Admin) == 3);

// Event types by number, from 1. Append only.
constexpr std::array<std::string_view, 17> typeNames{"order_received", "step_completed", "step_failed",
    "retry_due", "step_retried", "step_overridden", "hold_placed", "hold_released", "cancel_requested",
    "step_compensated", "order_completed", "order_canceled", "approval_given", "retry_not_picked_up",
    "workflow_migrated", "reservation_expired", "money_corrected"};

/// The number of each alternative of EventBody.
struct TypeNumber {
    int operator()(const OrderReceived&) const { return 1; }
    int operator()(const StepCompleted&) const { return 2; }
    int operator()(const StepFailed&) const { return 3; }
    int operator()(const RetryDue&) const { return 4; }
    int operator()(const StepRetried&) const { return 5; }
    int operator()(const StepOverridden&) const { return 6; }
    int operator()(const HoldPlaced&) const { return 7; }
    int operator()(const HoldReleased&) const { return 8; }
    int operator()(const CancelRequested&) const { return 9; }
    int operator()(const StepCompensated&) const { return 10; }
    int operator()(const OrderCompleted&) const { return 11; }
    int operator()(const OrderCanceled&) const { return 12; }
    int operator()(const ApprovalGiven&) const { return 13; }
    int operator()(const RetryNotPickedUp&) const { return 14; }
    int operator()(const WorkflowMigrated&) const { return 15; }
    int operator()(const ReservationExpired&) const { return 16; }
    int operator()(const MoneyCorrected&) const { return 17; }
};

enum OrderColumn {
    Id,
    LastSequence,
    State,
    Step,
    StepPerformer,
    StepRole,
    Version,
    Attempt,
    AttemptsSpent,
    StepSince,
    UpdatedAt,
    RetryAt,
    Facts,
    Authorized = summaryStart + 13,
    Captured,
    Refunded
};
static_assert(Facts + 1 == summaryStart && Refunded + 1 == orderColumnCount);

bool isIn(std::int64_t number, std::int64_t last) noexcept
{
    return number >= 0 && number <= last;
}

std::vector<std::string> splitSteps(std::string_view text)
{
    std::vector<std::string> steps;
    while (!text.empty()) {
        const auto end = std::min(text.find(','), text.size());
        steps.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return steps;
}

/// The first step of a received order, out of the data of its event.
Result<EventBody> readReceived(simdjson::dom::element data)
{
    FieldErrors errors;
    OrderReceived received;
    received.first = readStepEntry(data, "", errors);
    if (!errors.isEmpty())
        return damaged("the first event of an order");
    return received;
}

} // namespace

tl::unexpected<Error> damaged(std::string_view what)
{
    return failure(ErrorCode::Corrupt,
        "The store holds " + std::string(what)
            + " that can't be read. The data file is damaged: stop the daemon, keep a copy, and restore the "
              "last backup.");
}

std::string_view bytesOf(const Fingerprint& fingerprint) noexcept
{
    return {reinterpret_cast<const char*>(fingerprint.data()), fingerprint.size()};
}

bool readFingerprint(std::string_view bytes, Fingerprint& fingerprint) noexcept
{
    if (bytes.size() != fingerprint.size())
        return false;
    std::copy(bytes.begin(), bytes.end(), fingerprint.begin());
    return true;
}

Result<OrderSummary> readSummaryColumns(const Statement& row, int first)
{
    const auto currency = Currency::fromCode(row.text(first + 3));
    if (!currency)
        return damaged("an order's currency");
    return OrderSummary{.channel = std::string(row.text(first)),
        .externalId = std::string(row.text(first + 1)),
        .customerName = std::string(row.text(first + 2)),
        .currency = *currency,
        .total = row.integer(first + 4),
        .lineCount = static_cast<std::uint32_t>(row.integer(first + 5)),
        .quantity = row.integer(first + 6),
        .priority = static_cast<std::uint8_t>(row.integer(first + 7)),
        .promiseAt = row.timeIf(first + 8),
        .createdAt = row.time(first + 9),
        .workflow = std::string(row.text(first + 10)),
        .workflowVersion = static_cast<int>(row.integer(first + 11)),
        .skippedSteps = splitSteps(row.isNull(first + 12) ? std::string_view() : row.text(first + 12))};
}

Result<OrderRecord> readOrderColumns(const Statement& row, JsonParser& parser)
{
    const auto id = OrderId::fromBytes(row.text(Id));
    auto summary = readSummaryColumns(row, summaryStart);
    const std::int64_t performer = row.integer(StepPerformer);
    const std::int64_t role = row.integer(StepRole);
    const std::int64_t state = row.integer(State);
    if (!id || !summary || !isIn(performer, 2) || !isIn(role, 3) || !isIn(state, 7))
        return damaged("an order");
    OrderRecord record;
    record.lastSequence = row.natural(LastSequence);
    Order& order = record.order;
    if (!row.isNull(Facts)) {
        const auto json = parser.parse(row.text(Facts));
        auto whole = json ? readOrderRow(*json) : Result<Order>(tl::unexpected(json.error()));
        if (!whole)
            return damaged("an order's facts");
        order = std::move(*whole);
        if (order.isMigrated) { // the document's columns tell what it came in under
            summary->workflow = order.summary->workflow;
            summary->workflowVersion = order.summary->workflowVersion;
            summary->skippedSteps = order.summary->skippedSteps;
            summary->doneSteps = order.summary->doneSteps;
        }
    }
    order.id = *id;
    order.summary = std::make_shared<const OrderSummary>(std::move(*summary));
    order.version = static_cast<std::uint32_t>(row.integer(Version));
    if (state == static_cast<int>(OrderState::Completed))
        order.outcome = Outcome::Completed;
    else if (state == static_cast<int>(OrderState::Canceled))
        order.outcome = Outcome::Canceled;
    order.step.name = std::string(row.text(Step));
    order.step.performer = static_cast<Performer>(performer);
    order.step.role = static_cast<Role>(role);
    order.attempt = static_cast<std::uint32_t>(row.integer(Attempt));
    order.attemptsSpent = static_cast<std::uint32_t>(row.integer(AttemptsSpent));
    order.stepSince = row.time(StepSince);
    order.updatedAt = row.time(UpdatedAt);
    order.retryAt = row.timeIf(RetryAt);
    order.money = {row.integer(Authorized), row.integer(Captured), row.integer(Refunded)};
    if (static_cast<std::int64_t>(stateOf(order)) != state)
        return damaged("an order whose state contradicts its facts");
    return record;
}

std::string joinSteps(const std::vector<std::string>& steps)
{
    std::string text;
    for (const std::string& step : steps)
        text.append(text.empty() ? "" : ",").append(step);
    return text;
}

std::string_view encodeFacts(JsonWriter& json, const Order& order)
{
    const bool fitsColumns = order.holds.empty() && !order.incident && order.toCompensate.empty()
        && !order.compensating && !order.step.isApproval() && !order.step.dueAt && !order.step.reservedUntil
        && order.retryCode.empty() && !order.retry && !order.isMigrated && !order.hasReturned;
    if (fitsColumns)
        return {};
    json.clear();
    writeOrderRow(json, order);
    return json.text();
}

int typeNumber(const EventBody& body) noexcept
{
    return std::visit(TypeNumber{}, body);
}

std::string_view typeNameOf(std::int64_t number) noexcept
{
    return number >= 1 && number <= static_cast<std::int64_t>(typeNames.size())
        ? typeNames[static_cast<std::size_t>(number - 1)]
        : std::string_view();
}

std::string_view encodeEventData(JsonWriter& json, const EventBody& body)
{
    if (std::holds_alternative<OrderCompleted>(body) || std::holds_alternative<OrderCanceled>(body))
        return {};
    json.clear();
    if (const auto* received = std::get_if<OrderReceived>(&body))
        writeStepEntry(json, received->first);
    else
        writeEventData(json, body);
    return json.text();
}

Result<EventRecord> readEventColumns(const Statement& row, JsonParser& parser)
{
    EventRecord record;
    const auto id = OrderId::fromBytes(row.text(1));
    const std::int64_t type = row.integer(4);
    const std::string_view name = typeNameOf(type);
    if (!id || name.empty())
        return damaged("an event");
    record.logged.sequence = sequenceOf(row.integer(0));
    record.logged.order = *id;
    record.previousSequence = row.natural(3);
    record.logged.event.version = static_cast<std::uint32_t>(row.integer(2));
    record.logged.event.at = row.time(5);
    record.logged.event.actor = std::string(row.text(6));
    const auto json = parser.parse(row.isNull(7) ? std::string_view("{}") : row.text(7));
    if (!json)
        return damaged("an event's data");
    auto body = type == 1 ? readReceived(*json) : readEventData(name, *json);
    if (!body)
        return tl::unexpected(std::move(body.error()));
    record.logged.event.body = std::move(*body);
    return record;
}

} // namespace gantry::store
