// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/cli/api_session.h"

#include "shared/protocol/problem.h"
#include "shared/util/random_source.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace gantry::console {

namespace {

// A restarted daemon does not know the calls of before: ask again after so long.
constexpr std::chrono::milliseconds attemptTime{3000};
constexpr std::chrono::milliseconds busyPause{200};

std::string percentEncoded(std::string_view text)
{
    static constexpr std::string_view digits = "0123456789ABCDEF";
    static constexpr std::string_view plain =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<std::uint8_t>(c);
        if (plain.find(c) != std::string_view::npos) {
            out += c;
        } else {
            out += '%';
            out += digits[byte >> 4];
            out += digits[byte & 15];
        }
    }
    return out;
}

/// A key that no other call has, as a structured-field string.
std::string freshKey()
{
    static constexpr std::string_view digits = "0123456789abcdef";
    SystemRandom random;
    std::string key = "\"ctl-";
    for (int word = 0; word < 2; ++word)
        for (std::uint64_t bits = random.next(), i = 0; i < 16; ++i, bits >>= 4)
            key += digits[bits & 15];
    return key + '"';
}

} // namespace

Query& Query::add(std::string_view name, std::string_view value)
{
    if (value.empty())
        return *this;
    m_text += m_text.empty() ? '?' : '&';
    m_text += std::string(name) + '=' + percentEncoded(value);
    return *this;
}

std::string pathSegment(std::string_view text)
{
    return percentEncoded(text);
}

std::chrono::milliseconds retryAfter(const ApiAnswer& answer, std::chrono::milliseconds fallback)
{
    for (const auto& [name, value] : answer.headers) {
        int seconds = 0;
        const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), seconds);
        if (name == "retry-after" && error == std::errc() && seconds >= 0 && seconds <= 60)
            return std::max(fallback, std::chrono::milliseconds(seconds * 1000));
    }
    return fallback;
}

ApiSession::ApiSession(ClientFactory connect, Pace& pace, std::chrono::milliseconds timeout)
    : m_connect(std::move(connect))
    , m_pace(pace)
    , m_timeout(timeout)
{
}

Result<ApiAnswer> ApiSession::attempt(const ApiCall& call, std::chrono::milliseconds timeout)
{
    if (!m_client) {
        auto client = m_connect();
        if (!client)
            return tl::unexpected(client.error());
        m_client = std::move(*client);
    }
    auto answer = m_client->call(call, timeout);
    if (!answer)
        m_client.reset();
    return answer;
}

Result<ApiAnswer> ApiSession::call(const ApiCall& call)
{
    const auto deadline = m_pace.now() + m_timeout;
    for (;;) {
        const auto left = std::max(deadline - m_pace.now(), std::chrono::milliseconds(1));
        const bool hadClient = m_client != nullptr;
        auto answer = attempt(call, std::min(left, attemptTime));
        Error error;
        std::chrono::milliseconds wait{0};
        if (!answer) {
            error = answer.error();
            // A profile that can't be used will not mend itself; a daemon that is away may come back.
            if (error.code != ErrorCode::Unavailable && !hadClient)
                return answer;
            wait = busyPause;
        } else if (answer->status >= 200 && answer->status < 300) {
            return answer;
        } else {
            error = decodeProblem(answer->body);
            if (!isRetryable(error.code))
                return tl::unexpected(std::move(error));
            wait = retryAfter(*answer, busyPause);
        }
        if (m_pace.isInterrupted() || m_pace.now() + wait >= deadline)
            return tl::unexpected(std::move(error));
        m_pace.pause(wait);
    }
}

Result<ApiAnswer> ApiSession::get(const std::string& target)
{
    return call({.method = "GET", .target = target});
}

Result<ApiAnswer> ApiSession::post(const std::string& target, std::string body, const std::string& ifMatch)
{
    ApiCall request{.method = "POST",
        .target = target,
        .body = std::move(body),
        .headers = {{"content-type", "application/json"}, {"idempotency-key", freshKey()}}};
    if (!ifMatch.empty())
        request.headers.emplace_back("if-match", ifMatch);
    return call(request);
}

Result<ApiAnswer> ApiSession::put(const std::string& target, std::string body)
{
    return call({.method = "PUT",
        .target = target,
        .body = std::move(body),
        .headers = {{"content-type", "application/json"}}});
}

Result<ApiAnswer> ApiSession::remove(const std::string& target, std::string body)
{
    return call({.method = "DELETE",
        .target = target,
        .body = std::move(body),
        .headers = {{"content-type", "application/json"}}});
}

} // namespace gantry::console
