// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gantry::steps {

/// Reads one answer of HTTP/1.1 (RFC 9112) as its bytes come, strictly and within limits. Knows nothing of sockets.
class ResponseParser {
public:
    enum class Progress {
        NeedMore,
        Done,
        Bad, ///< not HTTP, or ambiguous about where it ends
        TooLarge, ///< more body than is taken; the status is known
    };

    static constexpr std::size_t headBytes = 32UL * 1024;
    static constexpr std::size_t headFields = 100;

    /// `maxBody`: bytes of the body.
    explicit ResponseParser(std::size_t maxBody)
        : m_maxBody(maxBody)
    {
    }

    /// Takes bytes. Call no more once it gave something other than NeedMore.
    Progress feed(std::string_view bytes);

    /// The other side has closed. NeedMore does not come: the answer is whole, or it is not.
    Progress end();

    [[nodiscard]] bool hasBegun() const noexcept { return m_hasBegun; }
    [[nodiscard]] int status() const noexcept { return m_status; }
    [[nodiscard]] const std::string& body() const noexcept { return m_body; }

    /// The value of the first header of that (lower case) name; empty if there is none.
    [[nodiscard]] std::string_view header(std::string_view name) const noexcept;

    /// Whether the connection may carry another request after this answer.
    [[nodiscard]] bool keepsAlive() const noexcept { return m_keepsAlive; }

    /// Why it is Bad, in a few words.
    [[nodiscard]] const std::string& complaint() const noexcept { return m_complaint; }

private:
    enum class Part { StatusLine, Fields, FixedBody, ChunkSize, ChunkData, ChunkEnd, Trailer, UntilClose };

    Progress readLine(std::string_view line);
    Progress readStatusLine(std::string_view line);
    Progress readField(std::string_view line);
    Progress finishHead();
    Progress frameBody();
    Progress readChunkSize(std::string_view line);
    Progress takeBody(std::string_view& bytes);
    Progress bad(std::string why);
    [[nodiscard]] std::size_t count(std::string_view name) const noexcept;
    [[nodiscard]] bool readsLines() const noexcept;

    std::size_t m_maxBody;
    Part m_part = Part::StatusLine;
    std::string m_line; ///< what has come of the present line
    std::size_t m_headBytes = 0; ///< of all heads, and of the lines between chunks
    bool m_hasBegun = false;
    int m_status = 0;
    bool m_isOldVersion = false; ///< HTTP/1.0
    std::vector<std::pair<std::string, std::string>> m_fields; ///< names in lower case
    std::string m_body;
    std::uint64_t m_left = 0; ///< of the body, or of the chunk
    bool m_keepsAlive = false;
    std::string m_complaint;
};

} // namespace gantry::steps
