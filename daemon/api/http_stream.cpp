// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/api/http_stream.h"

#include <algorithm>
#include <climits>
#include <openssl/err.h>
#include <openssl/ssl.h>

namespace gantry::api {

namespace {

constexpr char handshakeRecord = 0x16; ///< the first byte of every TLS connection

int lengthOf(std::size_t bytes)
{
    return static_cast<int>(std::min<std::size_t>(bytes, INT_MAX));
}

IoError errorOf(const SSL* session, int result)
{
    switch (SSL_get_error(session, result)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE: return boost::asio::error::would_block;
    case SSL_ERROR_ZERO_RETURN: return boost::asio::error::eof;
    default: return boost::asio::error::connection_reset;
    }
}

} // namespace

HttpStream::HttpStream(TcpSocket socket, const TlsIdentity* identity)
    : m_socket(std::move(socket))
    , m_session(identity ? identity->newSession() : nullptr)
    , m_isTls(identity != nullptr)
{
}

bool HttpStream::open()
{
    IoError ignored;
    m_socket.non_blocking(true, ignored);
    m_socket.set_option(boost::asio::ip::tcp::no_delay(true), ignored);
    if (!m_isTls)
        return true;
    if (!m_session || SSL_set_fd(m_session.get(), m_socket.native_handle()) != 1)
        return false;
    SSL_set_accept_state(m_session.get());
    return true;
}

HttpStream::Greeting HttpStream::lookAtFirstByte()
{
    char byte = 0;
    IoError error;
    const auto count = m_socket.receive(boost::asio::buffer(&byte, 1), TcpSocket::message_peek, error);
    if (error == boost::asio::error::would_block)
        return Greeting::WantsRead;
    if (error || count == 0)
        return Greeting::Gone;
    if (byte == handshakeRecord)
        return Greeting::Done;
    if (byte < 'A' || byte > 'Z')
        return Greeting::Failed;
    m_session.reset();
    m_isTls = false;
    return Greeting::Plain;
}

HttpStream::Greeting HttpStream::greet()
{
    if (!m_session)
        return Greeting::Failed;
    if (!m_isHello) {
        if (const Greeting look = lookAtFirstByte(); look != Greeting::Done)
            return look;
        m_isHello = true;
    }
    ERR_clear_error();
    const int result = SSL_do_handshake(m_session.get());
    if (result == 1)
        return Greeting::Done;
    switch (SSL_get_error(m_session.get(), result)) {
    case SSL_ERROR_WANT_READ: return Greeting::WantsRead;
    case SSL_ERROR_WANT_WRITE: return Greeting::WantsWrite;
    default: return Greeting::Failed;
    }
}

bool HttpStream::holdsBytes() const noexcept
{
    return m_session && SSL_has_pending(m_session.get()) == 1;
}

std::size_t HttpStream::readTls(boost::asio::mutable_buffer buffer, IoError& error)
{
    if (!m_session) {
        error = boost::asio::error::operation_aborted;
        return 0;
    }
    ERR_clear_error();
    const int count = SSL_read(m_session.get(), buffer.data(), lengthOf(buffer.size()));
    if (count > 0)
        return static_cast<std::size_t>(count);
    error = errorOf(m_session.get(), count);
    return 0;
}

std::size_t HttpStream::writeTls(const Buffers& buffers, IoError& error)
{
    if (!m_session) {
        error = boost::asio::error::operation_aborted;
        return 0;
    }
    std::size_t written = 0;
    for (boost::asio::const_buffer buffer : buffers)
        while (buffer.size() > 0) {
            ERR_clear_error();
            const int count = SSL_write(m_session.get(), buffer.data(), lengthOf(buffer.size()));
            if (count <= 0) {
                if (written == 0)
                    error = errorOf(m_session.get(), count);
                return written;
            }
            written += static_cast<std::size_t>(count);
            buffer += static_cast<std::size_t>(count);
        }
    return written;
}

std::size_t HttpStream::writeSome(const Buffers& buffers, IoError& error)
{
    return m_isTls ? writeTls(buffers, error) : m_socket.write_some(buffers, error);
}

bool HttpStream::isCallerGone()
{
    char byte = 0;
    IoError error;
    if (!m_isTls) {
        m_socket.receive(boost::asio::buffer(&byte, 1), TcpSocket::message_peek, error);
    } else if (m_session) {
        ERR_clear_error();
        if (const int count = SSL_peek(m_session.get(), &byte, 1); count <= 0)
            error = errorOf(m_session.get(), count);
    }
    return error && error != boost::asio::error::would_block;
}

bool HttpStream::hasUnread()
{
    IoError ignored;
    return holdsBytes() || m_socket.available(ignored) > 0;
}

void HttpStream::shutdownSend(IoError& error)
{
    if (m_session) {
        ERR_clear_error();
        SSL_shutdown(m_session.get());
    }
    m_socket.shutdown(TcpSocket::shutdown_send, error);
}

void HttpStream::close()
{
    IoError ignored;
    m_session.reset();
    m_socket.close(ignored);
}

} // namespace gantry::api
