// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "console/client/call_codec.h"
#include "console/client/client_socket.h"
#include "console/client/replica.h"

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace gantry::console {

/// What the ZeroMQ thread has for the link's thread.
struct LinkDelivery {
    std::shared_ptr<const ReplicaChange> change;
    std::optional<LinkStatus> status;
    std::vector<std::pair<std::uint64_t, Result<ApiAnswer>>> answers; ///< by the number of the call
    std::vector<std::pair<std::uint64_t, ReplicaDigest>> digests;
};

/// The one thread that uses a link's sockets: feeds the replica, asks what it wants to know, and carries calls.
class LinkThread {
public:
    /// `notify` is called on the ZeroMQ thread when there is a delivery, and not again before it was taken.
    LinkThread(Profile profile, std::function<void()> notify);
    ~LinkThread();
    LinkThread(const LinkThread&) = delete;
    LinkThread& operator=(const LinkThread&) = delete;

    /// Owner's thread. The answer, or why there is none, comes under that number.
    void call(std::uint64_t number, ApiCall call);
    void digest(std::uint64_t number);

    /// Owner's thread: what has gathered.
    [[nodiscard]] LinkDelivery takeDelivery();

private:
    struct Call {
        CallFrames frames;
        std::chrono::milliseconds deadline{}; ///< by the tick of now()
        bool isSent = false;
    };
    struct Posted {
        std::vector<std::pair<std::uint64_t, ApiCall>> calls;
        std::vector<std::uint64_t> digests;
    };

    void ring();
    void run();
    void round();
    void wait();
    void open();
    void takePosts();
    void watchConnections();
    void takeEvents();
    void takeEvent(const zmq::message_t& topic, const zmq::message_t& json);
    void takeAnswers();
    void sendOut();
    void expireCalls();
    void finishCall(std::uint64_t number, Result<ApiAnswer> answer);
    void deliver();
    [[nodiscard]] bool isDeliveryDue() const;
    [[nodiscard]] static Moment now();

    Profile m_profile;
    std::function<void()> m_notify;
    zmq::context_t m_context{1};
    zmq::socket_t m_ring; ///< owner's end of the bell
    zmq::socket_t m_bell; ///< the thread's

    // The ZeroMQ thread's own.
    std::optional<ClientSocket> m_commands;
    std::optional<ClientSocket> m_events;
    ClientSocket::State m_commandState = ClientSocket::State::Connecting;
    JsonParser m_parser;
    SystemRandom m_random;
    Replica m_replica;
    std::map<std::uint64_t, Call> m_calls;
    LinkDelivery m_ready; ///< answers and digests to be delivered
    LinkStatus m_toldStatus;
    std::chrono::milliseconds m_deliveredAt{};

    // Shared.
    std::mutex m_mutex;
    Posted m_posted;
    LinkDelivery m_delivery;
    bool m_isNotified = false;
    bool m_hasMore = false; ///< ring when the delivery is taken
    std::atomic<bool> m_isStopping{false};

    std::thread m_thread;
};

} // namespace gantry::console
