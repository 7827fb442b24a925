// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/engine/order_audit.h"

#include "shared/protocol/json_writer.h"

#include <concepts>

namespace gantry::engine {

namespace {

/// Two JSON objects of the fields in which two values differ.
class Difference {
public:
    Difference()
    {
        m_before.beginObject();
        m_after.beginObject();
    }

    template <typename T>
    void compare(std::string_view name, const T& before, const T& after)
    {
        if (before == after)
            return;
        put(m_before, name, before);
        put(m_after, name, after);
    }

    [[nodiscard]] std::string before() { return m_before.endObject().take(); }
    [[nodiscard]] std::string after() { return m_after.endObject().take(); }

private:
    template <typename T>
    static void put(JsonWriter& json, std::string_view name, const T& value)
    {
        if constexpr (std::same_as<T, std::vector<std::string>>) {
            json.key(name).beginArray();
            for (const std::string& each : value)
                json.value(std::string_view(each));
            json.endArray();
        } else {
            json.member(name, value);
        }
    }

    JsonWriter m_before;
    JsonWriter m_after;
};

std::string incidentOf(const Order& order)
{
    return order.incident ? order.incident->code : std::string();
}

std::vector<std::string> holdsOf(const Order& order)
{
    std::vector<std::string> ids;
    for (const Hold& hold : order.holds)
        ids.push_back(hold.id);
    return ids;
}

std::string workflowOf(const Order& order)
{
    return order.summary->workflow + ' ' + std::to_string(order.summary->workflowVersion);
}

struct Asked {
    std::string action;
    std::string reason;
};

Asked askedBy(const CommandBody& body)
{
    if (const auto* action = std::get_if<TakeAction>(&body))
        return {"order." + std::string(actionName(action->action)), action->reason};
    if (const auto* correction = std::get_if<CorrectMoney>(&body))
        return {"order.correct_money", correction->reason};
    if (const auto* move = std::get_if<MigrateWorkflow>(&body))
        return {"order.migrate", move->reason};
    return {"order.report", {}}; // what machines say does not come as a principal's command
}

} // namespace

AuditAct auditOf(const OrderCommand& command, const Order& before, const Order& after, Timestamp at)
{
    Difference changed;
    changed.compare("version", before.version, after.version);
    changed.compare("state", stateName(stateOf(before)), stateName(stateOf(after)));
    changed.compare("step", before.step.name, after.step.name);
    changed.compare("attempt", before.attempt, after.attempt);
    changed.compare("incident", incidentOf(before), incidentOf(after));
    changed.compare("holds", holdsOf(before), holdsOf(after));
    changed.compare("approved_by", before.approvedBy, after.approvedBy);
    changed.compare("workflow", workflowOf(before), workflowOf(after));
    changed.compare("authorized", before.money.authorized, after.money.authorized);
    changed.compare("captured", before.money.captured, after.money.captured);
    changed.compare("refunded", before.money.refunded, after.money.refunded);
    Asked asked = askedBy(command.command.body);
    return {.at = at,
        .actor = command.command.actor,
        .origin = command.origin,
        .action = std::move(asked.action),
        .targetKind = "order",
        .target = after.id.text(),
        .reason = std::move(asked.reason),
        .before = changed.before(),
        .after = changed.after()};
}

} // namespace gantry::engine
