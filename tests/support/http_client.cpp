// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/http_client.h"

#include "tests/support/tls_client.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace gantry::test {

namespace {

tl::unexpected<Error> failed(std::string_view what)
{
    return failure(ErrorCode::Unavailable, std::string(what));
}

tl::unexpected<Error> failedWithErrno(std::string_view what)
{
    return failed(std::string(what) + ": " + std::strerror(errno));
}

std::string lower(std::string_view text)
{
    std::string result(text);
    std::ranges::transform(result, result.begin(),
        [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return result;
}

std::string_view trimmed(std::string_view text)
{
    const auto from = text.find_first_not_of(" \t");
    if (from == std::string_view::npos)
        return {};
    return text.substr(from, text.find_last_not_of(" \t") - from + 1);
}

bool contains(const HttpHeaders& headers, std::string_view name)
{
    return std::ranges::any_of(headers, [&](const auto& field) { return lower(field.first) == name; });
}

} // namespace

std::string_view HttpAnswer::header(std::string_view name) const noexcept
{
    for (const auto& [key, value] : headers)
        if (key == name)
            return value;
    return {};
}

HttpClient::HttpClient(std::string host, std::uint16_t port, std::chrono::milliseconds timeout)
    : m_host(std::move(host))
    , m_port(port)
    , m_timeout(timeout)
{
}

HttpClient::~HttpClient()
{
    close();
}

HttpClient::HttpClient(HttpClient&& other) noexcept
    : m_host(std::move(other.m_host))
    , m_port(other.m_port)
    , m_timeout(other.m_timeout)
    , m_socket(std::exchange(other.m_socket, -1))
    , m_tls(std::move(other.m_tls))
    , m_buffer(std::move(other.m_buffer))
{
}

HttpClient& HttpClient::operator=(HttpClient&& other) noexcept
{
    if (this != &other) {
        close();
        m_host = std::move(other.m_host);
        m_port = other.m_port;
        m_timeout = other.m_timeout;
        m_socket = std::exchange(other.m_socket, -1);
        m_tls = std::move(other.m_tls);
        m_buffer = std::move(other.m_buffer);
    }
    return *this;
}

void HttpClient::useTls(std::string ca, std::string certificate, std::string key)
{
    close();
    m_tls = std::make_unique<TlsClient>(std::move(ca), std::move(certificate), std::move(key));
}

std::string HttpClient::tlsVersion() const
{
    return m_tls ? m_tls->version() : std::string();
}

long HttpClient::sendSome(std::string_view bytes)
{
    return m_tls ? m_tls->send(bytes) : ::send(m_socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
}

long HttpClient::receiveSome(char* to, std::size_t size)
{
    return m_tls ? m_tls->receive(to, size) : ::recv(m_socket, to, size, 0);
}

Result<void> HttpClient::shakeHands()
{
    if (!m_tls)
        return {};
    const auto until = deadline();
    m_tls->begin(m_socket, m_host);
    for (;;) {
        const auto step = m_tls->shakeHands();
        if (!step) {
            close();
            return tl::unexpected(step.error());
        }
        if (*step == 0)
            return {};
        if (auto ready = waitFor(*step, until); !ready) {
            close();
            return ready;
        }
    }
}

void HttpClient::close() noexcept
{
    if (m_tls)
        m_tls->end();
    if (m_socket >= 0)
        ::close(m_socket);
    m_socket = -1;
    m_buffer.clear();
}

Result<void> HttpClient::connect()
{
    if (m_socket >= 0)
        return {};
    m_buffer.clear();
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_NUMERICSERV;
    addrinfo* found = nullptr;
    if (::getaddrinfo(m_host.c_str(), std::to_string(m_port).c_str(), &hints, &found) != 0)
        return failed("Cannot resolve " + m_host);
    for (const addrinfo* at = found; at && m_socket < 0; at = at->ai_next) {
        m_socket = ::socket(at->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (m_socket >= 0 && ::connect(m_socket, at->ai_addr, at->ai_addrlen) != 0)
            close();
    }
    ::freeaddrinfo(found);
    if (m_socket < 0)
        return failedWithErrno("Cannot connect to " + m_host + ":" + std::to_string(m_port));
    const int on = 1;
    ::setsockopt(m_socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    ::fcntl(m_socket, F_SETFL, ::fcntl(m_socket, F_GETFL) | O_NONBLOCK);
    return shakeHands();
}

Result<void> HttpClient::waitFor(short events, Deadline until) const
{
    for (;;) {
        const auto left =
            std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
        pollfd entry{m_socket, events, 0};
        const int ready = left.count() > 0 ? ::poll(&entry, 1, static_cast<int>(left.count())) : 0;
        if (ready > 0)
            return {};
        if (ready == 0)
            return failure(
                ErrorCode::RequestTimeout, "No answer within " + std::to_string(m_timeout.count()) + " ms");
        if (errno != EINTR)
            return failedWithErrno("poll failed");
    }
}

Result<void> HttpClient::send(std::string_view bytes)
{
    if (auto connected = connect(); !connected)
        return connected;
    const auto until = deadline();
    while (!bytes.empty()) {
        const auto sent = sendSome(bytes);
        if (sent >= 0) {
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        } else if (errno == EAGAIN) {
            if (auto ready = waitFor(POLLOUT, until); !ready)
                return ready;
        } else if (errno != EINTR) {
            return failedWithErrno("Cannot send");
        }
    }
    return {};
}

Result<std::size_t> HttpClient::readMore(Deadline until)
{
    if (m_socket < 0)
        return failed("Not connected");
    for (;;) {
        std::array<char, 16384> chunk{};
        const auto got = receiveSome(chunk.data(), chunk.size());
        if (got >= 0) {
            m_buffer.append(chunk.data(), static_cast<std::size_t>(got));
            return static_cast<std::size_t>(got);
        }
        if (errno == EAGAIN) {
            if (auto ready = waitFor(POLLIN, until); !ready)
                return tl::unexpected(ready.error());
        } else if (errno != EINTR) {
            return failedWithErrno("Cannot receive");
        }
    }
}

Result<std::size_t> HttpClient::readHead(HttpAnswer& answer, Deadline until)
{
    std::size_t end = 0;
    while ((end = m_buffer.find("\r\n\r\n")) == std::string::npos) {
        const auto got = readMore(until);
        if (!got)
            return got;
        if (*got == 0)
            return failed(m_buffer.empty() ? "The server closed without an answer"
                                           : "The server closed within the head");
    }
    const auto head = std::string_view(m_buffer).substr(0, end + 2);
    if (!head.starts_with("HTTP/1.1 ") || head.size() < 12)
        return failure(
            ErrorCode::MalformedRequest, "Not an HTTP/1.1 answer: " + std::string(head.substr(0, 40)));
    std::from_chars(head.data() + 9, head.data() + 12, answer.status);
    for (auto at = head.find("\r\n") + 2; at < head.size();) {
        const auto line = head.substr(at, head.find("\r\n", at) - at);
        const auto colon = line.find(':');
        if (colon == std::string_view::npos)
            return failure(ErrorCode::MalformedRequest, "A header without a colon: " + std::string(line));
        answer.headers.emplace_back(lower(line.substr(0, colon)), trimmed(line.substr(colon + 1)));
        at += line.size() + 2;
    }
    m_buffer.erase(0, end + 4);
    return end;
}

Result<void> HttpClient::readChunks(HttpAnswer& answer, Deadline until)
{
    for (;;) {
        std::size_t eol = 0;
        while ((eol = m_buffer.find("\r\n")) == std::string::npos)
            if (const auto got = readMore(until); !got || *got == 0)
                return got ? failed("The server closed within the body") : tl::unexpected(got.error());
        std::size_t size = 0;
        std::from_chars(m_buffer.data(), m_buffer.data() + eol, size, 16);
        const auto needed = eol + 2 + size + 2;
        while (m_buffer.size() < needed)
            if (const auto got = readMore(until); !got || *got == 0)
                return got ? failed("The server closed within the body") : tl::unexpected(got.error());
        answer.body.append(m_buffer, eol + 2, size);
        m_buffer.erase(0, needed);
        if (size == 0)
            return {};
    }
}

Result<void> HttpClient::readBody(HttpAnswer& answer, Deadline until)
{
    if (answer.header("transfer-encoding") == "chunked")
        return readChunks(answer, until);
    const auto text = answer.header("content-length");
    std::size_t length = 0;
    std::from_chars(text.data(), text.data() + text.size(), length);
    while (m_buffer.size() < length)
        if (const auto got = readMore(until); !got || *got == 0)
            return got ? failed("The server closed within the body") : tl::unexpected(got.error());
    answer.body = m_buffer.substr(0, length);
    m_buffer.erase(0, length);
    return {};
}

Result<HttpAnswer> HttpClient::receive(bool toHead)
{
    HttpAnswer answer;
    const auto until = deadline();
    if (const auto head = readHead(answer, until); !head)
        return tl::unexpected(head.error());
    if (!toHead && answer.status != 204 && answer.status != 304)
        if (const auto body = readBody(answer, until); !body)
            return tl::unexpected(body.error());
    return answer;
}

void HttpClient::dropIfClosedByServer() noexcept
{
    char byte = 0;
    if (m_socket >= 0 && (m_tls ? m_tls->isEnded() : ::recv(m_socket, &byte, 1, MSG_PEEK) == 0))
        close();
}

Result<HttpAnswer> HttpClient::request(
    std::string_view method, std::string_view target, const HttpHeaders& headers, std::string_view body)
{
    dropIfClosedByServer();
    m_out.assign(method).append(" ").append(target).append(" HTTP/1.1\r\n");
    if (!contains(headers, "host"))
        m_out.append("Host: ").append(m_host).append(":").append(std::to_string(m_port)).append("\r\n");
    if (!contains(headers, "content-length") && (!body.empty() || method == "POST" || method == "PUT"))
        m_out.append("Content-Length: ").append(std::to_string(body.size())).append("\r\n");
    for (const auto& [name, value] : headers)
        m_out.append(name).append(": ").append(value).append("\r\n");
    m_out.append("\r\n").append(body);
    const auto sent = send(m_out);
    if (!sent && !isConnected())
        return tl::unexpected(sent.error());
    // A server that refuses a body may close before it has taken it all in; its answer is there to be read
    // all the same.
    auto answer = receive(method == "HEAD");
    if (!answer || lower(answer->header("connection")) == "close")
        close();
    return answer;
}

bool HttpClient::waitForClose()
{
    if (!m_buffer.empty())
        return false;
    const auto got = readMore(deadline());
    // A reset is a close as well: the server had unread bytes of ours.
    return got ? *got == 0 : got.error().code != ErrorCode::RequestTimeout;
}

void HttpClient::finishSending()
{
    if (m_tls)
        m_tls->sayGoodbye();
    ::shutdown(m_socket, SHUT_WR);
}

} // namespace gantry::test
