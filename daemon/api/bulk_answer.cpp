// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/api/bulk_answer.h"

namespace gantry::api {

namespace {

void writeWork(
    JsonWriter& json, std::string_view name, const std::map<bulk::BulkPreview::Work, std::size_t>& work)
{
    json.key(name).beginArray();
    for (const auto& [what, count] : work)
        json.beginObject()
            .member("step", what.first)
            .memberIf("handler", what.second)
            .member("count", count)
            .endObject();
    json.endArray();
}

} // namespace

void writeBulkMembers(JsonWriter& json, const store::BulkRecord& record)
{
    json.member("id", record.id)
        .member("action", actionName(record.action))
        .member("reason", record.reason)
        .memberIf("step", record.step)
        .memberIf("hold_id", record.holdId)
        .memberIf("expires_at", record.expiresAt)
        .key("selection")
        .raw(record.selection.empty() ? std::string_view("{}") : record.selection)
        .member("created_by", record.createdBy)
        .member(
            "role", record.customRole.empty() ? roleName(record.role) : std::string_view(record.customRole))
        .member("created_at", record.createdAt)
        .member("rate", record.rate)
        .key("canary")
        .beginObject()
        .member("first", record.canary)
        .member("stop_after", record.stopAfter)
        .endObject()
        .member("state", store::bulkStateName(record.state))
        .member("total", record.total)
        .key("counts")
        .beginObject();
    for (std::size_t i = 0; i < record.counts.size(); ++i)
        json.member(store::memberResultName(static_cast<store::MemberResult>(i)), record.counts[i]);
    json.endObject();
    if (record.stop.count > 0)
        json.key("stopped_because")
            .beginObject()
            .memberIf("step", record.stop.step)
            .member("code", record.stop.code)
            .member("count", record.stop.count)
            .endObject();
    json.member("round", record.round);
    json.memberIf("resumed_at", record.resumedAt).memberIf("finished_at", record.finishedAt);
}

void writeBulk(JsonWriter& json, const store::BulkRecord& record)
{
    json.beginObject();
    writeBulkMembers(json, record);
    json.endObject();
}

void writeBulkLog(JsonWriter& json, const std::vector<store::BulkLogEntry>& log)
{
    json.beginArray();
    for (const store::BulkLogEntry& entry : log)
        json.beginObject()
            .member("at", entry.at)
            .member("actor", entry.actor)
            .member("what", entry.what)
            .memberIf("reason", entry.reason)
            .endObject();
    json.endArray();
}

void writeBulkMember(JsonWriter& json, const store::BulkMember& member)
{
    json.beginObject()
        .member("number", member.number)
        .member("order_id", member.order.text())
        .member("version", member.version)
        .member("result", store::memberResultName(member.result))
        .memberIf("step", member.step)
        .memberIf("code", member.code)
        .memberIf("version_after", member.versionAfter)
        .memberIf("at", member.at)
        .endObject();
}

void writePreview(JsonWriter& json, Action action, const bulk::BulkPreview& preview)
{
    json.beginObject()
        .member("dry_run", true)
        .member("action", actionName(action))
        .member("selected", preview.selected())
        .member("would_act_on", preview.acted())
        .key("selected_by")
        .beginArray();
    for (const auto& [place, count] : preview.places())
        json.beginObject()
            .member("state", stateName(place.first))
            .member("step", place.second)
            .member("count", count)
            .endObject();
    json.endArray().key("refused").beginArray();
    for (const auto& [code, count] : preview.refused())
        json.beginObject().member("code", codeName(code)).member("count", count).endObject();
    json.endArray().key("at_stake").beginArray();
    for (const auto& [currency, total] : preview.atStake())
        json.beginObject().member("currency", currency).member("total", total).endObject();
    json.endArray();
    writeWork(json, "runs", preview.runs());
    writeWork(json, "undoes", preview.undoes());
    json.key("ends").beginArray();
    for (const auto& [state, count] : preview.ends())
        json.beginObject().member("state", stateName(state)).member("count", count).endObject();
    json.endArray().endObject();
}

} // namespace gantry::api
