// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/api/api_types.h"
#include "daemon/api/http_admission.h"
#include "daemon/api/http_asio.h"
#include "daemon/api/http_request_reader.h"
#include "daemon/api/http_server.h"
#include "daemon/api/http_stream.h"

#include <array>
#include <atomic>
#include <boost/asio/buffer.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace gantry::api {

class HttpLoop;

/// What the connections of a server share. Constant once the threads run, but for the counts, which guard
/// themselves.
struct HttpContext {
    HttpLimits limits;
    ApiHandler handler;
    HttpObserver observer;
    std::atomic<std::shared_ptr<const TlsIdentity>> tls{}; ///< of connections to come; null: plain
    HttpAdmission admission{limits};
};

/// One connection: reads a request, has it handled, writes the answer, and reads on. Lives on its loop's thread and is touched there
/// only. Its deadlines are plain times that the loop looks at a few times a second: no timer is set or canceled per request.
class HttpSession : public std::enable_shared_from_this<HttpSession> {
public:
    using TimePoint = std::chrono::steady_clock::time_point;

    HttpSession(HttpLoop& loop, TcpSocket socket, HttpAdmission::AddressKey address, std::string peer);
    ~HttpSession() = default;
    HttpSession(const HttpSession&) = delete;
    HttpSession& operator=(const HttpSession&) = delete;

    /// Begins to read.
    void start();
    /// The answer to the request in hand.
    void answer(ApiResponse response);
    /// The next piece of the body that is being sent; none: it can't go on.
    void takePiece(std::optional<std::string> piece);
    /// Ends what has taken too long, and sees whether the caller of a request in hand has gone.
    void checkDeadline(TimePoint now);
    /// Closes if nothing is in hand; otherwise the next answer will be the last.
    void drain();
    /// Cuts the connection. `limit` says which limit ended it without an answer, if one did.
    void close(HttpLimit limit = HttpLimit::None);

    /// Where the loop keeps it.
    std::size_t index = 0;

private:
    enum class Phase {
        Handshaking, ///< TLS is being agreed on
        Reading, ///< waits for (the rest of) a request
        Handling, ///< the handler has the request
        Streaming, ///< the answer's body goes out piece by piece
        Ending, ///< the last answer is on its way out
        Lingering, ///< all is sent; reads and drops until the caller hangs up
        Closed,
    };
    /// What a read waits for, and so which deadline holds.
    enum class Wait { None, Idle, Head, Body };

    /// Bytes on their way out: answers' heads and small bodies in one piece, then at most one large body.
    struct Output {
        std::string text{};
        std::string tail{};
        std::size_t written = 0;
        [[nodiscard]] std::size_t size() const noexcept { return text.size() + tail.size() - written; }
        [[nodiscard]] std::array<boost::asio::const_buffer, 2> buffers() const noexcept;
        void clear() noexcept;
    };

    void greet();
    void process();
    void handle();
    void take(ApiResponse response);
    void refuse(const HttpRefusal& refusal);
    void append(ApiResponse& response, bool closes, HttpLimit limit);
    void askForPiece();
    void endStream();
    [[nodiscard]] HttpLimit limitOfConnection() const;

    void read();
    void onRead(const IoError& error, std::size_t count);
    void makeRoom();
    void updateDeadline();

    void flush();
    void writeRest();
    void onWritten(const IoError& error, std::size_t count);
    void outputDone();
    void linger();
    void observe(int status, std::size_t bytesOut, HttpLimit limit) const;

    [[nodiscard]] std::string_view unread() const noexcept
    {
        return {m_buffer.get() + m_begin, m_end - m_begin};
    }
    [[nodiscard]] TimePoint extended(TimePoint from, std::chrono::milliseconds base, std::size_t bytes) const;

    HttpLoop& m_loop;
    HttpContext& m_context;
    HttpStream m_stream;
    const HttpAdmission::AddressKey m_address;
    const std::string m_peer;
    HttpRequestReader m_reader;

    Phase m_phase = Phase::Reading;
    Wait m_wait = Wait::None;
    const TimePoint m_born;
    TimePoint m_waitStart{};
    TimePoint m_deadline = TimePoint::max(); ///< of a wait for bytes to read
    TimePoint m_writeStart{};
    TimePoint m_writeDeadline = TimePoint::max();
    bool m_isDraining = false;
    bool m_isReadPending = false;
    bool m_isWriting = false; ///< m_sending is on its way
    std::uint32_t m_requests = 0; ///< answered

    // The request at hand.
    bool m_hasBegun = false; ///< its first byte is there
    bool m_isToHead = false;
    bool m_takesGzip = false;
    std::shared_ptr<BodySource> m_source; ///< while Streaming
    bool m_isPieceAsked = false;
    bool m_endsAfterStream = false;
    TimePoint m_requestStart{};
    std::shared_ptr<const int> m_caller = std::make_shared<const int>(); ///< until it is known to have gone
    std::size_t m_requestBytes = 0; ///< charged to the admission until it is answered

    std::unique_ptr<char[]> m_buffer; ///< bytes received and not yet consumed: m_begin to m_end
    std::size_t m_capacity = 0;
    std::size_t m_begin = 0;
    std::size_t m_end = 0;
    Output m_out; ///< being filled
    Output m_sending;
};

} // namespace gantry::api
