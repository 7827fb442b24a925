// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Inside http_request_reader.cpp only: Beast is slow to compile.

#include "daemon/api/api_types.h"
#include "daemon/api/http_target.h"

#include <algorithm>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <cstdint>
#include <string>
#include <string_view>

namespace gantry::api {

namespace beast = boost::beast;
namespace http = boost::beast::http;

/// Room made for a body before any of it has come. What is announced beyond is believed when it arrives.
inline constexpr std::size_t kMaxBodyReserve = 64UL * 1024;

inline std::string_view view(beast::string_view text) noexcept
{
    return {text.data(), text.size()};
}

inline std::string lowerCase(beast::string_view name)
{
    std::string result(name.data(), name.size());
    for (char& c : result)
        if (c >= 'A' && c <= 'Z')
            c = static_cast<char>(c + ('a' - 'A'));
    return result;
}

/// What the fields that steer framing and routing said.
struct HttpHeadFacts {
    std::string_view target; ///< into the connection's buffer: gone when feed() returns
    std::string host;
    int version = 11;
    unsigned hosts = 0;
    unsigned contentLengths = 0;
    unsigned transferEncodings = 0;
    bool isChunked = false;
    bool hasOtherCoding = false; ///< chunked, and before it another transfer coding
    unsigned singles = 0; ///< fields that may stand there once and did, a bit each
    bool hasRepeated = false; ///< one of those stood there again
    bool hasUpgrade = false;
    bool hasTe = false;
    bool hasTrailer = false;
    bool hasExpect = false;
    bool hasContentEncoding = false;
};

/// Beast reads the grammar and the framing of one request; this writes down what it finds.
class HttpMessage final : public http::basic_parser<true> {
public:
    ApiRequest request;
    HttpHeadFacts facts;
    std::size_t bodyLimit = 0;
    bool isInBody = false;
    bool isBodyTooLarge = false;

private:
    using ErrorCode = beast::error_code;

    void on_request_impl(http::verb /*method*/, beast::string_view method, beast::string_view target,
        int version, ErrorCode& /*ec*/) override
    {
        request.method = view(method);
        facts.target = view(target);
        facts.version = version;
    }

    void on_response_impl(
        int /*status*/, beast::string_view /*reason*/, int /*version*/, ErrorCode& ec) override
    {
        ec = http::error::bad_version;
    }

    void on_field_impl(
        http::field field, beast::string_view name, beast::string_view value, ErrorCode& ec) override
    {
        if (isInBody) {
            facts.hasTrailer = true;
            ec = http::error::bad_field;
            return;
        }
        note(field, view(value));
        noteSingle(field, view(name));
        request.headers.emplace_back(lowerCase(name), view(value));
    }

    void note(http::field field, std::string_view value)
    {
        if (field == http::field::host) {
            ++facts.hosts;
            facts.host = value;
        } else if (field == http::field::content_length) {
            ++facts.contentLengths;
            // A list of equal lengths is one length to Beast; to the next server on the way it may be another.
            if (value.find(',') != std::string_view::npos)
                ++facts.contentLengths;
        } else if (field == http::field::transfer_encoding) {
            ++facts.transferEncodings;
            facts.isChunked = equalsIgnoringCase(value, "chunked");
            facts.hasOtherCoding = isOtherThenChunked(value);
        } else if (field == http::field::upgrade) {
            facts.hasUpgrade = true;
        } else if (field == http::field::te) {
            facts.hasTe = true;
        } else if (field == http::field::trailer) {
            facts.hasTrailer = true;
        } else if (field == http::field::expect) {
            facts.hasExpect = true;
        } else if (field == http::field::content_encoding) {
            facts.hasContentEncoding = true;
        }
    }

    /// One coding that is not chunked, and then chunked, which is well framed but not understood here.
    static bool isOtherThenChunked(std::string_view value)
    {
        const auto comma = value.find(',');
        if (comma == std::string_view::npos || comma == 0)
            return false;
        const auto first = value.substr(0, value.find_last_not_of(" \t", comma - 1) + 1);
        const auto second = value.substr(std::min(value.find_first_not_of(" \t", comma + 1), value.size()));
        return !equalsIgnoringCase(first, "chunked") && equalsIgnoringCase(second, "chunked");
    }

    /// Which of two values would count, the next server on the way and we might see differently.
    void noteSingle(http::field field, std::string_view name)
    {
        unsigned bit = 0;
        if (field == http::field::authorization)
            bit = 1;
        else if (field == http::field::content_type)
            bit = 2;
        else if (field == http::field::if_match)
            bit = 4;
        else if (field == http::field::unknown && equalsIgnoringCase(name, "idempotency-key"))
            bit = 8;
        facts.hasRepeated = facts.hasRepeated || (facts.singles & bit) != 0;
        facts.singles |= bit;
    }

    void on_header_impl(ErrorCode& /*ec*/) override { isInBody = true; }

    void on_body_init_impl(const boost::optional<std::uint64_t>& length, ErrorCode& /*ec*/) override
    {
        if (length)
            request.body.reserve(static_cast<std::size_t>(std::min<std::uint64_t>(*length, kMaxBodyReserve)));
    }

    std::size_t on_body_impl(beast::string_view body, ErrorCode& /*ec*/) override
    {
        request.body.append(body.data(), body.size());
        return body.size();
    }

    void on_chunk_header_impl(std::uint64_t size, beast::string_view extensions, ErrorCode& ec) override
    {
        if (!extensions.empty())
            ec = http::error::bad_chunk_extension;
        else if (size > bodyLimit - request.body.size()) {
            isBodyTooLarge = true;
            ec = http::error::body_limit;
        }
    }

    std::size_t on_chunk_body_impl(
        std::uint64_t /*remain*/, beast::string_view body, ErrorCode& /*ec*/) override
    {
        request.body.append(body.data(), body.size());
        return body.size();
    }

    void on_finish_impl(ErrorCode& /*ec*/) override { }
};

} // namespace gantry::api
