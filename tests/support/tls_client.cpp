// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/tls_client.h"

#include <cerrno>
#include <csignal>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>

namespace gantry::test {

void TlsClient::Free::operator()(ssl_ctx_st* context) const noexcept
{
    SSL_CTX_free(context);
}

void TlsClient::Free::operator()(ssl_st* session) const noexcept
{
    SSL_free(session);
}

TlsClient::TlsClient(std::string ca, std::string certificate, std::string key)
    : m_context(SSL_CTX_new(TLS_client_method()))
{
    std::signal(SIGPIPE, SIG_IGN); // the library writes without MSG_NOSIGNAL
    SSL_CTX* context = m_context.get();
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
    SSL_CTX_load_verify_file(context, ca.c_str());
    if (!certificate.empty()) {
        SSL_CTX_use_certificate_chain_file(context, certificate.c_str());
        SSL_CTX_use_PrivateKey_file(context, key.c_str(), SSL_FILETYPE_PEM);
    }
}

void TlsClient::begin(int socket, const std::string& host)
{
    m_session.reset(SSL_new(m_context.get()));
    SSL_set_fd(m_session.get(), socket);
    X509_VERIFY_PARAM* expected = SSL_get0_param(m_session.get());
    if (X509_VERIFY_PARAM_set1_ip_asc(expected, host.c_str()) != 1)
        SSL_set1_host(m_session.get(), host.c_str());
    SSL_set_connect_state(m_session.get());
}

void TlsClient::end() noexcept
{
    m_session.reset();
}

Result<short> TlsClient::shakeHands()
{
    ERR_clear_error();
    const int result = SSL_do_handshake(m_session.get());
    if (result == 1)
        return short{0};
    switch (SSL_get_error(m_session.get(), result)) {
    case SSL_ERROR_WANT_READ: return short{POLLIN};
    case SSL_ERROR_WANT_WRITE: return short{POLLOUT};
    default: break;
    }
    const char* reason = ERR_reason_error_string(ERR_peek_error());
    return failure(ErrorCode::Unavailable,
        std::string("TLS handshake failed: ") + (reason ? reason : "connection ended"));
}

long TlsClient::failed(int result)
{
    switch (SSL_get_error(m_session.get(), result)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE: errno = EAGAIN; return -1;
    case SSL_ERROR_ZERO_RETURN: return 0;
    default: errno = ECONNRESET; return -1;
    }
}

long TlsClient::send(std::string_view bytes)
{
    ERR_clear_error();
    const int count = SSL_write(m_session.get(), bytes.data(), static_cast<int>(bytes.size()));
    return count > 0 ? count : failed(count);
}

long TlsClient::receive(char* to, std::size_t size)
{
    ERR_clear_error();
    const int count = SSL_read(m_session.get(), to, static_cast<int>(size));
    return count > 0 ? count : failed(count);
}

void TlsClient::sayGoodbye()
{
    ERR_clear_error();
    SSL_shutdown(m_session.get());
}

bool TlsClient::isEnded()
{
    char byte = 0;
    ERR_clear_error();
    const int count = SSL_peek(m_session.get(), &byte, 1);
    return count <= 0 && failed(count) == 0;
}

std::string TlsClient::version() const
{
    return m_session ? SSL_get_version(m_session.get()) : "";
}

} // namespace gantry::test
