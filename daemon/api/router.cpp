// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/api/router.h"

#include "daemon/api/http_answer.h"
#include "daemon/api/http_target.h"
#include "shared/domain/actions.h"

#include <algorithm>
#include <chrono>

namespace gantry::api {

namespace {

/// Matches a path against a template; gives what stands at the placeholders.
bool matchPath(std::string_view pattern, std::string_view path, std::vector<std::string>& parts)
{
    parts.clear();
    while (!pattern.empty()) {
        const auto hole = pattern.find("{}");
        if (hole == std::string_view::npos)
            return pattern == path;
        if (path.substr(0, hole) != pattern.substr(0, hole))
            return false;
        path.remove_prefix(hole);
        pattern.remove_prefix(hole + 2);
        const std::string_view part = path.substr(0, path.find('/'));
        if (part.empty())
            return false;
        parts.emplace_back(part);
        path.remove_prefix(part.size());
    }
    return path.empty();
}

int hexDigit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/// Decodes a part of a query; empty if it is malformed or decodes to control characters.
std::optional<std::string> decode(std::string_view text)
{
    std::string decoded;
    for (std::size_t i = 0; i < text.size(); ++i) {
        char c = text[i] == '+' ? ' ' : text[i];
        if (c == '%') {
            const int high = i + 2 < text.size() ? hexDigit(text[i + 1]) : -1;
            const int low = i + 2 < text.size() ? hexDigit(text[i + 2]) : -1;
            if (high < 0 || low < 0)
                return std::nullopt;
            c = static_cast<char>(high * 16 + low);
            i += 2;
        }
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
            return std::nullopt;
        decoded += c;
    }
    if (!simdjson::validate_utf8(decoded))
        return std::nullopt;
    return decoded;
}

/// The query by name. Errors: MalformedRequest, UnknownParameter.
Result<std::map<std::string, std::string, std::less<>>> parseQuery(
    std::string_view query, const std::vector<std::string>& known)
{
    std::map<std::string, std::string, std::less<>> parameters;
    while (!query.empty()) {
        const auto end = std::min(query.find('&'), query.size());
        const std::string_view pair = query.substr(0, end);
        query.remove_prefix(std::min(end + 1, query.size()));
        const auto equals = std::min(pair.find('='), pair.size());
        auto name = decode(pair.substr(0, equals));
        auto value = decode(equals < pair.size() ? pair.substr(equals + 1) : std::string_view());
        if (!name || !value)
            return failure(
                ErrorCode::MalformedRequest, "The query is not well encoded. Percent-encode it as UTF-8.");
        if (std::find(known.begin(), known.end(), *name) == known.end())
            return failure(ErrorCode::UnknownParameter,
                "The parameter " + *name + " is not known here. Remove it, or correct its name.",
                {{*name, ErrorCode::UnknownParameter, "is not known"}});
        if (!parameters.emplace(std::move(*name), std::move(*value)).second)
            return failure(ErrorCode::MalformedRequest, "A query parameter stands twice. Send each once.");
    }
    return parameters;
}

/// The methods of a path's routes, with those that come along by themselves: HEAD with GET, and OPTIONS. Empty without routes.
std::string allowedWith(std::vector<std::string> methods)
{
    if (methods.empty())
        return {};
    if (std::find(methods.begin(), methods.end(), "GET") != methods.end())
        methods.emplace_back("HEAD");
    methods.emplace_back("OPTIONS");
    // A path may fit several routes of one method.
    std::sort(methods.begin(), methods.end());
    methods.erase(std::unique(methods.begin(), methods.end()), methods.end());
    std::string allowed;
    for (const std::string& method : methods)
        allowed.append(allowed.empty() ? "" : ", ").append(method);
    return allowed;
}

using Headers = std::vector<std::pair<std::string, std::string>>;

/// Has an answer changed once it is whole.
void afterEncoding(ApiResponse& response, std::function<void(ApiResponse&)> change)
{
    if (!response.encode)
        return change(response);
    response.encode = [first = std::move(response.encode), change = std::move(change)](ApiResponse& answer) {
        first(answer);
        change(answer);
    };
}

/// Takes `dry_run` out of a query. Errors: InvalidValue.
Result<bool> takeDryRun(std::map<std::string, std::string, std::less<>>& query)
{
    const auto asked = query.extract("dry_run");
    if (asked.empty() || asked.mapped() == "false")
        return false;
    if (asked.mapped() != "true")
        return failure(ErrorCode::InvalidValue,
            "The parameter dry_run must be true or false. Nothing was done; correct it.",
            {{"dry_run", ErrorCode::InvalidValue, "is neither true nor false"}});
    return true;
}

/// What would be done is no 201 or 202: nothing is where a Location says, and no version is what an ETag says.
void sayRehearsed(ApiResponse& response)
{
    if (response.status < 200 || response.status > 299)
        return;
    response.status = 200;
    std::erase_if(response.headers,
        [](const auto& header) { return header.first == "Location" || header.first == "ETag"; });
    response.headers.emplace_back("Gantry-Dry-Run", "true");
}

ApiReply sayingRehearsed(const ApiReply& reply)
{
    return [reply](ApiResponse response) {
        afterEncoding(response, sayRehearsed);
        reply(std::move(response));
    };
}

/// RFC 9745, RFC 8594 and, for what to use instead, RFC 5829.
void tellRetirement(const Retirement& retirement, Headers& headers)
{
    headers.emplace_back(
        "Deprecation", '@' + std::to_string(retirement.deprecatedAt.time_since_epoch().count()));
    if (retirement.sunsetAt)
        headers.emplace_back("Sunset", formatHttpDate(*retirement.sunsetAt));
    if (!retirement.successor.empty())
        headers.emplace_back("Link", '<' + retirement.successor + ">; rel=\"successor-version\"");
}

/// The right that a route asks for; empty for those that ask for none, or for one of several.
std::optional<Right> rightOf(Access access)
{
    switch (access) {
    case Access::Public:
    case Access::Anybody:
    case Access::Worker: return std::nullopt;
    case Access::Orders:
    case Access::AllOrders:
    case Access::Everything: return Right::ReadOrders;
    case Access::Reader: return Right::ReadSystem;
    case Access::Stock: return Right::ChangeStock;
    case Access::Tasks: return Right::Work;
    case Access::Writer: return Right::Submit;
    case Access::Deliveries: return Right::ReadDeliveries;
    case Access::Money: return Right::CorrectMoney;
    case Access::Admin: return Right::Manage;
    }
    return Right::Manage;
}

/// Whether a role has the right to some action on orders, at whatever step.
bool mayAct(const RoleRef& role)
{
    return role->find(Right::OverrideApproval)
        || std::any_of(allActions.begin(), allActions.end(),
            [&role](Action action) { return role->find(rightFor(action, {})) != nullptr; });
}

} // namespace

std::optional<Error> refusalOf(Access access, const RoleRef& role)
{
    const std::string theRole = "The role " + role->name;
    if (access == Access::Worker && !mayAct(role))
        return Error{ErrorCode::Forbidden,
            theRole + " has the right to no action on orders. Ask somebody with the role "
                + whoHas(Right::Hold) + '.'};
    const auto right = rightOf(access);
    if (right && !role->find(*right))
        return Error{ErrorCode::Forbidden,
            theRole + " does not have the right " + std::string(traitsOf(*right).name)
                + ", which this asks for. Ask somebody with the role " + whoHas(*right) + '.'};
    const bool tellsAll = access == Access::AllOrders || access == Access::Everything;
    if (tellsAll && !role.seesAllChannels())
        return Error{ErrorCode::Forbidden,
            theRole
                + " sees the orders of some channels only, and this tells of all. Ask somebody with the role "
                + whoHas(*right) + '.'};
    if (access == Access::Everything && role->isMasked)
        return Error{ErrorCode::Forbidden,
            theRole
                + " sees no personal data, and this tells of orders as they are. Ask somebody with the role "
                + whoHas(*right) + '.'};
    return std::nullopt;
}

Router::Router(std::vector<Route> routes, const Principals& principals, RateLimiter* rates,
    WaitingCalls* waiting, const Sessions* sessions)
    : m_routes(std::move(routes))
    , m_principals(principals)
    , m_rates(rates)
    , m_waiting(waiting)
    , m_sessions(sessions)
{
    if (!m_rates || !m_rates->isOn())
        return;
    // A bucket that holds a burst, and is full again after so long.
    const RateLimit& limit = m_rates->limit();
    const std::uint64_t burst = std::max(limit.burst, 1U);
    const auto window = (burst + limit.perSecond - 1) / limit.perSecond;
    m_ratePolicy = "\"key\";q=" + std::to_string(burst) + ";w=" + std::to_string(window);
}

Router::Match Router::match(const ApiRequest& request) const
{
    std::vector<std::string> methods;
    for (const Route& route : m_routes) {
        std::vector<std::string> parts;
        if (!matchPath(route.path, request.path, parts))
            continue;
        // HEAD is GET without the body; the transport leaves that out.
        if (route.method == request.method || (request.method == "HEAD" && route.method == "GET"))
            return {&route, std::move(parts), {}};
        methods.push_back(route.method);
    }
    return {nullptr, {}, allowedWith(std::move(methods))};
}

std::optional<Principal> Router::byKey(const ApiRequest& request, std::string_view bearer) const
{
    if (request.door == Door::Http)
        return m_principals.byApiKey(bearer);
    return request.curveKey.empty() ? m_principals.byName(request.principal)
                                    : m_principals.byCurveKey(request.curveKey);
}

std::optional<Principal> Router::whoIs(const ApiRequest& request) const
{
    constexpr std::string_view scheme = "Bearer ";
    std::string_view bearer = request.header("authorization");
    bearer = equalsIgnoringCase(bearer.substr(0, scheme.size()), scheme) // RFC 9110, 11.1
        ? bearer.substr(scheme.size())
        : std::string_view();
    if (!m_sessions || !Sessions::isToken(bearer))
        return byKey(request, bearer);
    const auto holder = m_sessions->find(bearer);
    auto person = holder ? m_principals.byName(holder->person) : std::nullopt;
    if (!person)
        return std::nullopt;
    person->session = holder->session;
    person->mustChange = holder->mustChange;
    if (request.door == Door::Http)
        return person;
    // On the bus the person sits at a machine with a key of its own, and may do what both may.
    const auto machine = byKey(request, {});
    if (!machine)
        return std::nullopt;
    person->role = intersectionOf(person->role, machine->role);
    return person;
}

Result<Principal> Router::authenticate(const ApiRequest& request, const Route& route) const
{
    if (route.access == Access::Public)
        return Principal{"anonymous", RoleRef()};
    const auto principal = whoIs(request);
    if (!principal)
        return failure(ErrorCode::Unauthenticated,
            "The request carries no key that is known here, or a session that is over. Send Authorization: "
            "Bearer KEY with a valid API key, or log in again.");
    if (principal->mustChange && !route.mayComeFirst)
        return failure(ErrorCode::Forbidden,
            "This password was set by an administrator and is good for one thing: choosing another. Do that "
            "first, with POST /v1/password or gantryctl password.");
    if (auto refused = refusalOf(route.access, principal->role))
        return tl::unexpected(std::move(*refused));
    return *principal;
}

std::optional<RateVerdict> Router::rateOf(
    const ApiRequest& request, Access access, const Principal& principal) const
{
    if (!m_rates || !m_rates->isOn() || request.door != Door::Http || access == Access::Public)
        return std::nullopt;
    return m_rates->take(principal.name, std::chrono::steady_clock::now());
}

ApiReply Router::adding(
    const ApiReply& reply, const Route& route, const std::optional<RateVerdict>& rate) const
{
    Headers headers;
    if (rate) {
        headers.emplace_back("RateLimit-Policy", m_ratePolicy);
        headers.emplace_back("RateLimit",
            "\"key\";r=" + std::to_string(rate->remaining) + ";t=" + std::to_string(rate->untilFull.count()));
    }
    if (route.retirement)
        tellRetirement(*route.retirement, headers);
    return [reply, headers = std::move(headers)](ApiResponse response) {
        afterEncoding(response, [headers](ApiResponse& answer) {
            answer.headers.insert(answer.headers.end(), headers.begin(), headers.end());
        });
        reply(std::move(response));
    };
}

ApiReply Router::guarded(const ApiRequest& request, const Route& route, const ApiReply& reply) const
{
    ApiRequest shown; // what the caller shows, without the rest
    shown.door = request.door;
    shown.headers = request.headers;
    shown.principal = request.principal;
    shown.curveKey = request.curveKey;
    return m_waiting->keep(
        [this, shown = std::move(shown), &route]() -> Result<void> {
            if (auto still = authenticate(shown, route); !still)
                return tl::unexpected(std::move(still.error()));
            return {};
        },
        reply);
}

void Router::handle(ApiRequest request, const ApiReply& reply) const
{
    Match found = match(request);
    if (!found.route && found.allowed.empty()) {
        reply(problem({ErrorCode::NotFound,
            "There is nothing at " + request.path.substr(0, 200) + ". Check the path."}));
        return;
    }
    if (!found.route) {
        ApiResponse response;
        if (request.method == "OPTIONS")
            response = {204, {}, {}, {}};
        else
            response = problem({ErrorCode::MethodNotAllowed,
                request.method + " is not possible at " + request.path + ". Possible: " + found.allowed
                    + '.'});
        response.headers.emplace_back("Allow", found.allowed);
        reply(std::move(response));
        return;
    }
    const Route& route = *found.route;
    auto principal = authenticate(request, route);
    if (!principal) {
        reply(problem(principal.error()));
        return;
    }
    const auto rate = rateOf(request, route.access, *principal);
    const bool isAdding = rate || route.retirement; // most often nothing: then the reply is not even copied
    const ApiReply added = isAdding ? adding(reply, route, rate) : ApiReply();
    const ApiReply& answer = isAdding ? added : reply;
    if (rate && rate->wait) {
        answer(rateLimited(*rate->wait));
        return;
    }
    auto query = parseQuery(request.query, route.parameters);
    if (!query) {
        answer(problem(query.error()));
        return;
    }
    const auto rehearses = route.rehearse ? takeDryRun(*query) : false;
    if (!rehearses) {
        answer(problem(rehearses.error()));
        return;
    }
    const bool waits = !*rehearses && route.waits && m_waiting;
    const ApiReply kept = waits ? guarded(request, route, answer) : ApiReply();
    Call call{
        std::move(request), std::move(*principal), std::move(found.parts), std::move(*query), *rehearses};
    if (*rehearses)
        route.rehearse(std::move(call), sayingRehearsed(answer));
    else
        route.handle(std::move(call), waits ? kept : answer);
}

} // namespace gantry::api
