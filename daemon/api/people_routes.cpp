// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/api/passwords.h"
#include "daemon/api/people.h"
#include "daemon/api/routes.h"
#include "shared/domain/command.h"
#include "shared/protocol/json_writer.h"

#include <algorithm>
#include <charconv>

namespace gantry::api {

namespace {

using engine::PersonCommand;
using engine::PersonOutcome;

constexpr std::size_t nameBytes = 1'000; ///< of a name that somebody tries

Error wrongLogin()
{
    return {ErrorCode::Unauthenticated,
        "Name and password do not fit together, or this person may not come in. Try again, or ask an "
        "administrator for a new password."};
}

ApiResponse tooManyTries(std::chrono::milliseconds wait)
{
    ApiResponse response = problem({ErrorCode::RateLimited,
        "There were too many wrong passwords for this name or from this address. Nothing was looked at; try "
        "again after as long as Retry-After says."});
    response.headers = {
        {"Retry-After", std::to_string(std::chrono::ceil<std::chrono::seconds>(wait).count())}};
    return response;
}

ApiResponse secretJson(std::string body)
{
    ApiResponse response = json(std::move(body));
    response.headers.emplace_back("Cache-Control", "no-store");
    return response;
}

/// What stands in a request, once it has been read without an error.
template <typename Wanted, typename Fill>
Result<Wanted> readBody(const Call& call, Fill fill)
{
    const auto body = bodyOf(call.request);
    if (!body)
        return tl::unexpected(body.error());
    FieldErrors errors;
    ObjectReader reader(*body, "", errors);
    Wanted wanted;
    fill(reader, wanted);
    reader.finish();
    if (!errors.isEmpty())
        return tl::unexpected(errors.toError("The request"));
    return wanted;
}

void post(const Services& services, PersonCommand command, const ApiReply& reply)
{
    if (!services.inbox.post(std::move(command)))
        reply(problem(inboxFull()));
}

/// Hands a job to those who hash; who can't be served is told to come again.
void hash(const Services& services, ReaderPool::Job job, const ApiReply& reply)
{
    if (!services.people->hashing.post(std::move(job)))
        reply(problem({ErrorCode::Busy,
            "More passwords are being looked at than can be at once. Nothing was looked at; try again in a "
            "second."}));
}

void writeSession(JsonWriter& body, const store::PersonSession& session)
{
    body.beginObject()
        .member("id", session.id)
        .member("person", session.person)
        .member("peer", session.peer)
        .member("started_at", session.startedAt)
        .member("last_used_at", session.lastUsedAt)
        .member("idle_ms", static_cast<std::int64_t>(session.idle.count()))
        .member("expires_at", session.expiresAt)
        .endObject();
}

/// The kept hash that a password fits; counts a failure. Errors: Unauthenticated, whatever is wrong, and the store's.
Result<std::string> prove(const People& people, store::StoreReader& reader, const std::string& name,
    const std::string& password, const std::string& peer)
{
    auto kept = reader.findPassword(name);
    if (!kept)
        return tl::unexpected(std::move(kept.error()));
    const bool fits = fitsPassword(password, *kept ? (*kept)->hash : people.nobodysHash);
    if (!fits || !*kept) {
        people.throttle.failed(name, peer);
        return tl::unexpected(wrongLogin());
    }
    return std::move((*kept)->hash);
}

struct Login {
    std::string name;
    std::string password;
};

/// Posts the opening of a session for someone who has shown the password.
void openSession(const Services& services, const Login& login, std::string provedHash, std::string peer,
    const ApiReply& reply)
{
    std::string token = makeSessionToken();
    engine::OpenSession act{
        std::move(provedHash), services.people->sessions.hash(token), std::move(peer), {}};
    if (isOutdated(act.provedHash))
        act.betterHash = hashPassword(login.password).value_or("");
    PersonCommand command{login.name, std::move(act), login.name, {}};
    command.reply = [reply, token = std::move(token), principals = services.principals](
                        const Result<PersonOutcome>& outcome) {
        if (!outcome)
            return reply(problem(outcome.error()));
        const auto person = principals->byName(outcome->session.person);
        if (!person)
            return reply(problem(wrongLogin())); // disabled meanwhile
        JsonWriter body;
        body.beginObject()
            .member("token", token)
            .member("principal", person->name)
            .member("role", roleName(person->role))
            .member("must_change_password", outcome->session.mustChange)
            .key("session");
        writeSession(body, outcome->session);
        reply(secretJson(body.endObject().take()));
    };
    post(services, std::move(command), reply);
}

void logIn(const Services& services, const Call& call, const ApiReply& reply)
{
    auto login = readBody<Login>(call, [](ObjectReader& reader, Login& into) {
        into.name = reader.requiredText("name", nameBytes);
        into.password = reader.requiredText("password", PasswordLimits::mostBytes);
    });
    if (!login)
        return reply(problem(login.error()));
    if (const auto wait = services.people->throttle.waitOf(login->name, call.request.peer))
        return reply(tooManyTries(*wait));
    hash(
        services,
        [services, login = std::move(*login), peer = call.request.peer, reply](store::StoreReader& reader) {
            // Again: others by that name may have failed while this one waited for its turn.
            if (const auto wait = services.people->throttle.waitOf(login.name, peer))
                return reply(tooManyTries(*wait));
            auto proved = prove(*services.people, reader, login.name, login.password, peer);
            if (!proved)
                return reply(problem(proved.error()));
            if (!services.principals->byName(login.name))
                return reply(problem(wrongLogin()));
            services.people->throttle.succeeded(login.name);
            openSession(services, login, std::move(*proved), peer, reply);
        },
        reply);
}

void end(const Services& services, const Call& call, std::uint64_t session, std::string reason,
    const ApiReply& reply)
{
    PersonCommand command{{}, engine::EndSession{session}, call.principal.name, std::move(reason)};
    command.reply = [reply](const Result<PersonOutcome>& outcome) {
        if (!outcome)
            return reply(problem(outcome.error()));
        JsonWriter body;
        body.beginObject().key("ended");
        writeSession(body, outcome->session);
        reply(json(body.endObject().take()));
    };
    post(services, std::move(command), reply);
}

void logOut(const Services& services, const Call& call, const ApiReply& reply)
{
    if (call.principal.session == 0)
        return reply(problem({ErrorCode::ActionNotAllowed,
            "This request came in by a key, not by a session. There is nothing to log out from."}));
    end(services, call, call.principal.session, {}, reply);
}

void listSessions(const Services& services, const ApiReply& reply)
{
    JsonWriter body;
    body.beginObject().key("items").beginArray();
    for (const store::PersonSession& session : services.people->sessions.living())
        writeSession(body, session);
    body.endArray().endObject();
    reply(json(body.take()));
}

void endSession(const Services& services, const Call& call, const ApiReply& reply)
{
    std::uint64_t session = 0;
    const std::string& text = call.parts.front();
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), session);
    if (error != std::errc() || stop != text.data() + text.size())
        return reply(problem(
            {ErrorCode::NotFound, "There is no session of that id. List the sessions and choose again."}));
    auto reason = readBody<std::string>(call, [](ObjectReader& reader, std::string& into) {
        into = reader.requiredText("reason", CommandLimits::reason);
    });
    if (!reason)
        return reply(problem(reason.error()));
    end(services, call, session, std::move(*reason), reply);
}

struct Change {
    std::string current;
    std::string next;
};

void changePassword(const Services& services, const Call& call, const ApiReply& reply)
{
    auto change = readBody<Change>(call, [&](ObjectReader& reader, Change& into) {
        into.current = reader.requiredText("current", PasswordLimits::mostBytes);
        into.next = reader.requiredText("new", PasswordLimits::mostBytes);
    });
    if (!change)
        return reply(problem(change.error()));
    if (auto checked = checkNewPassword(change->next, call.principal.name); !checked)
        return reply(problem(checked.error()));
    if (change->next == change->current)
        return reply(
            problem({ErrorCode::InvalidValue, "The new password is the one of before. Choose another.",
                {{"/new", ErrorCode::InvalidValue, "is the one of before"}}}));
    if (const auto wait = services.people->throttle.waitOf(call.principal.name, call.request.peer))
        return reply(tooManyTries(*wait));
    hash(
        services,
        [services, change = std::move(*change), who = call.principal, peer = call.request.peer, reply](
            store::StoreReader& reader) {
            auto proved = prove(*services.people, reader, who.name, change.current, peer);
            if (!proved)
                return reply(
                    problem(proved.error().code == ErrorCode::Unauthenticated ? Error{ErrorCode::InvalidValue,
                                "The present password is another one. Nothing was changed; try again.",
                                {{"/current", ErrorCode::InvalidValue, "is not the present password"}}}
                                                                              : proved.error()));
            services.people->throttle.succeeded(who.name);
            auto hashed = hashPassword(change.next);
            if (!hashed)
                return reply(problem(hashed.error()));
            PersonCommand command{who.name,
                engine::SetPassword{std::move(*hashed), std::move(*proved), who.session}, who.name, {}};
            command.reply = [reply, name = who.name](const Result<PersonOutcome>& outcome) {
                if (!outcome)
                    return reply(problem(outcome.error()));
                JsonWriter body;
                body.beginObject().member("principal", name).member("must_change_password", false);
                reply(json(body.endObject().take()));
            };
            post(services, std::move(command), reply);
        },
        reply);
}

/// Errors: NotFound (nobody of that name), ActionNotAllowed (a service).
Result<void> checkIsPerson(store::StoreReader& reader, const std::string& name)
{
    const auto all = reader.listPrincipals();
    if (!all)
        return tl::unexpected(all.error());
    const auto found = std::find_if(all->begin(), all->end(),
        [&](const store::PrincipalRecord& principal) { return principal.name == name; });
    if (found == all->end())
        return failure(
            ErrorCode::NotFound, "There is no principal " + name + ". List the principals and choose again.");
    if (found->kind != store::PrincipalKind::Person)
        return failure(ErrorCode::ActionNotAllowed,
            name + " is a service. Services come in by keys; only people have passwords.");
    return {};
}

void resetPassword(const Services& services, const Call& call, const ApiReply& reply)
{
    auto reason = readBody<std::string>(call, [](ObjectReader& reader, std::string& into) {
        into = reader.requiredText("reason", CommandLimits::reason);
    });
    if (!reason)
        return reply(problem(reason.error()));
    hash(
        services,
        [services, name = call.parts.front(), actor = call.principal.name, reason = std::move(*reason),
            reply](store::StoreReader& reader) {
            if (auto checked = checkIsPerson(reader, name); !checked)
                return reply(problem(checked.error()));
            std::string password = makeOneTimePassword();
            auto hashed = hashPassword(password);
            if (!hashed)
                return reply(problem(hashed.error()));
            PersonCommand command{name, engine::SetPassword{std::move(*hashed)}, actor, reason};
            command.reply = [reply, name, password = std::move(password)](
                                const Result<PersonOutcome>& outcome) {
                if (!outcome)
                    return reply(problem(outcome.error()));
                JsonWriter body;
                body.beginObject()
                    .member("principal", name)
                    .member("password", password)
                    .member("must_change_password", true);
                reply(secretJson(body.endObject().take()));
            };
            post(services, std::move(command), reply);
        },
        reply);
}

} // namespace

void addPeopleRoutes(std::vector<Route>& routes, const Services& services)
{
    if (!services.people || !services.principals)
        return;
    routes.push_back({"POST", "/v1/login", Access::Public, {},
        [services](const Call& call, const ApiReply& reply) { logIn(services, call, reply); }});
    routes.back().isRehearsable = false;
    for (const auto& [path, handle] : {std::pair{"/v1/logout", &logOut}, {"/v1/password", &changePassword}}) {
        routes.push_back({"POST", path, Access::Anybody, {},
            [services, handle = handle](
                const Call& call, const ApiReply& reply) { handle(services, call, reply); }});
        routes.back().isRehearsable = false;
        routes.back().mayComeFirst = true;
    }
    routes.push_back({"GET", "/v1/sessions", Access::Admin, {},
        [services](const Call&, const ApiReply& reply) { listSessions(services, reply); }});
    routes.push_back({"DELETE", "/v1/sessions/{}", Access::Admin, {},
        [services](const Call& call, const ApiReply& reply) { endSession(services, call, reply); }});
    routes.push_back({"PUT", "/v1/principals/{}/password", Access::Admin, {},
        [services](const Call& call, const ApiReply& reply) { resetPassword(services, call, reply); }});
    routes.back().isRehearsable = false;
}

} // namespace gantry::api
