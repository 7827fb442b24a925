// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/api/order_command.h"
#include "daemon/api/order_query.h"
#include "daemon/api/routes.h"
#include "daemon/engine/role_messages.h"
#include "shared/protocol/role_codec.h"

#include <algorithm>

namespace gantry::api {

namespace {

constexpr std::array builtInRoles{Role::Viewer, Role::Warehouse, Role::Support, Role::Admin};

void writeRole(JsonWriter& body, const RoleDefinition& role)
{
    body.beginObject()
        .member("name", role.name)
        .member("built_in", role.version == 0)
        .member("version", role.version);
    writeRoleMembers(body, role);
}

/// A custom role with who made it what it is; null: it is deleted.
Result<void> writeVersion(JsonWriter& body, const store::RoleVersion& version)
{
    if (version.definition.empty()) {
        body.beginObject()
            .member("name", version.name)
            .member("version", version.version)
            .member("deleted", true);
    } else {
        const auto role = decodeRole(version.definition, version.name, version.version);
        if (!role)
            return tl::unexpected(role.error());
        writeRole(body, *role);
    }
    body.member("changed_at", version.at)
        .member("changed_by", version.actor)
        .memberIf("reason", version.reason)
        .endObject();
    return {};
}

Error noSuchRole(std::string_view name)
{
    return {ErrorCode::NotFound,
        "There is no role " + std::string(name.substr(0, 100)) + ". List the roles and choose again."};
}

ApiResponse answerWith(const store::RoleVersion& version, int status)
{
    JsonWriter body;
    if (auto written = writeVersion(body, version); !written)
        return problem(written.error());
    ApiResponse response = json(body.take(), status);
    response.headers.emplace_back("ETag", etagOf(version.version));
    return response;
}

void writeRights(JsonWriter& body)
{
    const auto named = [&body](bool has, const char* dimension) {
        if (has)
            body.value(dimension);
    };
    body.key("rights").beginArray();
    for (const RightTraits& traits : allRights()) {
        body.beginObject()
            .member("name", traits.name)
            .member("meaning", traits.meaning)
            .member("grantable", traits.isGrantable)
            .key("scope")
            .beginArray();
        named(traits.hasChannels, "channels");
        named(traits.hasWarehouses, "warehouses");
        named(traits.hasLimits, "limits");
        named(traits.hasSteps, "steps");
        body.endArray().endObject();
    }
    body.endArray();
}

void listRoles(const Services& services, const ApiReply& reply)
{
    look(services, reply, [](store::StoreReader& reader) {
        const auto stored = reader.listRoles();
        if (!stored)
            return problem(stored.error());
        JsonWriter body;
        body.beginObject().key("items").beginArray();
        for (const Role role : builtInRoles) {
            writeRole(body, *RoleRef(role));
            body.endObject();
        }
        for (const store::RoleVersion& version : *stored)
            if (!version.definition.empty())
                if (auto written = writeVersion(body, version); !written)
                    return problem(written.error());
        body.endArray();
        writeRights(body);
        body.endObject();
        return json(body.take());
    });
}

void getRole(const Services& services, const Call& call, const ApiReply& reply)
{
    const std::string& name = call.parts.front();
    if (const auto builtIn = roleFromName(name)) {
        JsonWriter body;
        writeRole(body, *RoleRef(*builtIn));
        body.endObject();
        ApiResponse response = json(body.take());
        response.headers.emplace_back("ETag", etagOf(0));
        return reply(std::move(response));
    }
    look(services, reply, [name](store::StoreReader& reader) {
        const auto versions = reader.listRoleVersions(name);
        if (!versions)
            return problem(versions.error());
        if (versions->empty() || versions->front().definition.empty())
            return problem(noSuchRole(name));
        return answerWith(versions->front(), 200);
    });
}

void listVersions(const Services& services, const Call& call, const ApiReply& reply)
{
    look(services, reply, [name = call.parts.front()](store::StoreReader& reader) {
        const auto versions = reader.listRoleVersions(name);
        if (!versions)
            return problem(versions.error());
        if (versions->empty())
            return problem(noSuchRole(name));
        JsonWriter body;
        body.beginObject().key("items").beginArray();
        for (const store::RoleVersion& version : *versions)
            if (auto written = writeVersion(body, version); !written)
                return problem(written.error());
        body.endArray().endObject();
        return json(body.take());
    });
}

bool isName(std::string_view name)
{
    const auto isWord = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
    return !name.empty() && name.size() <= RoleLimits::nameBytes && name.front() >= 'a' && name.front() <= 'z'
        && std::all_of(name.begin(), name.end(), [&](char c) { return isWord(c) || c == '-' || c == '_'; });
}

void send(const Services& services, const Call& call, engine::RoleCommand command, const ApiReply& reply)
{
    const auto version = ifMatchOf(call);
    if (!version)
        return reply(problem(version.error()));
    command.name = call.parts.front();
    command.actor = call.principal.name;
    command.expectedVersion = *version;
    command.reply = [reply](const Result<engine::RoleOutcome>& outcome) {
        if (!outcome)
            return reply(problem(outcome.error()));
        reply(answerWith(outcome->version, outcome->isNew ? 201 : 200));
    };
    if (!services.inbox.post(std::move(command)))
        reply(problem(inboxFull()));
}

void putRole(const Services& services, const Call& call, const ApiReply& reply)
{
    const auto body = bodyOf(call.request);
    if (!body)
        return reply(problem(body.error()));
    FieldErrors errors;
    ObjectReader reader(*body, "", errors);
    engine::RoleCommand command;
    command.definition.emplace();
    readRoleMembers(reader, *command.definition);
    command.reason = readReason(reader);
    reader.finish();
    if (!isName(call.parts.front()))
        errors.add("/name", ErrorCode::InvalidValue,
            "must have 1 to 64 of the characters a-z, 0-9, - and _, and begin with a letter");
    if (!errors.isEmpty())
        return reply(problem(errors.toError("The role")));
    send(services, call, std::move(command), reply);
}

void deleteRole(const Services& services, const Call& call, const ApiReply& reply)
{
    const auto body = bodyOf(call.request);
    if (!body)
        return reply(problem(body.error()));
    FieldErrors errors;
    ObjectReader reader(*body, "", errors);
    engine::RoleCommand command;
    command.reason = readReason(reader);
    reader.finish();
    if (!errors.isEmpty())
        return reply(problem(errors.toError("The request")));
    send(services, call, std::move(command), reply);
}

} // namespace

void addRoleRoutes(std::vector<Route>& routes, const Services& services)
{
    routes.push_back({"GET", "/v1/roles", Access::Admin, {},
        [services](const Call&, const ApiReply& reply) { listRoles(services, reply); }});
    routes.push_back({"GET", "/v1/roles/{}", Access::Admin, {},
        [services](const Call& call, const ApiReply& reply) { getRole(services, call, reply); }});
    routes.push_back({"PUT", "/v1/roles/{}", Access::Admin, {},
        [services](const Call& call, const ApiReply& reply) { putRole(services, call, reply); }});
    routes.push_back({"DELETE", "/v1/roles/{}", Access::Admin, {},
        [services](const Call& call, const ApiReply& reply) { deleteRole(services, call, reply); }});
    routes.push_back({"GET", "/v1/roles/{}/versions", Access::Admin, {},
        [services](const Call& call, const ApiReply& reply) { listVersions(services, call, reply); }});
}

} // namespace gantry::api
