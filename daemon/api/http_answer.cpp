// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/api/http_answer.h"

#include "daemon/api/api_revision.h"
#include "daemon/api/http_target.h"
#include "shared/protocol/problem.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>

namespace gantry::api {

namespace {

constexpr std::string_view reasonPhrase(int status) noexcept
{
    switch (status) {
    case 200: return "OK";
    case 201: return "Created";
    case 202: return "Accepted";
    case 204: return "No Content";
    case 304: return "Not Modified";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 412: return "Precondition Failed";
    case 413: return "Content Too Large";
    case 414: return "URI Too Long";
    case 415: return "Unsupported Media Type";
    case 417: return "Expectation Failed";
    case 421: return "Misdirected Request";
    case 422: return "Unprocessable Content";
    case 428: return "Precondition Required";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 503: return "Service Unavailable";
    case 505: return "HTTP Version Not Supported";
    case 507: return "Insufficient Storage";
    default: return "";
    }
}

void appendNumber(std::string& out, std::size_t number)
{
    std::array<char, 20> digits;
    const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), number);
    out.append(digits.data(), static_cast<std::size_t>(end - digits.data()));
}

void appendField(std::string& out, std::string_view name, std::string_view value)
{
    out.append(name).append(": ").append(value).append("\r\n");
}

bool isTransports(std::string_view name) noexcept
{
    constexpr std::array<std::string_view, 4> names{
        "content-length", "connection", "date", "transfer-encoding"};
    return std::ranges::any_of(names, [name](auto own) { return equalsIgnoringCase(own, name); });
}

bool isOneLine(std::string_view value) noexcept
{
    return std::ranges::none_of(value, [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return (byte < 0x20 && byte != '\t') || byte == 0x7f;
    });
}

bool isToken(std::string_view name) noexcept
{
    return !name.empty() && std::ranges::all_of(name, [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-'
            || c == '_';
    });
}

} // namespace

bool hasHttpBody(int status) noexcept
{
    return status != 204 && status != 304;
}

bool isSendable(const ApiResponse& response) noexcept
{
    return response.status >= 200 && response.status <= 599 && isOneLine(response.contentType)
        && std::ranges::all_of(response.headers,
            [](const auto& field) { return isToken(field.first) && isOneLine(field.second); });
}

void appendHttpHead(std::string& out, const ApiResponse& response, const HttpAnswerFrame& frame)
{
    out.append("HTTP/1.1 ");
    appendNumber(out, static_cast<std::size_t>(response.status));
    out.append(" ").append(reasonPhrase(response.status)).append("\r\n");
    appendField(out, "Date", frame.date);
    appendField(out, "Gantry-Revision", kApiRevision);
    if (hasHttpBody(response.status)) {
        if (!response.contentType.empty() && (!response.body.empty() || frame.isToHead || frame.isStreamed))
            appendField(out, "Content-Type", response.contentType);
        if (!frame.isStreamed) {
            out.append("Content-Length: ");
            appendNumber(out, response.body.size());
            out.append("\r\n");
        } else if (!frame.isToHttp10) {
            appendField(out, "Transfer-Encoding", "chunked");
        }
    }
    for (const auto& [name, value] : response.headers)
        if (!isTransports(name))
            appendField(out, name, value);
    if (frame.closes)
        appendField(out, "Connection", "close");
    else if (frame.isToHttp10)
        appendField(out, "Connection", "keep-alive");
    out.append("\r\n");
}

ApiResponse problemResponse(int status, const Error& error)
{
    ApiResponse response{status, "application/problem+json", {}, encodeProblem(error, status)};
    if (status == 503)
        response.headers.emplace_back("Retry-After", "1");
    return response;
}

std::string formatHttpDate(std::chrono::sys_seconds time)
{
    constexpr std::array<const char*, 7> days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    constexpr std::array<const char*, 12> months{
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss clock(time - day);
    std::array<char, 40> text{};
    const int length = std::snprintf(text.data(), text.size(), "%s, %02u %s %04d %02d:%02d:%02d GMT",
        days[std::chrono::weekday(day).c_encoding()], static_cast<unsigned>(date.day()),
        months[static_cast<unsigned>(date.month()) - 1], static_cast<int>(date.year()),
        static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
        static_cast<int>(clock.seconds().count()));
    return {text.data(), static_cast<std::size_t>(length)};
}

} // namespace gantry::api
