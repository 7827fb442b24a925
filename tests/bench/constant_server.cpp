// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/bench/constant_server.h"

#include "daemon/api/http_server.h"

#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

namespace gantry::bench {

namespace {

/// The child: serves until the other end of the pipe is closed.
[[noreturn]] void serve(int pipe)
{
    api::HttpSettings settings;
    settings.port = 0;
    settings.limits.connectionsPerAddress = 10'000;
    settings.limits.requestsPerConnection = 1'000'000'000;
    auto server =
        api::HttpServer::start(std::move(settings), [](const api::ApiRequest&, const api::ApiReply& reply) {
            api::ApiResponse answer;
            answer.status = 201;
            answer.body = "{}";
            reply(std::move(answer));
        });
    if (!server)
        ::_exit(1);
    const std::uint16_t port = (*server)->port();
    char end = 0;
    if (::write(pipe, &port, sizeof port) == sizeof port)
        while (::read(pipe, &end, 1) > 0) { }
    server->reset();
    ::_exit(0);
}

} // namespace

Result<ConstantServer> ConstantServer::start()
{
    int pair[2] = {-1, -1};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
        return failure(ErrorCode::Unavailable, "Can't make a pipe to the constant server.");
    const pid_t pid = ::fork();
    if (pid == 0) {
        ::close(pair[0]);
        serve(pair[1]);
    }
    ::close(pair[1]);
    ConstantServer server(pid, pair[0]);
    if (pid < 0 || ::read(server.m_pipe, &server.m_port, sizeof server.m_port) != sizeof server.m_port)
        return failure(ErrorCode::Unavailable, "The constant server did not start. Is a port free?");
    return server;
}

ConstantServer::ConstantServer(ConstantServer&& other) noexcept
    : m_pid(std::exchange(other.m_pid, -1))
    , m_pipe(std::exchange(other.m_pipe, -1))
    , m_port(other.m_port)
{
}

ConstantServer::~ConstantServer()
{
    if (m_pipe >= 0)
        ::close(m_pipe);
    if (m_pid > 0)
        ::waitpid(m_pid, nullptr, 0);
}

} // namespace gantry::bench
