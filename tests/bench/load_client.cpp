// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/bench/load_client.h"

#include "tests/support/tls_client.h"

#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <charconv>
#include <fcntl.h>
#include <memory>
#include <netinet/tcp.h>
#include <string_view>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

namespace gantry::bench {

namespace {

using Clock = std::chrono::steady_clock;
constexpr int silenceMs = 30'000;

tl::unexpected<Error> broken(const std::string& what)
{
    return failure(
        ErrorCode::Unavailable, "The load client's connection " + what + ". Look at the server's log.");
}

struct Connection {
    int socket = -1;
    std::unique_ptr<test::TlsClient> tls; ///< null: plain
    std::string out;
    std::size_t sent = 0;
    std::string in;
    Clock::time_point since{};
};

/// The length of the answer that `in` begins with, once it is all there; its status and where its body begins.
struct Answer {
    std::size_t length = 0; ///< zero: not all there yet
    int status = 0;
    std::size_t bodyAt = 0;
};

Answer findAnswer(std::string_view in)
{
    const std::size_t headEnd = in.find("\r\n\r\n");
    if (headEnd == std::string_view::npos)
        return {};
    Answer answer{.bodyAt = headEnd + 4};
    std::from_chars(in.data() + 9, in.data() + 12, answer.status);
    constexpr std::string_view name = "\r\nContent-Length: ";
    const std::size_t at = in.substr(0, headEnd).find(name);
    std::size_t body = 0;
    if (at != std::string_view::npos)
        std::from_chars(in.data() + at + name.size(), in.data() + headEnd, body);
    if (in.size() >= answer.bodyAt + body)
        answer.length = answer.bodyAt + body;
    return answer;
}

class Load {
public:
    explicit Load(const LoadPlan& plan)
        : m_plan(plan)
        , m_poll(::epoll_create1(EPOLL_CLOEXEC))
    {
    }
    Load(const Load&) = delete;
    Load& operator=(const Load&) = delete;
    ~Load()
    {
        for (const Connection& connection : m_connections)
            ::close(connection.socket);
        ::close(m_poll);
    }

    Result<LoadResult> run()
    {
        m_connections.resize(m_plan.connections);
        for (std::size_t i = 0; i < m_connections.size(); ++i)
            if (auto opened = open(i); !opened)
                return tl::unexpected(opened.error());
        m_start = Clock::now();
        while (m_answered < m_plan.requests) {
            if (auto sent = sendDue(); !sent)
                return tl::unexpected(sent.error());
            if (auto taken = takeReady(); !taken)
                return tl::unexpected(taken.error());
        }
        m_result.seconds = std::chrono::duration<double>(Clock::now() - m_start).count();
        m_result.requestsPerSecond = static_cast<double>(m_answered) / m_result.seconds;
        return std::move(m_result);
    }

private:
    Result<void> open(std::size_t index)
    {
        Connection& connection = m_connections[index];
        connection.socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(m_plan.port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        if (::connect(connection.socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
            return broken("was refused");
        const int on = 1;
        ::setsockopt(connection.socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        if (!m_plan.ca.empty())
            if (auto agreed = agree(connection); !agreed)
                return agreed;
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.u64 = index;
        ::epoll_ctl(m_poll, EPOLL_CTL_ADD, connection.socket, &event);
        m_idle.push_back(index);
        return {};
    }

    /// The handshake, on a socket that still blocks.
    Result<void> agree(Connection& connection) const
    {
        connection.tls = std::make_unique<test::TlsClient>(m_plan.ca, "", "");
        connection.tls->begin(connection.socket, "127.0.0.1");
        const auto agreed = connection.tls->shakeHands();
        if (!agreed)
            return tl::unexpected(agreed.error());
        ::fcntl(connection.socket, F_SETFL, ::fcntl(connection.socket, F_GETFL) | O_NONBLOCK);
        return {};
    }

    static long sendSome(Connection& connection)
    {
        const std::string_view rest = std::string_view(connection.out).substr(connection.sent);
        return connection.tls
            ? connection.tls->send(rest)
            : ::send(connection.socket, rest.data(), rest.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    }

    long receiveSome(Connection& connection)
    {
        return connection.tls ? connection.tls->receive(m_buffer.data(), m_buffer.size())
                              : ::recv(connection.socket, m_buffer.data(), m_buffer.size(), MSG_DONTWAIT);
    }

    /// When request `number` is due.
    [[nodiscard]] Clock::time_point dueAt(std::size_t number) const
    {
        return m_start
            + std::chrono::nanoseconds(
                static_cast<std::int64_t>(static_cast<double>(number) * 1e9 / m_plan.requestsPerSecond));
    }

    Result<void> sendDue()
    {
        const auto now = Clock::now();
        while (!m_idle.empty() && m_next < m_plan.requests) {
            const bool isPaced = m_plan.requestsPerSecond > 0;
            if (isPaced && dueAt(m_next) > now)
                break;
            const std::size_t index = m_idle.back();
            m_idle.pop_back();
            Connection& connection = m_connections[index];
            const std::string body = m_plan.body(m_next);
            connection.out = m_plan.head;
            connection.out += "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n";
            connection.out += body;
            connection.sent = 0;
            connection.since = isPaced ? dueAt(m_next) : Clock::now();
            ++m_next;
            if (auto sent = send(index); !sent)
                return sent;
        }
        return {};
    }

    Result<void> send(std::size_t index)
    {
        Connection& connection = m_connections[index];
        while (connection.sent < connection.out.size()) {
            const auto count = sendSome(connection);
            if (count < 0 && errno == EAGAIN) {
                want(index, EPOLLIN | EPOLLOUT);
                return {};
            }
            if (count <= 0)
                return broken("was cut while sending");
            connection.sent += static_cast<std::size_t>(count);
        }
        return {};
    }

    void want(std::size_t index, std::uint32_t events)
    {
        epoll_event event{};
        event.events = events;
        event.data.u64 = index;
        ::epoll_ctl(m_poll, EPOLL_CTL_MOD, m_connections[index].socket, &event);
    }

    [[nodiscard]] int waitMs() const
    {
        // A paced load must not be late: it looks again and again, for the last millisecond before a request is due.
        const bool isPacing = m_plan.requestsPerSecond > 0 && !m_idle.empty() && m_next < m_plan.requests;
        return isPacing ? 0 : silenceMs;
    }

    Result<void> takeReady()
    {
        std::array<epoll_event, 128> events{};
        const int wait = waitMs();
        const int count = ::epoll_wait(m_poll, events.data(), static_cast<int>(events.size()), wait);
        if (count == 0 && wait > 0)
            return broken("was silent for 30 s");
        for (int i = 0; i < count; ++i) {
            const auto& event = events[static_cast<std::size_t>(i)];
            const auto index = static_cast<std::size_t>(event.data.u64);
            if (event.events & EPOLLOUT) {
                want(index, EPOLLIN);
                if (auto sent = send(index); !sent)
                    return sent;
            }
            if (event.events & (EPOLLIN | EPOLLHUP | EPOLLERR))
                if (auto received = receive(index); !received)
                    return received;
        }
        return {};
    }

    Result<void> receive(std::size_t index)
    {
        Connection& connection = m_connections[index];
        const auto count = receiveSome(connection);
        if (count < 0 && errno == EAGAIN)
            return {};
        if (count <= 0)
            return broken("was closed by the server");
        connection.in.append(m_buffer.data(), static_cast<std::size_t>(count));
        const Answer answer = findAnswer(connection.in);
        if (answer.length == 0) // more of it may wait where no socket tells
            return connection.tls ? receive(index) : Result<void>();
        m_result.latencies.add(Clock::now() - connection.since);
        ++m_result.statuses[answer.status];
        if (++m_answered == m_plan.requests)
            m_result.lastBody = connection.in.substr(answer.bodyAt);
        connection.in.clear();
        m_idle.push_back(index);
        return {};
    }

    const LoadPlan& m_plan;
    int m_poll;
    std::vector<Connection> m_connections;
    std::vector<std::size_t> m_idle;
    std::array<char, 65536> m_buffer{};
    std::size_t m_next = 0;
    std::size_t m_answered = 0;
    Clock::time_point m_start{};
    LoadResult m_result;
};

} // namespace

Result<LoadResult> runLoad(const LoadPlan& plan)
{
    return Load(plan).run();
}

} // namespace gantry::bench
