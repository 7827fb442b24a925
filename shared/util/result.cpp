// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/util/result.h"

namespace gantry {

std::string_view codeName(ErrorCode code) noexcept
{
    switch (code) {
    case ErrorCode::MalformedJson: return "malformed_json";
    case ErrorCode::InvalidUtf8: return "invalid_utf8";
    case ErrorCode::DuplicateKey: return "duplicate_key";
    case ErrorCode::UnknownField: return "unknown_field";
    case ErrorCode::MissingField: return "missing_field";
    case ErrorCode::WrongType: return "wrong_type";
    case ErrorCode::InvalidValue: return "invalid_value";
    case ErrorCode::UnknownCurrency: return "unknown_currency";
    case ErrorCode::TotalMismatch: return "total_mismatch";
    case ErrorCode::TooManyLines: return "too_many_lines";
    case ErrorCode::AmountOverflow: return "amount_overflow";
    case ErrorCode::BodyTooLarge: return "body_too_large";
    case ErrorCode::MalformedRequest: return "malformed_request";
    case ErrorCode::HeadersTooLarge: return "headers_too_large";
    case ErrorCode::UnsupportedMediaType: return "unsupported_media_type";
    case ErrorCode::UnknownParameter: return "unknown_parameter";
    case ErrorCode::InvalidCursor: return "invalid_cursor";
    case ErrorCode::ProtocolMismatch: return "protocol_mismatch";
    case ErrorCode::Unauthenticated: return "unauthenticated";
    case ErrorCode::Forbidden: return "forbidden";
    case ErrorCode::NotFound: return "not_found";
    case ErrorCode::MethodNotAllowed: return "method_not_allowed";
    case ErrorCode::OrderExists: return "order_exists";
    case ErrorCode::VersionMismatch: return "version_mismatch";
    case ErrorCode::ActionNotAllowed: return "action_not_allowed";
    case ErrorCode::StaleToken: return "stale_token";
    case ErrorCode::IdempotencyKeyReused: return "idempotency_key_reused";
    case ErrorCode::IdempotencyInProgress: return "idempotency_in_progress";
    case ErrorCode::Busy: return "busy";
    case ErrorCode::RateLimited: return "rate_limited";
    case ErrorCode::RequestTimeout: return "request_timeout";
    case ErrorCode::ShuttingDown: return "shutting_down";
    case ErrorCode::StorageFull: return "storage_full";
    case ErrorCode::Unavailable: return "unavailable";
    case ErrorCode::Corrupt: return "corrupt";
    case ErrorCode::Internal: return "internal";
    }
    return "internal";
}

bool isRetryable(ErrorCode code) noexcept
{
    return code >= ErrorCode::IdempotencyInProgress && code <= ErrorCode::Unavailable;
}

} // namespace gantry
