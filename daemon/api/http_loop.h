// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/api/http_asio.h"
#include "daemon/api/http_reply.h"
#include "daemon/api/http_session.h"

#include <boost/asio/executor_work_guard.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace gantry::api {

/// One io thread with the connections that were given to it.
class HttpLoop {
public:
    /// `context` must outlive the loop.
    explicit HttpLoop(HttpContext& context);
    ~HttpLoop();
    HttpLoop(const HttpLoop&) = delete;
    HttpLoop& operator=(const HttpLoop&) = delete;

    /// Starts the thread, under that name (15 characters).
    void start(const std::string& threadName);
    /// Cuts all connections and joins the thread. Any thread but its own.
    void stop();
    /// Takes over a connection that was admitted. Any thread.
    void adopt(TcpSocket socket, HttpAdmission::AddressKey address, std::string peer);
    /// Closes what is idle and lets the rest end with its next answer. Any thread.
    void drain();

    [[nodiscard]] IoContext& io() noexcept { return m_io; }

    // On the loop's thread only:
    [[nodiscard]] HttpContext& context() noexcept { return m_context; }
    [[nodiscard]] const std::shared_ptr<HttpMailbox>& mailbox() noexcept { return m_mailbox; }
    [[nodiscard]] std::string_view date() const noexcept { return m_date; }
    void remove(HttpSession& session);

private:
    void add(TcpSocket socket, HttpAdmission::AddressKey address, std::string peer);
    void scheduleSweep();
    void sweep();

    HttpContext& m_context;
    IoContext m_io{1};
    boost::asio::executor_work_guard<IoExecutor> m_work;
    IoTimer m_timer;
    std::chrono::milliseconds m_sweepInterval;
    std::shared_ptr<HttpMailbox> m_mailbox;
    std::vector<std::shared_ptr<HttpSession>> m_sessions;
    std::string m_date;
    bool m_isDraining = false;
    bool m_isStopping = false;
    std::thread m_thread;
};

} // namespace gantry::api
