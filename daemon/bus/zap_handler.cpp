// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/bus/zap_handler.h"

#include <algorithm>
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

/// What the handler may say (RFC 27): to 3xx a client comes again by itself, to 4xx it does not.
struct Verdict {
    const char* status;
    const char* text;
};
constexpr Verdict letIn{"200", "OK"};
constexpr Verdict comeAgain{"300", "This door has as many connections as it may"};
constexpr Verdict narrow{
    "300", "This role sees some channels only, or masked, and this door tells everything"};
constexpr Verdict unknown{"400", "This key is not known here"};

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

ZapHandler::ZapHandler(zmq::context_t& context, PrincipalLookup lookup, BusMeters& meters, GuardedDoors doors)
    : m_socket(context, zmq::socket_type::rep)
    , m_lookup(std::move(lookup))
    , m_meters(meters)
    , m_doors(std::move(doors))
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
        std::vector<zmq::pollitem_t> items{
            {m_socket.handle(), 0, ZMQ_POLLIN, 0}, {nullptr, m_wakeUp.descriptor(), ZMQ_POLLIN, 0}};
        for (ConnectionCounter& counter : m_doors.counters)
            items.push_back({counter.handle(), 0, ZMQ_POLLIN, 0});
        while (!m_isStopping) {
            zmq::poll(items.data(), items.size(), tickInterval);
            m_lastTick = nowTicks();
            countConnections();
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
    const auto principal = frames.size() == 7 && frames[0].to_string_view() == "1.0"
        ? find(frames[5].to_string(), frames[6], key)
        : std::nullopt;
    const bool isKnown = principal.has_value();
    const bool isNarrow =
        isKnown && frames[2].to_string_view() == m_doors.wholeDomain && !principal->role.seesEverything();
    countConnections(); // the one that asks is among them
    const Verdict& verdict = !isKnown        ? unknown
        : isNarrow                           ? narrow
        : isFull(frames[2].to_string_view()) ? comeAgain
                                             : letIn;
    const bool accepted = &verdict == &letIn;
    ++(accepted ? m_meters.acceptedPeers : isKnown && !isNarrow ? m_meters.fullDoors : m_meters.refusedPeers);
    const std::string requestId = frames.size() > 1 ? frames[1].to_string() : std::string();
    const std::array<std::string, 6> answer{
        "1.0", requestId, verdict.status, verdict.text, accepted ? key : "", ""};
    for (std::size_t i = 0; i < answer.size(); ++i)
        m_socket.send(
            zmq::buffer(answer[i]), i + 1 < answer.size() ? zmq::send_flags::sndmore : zmq::send_flags::none);
}

void ZapHandler::countConnections()
{
    std::uint64_t open = 0;
    std::uint64_t ended = 0;
    for (ConnectionCounter& counter : m_doors.counters) {
        counter.update();
        open += counter.count();
        ended += counter.ended();
    }
    m_meters.connections = open;
    m_meters.endedConnections = ended;
}

bool ZapHandler::isFull(std::string_view domain) const noexcept
{
    return std::any_of(m_doors.counters.begin(), m_doors.counters.end(), [&](const ConnectionCounter& door) {
        return door.domain() == domain && door.count() > m_doors.mostConnections;
    });
}

std::optional<api::Principal> ZapHandler::find(
    const std::string& mechanism, const zmq::message_t& credentials, std::string& key) const noexcept
{
    if (mechanism != "CURVE" || credentials.size() != curveKeyBytes)
        return std::nullopt;
    std::array<char, 41> text{};
    if (!zmq_z85_encode(text.data(), credentials.data<std::uint8_t>(), credentials.size()))
        return std::nullopt;
    try {
        key = text.data();
        return m_lookup(key);
    } catch (...) {
        return std::nullopt; // who can't be looked up is not known
    }
}

} // namespace gantry::bus
