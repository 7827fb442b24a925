// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::api {

/// A body limit that holds for one exact path instead of the general one.
struct HttpPathLimit {
    std::string path; ///< decoded path, compared whole
    std::size_t bodyBytes = 0;
    bool operator==(const HttpPathLimit&) const = default;
};

/// Everything a stranger could make the server spend, and how much of it he gets. The defaults are the
/// documented ones.
struct HttpLimits {
    std::size_t headBytes =
        16UL * 1024; ///< request line and headers; over it: 431, or 414 if the line alone is
    std::size_t headFields = 64; ///< header fields; over it: 431
    std::size_t bodyBytes = 1024UL * 1024; ///< body without chunk framing; over it: 413
    std::vector<HttpPathLimit> bodyBytesByPath{{"/v1/orders/batch", 16UL * 1024 * 1024},
        {"/v1/bulk-actions", 16UL * 1024 * 1024}}; ///< replaces bodyBytes

    std::chrono::milliseconds handshakeDeadline{
        5'000}; ///< TLS: connection to end of handshake; over it: close
    std::chrono::milliseconds headDeadline{5'000}; ///< first byte to end of head; over it: 408 and close
    std::chrono::milliseconds bodyDeadline{15'000}; ///< end of head to end of body; over it: 408 and close
    std::chrono::milliseconds deadlinePer64KiB{
        1'000}; ///< added to body and write deadline for each 64 KiB done
    std::chrono::milliseconds idleDeadline{30'000}; ///< waiting for a request's first byte; over it: close
    std::chrono::milliseconds writeDeadline{15'000}; ///< caller takes the answer in; over it: close
    std::chrono::milliseconds lingerDeadline{
        1'000}; ///< after an error, for the caller to read it before the reset

    std::uint32_t requestsPerConnection = 1'000; ///< the last one is answered with `Connection: close`
    std::chrono::milliseconds connectionLifetime{600'000}; ///< after it: `Connection: close`
    std::size_t connections = 2'000; ///< all together; over it: 503 and close at accept
    std::size_t connectionsPerAddress =
        64; ///< per IPv4 address or IPv6 /64; over it: 503 and close at accept
    std::size_t inFlightBytes = 64UL * 1024 * 1024; ///< requests received and not yet answered; over it: 503
    std::uint32_t requestsPerSecondOfKey =
        0; ///< of one principal, in the long run; over it: 429. 0: no limit, since one service may bring all there is
    std::uint32_t burstOfKey = 2'000; ///< that many at once, after a pause

    std::vector<std::string> methods{"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"}; ///< others: 400
    std::vector<std::string>
        hosts{}; ///< accepted Host names, lower case, without port; others: 421. Empty: any
    bool operator==(const HttpLimits&) const = default;
};

/// Which limit ended or refused a request or a connection.
enum class HttpLimit {
    None,
    HeadBytes,
    HeadFields,
    BodyBytes,
    TlsHandshake, ///< failed: no TLS, none of our versions, no certificate where one is asked for
    PlainHttp, ///< spoken to a port that speaks TLS
    HandshakeDeadline,
    HeadDeadline,
    BodyDeadline,
    IdleDeadline,
    WriteDeadline,
    Requests,
    Lifetime,
    Connections,
    ConnectionsPerAddress,
    InFlightBytes,
    Method,
    Target,
    Host,
    Syntax, ///< grammar and framing of the message: obs-fold, lengths, chunks, Upgrade, TE, trailers
    Expect,
    ContentEncoding,
    Rate, ///< of one principal's requests
};

/// The last one, for whoever goes through them all.
inline constexpr HttpLimit lastHttpLimit = HttpLimit::Rate;

/// The snake_case name of a limit, for metrics and logs.
std::string_view limitName(HttpLimit limit) noexcept;

/// The names of all limits, without `none`.
std::vector<std::string> limitNames();

} // namespace gantry::api
