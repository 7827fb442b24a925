// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/bus/connection_counter.h"

#include <cstring>
#include <utility>

namespace gantry::bus {

namespace {

/// Number and value of an event stand in its first frame, in this machine's byte order (zmq_socket_monitor).
constexpr std::size_t numberBytes = sizeof(std::uint16_t);
constexpr std::size_t eventBytes = numberBytes + sizeof(std::int32_t);

} // namespace

ConnectionCounter::ConnectionCounter(zmq::context_t& context, zmq::socket_t& server, std::string domain)
    : m_domain(std::move(domain))
    , m_events(context, zmq::socket_type::pair)
{
    const std::string address = "inproc://connections." + m_domain;
    if (zmq_socket_monitor(server.handle(), address.c_str(), ZMQ_EVENT_ACCEPTED | ZMQ_EVENT_DISCONNECTED)
        != 0)
        throw zmq::error_t();
    m_events.set(zmq::sockopt::linger, 0);
    // Without a bound: at one the library would stop all its traffic until somebody reads.
    m_events.set(zmq::sockopt::rcvhwm, 0);
    m_events.connect(address);
}

void ConnectionCounter::update()
{
    zmq::message_t event;
    while (m_events.recv(event, zmq::recv_flags::dontwait)) {
        std::uint16_t number = 0;
        std::int32_t descriptor = 0;
        const bool isFirst = event.more() && event.size() == eventBytes;
        if (!isFirst)
            continue; // the address, which is the second frame
        std::memcpy(&number, event.data(), sizeof number);
        std::memcpy(&descriptor, event.data<char>() + numberBytes, sizeof descriptor);
        if (number == ZMQ_EVENT_ACCEPTED)
            m_open.insert(descriptor);
        else
            m_ended += m_open.erase(descriptor);
    }
}

void stopCounting(zmq::socket_t& server) noexcept
{
    if (server)
        zmq_socket_monitor(server.handle(), nullptr, 0);
}

} // namespace gantry::bus
