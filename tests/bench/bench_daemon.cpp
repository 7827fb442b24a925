// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/bench/bench_daemon.h"

#include <arpa/inet.h>
#include <cstdlib>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace gantry::bench {

TempFolder::TempFolder()
{
    std::string name = (std::filesystem::temp_directory_path() / "gantry-bench-XXXXXX").string();
    m_path = ::mkdtemp(name.data()) ? name : std::string();
}

TempFolder::TempFolder(TempFolder&& other) noexcept
    : m_path(std::exchange(other.m_path, {}))
{
}

TempFolder::~TempFolder()
{
    std::error_code ignored;
    if (!m_path.empty())
        std::filesystem::remove_all(m_path, ignored);
}

SilentService::SilentService()
    : m_socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0))
{
    // Never accepted: the kernel completes the connection, and nobody reads.
    ::listen(m_socket, 16);
}

SilentService::~SilentService()
{
    ::close(m_socket);
}

std::string SilentService::url() const
{
    sockaddr_in address{};
    socklen_t size = sizeof address;
    ::getsockname(m_socket, reinterpret_cast<sockaddr*>(&address), &size);
    return "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port));
}

std::string loadSettings(const SilentService& payment, std::size_t connections)
{
    return "[http]\n"
        + (connections > 0 ? "connections = " + std::to_string(connections) + '\n' : std::string())
        + "connections_per_address = 10000\nrequests_per_connection = 1000000000\n"
          "requests_per_second_of_key = 0\n"
          "[engine]\nattempts_in_hand = 1\n[payment]\nurl = \""
        + payment.url() + "\"\n";
}

std::string postHead(const std::string& target, const std::string& key)
{
    return "POST " + target + " HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer " + key
        + "\r\nContent-Type: application/json\r\n";
}

} // namespace gantry::bench
