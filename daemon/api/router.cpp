// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/api/router.h"

#include "daemon/api/http_target.h"

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

bool isAllowed(Access access, Role role)
{
    switch (access) {
    case Access::Public:
    case Access::Reader: return true;
    case Access::Worker: return role != Role::Viewer;
    case Access::Writer: return role == Role::Support || role == Role::Admin;
    case Access::Admin: return role == Role::Admin;
    }
    return false;
}

} // namespace

Router::Router(std::vector<Route> routes, const Principals& principals, RateLimiter* rates)
    : m_routes(std::move(routes))
    , m_principals(principals)
    , m_rates(rates)
{
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

Result<Principal> Router::authenticate(const ApiRequest& request, Access access) const
{
    if (access == Access::Public)
        return Principal{"anonymous", Role::Viewer};
    std::optional<Principal> principal;
    if (request.door == Door::Bus) {
        principal = m_principals.byName(request.principal);
        if (principal)
            principal->key = request.keyId;
    } else {
        constexpr std::string_view scheme = "Bearer ";
        const std::string_view header = request.header("authorization");
        if (equalsIgnoringCase(header.substr(0, scheme.size()), scheme)) // RFC 9110, 11.1
            principal = m_principals.byApiKey(header.substr(scheme.size()));
    }
    if (!principal)
        return failure(ErrorCode::Unauthenticated,
            "The request carries no key that is known here. Send Authorization: Bearer KEY with a valid API "
            "key.");
    if (!isAllowed(access, principal->role))
        return failure(ErrorCode::Forbidden,
            "The role " + std::string(roleName(principal->role))
                + " may not do this. Ask someone whose role may.");
    return *principal;
}

std::optional<std::chrono::milliseconds> Router::waitOf(
    const ApiRequest& request, Access access, const Principal& principal) const
{
    if (!m_rates || request.door != Door::Http || access == Access::Public)
        return std::nullopt;
    return m_rates->take(principal.name, std::chrono::steady_clock::now());
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
    auto principal = authenticate(request, found.route->access);
    if (!principal) {
        reply(problem(principal.error()));
        return;
    }
    if (const auto wait = waitOf(request, found.route->access, *principal)) {
        reply(rateLimited(*wait));
        return;
    }
    auto query = parseQuery(request.query, found.route->parameters);
    if (!query) {
        reply(problem(query.error()));
        return;
    }
    found.route->handle(
        Call{std::move(request), std::move(*principal), std::move(found.parts), std::move(*query)}, reply);
}

} // namespace gantry::api
