// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>
#include <vector>

namespace gantry {

/// Every way an expected failure can be told, grouped by what the caller can do about it. The wire name of a code is
/// `codeName(code)`; HTTP maps it to a status in one table (shared/protocol/problem.h).
enum class ErrorCode {
    // The request itself is wrong: mend it, do not repeat it.
    MalformedJson,
    InvalidUtf8,
    DuplicateKey,
    UnknownField,
    MissingField,
    WrongType,
    InvalidValue,
    UnknownCurrency,
    TotalMismatch,
    TooManyLines,
    AmountOverflow,
    BodyTooLarge,
    MalformedRequest,
    HeadersTooLarge,
    UnsupportedMediaType,
    UnknownParameter,
    InvalidCursor,
    ProtocolMismatch,
    // The caller may not, or the thing is not there.
    Unauthenticated,
    Forbidden,
    NotFound,
    MethodNotAllowed,
    // The state of the thing stands against it.
    OrderExists,
    VersionMismatch,
    ActionNotAllowed,
    StaleToken,
    IdempotencyKeyReused,
    IdempotencyInProgress,
    // Not now: repeat later with the same key.
    Busy,
    RateLimited,
    RequestTimeout,
    ShuttingDown,
    StorageFull,
    Unavailable,
    // The service's own trouble.
    Corrupt,
    Internal,
};

/// One place in a request that is wrong.
struct FieldError {
    std::string pointer; ///< JSON pointer (RFC 6901) into the body, or the name of a parameter
    ErrorCode code{};
    std::string message;
    bool operator==(const FieldError&) const = default;
};

/// An expected failure: what happened, to what, and what to do next. Never reaches a caller as an exception.
struct Error {
    ErrorCode code{};
    std::string message; ///< one or two plain sentences for a person
    std::vector<FieldError> fields{};
    bool operator==(const Error&) const = default;
};

/// The snake_case name of a code, as it stands in a problem's `code` member.
std::string_view codeName(ErrorCode code) noexcept;

/// Whether the same request may succeed later without being changed.
bool isRetryable(ErrorCode code) noexcept;

template <typename T>
using Result = tl::expected<T, Error>;

/// Shorthand for returning a failure.
inline tl::unexpected<Error> failure(ErrorCode code, std::string message, std::vector<FieldError> fields = {})
{
    return tl::unexpected<Error>(Error{code, std::move(message), std::move(fields)});
}

} // namespace gantry
