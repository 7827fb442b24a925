// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/api/api_types.h"
#include "daemon/api/principals.h"
#include "daemon/engine/messages.h"
#include "shared/domain/audit.h"
#include "shared/protocol/json_reader.h"
#include "shared/util/result.h"

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::api {

/// A request that has found its route and its principal.
struct Call {
    ApiRequest request;
    Principal principal;
    std::vector<std::string> parts; ///< what stood at the placeholders of the route's path
    std::map<std::string, std::string, std::less<>> query; ///< decoded; only names the route knows

    /// The value of a query parameter, or empty.
    [[nodiscard]] std::string_view parameter(std::string_view name) const
    {
        const auto found = query.find(name);
        return found == query.end() ? std::string_view() : std::string_view(found->second);
    }
};

/// The body as JSON, parsed by the calling thread's parser: valid until that thread parses again. Errors: MalformedJson, InvalidUtf8,
/// UnsupportedMediaType, BodyTooLarge.
Result<simdjson::dom::element> bodyOf(const ApiRequest& request);

/// As bodyOf(), where a request without a body says as much as `{}`.
Result<simdjson::dom::element> bodyOrNothing(const ApiRequest& request);

/// The id at the route's first placeholder. Errors: NotFound.
Result<OrderId> orderIdOf(const Call& call);

/// The caller's Idempotency-Key (a string of RFC 8941, or the bare key), scoped to the principal. `fingerprint`: of the request. Errors: MalformedRequest.
Result<std::optional<engine::IdempotencyKey>> idempotencyKeyOf(
    const Call& call, const store::Fingerprint& fingerprint);

/// From where the caller acts, for the audit.
AuditOrigin originOf(const Call& call);

/// The version that If-Match asks for; empty if there is none, or `*`. Errors: MalformedRequest.
Result<std::optional<std::uint32_t>> ifMatchOf(const Call& call);

/// A whole number from the query, `fallback` if it is not there. Errors: InvalidValue.
Result<std::uint64_t> numberOf(
    const Call& call, std::string_view name, std::uint64_t fallback, std::uint64_t least, std::uint64_t most);

/// The number behind the prefix of the query's `cursor`; empty without a cursor. Errors: InvalidCursor.
Result<std::optional<std::uint64_t>> cursorOf(const Call& call, std::string_view prefix);

/// An error as an answer; adds Retry-After where it helps.
ApiResponse problem(const Error& error);

/// The answer to a principal that asks too often: 429, and Retry-After in whole seconds.
ApiResponse rateLimited(std::chrono::milliseconds wait);

/// JSON as an answer.
ApiResponse json(std::string body, int status = 200);

/// The ETag of a version.
std::string etagOf(std::uint32_t version);

/// The two errors every resource needs.
Error inboxFull();
Error noSuchOrder(std::string_view id);

} // namespace gantry::api
