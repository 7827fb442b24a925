// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Inside the room only: the one place that brings in Asio, with the concrete types that spare its type-erased executor.

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>

namespace gantry::api {

using IoContext = boost::asio::io_context;
using IoExecutor = IoContext::executor_type;
using IoError = boost::system::error_code;
using TcpEndpoint = boost::asio::ip::tcp::endpoint;
using TcpSocket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, IoExecutor>;
using TcpAcceptor = boost::asio::basic_socket_acceptor<boost::asio::ip::tcp, IoExecutor>;
using IoTimer = boost::asio::basic_waitable_timer<std::chrono::steady_clock,
    boost::asio::wait_traits<std::chrono::steady_clock>, IoExecutor>;

} // namespace gantry::api
