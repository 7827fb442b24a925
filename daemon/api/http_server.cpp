// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/api/http_server.h"

#include "daemon/api/http_answer.h"
#include "daemon/api/http_loop.h"

#include <algorithm>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/post.hpp>
#include <cstring>
#include <optional>
#include <utility>

namespace gantry::api {

namespace {

/// Pause after a failed accept: out of descriptors, which only time mends.
constexpr std::chrono::milliseconds kAcceptPause{100};

HttpAdmission::AddressKey keyOf(const boost::asio::ip::address& address)
{
    if (address.is_v4())
        return address.to_v4().to_uint();
    const auto v6 = address.to_v6();
    if (v6.is_v4_mapped())
        return boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, v6).to_uint();
    HttpAdmission::AddressKey prefix = 0;
    const auto bytes = v6.to_bytes();
    for (std::size_t at = 0; at < sizeof prefix; ++at)
        prefix = prefix << 8 | bytes[at];
    return prefix;
}

std::string textOf(const TcpEndpoint& endpoint)
{
    const auto host = endpoint.address().to_string();
    return (endpoint.address().is_v6() ? "[" + host + "]" : host) + ":" + std::to_string(endpoint.port());
}

Result<TcpEndpoint> parseAddress(const HttpSettings& settings)
{
    std::string_view host = settings.address;
    if (host == "localhost")
        host = "127.0.0.1";
    if (host.starts_with('[') && host.ends_with(']'))
        host = host.substr(1, host.size() - 2);
    IoError error;
    const auto address = boost::asio::ip::make_address(std::string(host), error);
    if (error)
        return failure(ErrorCode::InvalidValue,
            "\"" + settings.address
                + "\" is no address to listen on. Give a numeric address, such as 127.0.0.1 or ::1.");
    return TcpEndpoint(address, settings.port);
}

} // namespace

class HttpServer::Impl {
public:
    Impl(HttpSettings settings, ApiHandler handler)
        : m_context{std::move(settings.limits), std::move(handler), std::move(settings.observer),
            std::move(settings.tls)}
    {
        for (unsigned count = 0; count < std::max(1U, settings.threads); ++count)
            m_loops.push_back(std::make_unique<HttpLoop>(m_context));
        m_acceptor.emplace(m_loops.front()->io());
        m_pause.emplace(m_loops.front()->io());
    }

    ~Impl() { stop(); }
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    Result<void> listen(const TcpEndpoint& endpoint)
    {
        IoError error;
        m_acceptor->open(endpoint.protocol(), error);
        if (!error)
            m_acceptor->set_option(TcpAcceptor::reuse_address(true), error);
        if (!error)
            m_acceptor->bind(endpoint, error);
        if (!error)
            m_acceptor->listen(TcpAcceptor::max_listen_connections, error);
        if (!error)
            m_bound = m_acceptor->local_endpoint(error);
        if (error)
            return failure(ErrorCode::Unavailable,
                "Cannot listen on " + textOf(endpoint) + ": " + error.message()
                    + ". Choose another address, or end what uses this one.");
        return {};
    }

    void run()
    {
        accept();
        for (std::size_t at = 0; at < m_loops.size(); ++at)
            m_loops[at]->start("gantry-http-" + std::to_string(at));
    }

    bool drain(std::chrono::milliseconds deadline)
    {
        stopAccepting();
        for (const auto& loop : m_loops)
            loop->drain();
        const bool isEmpty = m_context.admission.waitUntilEmpty(deadline);
        stop();
        return isEmpty;
    }

    void stop()
    {
        stopAccepting();
        for (const auto& loop : m_loops)
            loop->stop();
    }

    void setTls(std::shared_ptr<const TlsIdentity> identity) noexcept
    {
        m_context.tls.store(std::move(identity));
    }

    [[nodiscard]] const TcpEndpoint& bound() const noexcept { return m_bound; }
    [[nodiscard]] const HttpAdmission& admission() const noexcept { return m_context.admission; }

private:
    void stopAccepting()
    {
        boost::asio::post(m_loops.front()->io(), [this] {
            IoError ignored;
            m_acceptor->close(ignored);
            m_pause->cancel();
        });
    }

    void accept()
    {
        HttpLoop& loop = *m_loops[m_next++ % m_loops.size()];
        m_acceptor->async_accept(loop.io(), [this, &loop](const IoError& error, TcpSocket socket) {
            if (!m_acceptor->is_open())
                return;
            if (error == boost::asio::error::connection_aborted || !error) {
                if (!error)
                    welcome(loop, std::move(socket));
                return accept();
            }
            m_pause->expires_after(kAcceptPause);
            m_pause->async_wait([this](const IoError& canceled) {
                if (!canceled && m_acceptor->is_open())
                    accept();
            });
        });
    }

    void welcome(HttpLoop& loop, TcpSocket socket)
    {
        IoError error;
        const auto peer = socket.remote_endpoint(error);
        if (error)
            return;
        const auto key = keyOf(peer.address());
        const auto limit = m_context.admission.admit(key);
        if (limit == HttpLimit::None)
            loop.adopt(std::move(socket), key, peer.address().to_string());
        else
            turnAway(socket, limit);
    }

    /// Says why as well as can be done without waiting for the caller: in TLS, not at all.
    void turnAway(TcpSocket& socket, HttpLimit limit)
    {
        if (m_context.tls.load()) {
            if (m_context.observer)
                m_context.observer({0, 0, 0, {}, limit});
            return;
        }
        const auto answer = problemResponse(503,
            {ErrorCode::Busy,
                "There are too many connections open. Use fewer, keep them, or come again later."});
        std::string text;
        appendHttpHead(text, answer, {m_loops.front()->date(), false, true, false});
        text.append(answer.body);
        IoError ignored;
        socket.non_blocking(true, ignored);
        socket.write_some(boost::asio::buffer(text), ignored);
        socket.shutdown(TcpSocket::shutdown_send, ignored);
        if (m_context.observer)
            m_context.observer({503, 0, text.size(), {}, limit});
    }

    HttpContext m_context;
    std::vector<std::unique_ptr<HttpLoop>> m_loops; ///< the first one accepts as well
    std::optional<TcpAcceptor> m_acceptor; ///< first loop's thread
    std::optional<IoTimer> m_pause; ///< first loop's thread
    std::size_t m_next = 0; ///< first loop's thread
    TcpEndpoint m_bound;
};

HttpServer::HttpServer(std::unique_ptr<Impl> impl)
    : m_impl(std::move(impl))
{
}

HttpServer::~HttpServer() = default;

Result<std::unique_ptr<HttpServer>> HttpServer::start(HttpSettings settings, ApiHandler handler)
{
    const auto endpoint = parseAddress(settings);
    if (!endpoint)
        return tl::unexpected(endpoint.error());
    auto impl = std::make_unique<Impl>(std::move(settings), std::move(handler));
    if (auto listening = impl->listen(*endpoint); !listening)
        return tl::unexpected(std::move(listening.error()));
    impl->run();
    return std::unique_ptr<HttpServer>(new HttpServer(std::move(impl)));
}

void HttpServer::setTls(std::shared_ptr<const TlsIdentity> identity) noexcept
{
    m_impl->setTls(std::move(identity));
}

std::string HttpServer::boundAddress() const
{
    return textOf(m_impl->bound());
}

std::uint16_t HttpServer::port() const noexcept
{
    return m_impl->bound().port();
}

bool HttpServer::drain(std::chrono::milliseconds deadline)
{
    return m_impl->drain(deadline);
}

std::size_t HttpServer::connectionCount() const noexcept
{
    return m_impl->admission().connectionCount();
}

std::size_t HttpServer::inFlightBytes() const noexcept
{
    return m_impl->admission().bytesInFlight();
}

} // namespace gantry::api
