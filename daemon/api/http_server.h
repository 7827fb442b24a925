// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/api/api_types.h"
#include "daemon/api/http_limits.h"
#include "daemon/api/tls_identity.h"
#include "shared/util/result.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace gantry::api {

/// What one answer, or one connection ended without an answer, cost. For metrics and the access log.
struct HttpObservation {
    int status = 0; ///< 0: the connection was closed without an answer
    std::size_t bytesIn = 0; ///< head and body of the request as received
    std::size_t bytesOut = 0; ///< head and body of the answer
    std::chrono::nanoseconds duration{}; ///< first byte of the request to the answer handed to the socket
    HttpLimit limit = HttpLimit::None; ///< what refused the request or ended the connection
};

/// Called on an io thread once per answer and once per connection that a limit ended. Must not block.
using HttpObserver = std::function<void(const HttpObservation&)>;

/// How the server is set up.
struct HttpSettings {
    std::string address = "127.0.0.1"; ///< numeric IPv4 or IPv6 address, or `localhost`
    std::uint16_t port = 7410; ///< 0 picks a free one
    unsigned threads = 1; ///< io threads; a connection stays on the one that it was given
    HttpLimits limits{};
    HttpObserver observer{}; ///< optional
    std::shared_ptr<const TlsIdentity> tls{}; ///< null: plain HTTP
};

/// The HTTP/1.1 door of the daemon, plain or in TLS. Reads requests within the limits, hands each to the handler on an io
/// thread, and writes the answers in order; one request per connection is in hand at a time. All members may
/// be called from any thread but an io thread.
class HttpServer {
public:
    /// Binds, listens and starts the io threads. Fails with Unavailable if the address can't be had,
    /// InvalidValue if it isn't one.
    [[nodiscard]] static Result<std::unique_ptr<HttpServer>> start(HttpSettings settings, ApiHandler handler);

    /// Stops at once (connections are cut) and joins the threads. A reply that comes later is dropped safely.
    ~HttpServer();
    HttpServer(const HttpServer&) = delete;
    HttpServer& operator=(const HttpServer&) = delete;

    /// Another certificate for connections to come; those that are open go on with theirs. Of a server that speaks TLS, and not null.
    void setTls(std::shared_ptr<const TlsIdentity> identity) noexcept;

    /// `HOST:PORT` really bound; an IPv6 host stands in brackets.
    [[nodiscard]] std::string boundAddress() const;
    [[nodiscard]] std::uint16_t port() const noexcept;

    /// Stops accepting, closes idle connections and waits until every request in hand is answered, at most
    /// `deadline`; what is left then is cut. True if nothing had to be cut. The server stays stopped.
    bool drain(std::chrono::milliseconds deadline);

    /// Connections open now.
    [[nodiscard]] std::size_t connectionCount() const noexcept;
    /// Bytes of requests received and not yet answered.
    [[nodiscard]] std::size_t inFlightBytes() const noexcept;

private:
    class Impl;
    explicit HttpServer(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> m_impl;
};

} // namespace gantry::api
