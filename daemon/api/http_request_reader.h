// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/api/api_types.h"
#include "daemon/api/http_limits.h"
#include "shared/util/result.h"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gantry::api {

/// Why a request is not handed on, and what its sender is told.
struct HttpRefusal {
    int status = 400;
    HttpLimit limit = HttpLimit::Syntax;
    Error error{};
    std::vector<std::pair<std::string, std::string>> headers{}; ///< that the answer needs beside
};

/// Makes requests out of a connection's bytes, one after the other, and refuses whatever is against the grammar or
/// a limit of size. Knows no socket and no clock. Used by one thread.
class HttpRequestReader {
public:
    enum class State {
        Head, ///< wants (more of) a head
        Body, ///< has the head, wants (more of) the body
        Done, ///< takeRequest() has it
        Refused, ///< refusal() says why; nothing more can be read from this connection
    };

    /// `limits` must outlive the reader.
    explicit HttpRequestReader(const HttpLimits& limits);
    ~HttpRequestReader();
    HttpRequestReader(const HttpRequestReader&) = delete;
    HttpRequestReader& operator=(const HttpRequestReader&) = delete;

    /// Reads on in the bytes received and not yet consumed; answers how many of them it has consumed. Call it again
    /// with what is left and more behind it. Stops at the end of a request. Not to be called when Done or Refused.
    std::size_t feed(std::string_view bytes);

    [[nodiscard]] State state() const noexcept { return m_state; }
    [[nodiscard]] const HttpRefusal& refusal() const noexcept { return m_refusal; }

    /// Whether the sender of the request at hand wants the connection to stay. Valid from Body on.
    [[nodiscard]] bool keepsAlive() const noexcept;
    /// Whether the request at hand came as HTTP/1.0, which must be told that its connection stays. Valid from Body on.
    [[nodiscard]] bool isHttp10() const noexcept;
    /// Whether the request at hand, so far as its head has been read, is answered without a body. Any time.
    [[nodiscard]] bool isToHead() const noexcept;
    /// Body bytes that the request at hand has announced and not sent. Zero if it came in chunks.
    [[nodiscard]] std::size_t bodyBytesExpected() const noexcept;

    /// Moves the finished request out and waits for the next.
    ApiRequest takeRequest();

private:
    class Parser;

    std::size_t feedHead(std::string_view bytes);
    std::size_t feedBody(std::string_view bytes);
    [[nodiscard]] bool scanLines(std::string_view bytes, std::size_t& end);
    void refuseSize();
    void parseHead(std::string_view head);
    void refuse(int status, HttpLimit limit, ErrorCode code, std::string_view message);

    const HttpLimits& m_limits;
    std::unique_ptr<Parser> m_parser;
    State m_state = State::Head;
    HttpRefusal m_refusal;
    std::size_t m_lineStart = 0; ///< of the head's line that is still incomplete
    std::size_t m_lines = 0; ///< complete lines of the head so far, request line included
    std::size_t m_requestLineBytes = 0; ///< once it is complete
    bool m_hasHighBytes = false;
    bool m_skippedBlankLine = false;
};

} // namespace gantry::api
