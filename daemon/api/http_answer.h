// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/api/api_types.h"
#include "daemon/api/http_request_reader.h"

#include <chrono>
#include <string>
#include <string_view>

namespace gantry::api {

/// What the connection adds to an answer.
struct HttpAnswerFrame {
    std::string_view date; ///< value of the Date header
    bool isToHead = false; ///< head only, with the length of what GET would get
    bool closes = false; ///< says `Connection: close`
    bool isStreamed = false; ///< the body comes in chunks, or to HTTP/1.0 until the connection closes
    bool isToHttp10 = false; ///< must say `Connection: keep-alive` if it does not close, and knows no chunks
};

/// Appends the head of an answer, empty line included. Headers that the transport owns (Content-Length, Connection, Date,
/// Transfer-Encoding) are left out if the response brings them along.
void appendHttpHead(std::string& out, const ApiResponse& response, const HttpAnswerFrame& frame);

/// Whether an answer of that status has a body at all (RFC 9110, 6.4.1).
bool hasHttpBody(int status) noexcept;

/// Whether the response can be sent as it is: a final status, and headers that can't break out of their line.
bool isSendable(const ApiResponse& response) noexcept;

/// The answer to a request that the server itself refuses: application/problem+json.
ApiResponse problemResponse(int status, const Error& error);

/// `Sun, 06 Nov 1994 08:49:37 GMT`
std::string formatHttpDate(std::chrono::sys_seconds time);

} // namespace gantry::api
