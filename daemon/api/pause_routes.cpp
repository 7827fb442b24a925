// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/api/routes.h"
#include "shared/domain/command.h"
#include "shared/protocol/json_writer.h"
#include "shared/util/text.h"

namespace gantry::api {

namespace {

constexpr std::size_t maxEnded = 500;

void writePause(JsonWriter& body, const Pause& pause)
{
    body.member("scope", pauseScopeName(pause.scope))
        .member("name", pause.name)
        .member("since", pause.since)
        .member("by", pause.by)
        .member("reason", pause.reason);
}

void listHolding(const Services& services, const ApiReply& reply)
{
    const bool taken =
        services.inbox.post(engine::PausesRequest{[reply](const std::vector<engine::PauseState>& pauses) {
            JsonWriter body;
            body.beginObject().key("items").beginArray();
            for (const engine::PauseState& state : pauses) {
                body.beginObject();
                writePause(body, state.pause);
                body.member("state", state.isEnding ? "resuming" : "paused")
                    .member("waiting", state.waiting)
                    .endObject();
            }
            body.endArray().endObject();
            reply(json(body.take()));
        }});
    if (!taken)
        reply(problem(inboxFull()));
}

void listEnded(const Services& services, const Call& call, const ApiReply& reply)
{
    const auto limit = numberOf(call, "limit", 100, 1, maxEnded);
    if (!limit)
        return reply(problem(limit.error()));
    const bool taken = services.readers.post([reply, limit = *limit](store::StoreReader& reader) {
        const auto pauses = reader.listEndedPauses(limit);
        if (!pauses)
            return reply(problem(pauses.error()));
        JsonWriter body;
        body.beginObject().key("items").beginArray();
        for (const store::EndedPause& ended : *pauses) {
            body.beginObject();
            writePause(body, ended.pause);
            body.member("state", "ended")
                .member("ended_at", ended.end.at)
                .member("ended_by", ended.end.by)
                .member("end_reason", ended.end.reason)
                .endObject();
        }
        body.endArray().endObject();
        reply(json(body.take()));
    });
    if (!taken)
        reply(problem(inboxFull()));
}

void listPauses(const Services& services, const Call& call, const ApiReply& reply)
{
    const std::string_view state = call.parameter("state");
    if (state == "ended")
        return listEnded(services, call, reply);
    if (!state.empty())
        return reply(problem({ErrorCode::InvalidValue,
            "The parameter state must be ended, or be left out for what is paused now.",
            {{"state", ErrorCode::InvalidValue, "is not ended"}}}));
    if (call.query.contains("limit"))
        return reply(problem({ErrorCode::InvalidValue,
            "The parameter limit goes with state=ended alone: what is paused now is told whole. Leave it "
            "out.",
            {{"limit", ErrorCode::InvalidValue, "goes with state=ended alone"}}}));
    listHolding(services, reply);
}

/// What a path and a body say of a pause. Errors: as for any body, InvalidValue for the path.
Result<engine::PauseCommand> readCommand(const Call& call, bool ends)
{
    const auto scope = pauseScopeFromName(call.parts[0]);
    const std::string& name = call.parts[1];
    if (!scope)
        return failure(ErrorCode::NotFound,
            "Nothing of the kind " + toPlainText(call.parts[0], 100)
                + " can be paused. Choose step, task, channel or worker.");
    const auto body = bodyOf(call.request);
    if (!body)
        return tl::unexpected(body.error());
    FieldErrors errors;
    ObjectReader reader(*body, "", errors);
    std::string reason = reader.requiredText("reason", CommandLimits::reason);
    reader.finish();
    if (name.empty() || name.size() > DocumentLimits::keyBytes || hasControlCharacter(name))
        errors.add("/name", ErrorCode::InvalidValue, "must have 1 to 100 bytes and no control characters");
    if (!errors.isEmpty())
        return tl::unexpected(errors.toError("The pause"));
    return engine::PauseCommand{*scope, name, ends, call.principal.name, std::move(reason), {}};
}

void change(const Services& services, const Call& call, const ApiReply& reply, bool ends)
{
    auto command = readCommand(call, ends);
    if (!command)
        return reply(problem(command.error()));
    command->reply = [reply, ends](const Result<engine::PauseOutcome>& outcome) {
        if (!outcome)
            return reply(problem(outcome.error()));
        JsonWriter body;
        body.beginObject();
        writePause(body, outcome->pause);
        body.member("state",
                !ends                      ? "paused"
                    : outcome->waiting > 0 ? "resuming"
                                           : "ended")
            .member("waiting", outcome->waiting)
            .endObject();
        reply(json(body.take(), outcome->isNew ? 201 : 200));
    };
    if (!services.inbox.post(std::move(*command)))
        reply(problem(inboxFull()));
}

} // namespace

void addPauseRoutes(std::vector<Route>& routes, const Services& services)
{
    routes.push_back({"GET", "/v1/pauses", Access::Reader, {"state", "limit"},
        [services](const Call& call, const ApiReply& reply) { listPauses(services, call, reply); }});
    routes.push_back({"PUT", "/v1/pauses/{}/{}", Access::Admin, {},
        [services](const Call& call, const ApiReply& reply) { change(services, call, reply, false); }});
    routes.push_back({"DELETE", "/v1/pauses/{}/{}", Access::Admin, {},
        [services](const Call& call, const ApiReply& reply) { change(services, call, reply, true); }});
}

} // namespace gantry::api
