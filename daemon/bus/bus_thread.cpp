// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/bus/bus_thread.h"

#include "daemon/bus/connection_counter.h"
#include "daemon/bus/server_socket.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace gantry::bus {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr int requestsPerRound = 256;
constexpr int subscriptionsPerRound = 256;
constexpr std::size_t numberBytes = 8;
constexpr milliseconds retryInterval{2};
constexpr milliseconds heartbeatPause{20}; ///< between heartbeats for new listeners

/// The frames of one request: routing id, number, JSON and perhaps a body. Frames beyond are taken and dropped.
struct Frames {
    std::array<zmq::message_t, 4> frames;
    std::size_t count = 0;
};

/// The port of `tcp://HOST:PORT`.
std::uint16_t portOf(std::string_view endpoint)
{
    std::uint16_t port = 0;
    const char* const end = endpoint.data() + endpoint.size();
    std::from_chars(endpoint.data() + endpoint.rfind(':') + 1, end, port);
    return port;
}

bool receive(zmq::socket_t& socket, Frames& into)
{
    into.count = 0;
    bool more = true;
    while (more) {
        zmq::message_t frame;
        if (!socket.recv(frame, zmq::recv_flags::dontwait))
            return false; // only before the first frame: messages come whole
        more = frame.more();
        if (into.count < into.frames.size())
            into.frames[into.count] = std::move(frame);
        ++into.count;
    }
    return true;
}

} // namespace

BusThread::BusThread(BusThreadSettings settings)
    : m_commands(std::move(settings.commands))
    , m_events(std::move(settings.events))
    , m_eventsPort(portOf(m_events.get(zmq::sockopt::last_endpoint)))
    , m_streams(settings.desk.lookup)
    , m_positions(std::move(settings.positions))
    , m_clock(settings.clock)
    , m_heartbeatInterval(settings.heartbeatInterval)
    , m_mailbox(settings.mailbox)
    , m_meters(settings.meters)
    , m_desk(std::move(settings.desk), m_positions, settings.mailbox, settings.readingRoom, settings.meters)
    , m_outbox(m_commands, m_meters->droppedAnswers)
    , m_encoder([this](std::uint32_t partition, std::string_view json, std::size_t events) {
        publish(partition, json, events);
    })
    , m_nextHeartbeat(steady_clock::now())
    , m_lastTick(steady_clock::now().time_since_epoch().count())
    , m_thread([this] { run(); })
{
}

BusThread::~BusThread()
{
    m_mailbox->close();
    m_thread.join();
}

bool BusThread::isAlive(milliseconds within) const noexcept
{
    const steady_clock::time_point last{steady_clock::duration(m_lastTick.load())};
    return steady_clock::now() - last <= within;
}

void BusThread::run() noexcept
{
    try {
        loop();
    } catch (const zmq::error_t&) {
        // Nothing of ours explains an error here. The thread ends, isAlive() tells, and whoever watches restarts the process.
    }
    for (zmq::socket_t* socket : {&m_commands, &m_events}) {
        stopCounting(*socket);
        socket->close();
    }
}

void BusThread::loop()
{
    std::array<zmq::pollitem_t, 3> items{{{nullptr, m_mailbox->descriptor(), ZMQ_POLLIN, 0},
        {m_commands.handle(), 0, ZMQ_POLLIN, 0}, {m_events.handle(), 0, ZMQ_POLLIN, 0}}};
    while (true) {
        zmq::poll(items.data(), items.size(), timeToWait());
        m_lastTick = steady_clock::now().time_since_epoch().count();
        m_mailbox->take(m_mail);
        sendAnswers();
        takeSubscriptions(); // first: a stream has to be known before anything goes out by it
        publishBatches();
        if (m_mail.hasNewKeys)
            static_cast<void>(endUnwelcomeStreams());
        if (m_mail.isClosed)
            return;
        takeRequests();
        if (steady_clock::now() >= m_nextHeartbeat)
            heartbeat();
    }
}

milliseconds BusThread::timeToWait() const
{
    const auto untilHeartbeat = std::chrono::ceil<milliseconds>(m_nextHeartbeat - steady_clock::now());
    const auto wait = std::max(untilHeartbeat, milliseconds(0));
    return m_outbox.isWaiting() ? std::min(wait, retryInterval) : wait;
}

void BusThread::sendAnswers()
{
    if (m_outbox.isWaiting())
        m_outbox.retry();
    for (Answer& answer : m_mail.answers) {
        if (const auto encode = std::exchange(answer.encode, nullptr))
            encode(answer);
        m_desk.settle(answer);
        m_outbox.send(std::move(answer));
    }
}

bool BusThread::endUnwelcomeStreams()
{
    const bool isDone = m_streams.endUnwelcome();
    m_meters->revokedStreams = m_streams.ended();
    return isDone;
}

void BusThread::publishBatches()
{
    // Asked each time: nothing that is committed after a key was revoked goes out by it.
    const bool maySend = m_mail.batches.empty() || endUnwelcomeStreams();
    for (const Batch& batch : m_mail.batches) {
        if (batch->events.empty())
            continue;
        m_positions[batch->partition] = {batch->partition, batch->epoch, batch->events.back().sequence};
        if (!maySend)
            m_meters->droppedEvents += batch->events.size();
        else if (m_demand.isFor(std::string(eventTopicPrefix) + std::to_string(batch->partition)))
            m_encoder.add(*batch);
    }
    m_encoder.flush();
}

void BusThread::publish(std::uint32_t partition, std::string_view json, std::size_t events)
{
    if (json.size() > eventMessageBytesMost) {
        m_meters->droppedEvents += events;
        return;
    }
    // Before it goes out: whoever has it finds it counted.
    ++m_meters->publishedMessages;
    m_meters->publishedEvents += events;
    const std::string topic = std::string(eventTopicPrefix) + std::to_string(partition);
    m_events.send(zmq::buffer(topic), zmq::send_flags::sndmore | zmq::send_flags::dontwait);
    m_events.send(zmq::buffer(json), zmq::send_flags::dontwait);
}

void BusThread::takeSubscriptions()
{
    for (int taken = 0; taken < subscriptionsPerRound; ++taken) {
        zmq::message_t message;
        if (!m_events.recv(message, zmq::recv_flags::dontwait))
            return;
        m_streams.note(message, m_eventsPort);
        // Who has just joined is told at once where the log stands, so that it knows that it hears.
        if (m_demand.note(message.to_string_view()))
            m_nextHeartbeat = std::min(m_nextHeartbeat, m_lastHeartbeat + heartbeatPause);
    }
}

void BusThread::takeRequests()
{
    for (int taken = 0; taken < requestsPerRound; ++taken)
        if (!takeRequest())
            return;
}

bool BusThread::takeRequest()
{
    Frames in;
    if (!receive(m_commands, in))
        return false;
    auto& [peer, number, head, body] = in.frames;
    if (in.count < 3 || in.count > in.frames.size() || number.size() != numberBytes) {
        ++m_meters->malformedRequests;
        return true;
    }
    // The JSON frame's User-Id, not the routing id's: libzmq 4.3.4 loses it there.
    Request request{.peer = peer.to_string(),
        .number = number.to_string(),
        .key = propertyOf(head, "User-Id"),
        .address = propertyOf(head, "Peer-Address"),
        .head = head.to_string_view()};
    if (in.count == in.frames.size())
        request.body = body.to_string();
    m_desk.handle(std::move(request));
    return true;
}

void BusThread::heartbeat()
{
    HeartbeatMessage message{.at = m_clock.now(), .partitions = {}};
    for (const auto& [number, position] : m_positions)
        message.partitions.push_back(position);
    m_streams.forgetEnded();
    if (endUnwelcomeStreams()) {
        const std::string json = encodeHeartbeat(message);
        m_events.send(zmq::buffer(heartbeatTopic), zmq::send_flags::sndmore | zmq::send_flags::dontwait);
        m_events.send(zmq::buffer(json), zmq::send_flags::dontwait);
    }
    m_lastHeartbeat = steady_clock::now();
    m_nextHeartbeat = m_lastHeartbeat + m_heartbeatInterval;
}

} // namespace gantry::bus
