// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/bus/self_test.h"

#include "daemon/bus/curve_keys.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <optional>

namespace gantry::bus {

namespace {

constexpr const char* monitorAddress = "inproc://self-test";

/// An endpoint bound to all addresses can be reached at this machine's own.
std::string reachable(std::string endpoint)
{
    for (const auto& [any, own] :
        {std::pair<std::string_view, std::string_view>{"//0.0.0.0:", "//127.0.0.1:"},
            std::pair<std::string_view, std::string_view>{"//[::]:", "//[::1]:"}})
        if (const auto at = endpoint.find(any); at != std::string::npos)
            return endpoint.replace(at, any.size(), own);
    return endpoint;
}

/// The next event of a monitor (its first frame: 16 bits of event, 32 of value), or empty when the time is over.
std::optional<std::uint16_t> nextEvent(zmq::socket_t& monitor, std::chrono::steady_clock::time_point deadline)
{
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    std::array<zmq::pollitem_t, 1> items{{{monitor.handle(), 0, ZMQ_POLLIN, 0}}};
    if (left.count() <= 0 || zmq::poll(items.data(), items.size(), left) == 0)
        return std::nullopt;
    zmq::message_t event;
    zmq::message_t address;
    if (!monitor.recv(event) || event.size() < sizeof(std::uint16_t) || !monitor.recv(address))
        return std::nullopt;
    std::uint16_t number = 0;
    std::memcpy(&number, event.data(), sizeof number);
    return number;
}

Result<void> judge(zmq::socket_t& monitor, const std::string& endpoint, std::chrono::milliseconds timeout)
{
    const auto deadline = std::chrono::steady_clock::now() + timeout;
    while (const auto event = nextEvent(monitor, deadline)) {
        if (*event == ZMQ_EVENT_HANDSHAKE_FAILED_AUTH)
            return {};
        if (*event == ZMQ_EVENT_HANDSHAKE_SUCCEEDED)
            return failure(ErrorCode::Forbidden,
                "The self-test of " + endpoint
                    + " got in with a key that nobody knows. Gantry does not start like that; check libzmq.");
    }
    return failure(ErrorCode::Unavailable,
        "The self-test of " + endpoint
            + " got no answer in time. Start Gantry again; if it stays so, check libzmq and the firewall.");
}

} // namespace

Result<void> checkStrangerIsRefused(const std::string& endpoint, zmq::socket_type type,
    const std::string& serverPublicKey, std::chrono::milliseconds timeout)
{
    const auto keys = makeCurveKeyPair();
    if (!keys)
        return tl::unexpected(keys.error());
    try {
        zmq::context_t context;
        zmq::socket_t stranger(context, type);
        stranger.set(zmq::sockopt::linger, 0);
        stranger.set(zmq::sockopt::curve_serverkey, serverPublicKey);
        stranger.set(zmq::sockopt::curve_publickey, keys->publicKey);
        stranger.set(zmq::sockopt::curve_secretkey, keys->secretKey);
        stranger.set(zmq::sockopt::ipv6, 1);
        if (zmq_socket_monitor(stranger.handle(), monitorAddress, ZMQ_EVENT_ALL) != 0)
            throw zmq::error_t();
        zmq::socket_t monitor(context, zmq::socket_type::pair);
        monitor.set(zmq::sockopt::linger, 0);
        monitor.connect(monitorAddress);
        stranger.connect(reachable(endpoint));
        auto verdict = judge(monitor, endpoint, timeout);
        zmq_socket_monitor(stranger.handle(), nullptr, 0);
        return verdict;
    } catch (const zmq::error_t& error) {
        return failure(
            ErrorCode::Unavailable, "The self-test of " + endpoint + " failed: " + error.what() + '.');
    }
}

} // namespace gantry::bus
