// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/bus/event_streams.h"

#include "daemon/bus/server_socket.h"

#include <algorithm>
#include <arpa/inet.h>
#include <cerrno>
#include <fcntl.h>
#include <netinet/in.h>
#include <optional>
#include <sys/socket.h>
#include <unistd.h>

namespace gantry::bus {

namespace {

/// What the kernel knows a socket by for as long as the machine runs; empty if the descriptor is none of a socket.
std::optional<std::uint64_t> cookieOf(int descriptor) noexcept
{
    std::uint64_t cookie = 0;
    socklen_t size = sizeof cookie;
    if (::getsockopt(descriptor, SOL_SOCKET, SO_COOKIE, &cookie, &size) != 0)
        return std::nullopt;
    return cookie;
}

/// The port on this side of a connection; 0 if there is none.
std::uint16_t portOf(int descriptor) noexcept
{
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    if (::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size) != 0)
        return 0;
    if (address.ss_family == AF_INET)
        return ntohs(reinterpret_cast<const sockaddr_in&>(address).sin_port);
    return address.ss_family == AF_INET6 ? ntohs(reinterpret_cast<const sockaddr_in6&>(address).sin6_port)
                                         : std::uint16_t(0);
}

/// Cuts a connection, if the descriptor is still that of the cookie. False: no descriptor was left to do it with.
bool cut(int descriptor, std::uint64_t cookie) noexcept
{
    const int own = ::fcntl(descriptor, F_DUPFD_CLOEXEC, 0);
    if (own < 0)
        return errno == EBADF;
    // The library finds the end of the connection, as if the peer had hung up.
    if (cookieOf(own) == cookie)
        ::shutdown(own, SHUT_RDWR);
    ::close(own);
    return true;
}

} // namespace

void EventStreams::note(zmq::message_t& subscription, std::uint16_t port)
{
    std::string key = propertyOf(subscription, "User-Id");
    if (key.empty())
        return; // the end of a stream, which the library tells of itself
    const int descriptor = zmq_msg_get(subscription.handle(), ZMQ_SRCFD);
    if (descriptor < 0) {
        m_isBlind = true;
        return;
    }
    const auto cookie = cookieOf(descriptor);
    if (!cookie || portOf(descriptor) != port || cookieOf(descriptor) != cookie)
        return; // it has ended
    Stream& stream = m_streams[*cookie];
    stream.descriptor = descriptor;
    if (std::find(stream.keys.begin(), stream.keys.end(), key) == stream.keys.end())
        stream.keys.push_back(std::move(key));
}

bool EventStreams::isWelcome(const Stream& stream) const
{
    return std::all_of(stream.keys.begin(), stream.keys.end(),
        [this](const std::string& key) { return m_lookup(key).has_value(); });
}

bool EventStreams::endUnwelcome()
{
    bool isDone = !m_isBlind;
    for (auto it = m_streams.begin(); it != m_streams.end();) {
        if (isWelcome(it->second)) {
            ++it;
        } else if (cut(it->second.descriptor, it->first)) {
            ++m_ended;
            it = m_streams.erase(it);
        } else {
            isDone = false;
            ++it;
        }
    }
    return isDone;
}

void EventStreams::forgetEnded()
{
    std::erase_if(
        m_streams, [](const auto& stream) { return cookieOf(stream.second.descriptor) != stream.first; });
}

} // namespace gantry::bus
