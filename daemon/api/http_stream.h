// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/api/http_asio.h"
#include "daemon/api/tls_identity.h"

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <cstddef>
#include <utility>

namespace gantry::api {

/// The bytes of one connection, plain or in TLS: a socket that never blocks and, above it, OpenSSL working on that socket itself. Asio only tells when
/// the socket is ready. (boost::asio::ssl::stream can't write without waiting, which most answers do here.) On its loop's thread only. A handler keeps
/// alive what it needs; after close() it is called with an error, or not at all.
class HttpStream {
public:
    using Buffers = std::array<boost::asio::const_buffer, 2>;

    /// What the handshake has come to.
    enum class Greeting {
        Done,
        WantsRead, ///< wait until there are bytes to read, and call again
        WantsWrite, ///< until some may be written
        Plain, ///< the caller speaks plain HTTP, and so does this stream from now on
        Gone, ///< the caller has hung up before its first byte
        Failed,
    };

    /// `identity`: TLS as this; null: plain.
    HttpStream(TcpSocket socket, const TlsIdentity* identity);

    /// Makes the socket ready. False if it can't be used.
    [[nodiscard]] bool open();
    [[nodiscard]] bool isTls() const noexcept { return m_isTls; }

    /// The next step of the handshake. In TLS only, and until it is Done.
    [[nodiscard]] Greeting greet();

    template <typename Handler>
    void asyncWait(TcpSocket::wait_type what, Handler handler)
    {
        m_socket.async_wait(what, std::move(handler));
    }

    template <typename Handler>
    void asyncReadSome(boost::asio::mutable_buffer buffer, Handler handler)
    {
        if (!m_isTls)
            return m_socket.async_read_some(buffer, std::move(handler));
        // What the library holds already makes no socket ready.
        if (holdsBytes())
            return boost::asio::post(
                m_socket.get_executor(), [this, buffer, moved = std::move(handler)]() mutable {
                    readOrWait(buffer, std::move(moved));
                });
        m_socket.async_wait(
            TcpSocket::wait_read, [this, buffer, moved = std::move(handler)](const IoError& error) mutable {
                if (error)
                    return moved(error, 0);
                readOrWait(buffer, std::move(moved));
            });
    }

    /// Writes what can be written without waiting. Error would_block: nothing was; the next write must begin with the same bytes.
    std::size_t writeSome(const Buffers& buffers, IoError& error);

    template <typename Handler>
    void asyncWriteSome(const Buffers& buffers, Handler handler)
    {
        if (!m_isTls)
            return m_socket.async_write_some(buffers, std::move(handler));
        m_socket.async_wait(
            TcpSocket::wait_write, [this, buffers, moved = std::move(handler)](const IoError& error) mutable {
                IoError failed = error;
                const std::size_t count = failed ? 0 : writeSome(buffers, failed);
                if (failed == boost::asio::error::would_block)
                    return asyncWriteSome(buffers, std::move(moved));
                moved(failed, count);
            });
    }

    /// Whether the caller has closed its side, or the connection is broken.
    [[nodiscard]] bool isCallerGone();
    /// Whether bytes have come that nobody has read.
    [[nodiscard]] bool hasUnread();
    /// Says that no more will be sent.
    void shutdownSend(IoError& error);
    void close();

private:
    /// After close() there is nothing to read from, and the socket's number may be another connection's.
    template <typename Handler>
    void readOrWait(boost::asio::mutable_buffer buffer, Handler handler)
    {
        IoError error;
        const std::size_t count = readTls(buffer, error);
        if (error != boost::asio::error::would_block)
            return handler(error, count);
        m_socket.async_wait(
            TcpSocket::wait_read, [this, buffer, moved = std::move(handler)](const IoError& failed) mutable {
                if (failed)
                    return moved(failed, 0);
                readOrWait(buffer, std::move(moved));
            });
    }
    [[nodiscard]] bool holdsBytes() const noexcept;
    std::size_t readTls(boost::asio::mutable_buffer buffer, IoError& error);
    std::size_t writeTls(const Buffers& buffers, IoError& error);
    [[nodiscard]] Greeting lookAtFirstByte();

    TcpSocket m_socket;
    TlsSession m_session; ///< null when plain, and after close()
    bool m_isTls;
    bool m_isHello = false; ///< the first byte is one of TLS
};

} // namespace gantry::api
