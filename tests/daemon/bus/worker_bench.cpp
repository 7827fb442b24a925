// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/daemon/bus/worker_bench.h"

#include "shared/protocol/order_codec.h"
#include "tests/shared/support/documents.h"
#include "tests/shared/support/journal.h"

namespace gantry::test {

WorkerBench::WorkerBench()
    : m_document(encodeDocument(sampleDocument()))
{
    Journal journal;
    journal.submit();
    Order order{.id = OrderId::make(fromMillis(1'770'000'000'000), 7, {1, 2})};
    for (const Event& event : journal.events())
        order = apply(std::move(order), event);
    m_order = std::make_shared<const Order>(std::move(order));
    fixture.onWork = [this](engine::Message message) {
        const std::lock_guard lock(m_mutex);
        if (isFull)
            return false;
        m_asked.push_back(std::move(message));
        return true;
    };
}

WorkerBench::~WorkerBench()
{
    fixture.stop();
}

void WorkerBench::start()
{
    if (const auto started = fixture.start(); !started)
        qFatal("%s", started.error().message.c_str());
}

std::unique_ptr<RawPeer> WorkerBench::peer(int receiveHighWater)
{
    return std::make_unique<RawPeer>(zmq::socket_type::dealer, fixture.bus().workersAddress(),
        RawIdentity{fixture.serverKeys().publicKey, fixture.adminKeys()}, receiveHighWater);
}

std::unique_ptr<RawPeer> WorkerBench::worker(std::size_t credit)
{
    auto made = peer();
    if (!made->send({R"({"hello":{"protocol":1,"worker":"w1","tasks":["payment.authorize"],"credit":)"
            + std::to_string(credit) + "}}"})
        || hear(*made).find("welcome") == std::string::npos)
        qFatal("no welcome");
    return made;
}

std::optional<engine::Message> WorkerBench::next()
{
    if (!waitFor([this] { return waiting() > 0; }))
        return std::nullopt;
    const std::lock_guard lock(m_mutex);
    engine::Message message = std::move(m_asked.front());
    m_asked.pop_front();
    return message;
}

std::size_t WorkerBench::waiting()
{
    const std::lock_guard lock(m_mutex);
    return m_asked.size();
}

std::vector<engine::LeasedTask> WorkerBench::tasks(
    std::size_t count, std::chrono::milliseconds lease, std::size_t bytes)
{
    auto document = std::make_shared<const std::string>(
        bytes == 0 ? m_document : R"({"metadata":{"x":")" + std::string(bytes, 'x') + "\"}}");
    std::vector<engine::LeasedTask> made(count);
    for (engine::LeasedTask& task : made) {
        task.token = {m_order->id, engine::stepMark("check"), 1, 1, ++m_lastLease};
        task.task = std::make_shared<const std::string>("payment.authorize");
        task.order = m_order;
        task.document = document;
        task.leaseUntil = fromMillis(1'770'000'000'000);
        task.lease = lease;
    }
    return made;
}

std::string WorkerBench::hear(RawPeer& peer, std::chrono::milliseconds timeout)
{
    const auto frames = peer.receive(timeout);
    return frames && frames->size() == 1 ? frames->front() : std::string();
}

std::string WorkerBench::hearNews(RawPeer& peer)
{
    std::string message;
    do
        message = hear(peer);
    while (message.starts_with("{\"heartbeat\""));
    return message;
}

std::vector<std::string> WorkerBench::textsOf(const std::string& message, const std::string& member)
{
    std::vector<std::string> texts;
    const std::string begin = '"' + member + "\":\"";
    for (auto at = message.find(begin); at != std::string::npos; at = message.find(begin, at)) {
        at += begin.size();
        texts.push_back(message.substr(at, message.find('"', at) - at));
    }
    return texts;
}

} // namespace gantry::test
