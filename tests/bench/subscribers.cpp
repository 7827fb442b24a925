// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/bench/subscribers.h"

#include "shared/protocol/bus_messages.h"
#include "shared/util/time.h"

#include <charconv>

namespace gantry::bench {

namespace {

constexpr std::chrono::milliseconds pollTime{20};
constexpr int messagesPerTurn = 100;
constexpr std::size_t timeLength = 24; ///< 2026-03-01T08:15:30.250Z

/// The number behind a member's name; zero if it is not there.
std::uint64_t numberAfter(std::string_view json, std::string_view name, std::size_t at)
{
    std::uint64_t number = 0;
    if (at != std::string_view::npos)
        std::from_chars(json.data() + at + name.size(), json.data() + json.size(), number);
    return number;
}

} // namespace

Subscribers::Subscribers(SubscriberSettings settings)
    : m_settings(std::move(settings))
{
    for (std::size_t i = 0; i < m_settings.count; ++i) {
        zmq::socket_t socket(m_context, zmq::socket_type::sub);
        socket.set(zmq::sockopt::curve_serverkey, m_settings.serverKey);
        socket.set(zmq::sockopt::curve_publickey, m_settings.keys.publicKey);
        socket.set(zmq::sockopt::curve_secretkey, m_settings.keys.secretKey);
        socket.set(zmq::sockopt::rcvhwm, 1000);
        socket.set(zmq::sockopt::linger, 0);
        socket.set(zmq::sockopt::subscribe, eventTopicPrefix);
        socket.set(zmq::sockopt::subscribe, heartbeatTopic);
        socket.connect(m_settings.endpoint);
        m_subscribers.push_back({std::move(socket)});
    }
    m_thread = std::thread([this] { run(); });
}

Subscribers::~Subscribers()
{
    stop();
}

void Subscribers::stop()
{
    m_isStopping = true;
    if (m_thread.joinable())
        m_thread.join();
}

void Subscribers::run()
{
    std::vector<zmq::pollitem_t> items;
    for (Subscriber& subscriber : m_subscribers)
        items.push_back({subscriber.socket.handle(), 0, ZMQ_POLLIN, 0});
    while (!m_isStopping) {
        zmq::poll(items, pollTime);
        for (std::size_t i = 0; i < items.size(); ++i)
            if (items[i].revents & ZMQ_POLLIN)
                take(i);
    }
}

void Subscribers::take(std::size_t index)
{
    Subscriber& subscriber = m_subscribers[index];
    for (int i = 0; i < messagesPerTurn; ++i) {
        zmq::message_t topic;
        zmq::message_t json;
        if (!subscriber.socket.recv(topic, zmq::recv_flags::dontwait))
            return;
        if (!topic.more() || !subscriber.socket.recv(json))
            continue;
        if (!subscriber.isReady) {
            subscriber.isReady = true;
            ++m_readyCount;
        }
        if (topic.to_string_view() != heartbeatTopic)
            note(index, json.to_string_view());
    }
}

void Subscribers::note(std::size_t index, std::string_view json)
{
    constexpr std::string_view firstName = "\"first\":";
    constexpr std::string_view lastName = "\"last\":";
    constexpr std::string_view atName = "\"at\":\"";
    const std::uint64_t first = numberAfter(json, firstName, json.find(firstName));
    const std::uint64_t last = numberAfter(json, lastName, json.rfind(lastName));
    Subscriber& subscriber = m_subscribers[index];
    if (subscriber.lastSequence > 0 && first > subscriber.lastSequence + 1)
        m_missed += first - subscriber.lastSequence - 1;
    subscriber.lastSequence = last;
    if (const std::size_t at = json.rfind(atName); at != std::string_view::npos)
        if (const auto time = parseRfc3339(json.substr(at + atName.size(), timeLength)))
            m_lags.add(std::chrono::system_clock::now().time_since_epoch() - time->time_since_epoch());
    if (index == 0 && m_recordedBytes < m_settings.recordBytes) {
        m_recorded.emplace_back(json);
        m_recordedBytes += json.size();
    }
    m_events += last + 1 - first;
    ++m_messages;
}

} // namespace gantry::bench
