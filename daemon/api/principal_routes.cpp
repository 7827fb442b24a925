// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/api/fingerprint.h"
#include "daemon/api/principal_request.h"
#include "daemon/api/routes.h"
#include "shared/protocol/json_writer.h"

#include <algorithm>

namespace gantry::api {

namespace {

constexpr std::size_t maxLog = 500;

void writeKey(JsonWriter& body, const store::PrincipalKey& key, const Principals& principals)
{
    body.beginObject()
        .member("id", key.id)
        .member("kind", store::keyKindName(key.kind))
        .member("created_at", key.createdAt)
        .memberIf("expires_at", key.expiresAt)
        .memberIf("revoked_at", key.revokedAt)
        .memberIf("last_used_at", principals.lastUsed(key.id));
    if (key.kind == store::KeyKind::Curve)
        body.member("public_key", key.material);
    body.endObject();
}

/// A principal with the keys that are not revoked, as members of an open object.
void writeMembers(JsonWriter& body, const store::PrincipalRecord& principal, const Principals& principals)
{
    body.member("name", principal.name)
        .member("kind", store::principalKindName(principal.kind))
        .member("role", principal.nameOfRole())
        .member("disabled", principal.disabledAt.has_value())
        .memberIf("disabled_at", principal.disabledAt)
        .memberIf("expires_at", principal.expiresAt)
        .member("created_at", principal.createdAt)
        .member("created_by", principal.createdBy)
        .key("keys")
        .beginArray();
    for (const store::PrincipalKey& key : principal.keys)
        if (!key.revokedAt)
            writeKey(body, key, principals);
    body.endArray();
}

void listPrincipals(const Services& services, const ApiReply& reply)
{
    const bool taken =
        services.readers.post([reply, &principals = *services.principals](store::StoreReader& reader) {
            const auto records = reader.listPrincipals();
            if (!records)
                return reply(problem(records.error()));
            JsonWriter body;
            body.beginObject().key("items").beginArray();
            for (const store::PrincipalRecord& record : *records) {
                body.beginObject();
                writeMembers(body, record, principals);
                body.endObject();
            }
            body.endArray().endObject();
            reply(json(body.take()));
        });
    if (!taken)
        reply(problem(inboxFull()));
}

void listLog(const Services& services, const Call& call, const ApiReply& reply)
{
    const auto limit = numberOf(call, "limit", 100, 1, maxLog);
    const auto before = numberOf(call, "before", 0, 1, INT64_MAX);
    if (!limit || !before)
        return reply(problem(limit ? before.error() : limit.error()));
    const bool taken =
        services.readers.post([reply, principal = std::string(call.parameter("principal")), before = *before,
                                  limit = *limit](store::StoreReader& reader) {
            const auto entries =
                reader.listPrincipalLog(principal, before == 0 ? std::nullopt : std::optional(before), limit);
            if (!entries)
                return reply(problem(entries.error()));
            JsonWriter body;
            body.beginObject().key("items").beginArray();
            for (const store::PrincipalLogEntry& entry : *entries)
                body.beginObject()
                    .member("number", entry.number)
                    .member("at", entry.at)
                    .member("by", entry.actor)
                    .member("act", entry.act)
                    .member("principal", entry.principal)
                    .memberIf("key", entry.key)
                    .memberIf("before", entry.before)
                    .memberIf("after", entry.after)
                    .memberIf("reason", entry.reason)
                    .endObject();
            body.endArray();
            if (entries->size() == limit)
                body.member("next_before", entries->back().number);
            reply(json(body.endObject().take()));
        });
    if (!taken)
        reply(problem(inboxFull()));
}

/// Sends a command on; `write` makes the body of what became of it.
template <typename Write>
void send(
    const Services& services, Result<engine::PrincipalCommand> command, const ApiReply& reply, Write write)
{
    if (!command)
        return reply(problem(command.error()));
    command->reply = [reply, write = std::move(write)](const Result<engine::PrincipalOutcome>& outcome) {
        if (!outcome)
            return reply(problem(outcome.error()));
        JsonWriter body;
        body.beginObject();
        write(body, *outcome);
        body.endObject();
        ApiResponse response = json(body.take(), outcome->isNew ? 201 : 200);
        response.headers.emplace_back("Cache-Control", "no-store");
        if (outcome->isReplayed)
            response.headers.emplace_back("Idempotency-Replayed", "true");
        reply(std::move(response));
    };
    if (!services.inbox.post(std::move(*command)))
        reply(problem(inboxFull()));
}

void sendForPrincipal(
    const Services& services, Result<engine::PrincipalCommand> command, const ApiReply& reply)
{
    send(services, std::move(command), reply,
        [&principals = *services.principals](JsonWriter& body, const engine::PrincipalOutcome& outcome) {
            writeMembers(body, outcome.principal, principals);
        });
}

/// Answers with the key that the command is about, and with `secret` if the key has just been made.
void sendForKey(const Services& services, Result<engine::PrincipalCommand> command, const ApiReply& reply,
    const std::string& secret = {})
{
    send(services, std::move(command), reply,
        [&principals = *services.principals, secret](
            JsonWriter& body, const engine::PrincipalOutcome& outcome) {
            body.member("principal", outcome.principal.name)
                .member("role", outcome.principal.nameOfRole())
                .key("key");
            const auto& keys = outcome.principal.keys;
            const auto key = std::find_if(keys.begin(), keys.end(),
                [&](const store::PrincipalKey& each) { return each.id == outcome.key; });
            if (key == keys.end())
                body.null();
            else
                writeKey(body, *key, principals);
            if (outcome.isNew)
                body.memberIf("secret", secret);
        });
}

void addKey(const Services& services, const Call& call, const ApiReply& reply)
{
    auto command = readNewKey(call, services.clock.now());
    std::string secret;
    if (command)
        if (auto& act = std::get<engine::AddKey>(command->act); act.kind == store::KeyKind::Api) {
            secret = makeApiKey();
            act.material = services.principals->hash(secret);
            if (call.isRehearsal)
                secret.clear(); // it will never be a key
        }
    sendForKey(services, std::move(command), reply, secret);
}

} // namespace

void addPrincipalRoutes(std::vector<Route>& routes, const Services& services)
{
    if (!services.principals)
        return;
    routes.push_back({"GET", "/v1/principals", Access::Admin, {},
        [services](const Call&, const ApiReply& reply) { listPrincipals(services, reply); }});
    routes.push_back({"GET", "/v1/principals/log", Access::Admin, {"principal", "before", "limit"},
        [services](const Call& call, const ApiReply& reply) { listLog(services, call, reply); }});
    routes.push_back(
        {"POST", "/v1/principals", Access::Admin, {}, [services](const Call& call, const ApiReply& reply) {
             sendForPrincipal(services, readPrincipal(call, services.clock.now()), reply);
         }});
    routes.push_back(
        {"PUT", "/v1/principals/{}", Access::Admin, {}, [services](const Call& call, const ApiReply& reply) {
             sendForPrincipal(services, readPrincipalChange(call), reply);
         }});
    routes.push_back({"POST", "/v1/principals/{}/keys", Access::Admin, {},
        [services](const Call& call, const ApiReply& reply) { addKey(services, call, reply); }});
    routes.push_back({"DELETE", "/v1/principals/{}/keys/{}", Access::Admin, {},
        [services](
            const Call& call, const ApiReply& reply) { sendForKey(services, readRevocation(call), reply); }});
}

} // namespace gantry::api
