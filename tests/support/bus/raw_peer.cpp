// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/bus/raw_peer.h"

#include <array>
#include <cstring>

namespace gantry::test {

namespace {

constexpr const char* monitorAddress = "inproc://raw-peer-monitor";
constexpr int handshakeEvents = ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH
    | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL | ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL;

bool waitForInput(zmq::socket_t& socket, std::chrono::milliseconds timeout)
{
    std::array<zmq::pollitem_t, 1> items{{{socket.handle(), 0, ZMQ_POLLIN, 0}}};
    return zmq::poll(items.data(), items.size(), timeout) > 0;
}

} // namespace

RawPeer::RawPeer(
    zmq::socket_type type, const std::string& endpoint, const RawIdentity& identity, int receiveHighWater)
    : m_socket(m_context, type)
    , m_monitor(m_context, zmq::socket_type::pair)
{
    m_socket.set(zmq::sockopt::linger, 0);
    m_monitor.set(zmq::sockopt::linger, 0);
    m_socket.set(zmq::sockopt::rcvhwm, receiveHighWater);
    m_socket.set(zmq::sockopt::sndtimeo, 5'000);
    if (!identity.serverKey.empty()) {
        m_socket.set(zmq::sockopt::curve_serverkey, identity.serverKey);
        m_socket.set(zmq::sockopt::curve_publickey, identity.keys.publicKey);
        m_socket.set(zmq::sockopt::curve_secretkey, identity.keys.secretKey);
    }
    zmq_socket_monitor(m_socket.handle(), monitorAddress, handshakeEvents);
    m_monitor.connect(monitorAddress);
    m_socket.connect(endpoint);
}

bool RawPeer::send(const std::vector<std::string>& frames)
{
    for (std::size_t i = 0; i < frames.size(); ++i)
        if (!m_socket.send(zmq::buffer(frames[i]),
                i + 1 < frames.size() ? zmq::send_flags::sndmore : zmq::send_flags::none))
            return false;
    return true;
}

bool RawPeer::request(std::uint64_t number, const std::string& json)
{
    return send({numberFrame(number), json});
}

std::optional<std::vector<std::string>> RawPeer::receive(std::chrono::milliseconds timeout)
{
    if (!waitForInput(m_socket, timeout))
        return std::nullopt;
    std::vector<std::string> frames;
    bool more = true;
    while (more) {
        zmq::message_t frame;
        if (!m_socket.recv(frame))
            return std::nullopt;
        more = frame.more();
        frames.push_back(frame.to_string());
    }
    return frames;
}

std::optional<bool> RawPeer::isLetIn(std::chrono::milliseconds timeout)
{
    if (!waitForInput(m_monitor, timeout))
        return std::nullopt;
    zmq::message_t event;
    zmq::message_t address;
    if (!m_monitor.recv(event) || !m_monitor.recv(address))
        return std::nullopt;
    std::uint16_t number = 0;
    std::memcpy(&number, event.data(), sizeof number);
    return number == ZMQ_EVENT_HANDSHAKE_SUCCEEDED;
}

std::string numberFrame(std::uint64_t number)
{
    std::string frame(8, '\0');
    for (std::size_t i = 0; i < 8; ++i)
        frame[7 - i] = static_cast<char>(number >> (8 * i));
    return frame;
}

} // namespace gantry::test
