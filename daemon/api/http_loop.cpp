// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/api/http_loop.h"

#include "daemon/api/http_answer.h"

#include <algorithm>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <csignal>
#include <pthread.h>
#include <utility>

namespace gantry::api {

namespace {

/// Often enough that no deadline is late by more than an eighth of itself, and seldom enough to cost nothing.
std::chrono::milliseconds sweepIntervalFor(const HttpLimits& limits)
{
    const auto shortest = std::min({limits.handshakeDeadline, limits.headDeadline, limits.bodyDeadline,
        limits.idleDeadline, limits.writeDeadline, limits.lingerDeadline, limits.connectionLifetime});
    return std::clamp(shortest / 8, std::chrono::milliseconds(5), std::chrono::milliseconds(250));
}

std::string dateNow()
{
    return formatHttpDate(std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()));
}

/// Starts a thread that takes no signals: they belong to the main thread.
std::thread startQuietThread(const std::string& name, IoContext& io)
{
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    std::thread thread([&io] { io.run(); });
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    pthread_setname_np(thread.native_handle(), name.c_str());
    return thread;
}

} // namespace

HttpLoop::HttpLoop(HttpContext& context)
    : m_context(context)
    , m_work(m_io.get_executor())
    , m_timer(m_io.get_executor())
    , m_sweepInterval(sweepIntervalFor(context.limits))
    , m_mailbox(std::make_shared<HttpMailbox>(m_io))
    , m_date(dateNow())
{
}

HttpLoop::~HttpLoop()
{
    stop();
}

void HttpLoop::start(const std::string& threadName)
{
    scheduleSweep();
    m_thread = startQuietThread(threadName, m_io);
}

void HttpLoop::stop()
{
    if (!m_thread.joinable()) {
        m_mailbox->close();
        return;
    }
    boost::asio::post(m_io, [this] {
        m_isStopping = true;
        m_mailbox->close();
        while (!m_sessions.empty())
            std::shared_ptr(m_sessions.back())->close();
        m_timer.cancel();
        m_work.reset();
    });
    m_thread.join();
}

void HttpLoop::adopt(TcpSocket socket, HttpAdmission::AddressKey address, std::string peer)
{
    boost::asio::dispatch(m_io, [this, moved = std::move(socket), address, name = std::move(peer)]() mutable {
        add(std::move(moved), address, std::move(name));
    });
}

void HttpLoop::add(TcpSocket socket, HttpAdmission::AddressKey address, std::string peer)
{
    if (m_isStopping) {
        m_context.admission.release(address);
        return;
    }
    const auto session = std::make_shared<HttpSession>(*this, std::move(socket), address, std::move(peer));
    session->index = m_sessions.size();
    m_sessions.push_back(session);
    session->start();
    if (m_isDraining)
        session->drain();
}

void HttpLoop::remove(HttpSession& session)
{
    const auto index = session.index;
    m_sessions.back()->index = index;
    std::swap(m_sessions[index], m_sessions.back());
    m_sessions.pop_back();
}

void HttpLoop::drain()
{
    boost::asio::post(m_io, [this] {
        m_isDraining = true;
        for (auto at = m_sessions.size(); at-- > 0;)
            std::shared_ptr(m_sessions[at])->drain();
    });
}

void HttpLoop::scheduleSweep()
{
    m_timer.expires_after(m_sweepInterval);
    m_timer.async_wait([this](const IoError& error) {
        if (error || m_isStopping)
            return;
        sweep();
        scheduleSweep();
    });
}

void HttpLoop::sweep()
{
    m_date = dateNow();
    const auto now = std::chrono::steady_clock::now();
    // Backwards, since a session that closes leaves its place to the last one.
    for (auto at = m_sessions.size(); at-- > 0;)
        std::shared_ptr(m_sessions[at])->checkDeadline(now);
}

} // namespace gantry::api
