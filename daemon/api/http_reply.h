// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/api/api_types.h"
#include "daemon/api/http_asio.h"

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace gantry::api {

class HttpSession;

/// Brings answers from any thread to the io thread that owns their connections: many at once with one wake-up.
/// Outlives the server for as long as somebody still holds a reply.
class HttpMailbox : public std::enable_shared_from_this<HttpMailbox> {
public:
    /// `io` must live until close().
    explicit HttpMailbox(IoContext& io)
        : m_io(&io)
    {
    }

    /// Queues an answer. Callable from any thread; after close() it drops it.
    void put(std::weak_ptr<HttpSession> session, ApiResponse answer);
    /// Queues the next piece of a body. As put().
    void putPiece(std::weak_ptr<HttpSession> session, std::optional<std::string> piece);
    /// Cuts the tie to the io thread.
    void close();

private:
    struct Item {
        std::weak_ptr<HttpSession> session;
        ApiResponse answer{};
        bool isPiece = false;
        std::optional<std::string> piece{}; ///< in place of an answer
    };
    void queue(Item item);

    void deliver();

    std::mutex m_mutex;
    IoContext* m_io; ///< null once closed
    std::vector<Item> m_items;
    bool m_isScheduled = false;
    std::vector<Item> m_batch; ///< io thread only; kept for its memory
};

/// The right to answer one request, once. Shared by all copies of one ApiReply; if the last of them goes without
/// an answer, the caller gets a 500 rather than nothing.
class HttpReplyTicket {
public:
    HttpReplyTicket(std::shared_ptr<HttpMailbox> mailbox, std::weak_ptr<HttpSession> session)
        : m_mailbox(std::move(mailbox))
        , m_session(std::move(session))
    {
    }
    ~HttpReplyTicket();
    HttpReplyTicket(const HttpReplyTicket&) = delete;
    HttpReplyTicket& operator=(const HttpReplyTicket&) = delete;

    /// The first call answers; others do nothing. Callable from any thread.
    void answer(ApiResponse response);

    /// From here to leave() the handler runs on this thread, and an answer given on it is kept for the connection to take.
    void enter() noexcept { m_handlerThread.store(std::this_thread::get_id(), std::memory_order_relaxed); }
    /// Ends that; the answer kept, if there was one.
    [[nodiscard]] std::optional<ApiResponse> leave() noexcept;

private:
    std::shared_ptr<HttpMailbox> m_mailbox;
    std::weak_ptr<HttpSession> m_session;
    std::atomic<bool> m_isAnswered{false};
    std::atomic<std::thread::id> m_handlerThread{};
    std::optional<ApiResponse> m_kept; ///< handler's thread only
};

} // namespace gantry::api
