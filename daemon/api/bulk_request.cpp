// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/api/bulk_request.h"

#include "shared/domain/command.h"
#include "shared/protocol/json_writer.h"

#include <unordered_set>

namespace gantry::api {

namespace {

constexpr std::size_t textBytes = 200;
constexpr std::uint32_t defaultRate = 20;
constexpr std::uint32_t defaultStopAfter = 2; ///< with a canary

Action readAction(ObjectReader& reader)
{
    const std::string name = reader.requiredText("action", 50);
    const auto action = actionFromName(name);
    const bool isOne = action
        && (*action == Action::Retry || *action == Action::Hold || *action == Action::Release
            || *action == Action::Cancel || *action == Action::Override);
    if (!isOne && !name.empty())
        reader.errors().add(reader.pointerTo("action"), ErrorCode::InvalidValue,
            "must be retry, hold, release, cancel or override; complete, approve and reject are for one "
            "order at a time");
    return isOne ? *action : Action::Retry;
}

std::string readReason(ObjectReader& reader)
{
    std::string reason = reader.requiredText("reason", CommandLimits::reason);
    if (!reason.empty() && reason.find_first_not_of(' ') == std::string::npos)
        reader.errors().add(reader.pointerTo("reason"), ErrorCode::InvalidValue, "must say why");
    return reason;
}

/// A whole number from `least` to `most`.
std::uint32_t readNumber(ObjectReader& reader, std::string_view name, std::uint32_t fallback,
    std::int64_t least, std::int64_t most)
{
    const std::int64_t number = reader.integerOr(name, fallback);
    if (number >= least && number <= most)
        return static_cast<std::uint32_t>(number);
    reader.errors().add(reader.pointerTo(name), ErrorCode::InvalidValue,
        "must be " + std::to_string(least) + " to " + std::to_string(most));
    return fallback;
}

void readStates(ObjectReader& reader, store::OrderFilter& filter)
{
    const std::string states = reader.text("state", textBytes);
    std::string_view text = states;
    while (!text.empty()) {
        const auto end = std::min(text.find(','), text.size());
        if (const auto state = stateFromName(text.substr(0, end)))
            filter.states.push_back(*state);
        else
            reader.errors().add(reader.pointerTo("state"), ErrorCode::InvalidValue,
                "must list states such as failed,waiting");
        text.remove_prefix(std::min(end + 1, text.size()));
    }
}

void readFilter(
    simdjson::dom::element json, const std::string& pointer, FieldErrors& errors, bulk::Selection& selection)
{
    ObjectReader reader(json, pointer, errors);
    store::OrderFilter filter;
    readStates(reader, filter);
    filter.step = reader.text("step", textBytes);
    filter.channel = reader.text("channel", textBytes);
    filter.externalId = reader.text("external_id", textBytes);
    filter.incidentCode = reader.text("incident_code", textBytes);
    filter.createdFrom = reader.time("created_from");
    filter.createdUntil = reader.time("created_until");
    filter.query = reader.text("q", textBytes);
    selection.compensating = reader.boolean("compensating");
    reader.finish();
    const bool saysNothing = filter.states.empty() && filter.step.empty() && filter.channel.empty()
        && filter.externalId.empty() && filter.incidentCode.empty() && !filter.createdFrom
        && !filter.createdUntil && filter.query.empty();
    if (saysNothing)
        errors.add(pointer, ErrorCode::InvalidValue,
            "must name a state, step, channel or another member; all orders there ever were are too many");
    selection.filter = std::move(filter);
}

void readIds(
    simdjson::dom::array array, const std::string& pointer, FieldErrors& errors, bulk::Selection& selection)
{
    if (array.size() > bulk::BulkLimits::members)
        return errors.add(pointer, ErrorCode::InvalidValue,
            "has more than " + std::to_string(bulk::BulkLimits::members)
                + " ids; do the rest in another bulk action");
    if (array.size() == 0)
        return errors.add(pointer, ErrorCode::InvalidValue, "must hold one id at least");
    std::unordered_set<OrderId> known;
    std::size_t index = 0;
    for (const auto element : array) {
        std::string_view text;
        const auto id = element.get(text) == simdjson::SUCCESS ? OrderId::fromText(text) : std::nullopt;
        if (!id)
            errors.add(
                pointer + '/' + std::to_string(index), ErrorCode::InvalidValue, "is not an order id (ord_…)");
        else if (known.insert(*id).second)
            selection.ids.push_back(*id);
        ++index;
    }
}

/// The selection, and what is kept of it for people: the filter as it is, or how many ids there were.
void readSelection(ObjectReader& outer, BulkRequest& request)
{
    const auto json = outer.object("selection");
    if (!json) {
        outer.errors().add(outer.pointerTo("selection"), ErrorCode::MissingField,
            "is missing: {\"ids\":[…]} or {\"filter\":{…}}");
        return;
    }
    ObjectReader reader(*json, outer.pointerTo("selection"), outer.errors());
    const auto ids = reader.array("ids");
    const auto filter = reader.object("filter");
    JsonWriter kept;
    kept.beginObject();
    if (ids && !filter) {
        readIds(*ids, reader.pointerTo("ids"), outer.errors(), request.selection);
        kept.member("ids", request.selection.ids.size());
    } else if (filter && !ids) {
        readFilter(*filter, reader.pointerTo("filter"), outer.errors(), request.selection);
        kept.key("filter").raw(simdjson::to_string(*filter));
    } else {
        outer.errors().add(
            outer.pointerTo("selection"), ErrorCode::InvalidValue, "must hold either ids or a filter");
    }
    reader.finish();
    request.record.selection = kept.endObject().take();
}

void readPace(ObjectReader& reader, store::BulkRecord& record)
{
    record.rate = readNumber(reader, "rate", defaultRate, 1, bulk::BulkLimits::rate);
    const auto canary = reader.object("canary");
    if (!canary)
        return;
    ObjectReader inner(*canary, reader.pointerTo("canary"), reader.errors());
    record.canary = readNumber(inner, "first", 0, 0, bulk::BulkLimits::canary);
    record.rate = readNumber(inner, "rate", record.rate, 1, bulk::BulkLimits::rate);
    record.stopAfter = readNumber(
        inner, "stop_after", record.canary > 0 ? defaultStopAfter : 0, 0, bulk::BulkLimits::members);
    inner.finish();
}

} // namespace

Result<BulkRequest> readBulkRequest(simdjson::dom::element body)
{
    FieldErrors errors;
    ObjectReader reader(body, "", errors);
    BulkRequest request;
    store::BulkRecord& record = request.record;
    record.action = readAction(reader);
    record.reason = readReason(reader);
    record.step = reader.text("step", textBytes);
    record.holdId = reader.text("hold_id", textBytes);
    record.expiresAt = reader.time("expires_at");
    if (!record.holdId.empty() && record.action != Action::Release)
        errors.add("/hold_id", ErrorCode::InvalidValue, "goes with release alone");
    if (record.expiresAt && record.action != Action::Hold)
        errors.add("/expires_at", ErrorCode::InvalidValue, "goes with hold alone");
    readSelection(reader, request);
    readPace(reader, record);
    request.isDryRun = reader.boolean("dry_run").value_or(false);
    reader.finish();
    if (!errors.isEmpty())
        return tl::unexpected(errors.toError("The bulk action"));
    return request;
}

Result<SteerRequest> readSteerRequest(simdjson::dom::element body)
{
    FieldErrors errors;
    ObjectReader reader(body, "", errors);
    SteerRequest request;
    const std::string action = reader.requiredText("action", 50);
    if (action == "resume")
        request.steer = bulk::Steer::Resume;
    else if (action == "cancel")
        request.steer = bulk::Steer::Cancel;
    else if (action != "pause" && !action.empty())
        errors.add("/action", ErrorCode::InvalidValue, "must be pause, resume or cancel");
    request.reason = readReason(reader);
    reader.finish();
    if (!errors.isEmpty())
        return tl::unexpected(errors.toError("The action"));
    return request;
}

} // namespace gantry::api
