// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/protocol/problem.h"

#include "shared/protocol/json_reader.h"
#include "shared/protocol/json_writer.h"
#include "shared/util/text.h"

#include <array>

namespace gantry {

namespace {

struct Kind {
    ErrorCode code;
    int status;
    std::string_view title;
};

// In the sequence of ErrorCode.
constexpr std::array<Kind, 36> kinds{{
    {ErrorCode::MalformedJson, 400, "Malformed JSON"},
    {ErrorCode::InvalidUtf8, 400, "Invalid UTF-8"},
    {ErrorCode::DuplicateKey, 422, "A member stands twice"},
    {ErrorCode::UnknownField, 422, "Unknown field"},
    {ErrorCode::MissingField, 422, "A field is missing"},
    {ErrorCode::WrongType, 422, "Wrong type"},
    {ErrorCode::InvalidValue, 422, "Value not acceptable"},
    {ErrorCode::UnknownCurrency, 422, "Unknown currency"},
    {ErrorCode::TotalMismatch, 422, "The amounts do not add up"},
    {ErrorCode::TooManyLines, 422, "Too many lines"},
    {ErrorCode::AmountOverflow, 422, "Amount too large"},
    {ErrorCode::BodyTooLarge, 413, "Body too large"},
    {ErrorCode::MalformedRequest, 400, "Malformed request"},
    {ErrorCode::HeadersTooLarge, 431, "Headers too large"},
    {ErrorCode::UnsupportedMediaType, 415, "Unsupported media type"},
    {ErrorCode::UnknownParameter, 400, "Unknown parameter"},
    {ErrorCode::InvalidCursor, 400, "Invalid cursor"},
    {ErrorCode::ProtocolMismatch, 400, "Another version of the protocol"},
    {ErrorCode::Unauthenticated, 401, "Not authenticated"},
    {ErrorCode::Forbidden, 403, "Not allowed"},
    {ErrorCode::NotFound, 404, "Not found"},
    {ErrorCode::MethodNotAllowed, 405, "Method not allowed"},
    {ErrorCode::OrderExists, 409, "The order exists with other contents"},
    {ErrorCode::VersionMismatch, 412, "The order has changed"},
    {ErrorCode::ActionNotAllowed, 409, "Not possible in this state"},
    {ErrorCode::StaleToken, 409, "Stale token"},
    {ErrorCode::IdempotencyKeyReused, 422, "Idempotency key used with another request"},
    {ErrorCode::IdempotencyInProgress, 409, "The first request with this key is still running"},
    {ErrorCode::Busy, 503, "Busy"},
    {ErrorCode::RateLimited, 429, "Too many requests"},
    {ErrorCode::RequestTimeout, 408, "Request took too long"},
    {ErrorCode::ShuttingDown, 503, "Shutting down"},
    {ErrorCode::StorageFull, 507, "Storage full"},
    {ErrorCode::Unavailable, 503, "Not available"},
    {ErrorCode::Corrupt, 500, "Stored data is damaged"},
    {ErrorCode::Internal, 500, "Internal error"},
}};

const Kind& kindOf(ErrorCode code) noexcept
{
    return kinds[static_cast<std::size_t>(code)];
}

constexpr bool tableIsInSequence()
{
    for (std::size_t i = 0; i < static_cast<std::size_t>(ErrorCode::Internal) + 1; ++i)
        if (kinds[i].code != static_cast<ErrorCode>(i))
            return false;
    return true;
}
static_assert(tableIsInSequence());

/// What something other than a problem document says, as far as it can be shown.
Error notAProblem(std::string_view text)
{
    return {ErrorCode::Internal, toPlainText(text, 500)};
}

ErrorCode codeFromName(std::string_view name)
{
    for (const Kind& kind : kinds)
        if (codeName(kind.code) == name)
            return kind.code;
    return ErrorCode::Internal;
}

} // namespace

int httpStatus(ErrorCode code) noexcept
{
    return kindOf(code).status;
}

std::string_view problemTitle(ErrorCode code) noexcept
{
    return kindOf(code).title;
}

std::string encodeProblem(const Error& error)
{
    return encodeProblem(error, httpStatus(error.code));
}

std::string encodeProblem(const Error& error, int status)
{
    const std::string_view name = codeName(error.code);
    JsonWriter json;
    json.beginObject()
        .member("type", "/problems/" + std::string(name))
        .member("title", problemTitle(error.code))
        .member("status", status)
        .member("detail", error.message)
        .member("code", name)
        .member("retryable", isRetryable(error.code));
    if (!error.fields.empty()) {
        json.key("errors").beginArray();
        for (const FieldError& field : error.fields)
            json.beginObject()
                .member("pointer", field.pointer)
                .member("code", codeName(field.code))
                .member("detail", field.message)
                .endObject();
        json.endArray();
    }
    json.endObject();
    return json.take();
}

Error decodeProblem(std::string_view text)
{
    JsonParser parser;
    const auto root = parser.parse(text);
    FieldErrors ignored;
    if (!root || !root->is_object())
        return notAProblem(text);
    ObjectReader reader(*root, "", ignored);
    Error error{codeFromName(reader.requiredStoredText("code")), reader.storedText("detail")};
    if (!ignored.isEmpty())
        return notAProblem(text);
    if (const auto fields = reader.array("errors"))
        for (const auto element : *fields) {
            ObjectReader field(element, "", ignored);
            error.fields.push_back({field.storedText("pointer"), codeFromName(field.storedText("code")),
                field.storedText("detail")});
        }
    return error;
}

} // namespace gantry
