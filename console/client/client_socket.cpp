// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/client/client_socket.h"

#include <atomic>
#include <cstring>

namespace gantry::console {

namespace {

constexpr int reconnectMs = 100; ///< libzmq adds up to as much again by chance
constexpr int reconnectMostMs = 2'000;
constexpr int connectTimeoutMs = 3'000;
constexpr int handshakeMs = 2'000;
constexpr int heartbeatMs = 1'000;
constexpr int heartbeatTimeoutMs = 5'000;
constexpr int heartbeatTtlMs = 10'000;
constexpr int tcpRetransmitMs = 15'000;

constexpr int watchedEvents = ZMQ_EVENT_CONNECT_RETRIED | ZMQ_EVENT_DISCONNECTED
    | ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH | ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL
    | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL;

/// Monitors need an address of their own in the context.
std::string monitorAddress()
{
    static std::atomic<unsigned> count{0};
    return "inproc://client-monitor-" + std::to_string(++count);
}

void configure(zmq::socket_t& socket, const Profile& profile, const ClientSocketLimits& limits)
{
    socket.set(zmq::sockopt::curve_serverkey, profile.serverKey);
    socket.set(zmq::sockopt::curve_publickey, profile.publicKey);
    socket.set(zmq::sockopt::curve_secretkey, profile.secretKey);
    socket.set(zmq::sockopt::ipv6, 1);
    socket.set(zmq::sockopt::linger, 0);
    socket.set(zmq::sockopt::sndhwm, limits.sendHighWater);
    socket.set(zmq::sockopt::rcvhwm, limits.receiveHighWater);
    socket.set(zmq::sockopt::maxmsgsize, limits.messageBytes);
    socket.set(zmq::sockopt::reconnect_ivl, reconnectMs);
    socket.set(zmq::sockopt::reconnect_ivl_max, reconnectMostMs);
    socket.set(zmq::sockopt::connect_timeout, connectTimeoutMs);
    socket.set(zmq::sockopt::handshake_ivl, handshakeMs);
    socket.set(zmq::sockopt::heartbeat_ivl, heartbeatMs);
    socket.set(zmq::sockopt::heartbeat_timeout, heartbeatTimeoutMs);
    socket.set(zmq::sockopt::heartbeat_ttl, heartbeatTtlMs);
    socket.set(zmq::sockopt::tcp_maxrt, tcpRetransmitMs);
    socket.set(zmq::sockopt::tcp_keepalive, 1);
}

} // namespace

ClientSocket::ClientSocket(zmq::context_t& context, zmq::socket_type type, const std::string& endpoint,
    const Profile& profile, const ClientSocketLimits& limits)
    : m_socket(context, type)
    , m_monitor(context, zmq::socket_type::pair)
    , m_endpoint(endpoint)
{
    m_monitor.set(zmq::sockopt::linger, 0);
    // libzmq's I/O thread waits where a monitor has no room, and everything else in the context waits with it.
    m_monitor.set(zmq::sockopt::rcvhwm, 0);
    configure(m_socket, profile, limits);
    if (type == zmq::socket_type::dealer)
        m_socket.set(zmq::sockopt::immediate, 1);
    const std::string address = monitorAddress();
    if (zmq_socket_monitor(m_socket.handle(), address.c_str(), watchedEvents) != 0)
        throw zmq::error_t();
    m_monitor.connect(address);
    m_socket.connect(endpoint);
}

ClientSocket::~ClientSocket()
{
    // While the reader is still there: an event for a monitor that nobody reads would hold the I/O thread up for ever.
    zmq_socket_monitor(m_socket.handle(), nullptr, 0);
}

void ClientSocket::takeEvents()
{
    while (true) {
        // First frame: 16 bits of event and 32 of value; second: the address.
        zmq::message_t event;
        zmq::message_t address;
        if (!m_monitor.recv(event, zmq::recv_flags::dontwait) || !m_monitor.recv(address))
            return;
        std::uint16_t number = 0;
        if (event.size() >= sizeof number) {
            std::memcpy(&number, event.data(), sizeof number);
            note(number);
        }
    }
}

void ClientSocket::note(std::uint16_t event)
{
    switch (event) {
    case ZMQ_EVENT_HANDSHAKE_SUCCEEDED:
        m_state = State::Ready;
        m_trouble.clear();
        break;
    case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH:
        m_state = State::Refused;
        m_trouble = "The daemon at " + m_endpoint
            + " refused the key of this profile. Ask an administrator for a new profile.";
        break;
    case ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL:
    case ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL:
        m_state = State::Connecting;
        m_trouble = "What listens at " + m_endpoint
            + " is not the daemon of this profile, or is just stopping. Check the profile's address and "
              "server key.";
        break;
    case ZMQ_EVENT_DISCONNECTED:
        ++m_losses;
        if (m_state != State::Refused) {
            m_state = State::Connecting;
            m_trouble = "The connection to " + m_endpoint + " was lost. It is tried again.";
        }
        break;
    case ZMQ_EVENT_CONNECT_RETRIED:
        if (m_trouble.empty())
            m_trouble = "Nothing answers at " + m_endpoint + ". Check that gantryd runs; it is tried again.";
        break;
    default: break;
    }
}

} // namespace gantry::console
