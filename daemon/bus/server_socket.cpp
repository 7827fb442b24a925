// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/bus/server_socket.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace gantry::bus {

namespace {

/// ZMQ_ZAP_ENFORCE_DOMAIN: Debian's library knows it, its headers show it only with the draft API.
constexpr int zapEnforceDomain = 93;

constexpr int lingerMs = 250; ///< enough for the last answers; must not hold up the daemon's end
constexpr int heartbeatMs = 1'000;
constexpr int heartbeatTimeoutMs = 5'000;
constexpr int heartbeatTtlMs = 10'000;
constexpr int tcpRetransmitMs = 15'000;
constexpr int keepAliveIdleSeconds = 15;
constexpr int keepAliveIntervalSeconds = 5;
constexpr int keepAliveProbes = 3;

struct HostPort {
    std::string host; ///< IPv6 in brackets
    std::uint16_t port = 0;
};

bool isAddress(std::string_view host) noexcept
{
    return !host.empty() && std::all_of(host.begin(), host.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || c == '.'
            || c == ':';
    });
}

std::optional<HostPort> parseAddress(std::string_view address)
{
    const auto colon = address.rfind(':');
    if (colon == std::string_view::npos)
        return std::nullopt;
    std::string_view host = address.substr(0, colon);
    const std::string_view digits = address.substr(colon + 1);
    HostPort result;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), result.port);
    if (error != std::errc{} || end != digits.data() + digits.size())
        return std::nullopt;
    if (host == "localhost")
        host = "127.0.0.1";
    const bool isBracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
    const std::string_view bare = isBracketed ? host.substr(1, host.size() - 2) : host;
    if (!isAddress(bare) || (bare.find(':') != std::string_view::npos) != isBracketed)
        return std::nullopt;
    result.host = host;
    return result;
}

} // namespace

void configureServer(
    zmq::socket_t& socket, std::string_view domain, const CurveKeyPair& keys, const SocketLimits& limits)
{
    socket.set(zmq::sockopt::curve_server, 1);
    socket.set(zmq::sockopt::curve_secretkey, keys.secretKey);
    socket.set(zmq::sockopt::zap_domain, std::string(domain));
    const int enforce = 1;
    if (zmq_setsockopt(socket.handle(), zapEnforceDomain, &enforce, sizeof enforce) != 0)
        throw zmq::error_t();
    socket.set(zmq::sockopt::sndhwm, limits.sendHighWater);
    socket.set(zmq::sockopt::rcvhwm, limits.receiveHighWater);
    socket.set(zmq::sockopt::maxmsgsize, limits.messageBytes);
    socket.set(zmq::sockopt::linger, lingerMs);
    socket.set(zmq::sockopt::handshake_ivl, static_cast<int>(limits.handshake.count()));
    socket.set(zmq::sockopt::heartbeat_ivl, heartbeatMs);
    socket.set(zmq::sockopt::heartbeat_timeout, heartbeatTimeoutMs);
    socket.set(zmq::sockopt::heartbeat_ttl, heartbeatTtlMs);
    socket.set(zmq::sockopt::tcp_maxrt, tcpRetransmitMs);
    socket.set(zmq::sockopt::tcp_keepalive, 1);
    socket.set(zmq::sockopt::tcp_keepalive_idle, keepAliveIdleSeconds);
    socket.set(zmq::sockopt::tcp_keepalive_intvl, keepAliveIntervalSeconds);
    socket.set(zmq::sockopt::tcp_keepalive_cnt, keepAliveProbes);
}

Result<std::string> bindTcp(zmq::socket_t& socket, std::string_view address)
{
    const auto parsed = parseAddress(address);
    if (!parsed)
        return failure(ErrorCode::InvalidValue,
            "'" + std::string(address)
                + "' is not an address to listen at. Write IP:PORT, e.g. 127.0.0.1:7411 or [::1]:7411.");
    try {
        socket.set(zmq::sockopt::ipv6, parsed->host.front() == '[' ? 1 : 0);
        socket.bind("tcp://" + parsed->host + ':' + (parsed->port == 0 ? "*" : std::to_string(parsed->port)));
        return socket.get(zmq::sockopt::last_endpoint);
    } catch (const zmq::error_t& error) {
        return failure(ErrorCode::Unavailable,
            "Could not listen at " + std::string(address) + ": " + error.what()
                + ". Stop what uses that port, or choose another.");
    }
}

std::string propertyOf(zmq::message_t& message, const char* name)
{
    const char* value = zmq_msg_gets(message.handle(), name);
    return value ? value : "";
}

} // namespace gantry::bus
