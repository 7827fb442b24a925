// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/slow_clients.h"

#include <cerrno>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace gantry::test {

namespace {

constexpr std::size_t kinds = 3;
constexpr int smallBuffer = 4096; ///< of the socket of one that does not read: the server's fills soon
constexpr std::size_t questions =
    900; ///< fewer than a connection may ask, and more than the kernel holds the answers of

std::string questionsOf(const std::string& key)
{
    const std::string one =
        "GET /metrics HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + key + "\r\n\r\n";
    std::string all;
    for (std::size_t i = 0; i < questions; ++i)
        all += one;
    return all;
}

} // namespace

SlowClients::SlowClients(Plan plan)
    : m_plan(std::move(plan))
    , m_clients(m_plan.count)
    , m_openings{"GET /livez HTTP/1.1\r\nHost: localhost\r\nX-Slow: ",
          "POST /v1/orders HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + m_plan.key
              + "\r\nContent-Length: 100000\r\n\r\n",
          questionsOf(m_plan.key)}
{
    for (std::size_t i = 0; i < m_clients.size(); ++i) {
        m_clients[i].kind = static_cast<Slowness>(i % kinds);
        open(m_clients[i]);
    }
    m_thread = std::thread([this] { run(); });
}

SlowClients::~SlowClients()
{
    m_isStopping = true;
    m_thread.join();
    for (const Client& client : m_clients)
        if (client.socket >= 0)
            ::close(client.socket);
}

std::size_t SlowClients::count(Slowness kind) const noexcept
{
    return (m_clients.size() + kinds - 1 - static_cast<std::size_t>(kind)) / kinds;
}

void SlowClients::open(Client& client)
{
    client.socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (client.kind == Slowness::Reading)
        ::setsockopt(client.socket, SOL_SOCKET, SO_RCVBUF, &smallBuffer, sizeof smallBuffer);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(m_plan.port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(client.socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        return;
    const std::string& opening = m_openings[static_cast<std::size_t>(client.kind)];
    static_cast<void>(::send(client.socket, opening.data(), opening.size(), MSG_NOSIGNAL | MSG_DONTWAIT));
}

void SlowClients::run()
{
    while (!m_isStopping) {
        for (Client& client : m_clients) {
            if (client.socket < 0)
                continue;
            if (isEnded(client)) {
                ::close(std::exchange(client.socket, -1));
                ++m_ended;
                if (m_plan.isRenewed)
                    open(client);
            } else {
                dribble(client);
            }
        }
        ::poll(nullptr, 0, static_cast<int>(m_plan.pace.count()));
    }
}

void SlowClients::dribble(Client& client)
{
    if (client.kind != Slowness::Reading)
        static_cast<void>(::send(client.socket, "x", 1, MSG_NOSIGNAL | MSG_DONTWAIT));
}

bool SlowClients::isEnded(const Client& client)
{
    if (client.kind == Slowness::Reading) {
        // It must not read, so the end does not show by it: the kernel tells of the reset, or of the server's having closed.
        pollfd entry{client.socket, POLLRDHUP, 0};
        return ::poll(&entry, 1, 0) > 0 && (entry.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0;
    }
    std::array<char, 4096> ignored{};
    for (;;) {
        const auto got = ::recv(client.socket, ignored.data(), ignored.size(), MSG_DONTWAIT);
        if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR))
            return true;
        if (got < 0)
            return false;
    }
}

} // namespace gantry::test
