// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gantry::api {

/// Which door a request came in by. Both lead to the same router and the same access rules.
enum class Door { Http, Bus };

/// One request as any transport hands it over. Plain data: knows nothing of sockets or parsers.
struct ApiRequest {
    Door door = Door::Http;
    std::string method; ///< upper case: GET, POST, PUT, DELETE, HEAD, OPTIONS
    std::string path; ///< percent-decoded once, valid UTF-8, without the query
    std::string query; ///< raw query string without '?', still percent-encoded
    std::vector<std::pair<std::string, std::string>> headers; ///< names in lower case
    std::string body;
    std::string principal; ///< set by the bus from the CURVE key (body frame's User-Id); empty over HTTP
    std::string peer; ///< address of the caller, for the record
    std::uint64_t keyId = 0; ///< set by the bus: of that CURVE key
    std::optional<std::weak_ptr<const void>>
        caller{}; ///< expires when the caller has gone, for what waits long; only where the transport can tell

    /// The value of the first header of that (lower case) name, or an empty view.
    [[nodiscard]] std::string_view header(std::string_view name) const noexcept
    {
        for (const auto& [key, value] : headers)
            if (key == name)
                return value;
        return {};
    }
};

/// One answer. The transport adds Content-Length, Date and connection handling.
struct ApiResponse {
    int status = 200;
    std::string contentType = "application/json";
    std::vector<std::pair<std::string, std::string>> headers{};
    std::string body{};
    /// Called instead of sending, on any thread, if HTTP finds the caller gone; for what must not get lost with the answer. May be empty.
    std::function<void()> undelivered{};
    /// Fills in the rest, if set. Whoever answers may be a thread with more urgent work, such as a partition's: it hands over what it knows, immutable, and
    /// the transport's thread makes text of it. Must not throw.
    std::function<void(ApiResponse&)> encode{};

    /// Makes the answer whole. For transports, once, on their own thread.
    void complete()
    {
        if (const auto fill = std::exchange(encode, nullptr))
            fill(*this);
    }
};

/// Called exactly once per request, from any thread.
using ApiReply = std::function<void(ApiResponse)>;

/// What a transport calls with each request. Must not block; answers through the reply, at once or later.
using ApiHandler = std::function<void(ApiRequest, ApiReply)>;

} // namespace gantry::api
