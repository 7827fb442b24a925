// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/bus/zap_handler.h"

#include <array>
#include <utility>
#include <vector>

namespace gantry::bus {

namespace {

constexpr std::chrono::milliseconds tickInterval{1'000};
constexpr std::size_t curveKeyBytes = 32;
constexpr std::size_t mostFrames = 16;

std::chrono::steady_clock::rep nowTicks() noexcept
{
    return std::chrono::steady_clock::now().time_since_epoch().count();
}

/// All frames of one message; those beyond a sensible number are dropped.
std::vector<zmq::message_t> receiveAll(zmq::socket_t& socket)
{
    std::vector<zmq::message_t> frames;
    bool more = true;
    while (more) {
        zmq::message_t frame;
        if (!socket.recv(frame, zmq::recv_flags::dontwait))
            break;
        more = frame.more();
        if (frames.size() < mostFrames)
            frames.push_back(std::move(frame));
    }
    return frames;
}

} // namespace

ZapHandler::ZapHandler(zmq::context_t& context, PrincipalLookup lookup, BusMeters& meters,
    std::shared_ptr<ListenerKeys> listeners)
    : m_socket(context, zmq::socket_type::rep)
    , m_lookup(std::move(lookup))
    , m_meters(meters)
    , m_listeners(std::move(listeners))
{
    m_socket.set(zmq::sockopt::linger, 0);
    m_socket.bind("inproc://zeromq.zap.01");
    m_lastTick = nowTicks();
    m_thread = std::thread([this] { run(); });
}

ZapHandler::~ZapHandler()
{
    m_isStopping = true;
    m_wakeUp.ring();
    m_thread.join();
}

bool ZapHandler::isAlive(std::chrono::milliseconds within) const noexcept
{
    const auto last =
        std::chrono::steady_clock::time_point(std::chrono::steady_clock::duration(m_lastTick.load()));
    return std::chrono::steady_clock::now() - last <= within;
}

void ZapHandler::run()
{
    try {
        std::array<zmq::pollitem_t, 2> items{
            {{m_socket.handle(), 0, ZMQ_POLLIN, 0}, {nullptr, m_wakeUp.descriptor(), ZMQ_POLLIN, 0}}};
        while (!m_isStopping) {
            zmq::poll(items.data(), items.size(), tickInterval);
            m_lastTick = nowTicks();
            if ((items[0].revents & ZMQ_POLLIN) != 0)
                answerOne();
        }
    } catch (const zmq::error_t&) {
        // Fail closed: without this thread nobody gets in, and isAlive() tells.
    }
    m_socket.close();
}

void ZapHandler::answerOne()
{
    // version, request id, domain, address, routing id, mechanism, credentials …
    std::vector<zmq::message_t> frames = receiveAll(m_socket);
    std::string key;
    const bool accepted = frames.size() == 7 && frames[0].to_string_view() == "1.0"
        && isAccepted(frames[5].to_string(), frames[6], key);
    if (accepted && m_listeners && frames[2].to_string_view() == eventsDomain)
        m_listeners->add(key);
    ++(accepted ? m_meters.acceptedPeers : m_meters.refusedPeers);
    const std::string requestId = frames.size() > 1 ? frames[1].to_string() : std::string();
    const std::array<std::string, 6> answer{"1.0", requestId, accepted ? "200" : "400",
        accepted ? "OK" : "This key is not known here", accepted ? key : "", ""};
    for (std::size_t i = 0; i < answer.size(); ++i)
        m_socket.send(
            zmq::buffer(answer[i]), i + 1 < answer.size() ? zmq::send_flags::sndmore : zmq::send_flags::none);
}

bool ZapHandler::isAccepted(
    const std::string& mechanism, const zmq::message_t& credentials, std::string& key) const noexcept
{
    if (mechanism != "CURVE" || credentials.size() != curveKeyBytes)
        return false;
    std::array<char, 41> text{};
    if (!zmq_z85_encode(text.data(), credentials.data<std::uint8_t>(), credentials.size()))
        return false;
    try {
        key = text.data();
        return m_lookup(key).has_value();
    } catch (...) {
        return false; // who can't be looked up is not known
    }
}

} // namespace gantry::bus
