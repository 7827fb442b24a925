// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/workflows/call_text.h"

#include "shared/protocol/json_writer.h"
#include "shared/util/text.h"

#include <algorithm>
#include <array>

namespace gantry::workflows {

namespace {

// Lower case. What frames the message, what the contract says, and what would change who talks to whom.
constexpr std::array<std::string_view, 15> ownHeaders{"accept-encoding", "connection", "content-encoding",
    "content-length", "content-type", "expect", "host", "idempotency-key", "keep-alive", "te", "traceparent",
    "trailer", "transfer-encoding", "upgrade", "user-agent"};

constexpr bool isLetterOrDigit(char c) noexcept
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

std::string escapedForJson(std::string_view text)
{
    JsonWriter json;
    json.value(text);
    const std::string quoted = json.take();
    return quoted.substr(1, quoted.size() - 2);
}

std::string percentEncoded(std::string_view text)
{
    constexpr std::string_view digits = "0123456789ABCDEF";
    constexpr std::string_view unreserved = "-._~";
    std::string encoded;
    encoded.reserve(text.size());
    for (const char c : text) {
        if (isLetterOrDigit(c) || unreserved.find(c) != std::string_view::npos) {
            encoded += c;
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        encoded += '%';
        encoded += digits[byte >> 4U];
        encoded += digits[byte & 0xfU];
    }
    return encoded;
}

/// Whether a path keeps to where its template says: no part is empty (but behind a slash at the end of the template itself) or leads upwards.
bool leadsAstray(std::string_view path, bool maySlashEnd)
{
    std::size_t begin = 1;
    while (begin <= path.size()) {
        const std::size_t end = std::min(path.find('/', begin), path.size());
        const std::string_view part = path.substr(begin, end - begin);
        const bool isLast = end == path.size();
        if (part == "." || part == ".." || (part.empty() && !(isLast && maySlashEnd)))
            return true;
        begin = end + 1;
    }
    return false;
}

} // namespace

std::string renderJson(const TextTemplate& text, const FieldSource& source)
{
    std::string rendered;
    for (const TextTemplate::Piece& piece : text.pieces) {
        rendered += piece.text;
        if (!piece.field)
            continue;
        const std::string value = source(*piece.field, piece.key);
        rendered += typeOf(*piece.field) == TemplateType::Text ? escapedForJson(value) : value;
    }
    return rendered;
}

Result<std::string> renderPath(const TextTemplate& text, const FieldSource& source)
{
    std::string rendered;
    for (const TextTemplate::Piece& piece : text.pieces) {
        rendered += piece.text;
        if (piece.field)
            rendered += percentEncoded(source(*piece.field, piece.key));
    }
    const std::string_view whole = rendered;
    const bool maySlashEnd = text.source.substr(0, text.source.find('?')).ends_with('/');
    if (leadsAstray(whole.substr(0, whole.find('?')), maySlashEnd))
        return failure(ErrorCode::InvalidValue,
            "The path " + toPlainText(rendered, 200) + " made of " + toPlainText(text.source, 200)
                + " has a part that is empty, . or .. and would lead elsewhere");
    return rendered;
}

Result<std::string> renderHeader(const TextTemplate& text, const FieldSource& source)
{
    std::string rendered;
    for (const TextTemplate::Piece& piece : text.pieces) {
        rendered += piece.text;
        if (piece.field)
            rendered += source(*piece.field, piece.key);
    }
    if (hasControlCharacter(rendered))
        return failure(ErrorCode::InvalidValue,
            "The header made of " + toPlainText(text.source, 200) + " has a control character");
    return rendered;
}

bool isHeaderName(std::string_view name) noexcept
{
    constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
    return !name.empty() && name.size() <= 100 && std::all_of(name.begin(), name.end(), [marks](char c) {
        return isLetterOrDigit(c) || marks.find(c) != std::string_view::npos;
    });
}

bool isOwnHeader(std::string_view name)
{
    std::string lower(name);
    std::transform(lower.begin(), lower.end(), lower.begin(),
        [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return std::find(ownHeaders.begin(), ownHeaders.end(), lower) != ownHeaders.end()
        || lower.starts_with("proxy-");
}

} // namespace gantry::workflows
