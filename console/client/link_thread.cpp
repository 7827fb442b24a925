// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/client/link_thread.h"

#include <array>

namespace gantry::console {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds deliveryInterval{50};
constexpr milliseconds tickInterval{100};
constexpr milliseconds callTimeout{15'000};
constexpr int messagesPerRound = 500;
constexpr std::uint64_t callMark = std::uint64_t{1} << 63; ///< tells calls from the replica's own questions
constexpr ClientSocketLimits commandLimits{1'000, 1'000, 64 * 1024 * 1024};
constexpr ClientSocketLimits eventLimits{
    1'000, 1'000, static_cast<std::int64_t>(eventMessageBytesMost + 1024)}; ///< and what CURVE adds
constexpr const char* bellAddress = "inproc://link-bell";

/// One message, its first two frames. False: there is none now.
bool receivePair(zmq::socket_t& socket, zmq::message_t& first, zmq::message_t& second, std::size_t& count)
{
    count = 0;
    bool more = true;
    while (more) {
        zmq::message_t frame;
        if (!socket.recv(frame, zmq::recv_flags::dontwait))
            return false; // only before the first frame: messages come whole
        more = frame.more();
        if (count < 2)
            (count == 0 ? first : second) = std::move(frame);
        ++count;
    }
    return true;
}

} // namespace

LinkThread::LinkThread(Profile profile, std::function<void()> notify)
    : m_profile(std::move(profile))
    , m_notify(std::move(notify))
    , m_ring(m_context, zmq::socket_type::pair)
    , m_bell(m_context, zmq::socket_type::pair)
    , m_replica(m_random)
{
    m_ring.set(zmq::sockopt::linger, 0);
    m_bell.set(zmq::sockopt::linger, 0);
    m_bell.bind(bellAddress);
    m_ring.connect(bellAddress);
    m_thread = std::thread([this] { run(); });
}

LinkThread::~LinkThread()
{
    m_isStopping = true;
    ring();
    m_thread.join();
}

void LinkThread::ring()
{
    // A full bell rings already.
    m_ring.send(zmq::message_t(), zmq::send_flags::dontwait);
}

void LinkThread::call(std::uint64_t number, ApiCall call)
{
    {
        const std::lock_guard lock(m_mutex);
        m_posted.calls.emplace_back(number, std::move(call));
    }
    ring();
}

void LinkThread::digest(std::uint64_t number)
{
    {
        const std::lock_guard lock(m_mutex);
        m_posted.digests.push_back(number);
    }
    ring();
}

LinkDelivery LinkThread::takeDelivery()
{
    std::unique_lock lock(m_mutex);
    m_isNotified = false;
    LinkDelivery delivery = std::exchange(m_delivery, {});
    const bool hasMore = std::exchange(m_hasMore, false);
    lock.unlock();
    if (hasMore)
        ring();
    return delivery;
}

Moment LinkThread::now()
{
    return {std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now().time_since_epoch()),
        std::chrono::floor<milliseconds>(std::chrono::system_clock::now())};
}

void LinkThread::run()
{
    open();
    while (!m_isStopping)
        round();
    m_commands.reset();
    m_events.reset();
    m_bell.close();
}

void LinkThread::open()
{
    m_commands.reset();
    m_events.reset();
    m_commandState = ClientSocket::State::Connecting;
    try {
        m_events.emplace(m_context, zmq::socket_type::sub, m_profile.events, m_profile, eventLimits);
        m_events->socket().set(zmq::sockopt::subscribe, eventTopicPrefix);
        m_events->socket().set(zmq::sockopt::subscribe, heartbeatTopic);
        m_commands.emplace(m_context, zmq::socket_type::dealer, m_profile.commands, m_profile, commandLimits);
    } catch (const zmq::error_t& error) {
        m_commands.reset();
        m_events.reset();
        m_replica.tellTrouble("The keys or addresses of profile '" + m_profile.name
            + "' can't be used: " + error.what() + ". Ask an administrator for a new profile.");
    }
    m_replica.connected(now());
}

void LinkThread::round()
{
    wait();
    takePosts();
    if (m_commands) {
        watchConnections();
        takeEvents();
        takeAnswers();
    }
    m_replica.tick(now());
    if (m_replica.takeReconnectWish())
        open();
    sendOut();
    expireCalls();
    deliver();
}

void LinkThread::wait()
{
    std::array<zmq::pollitem_t, 5> items{{{m_bell.handle(), 0, ZMQ_POLLIN, 0}}};
    std::size_t count = 1;
    if (m_commands)
        for (zmq::socket_t* socket :
            {&m_commands->socket(), &m_commands->monitor(), &m_events->socket(), &m_events->monitor()})
            items[count++] = {socket->handle(), 0, ZMQ_POLLIN, 0};
    const bool hasToTell = m_replica.hasChange() || m_replica.status().state != m_toldStatus.state;
    zmq::poll(items.data(), count, hasToTell ? deliveryInterval / 2 : tickInterval);
    zmq::message_t rung;
    while (m_bell.recv(rung, zmq::recv_flags::dontwait)) { }
}

void LinkThread::takePosts()
{
    Posted posted;
    {
        const std::lock_guard lock(m_mutex);
        std::swap(posted, m_posted);
    }
    for (auto& [number, call] : posted.calls) {
        auto frames = encodeCall(call);
        if (frames)
            m_calls.emplace(number, Call{std::move(*frames), now().tick + callTimeout, false});
        else
            finishCall(number, tl::unexpected(frames.error()));
    }
    if (posted.digests.empty())
        return;
    // Once for all who ask: it looks at every order.
    const ReplicaDigest digest = m_replica.digest();
    for (const std::uint64_t number : posted.digests)
        m_ready.digests.emplace_back(number, digest);
}

void LinkThread::watchConnections()
{
    m_commands->takeEvents();
    m_events->takeEvents();
    m_replica.tellTrouble(m_commands->trouble().empty() ? m_events->trouble() : m_commands->trouble());
    const ClientSocket::State state = m_commands->state();
    if (state == m_commandState)
        return;
    if (state == ClientSocket::State::Ready)
        m_replica.commandsConnected(now());
    m_commandState = state;
    if (state == ClientSocket::State::Ready)
        return;
    // What was sent on a connection that is gone will not be answered any more.
    for (auto it = m_calls.begin(); it != m_calls.end();) {
        const auto here = it++;
        if (here->second.isSent)
            finishCall(here->first,
                failure(ErrorCode::Unavailable,
                    "The connection was lost before the daemon answered. Whether the request was done is "
                    "unknown: look at the order before you repeat it."));
    }
}

void LinkThread::takeEvents()
{
    zmq::message_t topic;
    zmq::message_t json;
    std::size_t count = 0;
    for (int taken = 0; taken < messagesPerRound && receivePair(m_events->socket(), topic, json, count);
         ++taken) {
        if (count == 2)
            takeEvent(topic, json);
    }
}

void LinkThread::takeEvent(const zmq::message_t& topic, const zmq::message_t& json)
{
    // What can't be read is as good as lost: the sequence will tell.
    if (topic.to_string_view() == heartbeatTopic) {
        if (const auto heartbeat = decodeHeartbeat(m_parser, json.to_string_view()))
            m_replica.take(*heartbeat, now());
    } else if (auto message = decodeEventMessage(m_parser, json.to_string_view())) {
        m_replica.take(std::move(*message), now());
    }
}

void LinkThread::takeAnswers()
{
    for (int taken = 0; taken < messagesPerRound; ++taken) {
        auto answer = receiveAnswer(m_commands->socket(), m_parser);
        if (!answer)
            return;
        if ((answer->number & callMark) == 0)
            m_replica.take(answer->number, std::move(answer->answer), now());
        else if (const std::uint64_t number = answer->number & ~callMark; m_calls.count(number) > 0)
            finishCall(number, toApiAnswer(std::move(*answer)));
    }
}

void LinkThread::sendOut()
{
    if (!m_commands || m_commands->state() != ClientSocket::State::Ready)
        return;
    for (const NumberedQuery& query : m_replica.takeQueries(now()))
        sendQuery(m_commands->socket(), query.number, query.query);
    for (auto& [number, call] : m_calls)
        if (!call.isSent && !(call.isSent = sendCall(m_commands->socket(), number | callMark, call.frames)))
            return;
}

void LinkThread::expireCalls()
{
    const milliseconds tick = now().tick;
    for (auto it = m_calls.begin(); it != m_calls.end();) {
        const auto here = it++;
        if (here->second.deadline > tick)
            continue;
        finishCall(here->first,
            failure(ErrorCode::Unavailable,
                here->second.isSent
                    ? "The daemon did not answer in time. Whether the request was done is unknown: look at "
                      "the order before you repeat it."
                    : "There is no connection to the daemon. Nothing was sent: try again when it is back."));
    }
}

void LinkThread::finishCall(std::uint64_t number, Result<ApiAnswer> answer)
{
    m_calls.erase(number);
    m_ready.answers.emplace_back(number, std::move(answer));
}

bool LinkThread::isDeliveryDue() const
{
    const LinkStatus& status = m_replica.status();
    const bool hasNews = m_replica.hasChange() || status.state != m_toldStatus.state
        || status.detail != m_toldStatus.detail || status.since != m_toldStatus.since;
    return hasNews && now().tick - m_deliveredAt >= deliveryInterval;
}

void LinkThread::deliver()
{
    const bool isDue = isDeliveryDue();
    if (!isDue && m_ready.answers.empty() && m_ready.digests.empty())
        return;
    {
        const std::lock_guard lock(m_mutex);
        if (m_isNotified) {
            m_hasMore = true; // the last delivery was not taken yet: what there is goes on gathering here
            return;
        }
        if (isDue) {
            // Together, so that nothing is called live before it is shown.
            if (m_replica.hasChange())
                m_ready.change = std::make_shared<const ReplicaChange>(m_replica.takeChange());
            m_ready.status = m_toldStatus = m_replica.status();
            m_deliveredAt = now().tick;
        }
        m_delivery = std::exchange(m_ready, {});
        m_isNotified = true;
    }
    m_notify();
}

} // namespace gantry::console
