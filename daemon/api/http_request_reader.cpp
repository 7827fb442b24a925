// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/api/http_request_reader.h"

#include "daemon/api/http_message.h"
#include "daemon/api/http_target.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <utility>

namespace gantry::api {

namespace {

/// A chunk's size line, or the end of the last chunk, that is longer than this is an attack.
constexpr std::size_t kMaxChunkLine = 256;

/// "0 CR LF CR LF", the least that ends a body in chunks. Beast asserts that a last chunk it has once seen comes back
/// this long, which the pieces of a slow sender are not.
constexpr std::size_t kShortestChunkedEnd = 5;

} // namespace

/// Room for one message, used again and again.
class HttpRequestReader::Parser {
public:
    /// A parser of Beast's reads one message only, hence a new one for each, in the same place.
    HttpMessage& renew(std::size_t fields)
    {
        m_message.emplace();
        m_message->header_limit(std::numeric_limits<std::uint32_t>::max());
        m_message->body_limit(boost::none);
        m_message->request.headers.reserve(fields);
        return *m_message;
    }

    [[nodiscard]] HttpMessage& message() { return *m_message; }
    [[nodiscard]] bool isToHead() const noexcept { return m_message && m_message->request.method == "HEAD"; }

private:
    std::optional<HttpMessage> m_message;
};

HttpRequestReader::HttpRequestReader(const HttpLimits& limits)
    : m_limits(limits)
    , m_parser(std::make_unique<Parser>())
{
}

HttpRequestReader::~HttpRequestReader() = default;

void HttpRequestReader::refuse(int status, HttpLimit limit, ErrorCode code, std::string_view message)
{
    m_state = State::Refused;
    m_refusal = {status, limit, {code, std::string(message)}, {}};
}

std::size_t HttpRequestReader::feed(std::string_view bytes)
{
    std::size_t consumed = 0;
    if (m_state == State::Head)
        consumed = feedHead(bytes);
    if (m_state == State::Body)
        consumed += feedBody(bytes.substr(consumed));
    return consumed;
}

bool HttpRequestReader::scanLines(std::string_view bytes, std::size_t& end)
{
    for (;;) {
        const auto newline = bytes.find('\n', m_lineStart);
        if (newline == std::string_view::npos)
            return true;
        if (newline == m_lineStart || bytes[newline - 1] != '\r') {
            refuse(400, HttpLimit::Syntax, ErrorCode::MalformedRequest,
                "Lines of the head must end with CR LF.");
            return false;
        }
        const auto line = bytes.substr(m_lineStart, newline - 1 - m_lineStart);
        m_lineStart = newline + 1;
        if (m_lines == 0)
            m_requestLineBytes = line.size();
        if (line.empty()) {
            end = newline + 1;
            return true;
        }
        if (m_lines > 0 && (line.front() == ' ' || line.front() == '\t')) {
            refuse(400, HttpLimit::Syntax, ErrorCode::MalformedRequest, "A header must stand on one line.");
            return false;
        }
        unsigned controls = 0;
        unsigned high = 0;
        for (const char c : line) {
            const auto byte = static_cast<unsigned char>(c);
            controls |= static_cast<unsigned>((byte < 0x20 && byte != '\t') || byte == 0x7f);
            high |= byte & 0x80U;
        }
        m_hasHighBytes = m_hasHighBytes || high != 0;
        ++m_lines;
        if (controls) {
            refuse(
                400, HttpLimit::Syntax, ErrorCode::MalformedRequest, "The head holds a control character.");
            return false;
        }
    }
}

/// RFC 9112, 3, asks for a status of its own when it is the request target that is too long.
void HttpRequestReader::refuseSize()
{
    const auto limit = std::to_string(m_limits.headBytes);
    if (m_lines == 0 || m_requestLineBytes > m_limits.headBytes)
        refuse(414, HttpLimit::HeadBytes, ErrorCode::HeadersTooLarge,
            "The request line is longer than " + limit + " bytes.");
    else
        refuse(431, HttpLimit::HeadBytes, ErrorCode::HeadersTooLarge,
            "Request line and headers are larger than " + limit + " bytes.");
}

std::size_t HttpRequestReader::feedHead(std::string_view bytes)
{
    std::size_t blank = 0;
    if (!m_skippedBlankLine && m_lines == 0 && bytes.starts_with('\r')) {
        // One empty line before a request is forgiven (RFC 9112, 2.2).
        if (bytes.size() < 2)
            return 0;
        if (bytes[1] == '\n')
            blank = 2;
        m_skippedBlankLine = true;
        bytes.remove_prefix(blank);
    }
    if (bytes.empty())
        return blank;
    if (const char first = bytes.front(); m_lines == 0 && (first < 'A' || first > 'Z')) {
        refuse(400, HttpLimit::Syntax, ErrorCode::MalformedRequest, "This is not an HTTP/1.1 request.");
        return blank;
    }
    std::size_t end = 0;
    if (!scanLines(bytes, end))
        return blank;
    if (end > m_limits.headBytes || (end == 0 && bytes.size() >= m_limits.headBytes))
        refuseSize();
    else if (m_lines > m_limits.headFields + 1)
        refuse(431, HttpLimit::HeadFields, ErrorCode::HeadersTooLarge,
            "The request has more than " + std::to_string(m_limits.headFields) + " header fields.");
    else if (end != 0)
        parseHead(bytes.substr(0, end));
    return blank + end;
}

namespace {

/// What is wrong with Host, and with the framing as a whole; empty if nothing.
std::string_view hostFault(const HttpHeadFacts& facts)
{
    if (facts.hosts == 0 && facts.version >= 11)
        return "The Host header is missing.";
    if (facts.hosts > 1)
        return "The Host header stands there more than once.";
    if (facts.hosts == 1 && !isHttpHost(facts.host))
        return "The Host header is neither a name nor an address.";
    return {};
}

std::string_view framingFault(const HttpHeadFacts& facts)
{
    if (facts.hasRepeated)
        return "A header that may stand there once stands there again: Authorization, Content-Type, If-Match "
               "or "
               "Idempotency-Key.";
    if (facts.contentLengths > 1)
        return "Content-Length stands there more than once.";
    if (facts.contentLengths > 0 && facts.transferEncodings > 0)
        return "Content-Length and Transfer-Encoding exclude each other.";
    if (facts.transferEncodings > 0
        && (facts.transferEncodings > 1 || !facts.isChunked || facts.version < 11))
        return "Transfer-Encoding may only be chunked, once, and in HTTP/1.1.";
    if (facts.hasUpgrade)
        return "Upgrade is not offered: send the request as plain HTTP/1.1.";
    if (facts.hasTe)
        return "TE is not accepted.";
    if (facts.hasTrailer)
        return "Trailers are not accepted.";
    return {};
}

/// Whether the request line has its three parts, and the last is a well written version of HTTP, whichever.
bool namesVersion(std::string_view head) noexcept
{
    const auto line = head.substr(0, head.find("\r\n"));
    if (std::ranges::count(line, ' ') != 2)
        return false;
    const auto version = line.substr(line.rfind(' ') + 1);
    const auto isDigit = [](char c) { return c >= '0' && c <= '9'; };
    return version.size() == 8 && version.starts_with("HTTP/") && isDigit(version[5]) && version[6] == '.'
        && isDigit(version[7]);
}

std::string listed(const std::vector<std::string>& words)
{
    std::string result;
    for (const auto& word : words)
        result.append(result.empty() ? "" : ", ").append(word);
    return result;
}

/// Beast waits for the CR LF of a chunk's line for ever; a lone LF says that none will come.
bool hasBareNewline(std::string_view line) noexcept
{
    const auto newline = line.find('\n', line.starts_with("\r\n") ? 2 : 0);
    return newline != std::string_view::npos && (newline == 0 || line[newline - 1] != '\r');
}

/// What Beast's parser found wrong, for a person.
std::string_view parseFault(const beast::error_code& ec)
{
    switch (static_cast<http::error>(ec.value())) {
    case http::error::bad_method: return "The method is not a token.";
    case http::error::bad_target: return "The request target holds a character that it must not.";
    case http::error::bad_version: return "The version must be HTTP/1.1 or HTTP/1.0.";
    case http::error::bad_content_length:
    case http::error::multiple_content_length:
        return "Content-Length must be one decimal number, without Transfer-Encoding.";
    case http::error::bad_transfer_encoding:
        return "Transfer-Encoding may only be chunked, once, without Content-Length.";
    case http::error::bad_chunk: return "A chunk's size is not a hexadecimal number, or its end is missing.";
    case http::error::bad_chunk_extension: return "Chunk extensions are not accepted.";
    case http::error::bad_field: return "A header's name is not a token that a colon follows.";
    case http::error::bad_value: return "A header's value is malformed.";
    default: return "The request is malformed.";
    }
}

} // namespace

void HttpRequestReader::parseHead(std::string_view head)
{
    auto& message = m_parser->renew(m_lines - 1);
    const auto malformed = [this](HttpLimit limit, std::string_view what) {
        refuse(400, limit, ErrorCode::MalformedRequest, what);
    };
    beast::error_code ec;
    message.put(boost::asio::const_buffer(head.data(), head.size()), ec);
    const auto& facts = message.facts;
    if (ec == http::error::bad_version && namesVersion(head))
        return refuse(505, HttpLimit::Syntax, ErrorCode::MalformedRequest,
            "HTTP/1.1 and HTTP/1.0 are spoken here, no other version.");
    if (ec)
        return malformed(HttpLimit::Syntax, parseFault(ec));
    if (const auto fault = hostFault(facts); !fault.empty())
        return malformed(HttpLimit::Host, fault);
    if (facts.hasOtherCoding && facts.transferEncodings == 1 && facts.contentLengths == 0
        && facts.version >= 11)
        return refuse(501, HttpLimit::Syntax, ErrorCode::MalformedRequest,
            "No transfer coding but chunked is understood here: send the body as it is.");
    if (const auto fault = framingFault(facts); !fault.empty())
        return malformed(HttpLimit::Syntax, fault);
    auto& request = message.request;
    if (m_hasHighBytes
        && !std::ranges::all_of(request.headers, [](const auto& field) { return isValidUtf8(field.second); }))
        return malformed(HttpLimit::Syntax, "A header's value is not valid UTF-8.");
    if (std::ranges::find(m_limits.methods, request.method) == m_limits.methods.end())
        return malformed(HttpLimit::Method, "The method is none of " + listed(m_limits.methods) + ".");
    auto target = parseHttpTarget(facts.target, facts.host);
    if (!target)
        return malformed(HttpLimit::Target, target.error().message);
    request.path = std::move(target->path);
    request.query = std::move(target->query);
    const auto isOwn = [&facts](const std::string& host) {
        return equalsIgnoringCase(host, hostName(facts.host));
    };
    if (!m_limits.hosts.empty() && facts.hosts > 0 && std::ranges::none_of(m_limits.hosts, isOwn))
        return refuse(421, HttpLimit::Host, ErrorCode::MalformedRequest,
            "This server does not answer for that host. Use its own name, or add the name to its "
            "configuration.");
    // Who speaks HTTP/1.0 may have it passed on to him, and nobody waits for its answer (RFC 9110, 10.1.1).
    if (facts.hasExpect && facts.version >= 11)
        return refuse(417, HttpLimit::Expect, ErrorCode::MalformedRequest,
            "Expect is not offered: send the body at once.");
    if (facts.hasContentEncoding) {
        refuse(415, HttpLimit::ContentEncoding, ErrorCode::UnsupportedMediaType,
            "No Content-Encoding is accepted: send the body as it is.");
        m_refusal.headers.emplace_back("Accept-Encoding", "identity");
        return;
    }
    const auto own = std::ranges::find(m_limits.bodyBytesByPath, request.path, &HttpPathLimit::path);
    message.bodyLimit = own == m_limits.bodyBytesByPath.end() ? m_limits.bodyBytes : own->bodyBytes;
    if (const auto length = message.content_length(); length && *length > message.bodyLimit)
        return refuse(413, HttpLimit::BodyBytes, ErrorCode::BodyTooLarge,
            "The body is larger than " + std::to_string(message.bodyLimit) + " bytes. Split it.");
    message.eager(true);
    m_state = message.is_done() ? State::Done : State::Body;
}

std::size_t HttpRequestReader::feedBody(std::string_view bytes)
{
    auto& message = m_parser->message();
    if (bytes.empty() || (message.chunked() && bytes.size() < kShortestChunkedEnd))
        return 0;
    beast::error_code ec;
    const auto consumed = message.put(boost::asio::const_buffer(bytes.data(), bytes.size()), ec);
    if (message.isBodyTooLarge)
        refuse(413, HttpLimit::BodyBytes, ErrorCode::BodyTooLarge,
            "The body is larger than " + std::to_string(message.bodyLimit) + " bytes. Split it.");
    else if (message.facts.hasTrailer)
        refuse(400, HttpLimit::Syntax, ErrorCode::MalformedRequest, "Trailers are not accepted.");
    else if (ec && ec != http::error::need_more)
        refuse(400, HttpLimit::Syntax, ErrorCode::MalformedRequest, parseFault(ec));
    else if (message.is_done())
        m_state = State::Done;
    else if (const auto rest = bytes.substr(consumed); rest.size() > kMaxChunkLine || hasBareNewline(rest))
        refuse(400, HttpLimit::Syntax, ErrorCode::MalformedRequest,
            "A chunk's size or the end of the chunks is malformed.");
    return consumed;
}

bool HttpRequestReader::keepsAlive() const noexcept
{
    return m_parser->message().keep_alive();
}

bool HttpRequestReader::isHttp10() const noexcept
{
    return m_parser->message().facts.version < 11;
}

bool HttpRequestReader::isToHead() const noexcept
{
    return m_parser->isToHead();
}

std::size_t HttpRequestReader::bodyBytesExpected() const noexcept
{
    return static_cast<std::size_t>(m_parser->message().content_length_remaining().value_or(0));
}

ApiRequest HttpRequestReader::takeRequest()
{
    m_state = State::Head;
    m_lineStart = 0;
    m_lines = 0;
    m_hasHighBytes = false;
    m_skippedBlankLine = false;
    return std::exchange(m_parser->message().request, {});
}

} // namespace gantry::api
