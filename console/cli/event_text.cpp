// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/cli/event_text.h"

#include "console/cli/printable.h"
#include "shared/protocol/json_reader.h"

namespace gantry::console {

namespace {

std::string member(simdjson::dom::element object, std::string_view name)
{
    std::string_view text;
    if (object[name].get(text) == simdjson::SUCCESS)
        return std::string(text);
    std::int64_t number = 0;
    return object[name].get(number) == simdjson::SUCCESS ? std::to_string(number) : std::string();
}

std::string because(simdjson::dom::element data)
{
    const std::string reason = member(data, "reason");
    return reason.empty() ? std::string() : ": " + reason;
}

std::string nextText(simdjson::dom::element data)
{
    simdjson::dom::element next;
    return data["next"].get(next) == simdjson::SUCCESS ? ", on to " + member(next, "step") : std::string();
}

std::string failureText(simdjson::dom::element data)
{
    const std::string retryAt = member(data, "retry_at");
    return member(data, "step") + " failed (attempt " + member(data, "attempt") + "), " + member(data, "code")
        + ": " + member(data, "message")
        + (retryAt.empty() ? " (not tried again by itself)" : " (again at " + retryAt + ")");
}

/// The amounts of an event that are not zero, in minor units: the event does not say the currency.
std::string moneyText(simdjson::dom::element data)
{
    simdjson::dom::element money;
    if (data["money"].get(money) != simdjson::SUCCESS)
        return {};
    std::string text;
    for (const std::string_view name : {"authorized", "captured", "refunded"})
        if (const std::string amount = member(money, name); !amount.empty())
            text += (text.empty() ? "" : ", ") + std::string(name) + ' ' + amount;
    return text.empty() ? text : " [" + text + ']';
}

std::string describeEvent(std::string_view type, simdjson::dom::element data)
{
    const std::string step = member(data, "step");
    if (type == "order_received")
        return "received";
    if (type == "step_completed")
        return step + " done" + moneyText(data) + nextText(data);
    if (type == "step_failed")
        return failureText(data);
    if (type == "retry_due")
        return step + " tried again (attempt " + member(data, "attempt") + ")";
    if (type == "step_retried")
        return step + " retried" + because(data);
    if (type == "step_overridden")
        return step + " overridden" + because(data) + nextText(data);
    if (type == "hold_placed")
        return "put on hold" + because(data);
    if (type == "hold_released")
        return "released" + because(data);
    if (type == "cancel_requested")
        return "cancellation asked for" + because(data);
    if (type == "step_compensated")
        return step + " undone" + moneyText(data);
    if (type == "approval_given")
        return step + " approved, others have to, too" + because(data);
    if (type == "order_completed")
        return "completed";
    if (type == "order_canceled")
        return "canceled";
    if (type == "retry_not_picked_up")
        return "retry of " + step + " not picked up (attempt " + member(data, "attempt") + ")";
    if (type == "workflow_migrated")
        return "moved to version " + member(data, "version") + " of " + member(data, "workflow") + ", at "
            + step + because(data);
    if (type == "reservation_expired")
        return "reservation over, back to " + step;
    if (type == "money_corrected")
        return "money corrected" + moneyText(data) + because(data);
    return std::string(type) + ' ' + simdjson::to_string(data);
}

} // namespace

std::string eventText(simdjson::dom::element event, bool withOrder)
{
    simdjson::dom::element data;
    if (event["data"].get(data) != simdjson::SUCCESS)
        return printable(simdjson::to_string(event));
    const std::string order = withOrder ? member(event, "order_id") : std::string();
    std::string text = member(event, "at") + "  " + (order.empty() ? "" : order + "  ") + "v"
        + member(event, "version") + "  " + describeEvent(member(event, "type"), data);
    if (const std::string actor = member(event, "actor"); !actor.empty() && actor != "system")
        text += " (" + actor + ")";
    return printable(text);
}

} // namespace gantry::console
