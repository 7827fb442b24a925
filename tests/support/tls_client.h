// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/util/result.h"

#include <memory>
#include <string>
#include <string_view>

struct ssl_ctx_st;
struct ssl_st;

namespace gantry::test {

/// The TLS of an HttpClient, on a socket that does not block. One thread.
class TlsClient {
public:
    /// Files in PEM; `ca` vouches for the server, `certificate` and `key` are ours, or empty.
    TlsClient(std::string ca, std::string certificate, std::string key);

    /// Begins on that socket, with the server that is called `host`.
    void begin(int socket, const std::string& host);
    void end() noexcept;

    /// A step of the handshake: what to poll() for, 0 when done. Errors: Unavailable, with what the library says.
    Result<short> shakeHands();

    /// As ::send and ::recv: below zero with EAGAIN when it must wait, else with ECONNRESET.
    long send(std::string_view bytes);
    long receive(char* to, std::size_t size);
    /// Says that no more will be sent.
    void sayGoodbye();
    /// Whether the server has ended the connection, and all it sent was read.
    [[nodiscard]] bool isEnded();
    [[nodiscard]] std::string version() const;

private:
    struct Free {
        void operator()(ssl_ctx_st* context) const noexcept;
        void operator()(ssl_st* session) const noexcept;
    };
    long failed(int result);

    std::unique_ptr<ssl_ctx_st, Free> m_context;
    std::unique_ptr<ssl_st, Free> m_session;
};

} // namespace gantry::test
