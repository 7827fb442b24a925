// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/api/http_target.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <simdjson.h>

namespace gantry::api {

namespace {

constexpr std::string_view kScheme = "http://";

tl::unexpected<Error> bad(std::string_view what)
{
    return failure(ErrorCode::MalformedRequest, std::string(what));
}

constexpr bool isAlphanumeric(char c) noexcept
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

constexpr char lower(char c) noexcept
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

constexpr int hexValue(char c) noexcept
{
    if (c >= '0' && c <= '9')
        return c - '0';
    const char l = lower(c);
    return l >= 'a' && l <= 'f' ? l - 'a' + 10 : -1;
}

/// RFC 3986 pchar and '/', without '%'.
constexpr bool isPathCharacter(char c) noexcept
{
    return isAlphanumeric(c) || std::string_view("/-._~!$&'()*+,;=:@").find(c) != std::string_view::npos;
}

/// The byte that the escape at the start of the text stands for.
std::optional<char> escapedByte(std::string_view text) noexcept
{
    if (text.size() < 3)
        return {};
    const int high = hexValue(text[1]);
    const int low = hexValue(text[2]);
    if (high < 0 || low < 0)
        return {};
    return static_cast<char>(high * 16 + low);
}

Result<std::string> decodePath(std::string_view raw)
{
    std::string path;
    path.reserve(raw.size());
    bool ascii = true;
    for (std::size_t at = 0; at < raw.size(); ++at) {
        if (isPathCharacter(raw[at])) {
            path.push_back(raw[at]);
            continue;
        }
        if (raw[at] != '%')
            return bad("The path holds a character that must be percent-encoded.");
        const auto byte = escapedByte(raw.substr(at));
        if (!byte)
            return bad("The path holds a percent sign that no two hexadecimal digits follow.");
        const auto value = static_cast<unsigned char>(*byte);
        if (value < 0x20 || value == 0x7f)
            return bad("The path holds an encoded control character.");
        if (*byte == '/' || *byte == '\\')
            return bad("The path holds an encoded slash or backslash.");
        ascii = ascii && value < 0x80;
        path.push_back(*byte);
        at += 2;
    }
    if (!ascii && !isValidUtf8(path))
        return bad("The path is not valid UTF-8 once decoded.");
    return path;
}

bool hasDotSegment(std::string_view path) noexcept
{
    for (std::size_t from = 1; from <= path.size();) {
        const auto to = std::min(path.find('/', from), path.size());
        const auto segment = path.substr(from, to - from);
        if (segment == "." || segment == "..")
            return true;
        from = to + 1;
    }
    return false;
}

Result<void> checkQuery(std::string_view query)
{
    for (std::size_t at = 0; at < query.size(); ++at) {
        const char c = query[at];
        if (c <= 0x20 || c >= 0x7f || c == '#')
            return bad("The query holds a character that must be percent-encoded.");
        if (c != '%')
            continue;
        const auto byte = escapedByte(query.substr(at));
        if (!byte)
            return bad("The query holds a percent sign that no two hexadecimal digits follow.");
        if (*byte == '\0')
            return bad("The query holds an encoded NUL.");
    }
    return {};
}

} // namespace

Result<HttpTarget> parseHttpTarget(std::string_view target, std::string_view host)
{
    if (target.size() > kScheme.size() && equalsIgnoringCase(target.substr(0, kScheme.size()), kScheme)) {
        target.remove_prefix(kScheme.size());
        const auto end = std::min(target.find_first_of("/?"), target.size());
        if (host.empty() || !equalsIgnoringCase(target.substr(0, end), host))
            return bad("The request is for another host: this server is no proxy.");
        target.remove_prefix(end);
        if (target.empty())
            target = "/";
    }
    if (!target.starts_with('/'))
        return bad("The request target must be a path that starts with '/'.");
    const auto mark = std::min(target.find('?'), target.size());
    auto path = decodePath(target.substr(0, mark));
    if (!path)
        return tl::unexpected(std::move(path.error()));
    if (hasDotSegment(*path))
        return bad("The path holds a '.' or '..' segment.");
    const auto query = target.substr(std::min(mark + 1, target.size()));
    if (auto checked = checkQuery(query); !checked)
        return tl::unexpected(std::move(checked.error()));
    return HttpTarget{std::move(*path), std::string(query)};
}

std::string_view hostName(std::string_view host) noexcept
{
    if (host.starts_with('['))
        return host.substr(0, host.find(']') + 1);
    return host.substr(0, host.find(':'));
}

bool isHttpHost(std::string_view host) noexcept
{
    const auto name = hostName(host);
    const auto rest = host.substr(name.size());
    if (name.empty())
        return false;
    if (name.front() == '[') {
        if (name.size() < 4 || name.back() != ']')
            return false;
        const auto inner = name.substr(1, name.size() - 2);
        if (!std::ranges::all_of(inner, [](char c) { return hexValue(c) >= 0 || c == ':' || c == '.'; }))
            return false;
    } else if (!std::ranges::all_of(
                   name, [](char c) { return isAlphanumeric(c) || c == '-' || c == '.' || c == '_'; })) {
        return false;
    }
    if (rest.empty())
        return true;
    unsigned port = 0;
    const auto digits = rest.substr(1);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    return rest.front() == ':' && error == std::errc{} && end == digits.data() + digits.size()
        && port <= 65'535;
}

bool equalsIgnoringCase(std::string_view a, std::string_view b) noexcept
{
    return std::ranges::equal(a, b, [](char x, char y) { return lower(x) == lower(y); });
}

bool isValidUtf8(std::string_view bytes) noexcept
{
    return simdjson::validate_utf8(bytes.data(), bytes.size());
}

} // namespace gantry::api
