// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/api/http_limits.h"

namespace gantry::api {

std::string_view limitName(HttpLimit limit) noexcept
{
    switch (limit) {
    case HttpLimit::None: return "none";
    case HttpLimit::HeadBytes: return "head_bytes";
    case HttpLimit::HeadFields: return "head_fields";
    case HttpLimit::BodyBytes: return "body_bytes";
    case HttpLimit::TlsHandshake: return "tls_handshake";
    case HttpLimit::PlainHttp: return "plain_http";
    case HttpLimit::HandshakeDeadline: return "handshake_deadline";
    case HttpLimit::HeadDeadline: return "head_deadline";
    case HttpLimit::BodyDeadline: return "body_deadline";
    case HttpLimit::IdleDeadline: return "idle_deadline";
    case HttpLimit::WriteDeadline: return "write_deadline";
    case HttpLimit::Requests: return "requests";
    case HttpLimit::Lifetime: return "lifetime";
    case HttpLimit::Connections: return "connections";
    case HttpLimit::ConnectionsPerAddress: return "connections_per_address";
    case HttpLimit::InFlightBytes: return "in_flight_bytes";
    case HttpLimit::Method: return "method";
    case HttpLimit::Target: return "target";
    case HttpLimit::Host: return "host";
    case HttpLimit::Syntax: return "syntax";
    case HttpLimit::Expect: return "expect";
    case HttpLimit::ContentEncoding: return "content_encoding";
    case HttpLimit::Rate: return "rate";
    }
    return "none";
}

std::vector<std::string> limitNames()
{
    std::vector<std::string> names;
    for (int at = 1; at <= static_cast<int>(lastHttpLimit); ++at)
        names.emplace_back(limitName(static_cast<HttpLimit>(at)));
    return names;
}

} // namespace gantry::api
