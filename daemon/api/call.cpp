// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/api/call.h"

#include "shared/protocol/problem.h"

#include <algorithm>
#include <charconv>

namespace gantry::api {

namespace {

constexpr std::size_t maxBodyBytes = 16 * 1024 * 1024;
constexpr std::size_t maxKeyBytes = 255;

/// The text of a quoted string of RFC 8941, 3.3.3; empty if it is not one.
std::optional<std::string> readQuoted(std::string_view text)
{
    if (text.size() < 2 || text.front() != '"' || text.back() != '"')
        return std::nullopt;
    std::string content;
    for (std::size_t i = 1; i + 1 < text.size(); ++i) {
        char c = text[i];
        if (c == '"' || c < 0x20 || c > 0x7e)
            return std::nullopt;
        if (c == '\\') {
            if (++i + 1 >= text.size() || (text[i] != '"' && text[i] != '\\'))
                return std::nullopt;
            c = text[i];
        }
        content += c;
    }
    return content;
}

bool isBareKey(std::string_view text)
{
    return std::all_of(
        text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f && c != '"' && c != ','; });
}

bool isJson(std::string_view contentType)
{
    const auto type = contentType.substr(0, contentType.find(';'));
    std::string lower(type);
    std::transform(lower.begin(), lower.end(), lower.begin(),
        [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    while (!lower.empty() && lower.back() == ' ')
        lower.pop_back();
    return lower.empty() || lower == "application/json" || lower.ends_with("+json");
}

std::optional<std::uint64_t> readNumber(std::string_view text)
{
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size())
        return std::nullopt;
    return number;
}

} // namespace

Result<simdjson::dom::element> bodyOf(const ApiRequest& request)
{
    // One parser a thread: its buffers are what makes parsing cheap.
    thread_local JsonParser parser(maxBodyBytes);
    if (!isJson(request.header("content-type")))
        return failure(ErrorCode::UnsupportedMediaType,
            "The body's type is not JSON. Send Content-Type: application/json.");
    return parser.parse(request.body);
}

Result<simdjson::dom::element> bodyOrNothing(const ApiRequest& request)
{
    if (!request.body.empty())
        return bodyOf(request);
    ApiRequest empty;
    empty.body = "{}";
    return bodyOf(empty);
}

Result<OrderId> orderIdOf(const Call& call)
{
    const auto id = OrderId::fromText(call.parts.front());
    if (!id)
        return tl::unexpected(noSuchOrder(call.parts.front()));
    return *id;
}

Result<std::optional<engine::IdempotencyKey>> idempotencyKeyOf(
    const Call& call, const store::Fingerprint& fingerprint)
{
    const std::string_view text = call.request.header("idempotency-key");
    if (text.empty())
        return std::nullopt;
    const auto quoted = readQuoted(text);
    if (!quoted && !isBareKey(text))
        return failure(ErrorCode::MalformedRequest,
            "The Idempotency-Key is neither a quoted string nor a plain word. Send a UUID in double quotes.");
    std::string key = quoted ? *quoted : std::string(text);
    if (key.empty() || key.size() > maxKeyBytes)
        return failure(ErrorCode::MalformedRequest, "The Idempotency-Key must have 1 to 255 characters.");
    return engine::IdempotencyKey{call.principal.name, std::move(key), fingerprint};
}

AuditOrigin originOf(const Call& call)
{
    return {call.request.door == Door::Bus ? AuditDoor::ZeroMq : AuditDoor::Http, call.request.peer,
        call.principal.key};
}

Result<std::optional<std::uint32_t>> ifMatchOf(const Call& call)
{
    const std::string_view text = call.request.header("if-match");
    if (text.empty() || text == "*")
        return std::nullopt;
    const auto quoted = readQuoted(text);
    const auto number = quoted ? readNumber(*quoted) : std::nullopt;
    if (!number || *number > UINT32_MAX)
        return failure(ErrorCode::MalformedRequest,
            "If-Match must be the ETag that the order was read with, such as \"7\". Read the order and send "
            "its ETag.");
    return static_cast<std::uint32_t>(*number);
}

Result<std::uint64_t> numberOf(
    const Call& call, std::string_view name, std::uint64_t fallback, std::uint64_t least, std::uint64_t most)
{
    const std::string_view text = call.parameter(name);
    if (text.empty() && !call.query.contains(name))
        return fallback;
    const auto number = readNumber(text);
    if (!number || *number < least || *number > most)
        return failure(ErrorCode::InvalidValue,
            "The parameter " + std::string(name) + " must be a whole number from " + std::to_string(least)
                + " to " + std::to_string(most) + '.',
            {{std::string(name), ErrorCode::InvalidValue, "is not in range"}});
    return *number;
}

Result<std::optional<std::uint64_t>> cursorOf(const Call& call, std::string_view prefix)
{
    const std::string_view text = call.parameter("cursor");
    if (text.empty())
        return std::nullopt;
    std::uint64_t number = 0;
    const char* end = text.data() + text.size();
    const bool isOurs = text.size() > prefix.size() && text.substr(0, prefix.size()) == prefix
        && std::from_chars(text.data() + prefix.size(), end, number).ptr == end;
    if (!isOurs)
        return failure(ErrorCode::InvalidCursor,
            "The cursor is not one that was given out here. Begin again without a cursor.");
    return number;
}

ApiResponse problem(const Error& error)
{
    ApiResponse response{httpStatus(error.code), "application/problem+json", {}, encodeProblem(error)};
    if (error.code == ErrorCode::Unauthenticated)
        response.headers.emplace_back("WWW-Authenticate", "Bearer");
    else if (error.code == ErrorCode::StorageFull)
        response.headers.emplace_back("Retry-After", "10");
    else if (isRetryable(error.code))
        response.headers.emplace_back("Retry-After", "1");
    return response;
}

ApiResponse rateLimited(std::chrono::milliseconds wait)
{
    ApiResponse response = problem({ErrorCode::RateLimited,
        "This key has made more requests than it may. Nothing was done; wait as long as Retry-After says, "
        "and send "
        "several orders in one batch."});
    response.headers = {
        {"Retry-After", std::to_string(std::chrono::ceil<std::chrono::seconds>(wait).count())}};
    return response;
}

ApiResponse json(std::string body, int status)
{
    return {status, "application/json", {}, std::move(body)};
}

std::string etagOf(std::uint32_t version)
{
    return '"' + std::to_string(version) + '"';
}

Error inboxFull()
{
    return {ErrorCode::Busy,
        "More is coming in than can be written just now. Nothing was done; repeat it in a second."};
}

Error noSuchOrder(std::string_view id)
{
    return {ErrorCode::NotFound, "There is no order " + std::string(id.substr(0, 100)) + ". Check the id."};
}

} // namespace gantry::api
