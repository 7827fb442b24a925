// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/util/result.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gantry::test {

/// Header fields in the order they go over the wire.
using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

/// One answer as it came.
struct HttpAnswer {
    int status = 0;
    HttpHeaders headers; ///< names in lower case
    std::string body;

    /// The value of the first header of that (lower case) name, or an empty view.
    [[nodiscard]] std::string_view header(std::string_view name) const noexcept;
};

class TlsClient;

/// A small blocking HTTP/1.1 client on a POSIX socket: connects on first use, keeps the connection, and
/// reconnects after the server has closed it. Every call is bounded by the time-out. For tests and the bench;
/// used by one thread.
class HttpClient {
public:
    explicit HttpClient(
        std::string host, std::uint16_t port, std::chrono::milliseconds timeout = std::chrono::seconds(10));
    ~HttpClient();
    HttpClient(HttpClient&& other) noexcept;
    HttpClient& operator=(HttpClient&& other) noexcept;
    HttpClient(const HttpClient&) = delete;
    HttpClient& operator=(const HttpClient&) = delete;

    /// TLS from the next connection on. `ca`: a file in PEM of what the server must be vouched for by; the server's name must be the host's.
    /// `certificate`, `key`: files of our own, where the server asks for them.
    void useTls(std::string ca, std::string certificate = {}, std::string key = {});
    /// What the connection speaks, such as `TLSv1.3`; empty when plain.
    [[nodiscard]] std::string tlsVersion() const;

    /// Sends one request and waits for its answer. Host and Content-Length are added unless given. A
    /// connection that the server had closed before the first byte of the request went out is opened anew;
    /// nothing is ever sent twice.
    Result<HttpAnswer> request(std::string_view method, std::string_view target,
        const HttpHeaders& headers = {}, std::string_view body = {});

    /// Raw bytes out, for tests of what no proper client would send.
    Result<void> send(std::string_view bytes);
    /// The next answer on the connection. `toHead`: it answers a HEAD request and has no body.
    Result<HttpAnswer> receive(bool toHead = false);
    /// True once the server has closed its side and everything before was read; false on bytes or time-out.
    bool waitForClose();
    /// Tells the server that no more will be sent, keeps reading.
    void finishSending();

    /// Connects now, if not connected.
    Result<void> connect();
    void close() noexcept;
    [[nodiscard]] bool isConnected() const noexcept { return m_socket >= 0; }

private:
    using Deadline = std::chrono::steady_clock::time_point;

    [[nodiscard]] Deadline deadline() const { return std::chrono::steady_clock::now() + m_timeout; }
    /// As ::send and ::recv: below zero with EAGAIN when it must wait.
    long sendSome(std::string_view bytes);
    long receiveSome(char* to, std::size_t size);
    Result<void> shakeHands();
    Result<void> waitFor(short events, Deadline until) const;
    Result<std::size_t> readMore(Deadline until);
    Result<std::size_t> readHead(HttpAnswer& answer, Deadline until);
    Result<void> readBody(HttpAnswer& answer, Deadline until);
    Result<void> readChunks(HttpAnswer& answer, Deadline until);
    void dropIfClosedByServer() noexcept;

    std::string m_host;
    std::uint16_t m_port = 0;
    std::chrono::milliseconds m_timeout;
    int m_socket = -1;
    std::unique_ptr<TlsClient> m_tls; ///< null: plain
    std::string m_buffer; ///< received and not yet taken
    std::string m_out; ///< reused to build a request
};

} // namespace gantry::test
