// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/api/routes.h"
#include "daemon/intake/webhook.h"
#include "shared/protocol/json_writer.h"

#include <algorithm>

namespace gantry::api {

namespace {

constexpr std::size_t maxSecret = 255;
constexpr std::chrono::seconds keepOldUnlessTold{24 * 60 * 60};
constexpr std::uint64_t keepOldAtMost = 7UL * 24 * 60 * 60;

/// Never a secret: whoever gave it has it, and nobody gets it back from here.
void writeSource(JsonWriter& body, const store::IntakeSource& source, Timestamp now)
{
    const std::string kind(store::intakeKindName(source.kind));
    body.beginObject()
        .member("name", source.name)
        .member("kind", kind)
        .member("path", "/v1/intake/" + kind + '/' + source.name)
        .member("created_by", source.createdBy)
        .member("created_at", source.createdAt);
    if (source.previousUntil && *source.previousUntil > now)
        body.member("old_secret_until", *source.previousUntil);
    body.memberIf("removed_at", source.disabledAt).endObject();
}

/// A name that stands in an address as it is.
bool isName(std::string_view name)
{
    return !name.empty() && name.size() <= DocumentLimits::keyBytes
        && std::all_of(name.begin(), name.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-'
                   || c == '_' || c == '.';
           });
}

/// The secret of a body, sealed; empty if it can't be one.
std::string readSecret(const Services& services, ObjectReader& reader, std::optional<store::IntakeKind> kind,
    FieldErrors& errors)
{
    const std::string secret = reader.requiredText("secret", maxSecret);
    if (secret.empty() || !kind)
        return {};
    if (const auto fits = intake::checkSecret(*kind, secret); !fits) {
        errors.add("/secret", fits.error().code, fits.error().message);
        return {};
    }
    return services.secrets->seal(secret);
}

void change(const Services& services, store::IntakeSourceChange change, const ApiReply& reply)
{
    const int status = change.what == store::IntakeSourceChange::What::Add ? 201 : 200;
    engine::ChangeIntakeSource message{std::move(change),
        [reply, status, now = services.clock.now()](const Result<store::IntakeSource>& source) {
            if (!source)
                return reply(problem(source.error()));
            JsonWriter body;
            writeSource(body, *source, now);
            reply(json(body.take(), status));
        }};
    if (!services.inbox.post(std::move(message)))
        reply(problem(inboxFull()));
}

void addSource(const Services& services, const Call& call, const ApiReply& reply)
{
    const auto body = bodyOf(call.request);
    if (!body)
        return reply(problem(body.error()));
    FieldErrors errors;
    ObjectReader reader(*body, "", errors);
    store::IntakeSourceChange request{store::IntakeSourceChange::What::Add, {}};
    store::IntakeSource& source = request.source;
    const std::string kindName = reader.requiredText("kind", DocumentLimits::keyBytes);
    const auto kind = store::intakeKindFromName(kindName);
    if (!kind && !kindName.empty())
        errors.add("/kind", ErrorCode::InvalidValue, "must be shopify, woocommerce or standard");
    source.name = reader.requiredText("name", DocumentLimits::keyBytes);
    if (!source.name.empty() && !isName(source.name))
        errors.add("/name", ErrorCode::InvalidValue, "may have letters, digits, and -, _, . only");
    source.secret = readSecret(services, reader, kind, errors);
    reader.finish();
    if (!errors.isEmpty())
        return reply(problem(errors.toError("The source")));
    source.kind = *kind;
    source.createdBy = call.principal.name;
    source.createdAt = services.clock.now();
    change(services, std::move(request), reply);
}

void removeSource(const Services& services, const Call& call, const ApiReply& reply)
{
    store::IntakeSourceChange request{store::IntakeSourceChange::What::Remove, {}};
    request.source.name = call.parts.front();
    request.source.disabledAt = services.clock.now();
    change(services, std::move(request), reply);
}

void rotateSecret(
    const Services& services, store::StoreReader& reader, const Call& call, const ApiReply& reply)
{
    const auto body = bodyOf(call.request);
    if (!body)
        return reply(problem(body.error()));
    const auto known = reader.findIntakeSource(call.parts.front());
    if (!known)
        return reply(problem(known.error()));
    FieldErrors errors;
    ObjectReader fields(*body, "", errors);
    store::IntakeSourceChange request{store::IntakeSourceChange::What::Rotate, {}};
    request.source.name = call.parts.front();
    // Without a source, the engine says so; what its secret must be like is then not known.
    const auto kind = *known ? std::optional((*known)->kind) : std::nullopt;
    request.source.secret = readSecret(services, fields, kind, errors);
    const std::int64_t keep = fields.integerOr("keep_old_s", keepOldUnlessTold.count());
    if (keep < 0 || keep > static_cast<std::int64_t>(keepOldAtMost))
        errors.add("/keep_old_s", ErrorCode::InvalidValue, "must be 0 to 604800 seconds");
    fields.finish();
    if (!errors.isEmpty())
        return reply(problem(errors.toError("The secret")));
    if (keep > 0)
        request.source.previousUntil = services.clock.now() + std::chrono::seconds(keep);
    change(services, std::move(request), reply);
}

void listSources(const Services& services, const ApiReply& reply)
{
    const bool taken = services.readers.post([reply, now = services.clock.now()](store::StoreReader& reader) {
        const auto sources = reader.listIntakeSources();
        if (!sources)
            return reply(problem(sources.error()));
        JsonWriter body;
        body.beginObject().key("items").beginArray();
        for (const store::IntakeSource& source : *sources)
            writeSource(body, source, now);
        body.endArray().endObject();
        reply(json(body.take()));
    });
    if (!taken)
        reply(problem(inboxFull()));
}

} // namespace

void addIntakeSourceRoutes(std::vector<Route>& routes, const Services& services)
{
    if (!services.secrets)
        return;
    routes.push_back({"GET", "/v1/intake/sources", Access::Admin, {},
        [services](const Call& /*call*/, const ApiReply& reply) { listSources(services, reply); }});
    routes.push_back({"POST", "/v1/intake/sources", Access::Admin, {},
        [services](const Call& call, const ApiReply& reply) { addSource(services, call, reply); }});
    routes.push_back({"DELETE", "/v1/intake/sources/{}", Access::Admin, {},
        [services](const Call& call, const ApiReply& reply) { removeSource(services, call, reply); }});
    routes.push_back({"POST", "/v1/intake/sources/{}/rotate", Access::Admin, {},
        [services](const Call& call, const ApiReply& reply) {
            const bool taken = services.readers.post([services, call, reply](store::StoreReader& reader) {
                rotateSecret(services, reader, call, reply);
            });
            if (!taken)
                reply(problem(inboxFull()));
        }});
}

} // namespace gantry::api
