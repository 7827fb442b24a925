// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/api/http_reply.h"

#include "daemon/api/http_answer.h"
#include "daemon/api/http_session.h"

#include <boost/asio/post.hpp>
#include <utility>

namespace gantry::api {

void HttpMailbox::put(std::weak_ptr<HttpSession> session, ApiResponse answer)
{
    queue({std::move(session), std::move(answer)});
}

void HttpMailbox::putPiece(std::weak_ptr<HttpSession> session, std::optional<std::string> piece)
{
    queue({.session = std::move(session), .isPiece = true, .piece = std::move(piece)});
}

void HttpMailbox::queue(Item item)
{
    const std::lock_guard lock(m_mutex);
    if (!m_io)
        return; // the server has stopped, and all that it serves with it
    m_items.push_back(std::move(item));
    if (std::exchange(m_isScheduled, true))
        return;
    boost::asio::post(*m_io, [self = shared_from_this()] { self->deliver(); });
}

void HttpMailbox::close()
{
    std::vector<Item> dropped;
    const std::lock_guard lock(m_mutex);
    m_io = nullptr;
    dropped.swap(m_items);
}

void HttpMailbox::deliver()
{
    {
        const std::lock_guard lock(m_mutex);
        m_isScheduled = false;
        m_batch.swap(m_items);
    }
    for (Item& item : m_batch) {
        const auto session = item.session.lock();
        if (item.isPiece && session)
            session->takePiece(std::move(item.piece));
        else if (session)
            session->answer(std::move(item.answer));
        else if (item.answer.undelivered)
            item.answer.undelivered();
    }
    m_batch.clear();
}

HttpReplyTicket::~HttpReplyTicket()
{
    if (!m_isAnswered.load(std::memory_order_relaxed))
        answer(problemResponse(500,
            {ErrorCode::Internal,
                "The request was given up without an answer. Whether it took effect is not known."}));
}

void HttpReplyTicket::answer(ApiResponse response)
{
    if (m_isAnswered.exchange(true))
        return;
    if (m_handlerThread.load(std::memory_order_relaxed) == std::this_thread::get_id())
        m_kept = std::move(response);
    else
        m_mailbox->put(std::move(m_session), std::move(response));
}

std::optional<ApiResponse> HttpReplyTicket::leave() noexcept
{
    m_handlerThread.store(std::thread::id(), std::memory_order_relaxed);
    return std::exchange(m_kept, std::nullopt);
}

} // namespace gantry::api
