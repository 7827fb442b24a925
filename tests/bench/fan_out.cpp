// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/bench/fan_out.h"

#include "shared/protocol/bus_messages.h"
#include "tests/bench/subscribers.h"

#include <chrono>
#include <poll.h>

namespace gantry::bench {

namespace {

constexpr std::size_t leastBytes = 64UL * 1024 * 1024; ///< so that it takes long enough to measure
constexpr int mostLooks = 20'000;

void send(zmq::socket_t& socket, std::string_view topic, std::string_view json)
{
    socket.send(zmq::buffer(topic), zmq::send_flags::sndmore);
    socket.send(zmq::buffer(json), zmq::send_flags::none);
}

/// Looks every millisecond, at most 20 s.
template <typename Condition>
bool waitFor(Condition condition)
{
    for (int look = 0; look < mostLooks; ++look) {
        if (condition())
            return true;
        ::poll(nullptr, 0, 1);
    }
    return false;
}

} // namespace

Result<FanOutRate> measureFanOut(const std::vector<std::string>& messages, std::size_t subscribers)
{
    const auto serverKeys = bus::makeCurveKeyPair();
    const auto clientKeys = bus::makeCurveKeyPair();
    if (!serverKeys || !clientKeys || messages.empty())
        return failure(
            ErrorCode::Unavailable, "There are no keys or no messages to measure the bare sockets with.");
    zmq::context_t context(1);
    zmq::socket_t socket(context, zmq::socket_type::xpub);
    socket.set(
        zmq::sockopt::xpub_nodrop, 1); // a full queue waits: what is measured is the way, not what is dropped
    socket.set(zmq::sockopt::curve_server, 1);
    socket.set(zmq::sockopt::curve_secretkey, serverKeys->secretKey);
    socket.set(zmq::sockopt::linger, 0);
    socket.bind("tcp://127.0.0.1:*");
    Subscribers all({.endpoint = socket.get(zmq::sockopt::last_endpoint),
        .serverKey = serverKeys->publicKey,
        .keys = *clientKeys,
        .count = subscribers});
    const bool areReady = waitFor([&] {
        send(socket, heartbeatTopic, "{}");
        return all.areReady();
    });
    if (!areReady)
        return failure(ErrorCode::Unavailable, "The bare subscribers did not connect within 20 s.");
    const std::string topic = std::string(eventTopicPrefix) + '0';
    const auto start = std::chrono::steady_clock::now();
    std::size_t bytes = 0;
    std::size_t sent = 0;
    for (; bytes < leastBytes; ++sent) {
        const std::string& message = messages[sent % messages.size()];
        send(socket, topic, message);
        bytes += message.size();
    }
    if (!waitFor([&] { return all.messages() >= sent * subscribers; }))
        return failure(ErrorCode::Unavailable, "The bare subscribers did not get everything within 20 s.");
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
    const auto count = static_cast<double>(subscribers);
    return FanOutRate{static_cast<double>(all.events()) / count / taken.count(),
        static_cast<double>(bytes) * count / taken.count() / 1e6};
}

} // namespace gantry::bench
