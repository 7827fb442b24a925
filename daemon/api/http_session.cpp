// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/api/http_session.h"

#include "daemon/api/http_answer.h"
#include "daemon/api/http_coding.h"
#include "daemon/api/http_loop.h"
#include "daemon/api/http_reply.h"

#include <algorithm>
#include <boost/asio/error.hpp>
#include <charconv>
#include <cstring>
#include <utility>

namespace gantry::api {

namespace {

using std::chrono::steady_clock;

constexpr std::size_t kSmallBuffer = 4UL * 1024; ///< enough for most heads with a small body
constexpr std::size_t kKeptBuffer = 16UL * 1024; ///< a larger one is given back between requests
constexpr std::size_t kLargeBuffer = 64UL * 1024; ///< for large bodies
/// A body up to this is copied behind its head, to be sent in one piece.
constexpr std::size_t kInlineBody = 16UL * 1024;
/// Answers to pipelined requests are sent when they are so much.
constexpr std::size_t kFlushSize = 16UL * 1024;

HttpRefusal tooSlow(HttpLimit limit, std::string_view what)
{
    return {408, limit,
        {ErrorCode::RequestTimeout, std::string(what) + " did not arrive in time. Send the request again."}};
}

} // namespace

std::array<boost::asio::const_buffer, 2> HttpSession::Output::buffers() const noexcept
{
    const auto fromText = std::min(written, text.size());
    const auto fromTail = written - fromText;
    return {boost::asio::const_buffer(text.data() + fromText, text.size() - fromText),
        boost::asio::const_buffer(tail.data() + fromTail, tail.size() - fromTail)};
}

void HttpSession::Output::clear() noexcept
{
    text.clear();
    tail = {};
    written = 0;
}

HttpSession::HttpSession(
    HttpLoop& loop, TcpSocket socket, HttpAdmission::AddressKey address, std::string peer)
    : m_loop(loop)
    , m_context(loop.context())
    , m_stream(std::move(socket), m_context.tls.load().get())
    , m_address(address)
    , m_peer(std::move(peer))
    , m_reader(m_context.limits)
    , m_born(steady_clock::now())
{
}

void HttpSession::start()
{
    if (!m_stream.open())
        return close(HttpLimit::TlsHandshake);
    if (!m_stream.isTls())
        return read();
    m_phase = Phase::Handshaking;
    m_deadline = m_born + m_context.limits.handshakeDeadline;
    greet();
}

void HttpSession::greet()
{
    using Greeting = HttpStream::Greeting;
    if (m_phase != Phase::Handshaking)
        return;
    const auto goOn = [self = shared_from_this()](const IoError& error) {
        if (error)
            return self->close();
        self->greet();
    };
    switch (m_stream.greet()) {
    case Greeting::WantsRead: return m_stream.asyncWait(TcpSocket::wait_read, goOn);
    case Greeting::WantsWrite: return m_stream.asyncWait(TcpSocket::wait_write, goOn);
    case Greeting::Gone: return close();
    case Greeting::Failed: return close(HttpLimit::TlsHandshake);
    case Greeting::Done: m_phase = Phase::Reading; return read();
    case Greeting::Plain:
        return refuse({400, HttpLimit::PlainHttp,
            {ErrorCode::MalformedRequest,
                "This port speaks TLS, and the request came in plain. Use an address that begins with "
                "https://. If the request held a key, take it for known to others, and make another."}});
    }
}

// Reading

void HttpSession::makeRoom()
{
    const bool isInBody = m_reader.state() == HttpRequestReader::State::Body;
    const auto count = m_end - m_begin;
    auto wanted = std::max(kSmallBuffer, 2 * count);
    if (isInBody)
        wanted = std::max(wanted, std::min(m_reader.bodyBytesExpected(), kLargeBuffer));
    const bool isTooLarge = m_capacity > kKeptBuffer && count == 0 && !isInBody;
    if (wanted > m_capacity || isTooLarge) {
        auto buffer = std::make_unique_for_overwrite<char[]>(wanted);
        if (count > 0)
            std::memcpy(buffer.get(), m_buffer.get() + m_begin, count);
        m_buffer = std::move(buffer);
        m_capacity = wanted;
    } else if (m_begin > 0 && count > 0) {
        std::memmove(m_buffer.get(), m_buffer.get() + m_begin, count);
    }
    m_begin = 0;
    m_end = count;
}

HttpSession::TimePoint HttpSession::extended(
    TimePoint from, std::chrono::milliseconds base, std::size_t bytes) const
{
    return from + base + m_context.limits.deadlinePer64KiB * static_cast<std::int64_t>(bytes) / (64 * 1024);
}

void HttpSession::updateDeadline()
{
    const auto& limits = m_context.limits;
    const auto wait = m_reader.state() == HttpRequestReader::State::Body ? Wait::Body
        : m_hasBegun                                                     ? Wait::Head
                                                                         : Wait::Idle;
    if (std::exchange(m_wait, wait) != wait)
        m_waitStart = steady_clock::now();
    switch (wait) {
    case Wait::None: break;
    case Wait::Idle:
        m_deadline = std::min(m_waitStart + limits.idleDeadline, m_born + limits.connectionLifetime);
        break;
    case Wait::Head: m_deadline = m_waitStart + limits.headDeadline; break;
    case Wait::Body: m_deadline = extended(m_waitStart, limits.bodyDeadline, m_requestBytes); break;
    }
}

void HttpSession::read()
{
    if (m_isReadPending)
        return;
    makeRoom();
    if (m_phase == Phase::Reading)
        updateDeadline();
    m_isReadPending = true;
    m_stream.asyncReadSome(boost::asio::buffer(m_buffer.get() + m_end, m_capacity - m_end),
        [self = shared_from_this()](const IoError& error, std::size_t count) { self->onRead(error, count); });
}

void HttpSession::onRead(const IoError& error, std::size_t count)
{
    m_isReadPending = false;
    switch (m_phase) {
    case Phase::Reading:
        m_deadline = TimePoint::max();
        if (error)
            return close();
        m_end += count;
        return process();
    case Phase::Lingering:
        if (error)
            return close();
        return read();
    case Phase::Handshaking:
    case Phase::Handling:
    case Phase::Streaming:
    case Phase::Ending:
    case Phase::Closed: return;
    }
}

// One request after the other

void HttpSession::process()
{
    while (m_phase == Phase::Reading && !m_isWriting) {
        if (m_out.text.size() >= kFlushSize || !m_out.tail.empty()) {
            flush();
            continue;
        }
        if (!m_hasBegun && m_begin < m_end) {
            m_hasBegun = true;
            m_requestStart = steady_clock::now();
        }
        const auto consumed = m_reader.feed(unread());
        m_begin += consumed;
        m_requestBytes += consumed;
        const bool fits = m_context.admission.charge(consumed);
        switch (m_reader.state()) {
        case HttpRequestReader::State::Refused: return refuse(m_reader.refusal());
        case HttpRequestReader::State::Done:
        case HttpRequestReader::State::Head:
        case HttpRequestReader::State::Body: break;
        }
        if (!fits)
            return refuse({503, HttpLimit::InFlightBytes,
                {ErrorCode::Busy,
                    "The server has as many requests in hand as it may hold. Repeat this one later."}});
        if (m_reader.state() == HttpRequestReader::State::Done) {
            handle();
            continue;
        }
        flush();
        if (m_phase == Phase::Reading && !m_isWriting)
            read();
        return;
    }
}

void HttpSession::handle()
{
    auto request = m_reader.takeRequest();
    request.peer = m_peer;
    request.caller = std::weak_ptr<const void>(m_caller);
    m_isToHead = request.method == "HEAD";
    m_takesGzip = acceptsGzip(request.header("accept-encoding"));
    m_phase = Phase::Handling;
    m_wait = Wait::None;
    const auto ticket = std::make_shared<HttpReplyTicket>(m_loop.mailbox(), weak_from_this());
    ticket->enter();
    try {
        m_context.handler(
            std::move(request), [ticket](ApiResponse response) { ticket->answer(std::move(response)); });
    } catch (...) {
        ticket->answer(problemResponse(500,
            {ErrorCode::Internal,
                "The request ended in an internal error. Whether it took effect is not known."}));
    }
    if (auto kept = ticket->leave())
        take(std::move(*kept));
    else
        flush(); // the answers to earlier requests need not wait for this one
}

void HttpSession::answer(ApiResponse response)
{
    if (m_phase != Phase::Handling) {
        if (response.undelivered)
            response.undelivered();
        return;
    }
    take(std::move(response));
    process();
}

HttpLimit HttpSession::limitOfConnection() const
{
    if (m_requests >= m_context.limits.requestsPerConnection)
        return HttpLimit::Requests;
    if (steady_clock::now() - m_born >= m_context.limits.connectionLifetime)
        return HttpLimit::Lifetime;
    return HttpLimit::None;
}

void HttpSession::take(ApiResponse response)
{
    if (response.undelivered && m_stream.isCallerGone()) {
        response.undelivered();
        return close();
    }
    response.complete();
    if (!isSendable(response))
        response = problemResponse(
            500, {ErrorCode::Internal, "The answer that was made could not be sent as it was."});
    ++m_requests;
    if (!response.stream)
        compress(response, m_takesGzip);
    const auto limit = limitOfConnection();
    const bool endsByClosing = response.stream && m_reader.isHttp10(); // its chunks are unknown there
    const bool closes = limit != HttpLimit::None || m_isDraining || !m_reader.keepsAlive() || endsByClosing;
    m_phase = closes ? Phase::Ending : Phase::Reading;
    append(response, closes, limit);
    if (response.stream && !m_isToHead) {
        m_source = std::move(response.stream);
        m_endsAfterStream = closes;
        m_phase = Phase::Streaming;
    }
    if (closes || m_source)
        flush();
}

// A body that is made while it is sent: a piece is asked for when the one before has been taken over by the socket, so never more than one is held.

void HttpSession::askForPiece()
{
    m_isPieceAsked = true;
    m_source->next([stream = m_source, mailbox = m_loop.mailbox(), session = weak_from_this()](
                       std::optional<std::string> piece) { mailbox->putPiece(session, std::move(piece)); });
}

void HttpSession::takePiece(std::optional<std::string> piece)
{
    m_isPieceAsked = false;
    if (m_phase != Phase::Streaming)
        return;
    if (!piece)
        return close(); // without the last chunk: so the caller sees that it is not whole
    if (piece->empty())
        return endStream();
    const bool isChunked = !m_reader.isHttp10();
    if (isChunked) {
        std::array<char, 20> size{};
        const auto end = std::to_chars(size.data(), size.data() + size.size(), piece->size(), 16).ptr;
        m_out.text.append(size.data(), end).append("\r\n");
    }
    m_out.text.append(*piece).append(isChunked ? "\r\n" : "");
    flush();
}

void HttpSession::endStream()
{
    if (!m_reader.isHttp10())
        m_out.text.append("0\r\n\r\n");
    m_source.reset();
    m_phase = m_endsAfterStream || m_isDraining ? Phase::Ending : Phase::Reading;
    flush();
    if (m_phase == Phase::Reading)
        process();
}

void HttpSession::refuse(const HttpRefusal& refusal)
{
    auto response = problemResponse(refusal.status, refusal.error);
    response.headers.insert(response.headers.end(), refusal.headers.begin(), refusal.headers.end());
    // What is in the buffer belongs to the request that is refused, as far as the record goes.
    const auto unconsumed = std::exchange(m_begin, m_end);
    static_cast<void>(m_context.admission.charge(m_end - unconsumed));
    m_requestBytes += m_end - unconsumed;
    m_isToHead = m_reader.isToHead();
    m_phase = Phase::Ending;
    append(response, true, refusal.limit);
    flush();
}

void HttpSession::append(ApiResponse& response, bool closes, HttpLimit limit)
{
    const HttpAnswerFrame frame{.date = m_loop.date(),
        .isToHead = m_isToHead,
        .closes = closes,
        .isStreamed = response.stream != nullptr,
        .isToHttp10 = (!closes || response.stream)
            && m_reader.isHttp10()}; // of what is refused the version may not be known
    const auto before = m_out.text.size();
    appendHttpHead(m_out.text, response, frame);
    auto size = m_out.text.size() - before;
    if (!m_isToHead && hasHttpBody(response.status)) {
        size += response.body.size();
        if (response.body.size() <= kInlineBody)
            m_out.text.append(response.body);
        else
            m_out.tail = std::move(response.body);
    }
    observe(response.status, size, limit);
    m_context.admission.discharge(std::exchange(m_requestBytes, 0));
    m_hasBegun = false;
}

void HttpSession::observe(int status, std::size_t bytesOut, HttpLimit limit) const
{
    if (!m_context.observer)
        return;
    const auto duration = m_hasBegun ? steady_clock::now() - m_requestStart : steady_clock::duration{};
    m_context.observer({status, m_requestBytes, bytesOut, duration, limit});
}

// Writing

void HttpSession::flush()
{
    if (m_isWriting || m_phase == Phase::Closed)
        return;
    if (m_out.size() > 0) {
        IoError error;
        m_out.written += m_stream.writeSome(m_out.buffers(), error);
        if (error && error != boost::asio::error::would_block)
            return close();
    }
    if (m_out.size() == 0) {
        m_out.clear();
        return outputDone();
    }
    std::swap(m_out, m_sending);
    m_isWriting = true;
    m_writeStart = steady_clock::now();
    writeRest();
}

void HttpSession::writeRest()
{
    m_writeDeadline = extended(m_writeStart, m_context.limits.writeDeadline, m_sending.written);
    m_stream.asyncWriteSome(
        m_sending.buffers(), [self = shared_from_this()](const IoError& error, std::size_t count) {
            self->onWritten(error, count);
        });
}

void HttpSession::onWritten(const IoError& error, std::size_t count)
{
    if (m_phase == Phase::Closed)
        return;
    if (error)
        return close();
    m_sending.written += count;
    if (m_sending.size() > 0)
        return writeRest();
    m_sending.clear();
    m_isWriting = false;
    m_writeDeadline = TimePoint::max();
    if (m_phase == Phase::Reading)
        process();
    else
        flush();
}

void HttpSession::outputDone()
{
    if (m_phase == Phase::Ending)
        linger();
    else if (m_phase == Phase::Streaming && !m_isPieceAsked)
        askForPiece();
}

// Ending

void HttpSession::linger()
{
    // To close with bytes unread would reset the connection, and the caller might never see the answer.
    IoError error;
    const bool mayClose = m_isDraining && m_begin == m_end && !m_stream.hasUnread();
    m_stream.shutdownSend(error);
    if (mayClose || error)
        return close();
    m_phase = Phase::Lingering;
    m_begin = m_end = 0;
    m_deadline = steady_clock::now() + m_context.limits.lingerDeadline;
    read();
}

void HttpSession::checkDeadline(TimePoint now)
{
    if (m_isWriting && now >= m_writeDeadline)
        return close(HttpLimit::WriteDeadline);
    // One that only stopped sending still gets its answer, but nothing is kept waiting for it.
    if (m_phase == Phase::Handling && m_caller && m_stream.isCallerGone())
        m_caller.reset();
    if (now < m_deadline)
        return;
    if (m_phase == Phase::Lingering)
        return close();
    if (m_phase == Phase::Handshaking)
        return close(HttpLimit::HandshakeDeadline);
    if (m_phase != Phase::Reading)
        return;
    m_deadline = TimePoint::max();
    switch (m_wait) {
    case Wait::None: return;
    case Wait::Idle: {
        const bool isOld = now >= m_born + m_context.limits.connectionLifetime;
        return close(isOld ? HttpLimit::Lifetime : HttpLimit::IdleDeadline);
    }
    case Wait::Head: return refuse(tooSlow(HttpLimit::HeadDeadline, "The head of the request"));
    case Wait::Body: return refuse(tooSlow(HttpLimit::BodyDeadline, "The body of the request"));
    }
}

void HttpSession::drain()
{
    m_isDraining = true;
    const bool isIdle = m_phase == Phase::Reading && !m_hasBegun && !m_isWriting && !m_stream.hasUnread();
    if (isIdle || m_phase == Phase::Handshaking || m_phase == Phase::Lingering)
        close();
}

void HttpSession::close(HttpLimit limit)
{
    if (m_phase == Phase::Closed)
        return;
    m_phase = Phase::Closed;
    m_caller.reset();
    m_source.reset();
    if (limit != HttpLimit::None)
        observe(0, 0, limit);
    m_context.admission.discharge(std::exchange(m_requestBytes, 0));
    m_stream.close();
    m_context.admission.release(m_address);
    m_loop.remove(*this);
}

} // namespace gantry::api
